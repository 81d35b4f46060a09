import { readFileSync } from 'node:fs';

/** What the processes take together: pages that they share are counted once (PSS). From Linux' /proc. */
export function sharedOutBytes(pids: readonly number[]): number {
  return sum(pids.map((pid) => kibibytes(`/proc/${pid}/smaps_rollup`, 'Pss')));
}

/** What a process has in memory now. */
export function residentBytes(pid: number): number {
  return kibibytes(`/proc/${pid}/status`, 'VmRSS') * 1024;
}

function kibibytes(path: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(path, 'utf8'));
  if (found === null) throw new Error(`${path} does not tell ${name}`);
  return Number(found[1]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) * 1024;
}
