/**
 * Transcripts of a shell: a line `$ command`, lines `> ` that go on with it, and what it prints, up to the next command or a comment (`# `). The
 * commands are run by bash as they stand, but for the server's address; UPDATE=1 writes what they print into the file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { runCommand } from '../../support/run-command.ts';

interface Step {
  /** Comments, empty lines and the command's lines, as written. */
  readonly head: string;
  readonly command: string;
  readonly printed: string;
  readonly line: number;
}

export function parseTranscript(text: string): Step[] {
  const steps: Step[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; ) {
    const start = at;
    while (at < lines.length && !lines[at]?.startsWith('$ ')) at++;
    if (at === lines.length) break;
    const command = [lines[at++]?.slice(2)];
    while (lines[at]?.startsWith('> ') || lines[at] === '>') command.push(lines[at++]?.slice(2));
    const head = lines.slice(start, at).join('\n');
    const from = at;
    while (at < lines.length && !/^[$#] /.test(lines[at] ?? '')) at++;
    const printed = lines.slice(from, at).join('\n').trimEnd();
    steps.push({ head, command: command.join('\n'), printed, line: from });
  }
  return steps;
}

/** The server of the manual's examples. */
const ADDRESS = /(?:127\.0\.0\.1|192\.168\.8\.34):3888/g;

/**
 * Runs all commands in the transcript's folder and compares what they print. Gives what each printed. `instead`: what a command prints on a server where that is
 * something else; null: the same.
 */
export async function runTranscript(
  path: string,
  server: { readonly httpPort: number },
  instead: (command: string) => RegExp | null = () => null,
): Promise<string[]> {
  const steps = parseTranscript(readFileSync(path, 'utf8'));
  expect(steps.length, path).toBeGreaterThan(0);
  const printed: string[] = [];
  let written = '';
  for (const { head, command, printed: expected, line } of steps) {
    const script = command.replaceAll(ADDRESS, `127.0.0.1:${server.httpPort}`);
    const { stdout } = await runCommand('bash', ['-c', script], { cwd: dirname(path) });
    const answer = stdout.trimEnd();
    printed.push(answer);
    written += `${head}\n${answer}${answer === '' ? '' : '\n'}\n`;
    if (process.env.UPDATE !== undefined) continue;
    const other = instead(command);
    if (other === null) expect(answer, `${path}:${line}: ${command}`).toBe(expected);
    else expect(answer, `${path}:${line}: ${command}`).toMatch(other);
  }
  if (process.env.UPDATE !== undefined) writeFileSync(path, `${written.trimEnd()}\n`);
  return printed;
}
