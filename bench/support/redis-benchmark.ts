import { runCommand } from '../../test/support/run-command.ts';

/** redis-benchmark's own default. */
const CLIENTS = 50;
export const KEYS = 10_000;
const TRIAL_REQUESTS = 2_000;

export interface RedisLoad {
  readonly port: number;
  readonly test: 'get' | 'set';
  /** Commands that a client sends before it waits for replies. */
  readonly pipeline: number;
  readonly seconds: number;
  readonly cores: string | undefined;
}

/** Requests per second. A short run before says how many requests fill the time. */
export async function runRedisBenchmark(load: RedisLoad): Promise<number> {
  const trial = await run(load, TRIAL_REQUESTS * load.pipeline);
  return run(load, Math.max(TRIAL_REQUESTS, Math.round(trial * load.seconds)));
}

async function run({ port, test, pipeline, seconds, cores }: RedisLoad, requests: number): Promise<number> {
  const args = ['-h', '127.0.0.1', '-p', port, '-c', CLIENTS, '-t', test, '-P', pipeline, '-r', KEYS, '-n', requests];
  const limits = { cores, timeoutMs: (seconds + 60) * 1_000 };
  const { stdout } = await runCommand('redis-benchmark', [...args.map(String), '--csv'], limits);
  const figure = new RegExp(`^"${test.toUpperCase()}","([\\d.]+)"`, 'm').exec(stdout)?.[1];
  if (figure === undefined) throw new Error(`redis-benchmark printed no figure for ${test}:\n${stdout}`);
  return Number(figure);
}
