import { readFileSync } from 'node:fs';

/** Those of the server's children that are readers, the writer, or what reads a mirror's source: their entry point is in their command line. */
export function childrenOfKind(server: { childPids(): number[] }, kind: 'writer' | 'reader' | 'mirror'): number[] {
  return server.childPids().filter((pid) => commandLineOf(pid).includes(`/processes/${kind}.js`));
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
}
