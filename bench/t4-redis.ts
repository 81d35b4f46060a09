import { RedisConnection } from '../test/support/redis-connection.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { startSluice } from '../test/support/sluice-server.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { compare } from './support/compare.ts';
import { KEYS, runRedisBenchmark } from './support/redis-benchmark.ts';

interface Line {
  readonly test: 'get' | 'set';
  readonly pipeline: number;
  /** The peer writes each command to the disk before it answers, as Sluice always does. */
  readonly durable: boolean;
  readonly target: number;
}

/** Targets are the design's; lines without one have 0. */
const LINES: readonly Line[] = [
  { test: 'get', pipeline: 1, durable: false, target: 0.9 },
  { test: 'get', pipeline: 16, durable: false, target: 0.4 },
  { test: 'set', pipeline: 1, durable: true, target: 1 },
  { test: 'set', pipeline: 16, durable: true, target: 0 },
  { test: 'set', pipeline: 1, durable: false, target: 0 },
  { test: 'set', pipeline: 16, durable: false, target: 0 },
];

export const redis: Claim = {
  id: 'T4-redis',
  title: "redis-benchmark's get and set, 50 clients, against redis-server 7.0 without and with appendfsync always",
  seconds: 3,
  run: againstRedis,
};

async function againstRedis(context: BenchContext): Promise<Row[]> {
  const { cores } = context;
  const [plain, durable] = [
    await startRedis({ cores: cores.server }),
    await startRedis({ durable: true, cores: cores.server }),
  ];
  const sluice = await startSluice({ redis: true, cores: cores.server }).catch(async (error) => {
    await Promise.all([plain.stop(), durable.stop()]);
    throw error;
  });
  try {
    for (const port of [plain.port, durable.port, sluice.redisPort]) await fill(port);
    const rows: Row[] = [];
    for (const line of LINES) {
      const peer = line.durable ? durable : plain;
      const measure = (port: number) => async (_round: number, seconds: number) => {
        const figure = await runRedisBenchmark({ port, ...line, seconds, cores: cores.load });
        await check(port);
        return figure;
      };
      rows.push(
        await compare(context, {
          name: `${line.test}, pipeline ${line.pipeline}`,
          unit: 'requests/s',
          peerName: line.durable ? 'appendfsync always' : 'redis-server',
          target: line.target,
          sluice: measure(sluice.redisPort),
          peer: measure(peer.port),
        }),
      );
    }
    return rows;
  } finally {
    await Promise.all([sluice.stop(), plain.stop(), durable.stop()]);
  }
}

const keyOf = (index: number): string => `key:${String(index).padStart(12, '0')}`;
const VALUE = 'xxx';
/** redis-benchmark sets three bytes of its own. */
const VALUE_REPLY = /^\$.{3}$/s;

async function fill(port: number): Promise<void> {
  const connection = await RedisConnection.open(port);
  const pairs = Array.from({ length: KEYS }, (_, index) => [keyOf(index), VALUE]);
  await connection.ask(['MSET', ...pairs.flat()]);
  connection.close();
  await check(port);
}

/** Every key is there, with its value. */
async function check(port: number): Promise<void> {
  const connection = await RedisConnection.open(port);
  const keys = Array.from({ length: KEYS }, (_, index) => keyOf(index));
  const [values, count] = await connection.ask(['MGET', ...keys], ['DBSIZE']);
  connection.close();
  const wrong = Array.isArray(values) ? values.slice(1).findIndex((value) => !VALUE_REPLY.test(String(value))) : 0;
  if (wrong >= 0 || count !== `:${KEYS}`)
    throw new Error(
      `port ${port}: ${keys[wrong]} has no value of three bytes, or not all keys are there (${String(count)})`,
    );
}
