/**
 * The same commands to redis-server and to Sluice: replies are equal, in RESP2 and RESP3, but for what is listed here with its reason. Commands come in pipelines, on two
 * connections by turns. More by hand: SLUICE_REDIS_COMMANDS=100000 SLUICE_REDIS_SEED=7.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { RedisConnection, type Reply, type Word } from '../support/redis-connection.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { KEYS, randomCommands } from './support/redis-commands.ts';

const COMMANDS = Number(process.env.SLUICE_REDIS_COMMANDS ?? 6_000);
const FIRST_SEED = Number(process.env.SLUICE_REDIS_SEED ?? 1);
const SEEDS = 4;
const PIPELINE_MAX = 12;

let redis: RedisServer;
let sluice: SluiceServer;

beforeAll(async () => {
  [redis, sluice] = await Promise.all([startRedis(), startSluice({ redis: true })]);
});
afterAll(() => Promise.all([redis?.stop(), sluice?.stop()]));

/** Commands whose replies list things: Redis gives them in no order, Sluice in that of the keys. */
const UNORDERED = new Set(['KEYS', 'HGETALL', 'HKEYS', 'HVALS']);
const NAMES = KEYS.map((name) => `$${Buffer.from(name).toString('latin1')}`);

function comparable(command: readonly Word[], reply: Reply): Reply {
  const name = String(command[0]).toUpperCase();
  if (typeof reply === 'string') return reply;
  if (name === 'SCAN') return [reply[0]!, reply[1]!, comparableKeys(reply[2] as Reply[], command.includes('string'))];
  if (name === 'HSCAN') return [reply[0]!, reply[1]!, comparable(['HGETALL'], reply[2]!)];
  if (!UNORDERED.has(name)) return reply;
  if (name === 'KEYS') return comparableKeys(reply, false);
  const [type, ...items] = reply;
  const units = name === 'HGETALL' ? items.flatMap((item, i) => (i % 2 === 0 ? [[item, items[i + 1]!]] : [])) : items;
  return [type!, ...[...units].sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1))];
}

/** Sluice shows hashes as their fields, which are strings; and `k.x` and `k.y` are fields of `k`. */
function comparableKeys([, ...keys]: readonly Reply[], stringsOnly: boolean): Reply {
  const shown = keys.flatMap((key) => {
    if (NAMES.includes(String(key))) return [key];
    const hash = NAMES.find((known) => String(key).startsWith(`${known}.`));
    return hash === undefined || stringsOnly ? [] : [hash];
  });
  return [...new Set(shown)].sort();
}

/** Sluice looks at a command's arguments before it looks at the key; Redis does the one or the other first, command by command. Nothing is changed in either case. */
const OF_ARGUMENTS =
  /^-ERR (?:syntax error|value is not|invalid expire time|bit offset|bit is not|offset is out|The bit argument|Unsupported option|.*options at the same time|value is NaN|wrong number|source and destination)/;
const OF_KEY = /^(?:_|:0|:-1|\$|-WRONGTYPE.*|-ERR no such key|-ERR (?:hash )?value is not.*)$/s;

/** Each of these is a difference that is meant. */
function isAlike(command: readonly Word[], ours: Reply, theirs: Reply): boolean {
  const name = String(command[0]).toUpperCase();
  if (typeof ours !== 'string')
    return (
      ours.length === theirs.length &&
      ours.every((reply, i) => reply === theirs[i] || isAlike(command, reply, theirs[i]!))
    );
  if (typeof theirs === 'string') {
    // The two servers took the time at different moments.
    if (name.endsWith('EXPIRETIME') || name === 'TTL')
      return Number(ours.slice(1)) > 0 && Number(theirs.slice(1)) > 0 && isNear(ours.slice(1), theirs.slice(1), 5_000);
    // INCRBYFLOAT: Redis counts with 64 bits of mantissa.
    if (/^\$-?\d{15,}\.?\d*$/.test(ours) && isNear(ours.slice(1), theirs.slice(1), 1)) return true;
  }
  return OF_ARGUMENTS.test(ours) && (typeof theirs === 'string' ? OF_KEY.test(theirs) : theirs.flat(2).length <= 3);
}

function isNear(a: string, b: string, most: number): boolean {
  return Math.abs(Number(a) - Number(b)) <= most;
}

describe.each([2, 3] as const)('RESP%i', (version) => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))('seed %i', async (seed) => {
    const random = new SeededRandom(seed * 10 + version);
    const [ours, theirs] = await Promise.all([connectionsTo(sluice.redisPort), connectionsTo(redis.port)]);
    await Promise.all([ours[0]!.ask(['FLUSHDB']), theirs[0]!.ask(['FLUSHDB'])]);
    for (const side of [...ours, ...theirs]) await side.ask(['HELLO', String(version)]);
    const history: string[] = [];
    const queued: Word[][][] = [[], []];
    for (let sent = 0; sent < COMMANDS / SEEDS; ) {
      const pipeline = Array.from({ length: 1 + random.below(PIPELINE_MAX) }, () => randomCommands(random)).flat();
      const at = random.below(2);
      const [answers, expected] = await Promise.all([ours[at]!.ask(...pipeline), theirs[at]!.ask(...pipeline)]);
      pipeline.forEach((command, i) => {
        history.push(`${at}: ${JSON.stringify(command.map(String))}`);
        const shown = `${history.slice(-Number(process.env.SLUICE_REDIS_HISTORY ?? 40)).join('\n')}\n`;
        compare(command, answers[i]!, expected[i]!, queued[at]!, shown);
      });
      sent += pipeline.length;
    }
    for (const side of [...ours, ...theirs]) side.close();
  });
});

/** `queued`: what the connection has queued since MULTI. */
function compare(command: Word[], ours: Reply, theirs: Reply, queued: Word[][], shown: string): void {
  if (ours === '+QUEUED') queued.push(command);
  else if (/^(?:EXEC|DISCARD)$/.test(String(command[0]))) {
    const carriedOut = queued.splice(0);
    if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
      for (const [i, each] of carriedOut.entries()) compare(each, ours[i + 1]!, theirs[i + 1]!, [], shown);
      return;
    }
  }
  const [answer, wanted] = [comparable(command, ours), comparable(command, theirs)];
  if (!isAlike(command, answer, wanted))
    expect(answer, `${shown}${JSON.stringify(command.map(String))}`).toEqual(wanted);
}

function connectionsTo(port: number): Promise<RedisConnection[]> {
  return Promise.all([RedisConnection.open(port), RedisConnection.open(port)]);
}
