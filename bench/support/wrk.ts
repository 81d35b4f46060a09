import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import { runCommand } from '../../test/support/run-command.ts';

export interface WrkOptions {
  /** `http://127.0.0.1:3888`, without a path. */
  readonly url: string;
  /** Path and query with the word RANDOM where each request puts a number from 1 to `highest`. */
  readonly path: string;
  readonly highest: number;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  readonly cores: string | undefined;
}

interface WrkResult {
  readonly requests: number;
  readonly bytes: number;
  readonly microseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: Readonly<Record<'connect' | 'read' | 'write' | 'timeout' | 'status', number>>;
}

/** An answer that takes longer counts as an error. Generous: with 10,000 connections everyone waits for the others. */
const TIMEOUT_SECONDS = 10;

/**
 * GET requests with a random number each, from one thread of wrk.
 * @returns requests per second
 * @throws if a single one failed: a socket error, a timeout, a status other than 2xx or 3xx
 */
export async function runWrk(options: WrkOptions): Promise<WrkResult & { perSecond: number }> {
  const args = [
    '--threads=1',
    `--connections=${options.connections}`,
    `--duration=${options.seconds}s`,
    `--timeout=${TIMEOUT_SECONDS}s`,
    `--script=${join(PROJECT_DIR, 'bench', 'support', 'random-request.lua')}`,
    options.url,
    '--',
    options.path,
    String(options.highest),
    String(options.seed),
  ];
  const { stdout } = await runCommand('wrk', args, {
    cores: options.cores,
    openFilesMax: options.connections + 1_000,
    timeoutMs: (options.seconds + 60) * 1_000,
  });
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
  const result = JSON.parse(line) as WrkResult;
  const failed = Object.entries(result.errors).filter(([, count]) => count > 0);
  if (failed.length > 0) {
    const list = failed.map(([kind, count]) => `${count} ${kind}`).join(', ');
    throw new Error(
      `wrk, ${options.connections} connections to ${options.url}: errors (${list}) in ${result.requests} requests`,
    );
  }
  return { ...result, perSecond: result.requests / (result.microseconds / 1e6) };
}
