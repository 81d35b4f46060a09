import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import { runCommand } from '../../test/support/run-command.ts';

export interface WrkOptions {
  /** `http://127.0.0.1:3888`, without a path. */
  readonly url: string;
  /** Path and query, which may be a template with a value of its own in every request, see template.ts. */
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  readonly cores: string | undefined;
}

export interface WrkResult {
  readonly requests: number;
  readonly bytes: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly errors: Readonly<Record<'connect' | 'read' | 'write' | 'timeout' | 'status', number>>;
}

/**
 * Many connections open first and ask then. Node accepts one connection in a turn of its event loop, and turns are long
 * when those that are open ask all the time: of 10,000 that began to ask as soon as they could, most would still be
 * waiting to be accepted when the measurement ends.
 */
export const OPEN_SECONDS = 5;
const MANY_CONNECTIONS = 1_000;

export function openSecondsOf(connections: number): number {
  return connections > MANY_CONNECTIONS ? OPEN_SECONDS : 0;
}

/** An answer that takes longer counts as an error. Generous: with 10,000 connections everyone waits for the others. */
const TIMEOUT_SECONDS = 10;

/**
 * GET requests from one thread of wrk.
 * @throws if a single one failed: a socket error, a timeout, a status other than 2xx or 3xx; or if none was answered
 */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const openSeconds = openSecondsOf(options.connections);
  const args = [
    '--threads=1',
    `--connections=${options.connections}`,
    `--duration=${options.seconds + openSeconds}s`,
    `--timeout=${TIMEOUT_SECONDS}s`,
    `--script=${join(PROJECT_DIR, 'bench', 'support', 'random-request.lua')}`,
    options.url,
    '--',
    options.path,
    String(options.seed),
    String(options.connections),
    String(openSeconds * 1_000),
  ];
  const { stdout } = await runCommand('wrk', args, {
    cores: options.cores,
    openFilesMax: options.connections + 1_000,
    timeoutMs: (options.seconds + 60) * 1_000,
  });
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
  const { microseconds, ...counts } = JSON.parse(line) as Omit<WrkResult, 'perSecond'> & { microseconds: number };
  const failed = Object.entries(counts.errors).filter(([, count]) => count > 0);
  if (failed.length > 0) {
    const list = failed.map(([kind, count]) => `${count} ${kind}`).join(', ');
    throw new Error(
      `wrk, ${options.connections} connections to ${options.url}: errors (${list}) in ${counts.requests} requests`,
    );
  }
  if (counts.requests === 0) throw new Error(`wrk: ${options.url} answered nothing in ${options.seconds} s`);
  return { ...counts, perSecond: counts.requests / (microseconds / 1e6 - openSeconds) };
}
