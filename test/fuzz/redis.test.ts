/**
 * Redis' port under bytes that no client would send: valid commands that are cut, repeated, mutated, and chunks of anything; in any chunks. A connection may end (after an error
 * of the protocol), the server may not: after each it serves the next one, and what was written before is there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { encodeCommand, RedisConnection } from '../support/redis-connection.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

const ROUNDS = Number(process.env.SLUICE_FUZZ_ROUNDS ?? 300);
const LINES = [
  '*1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '$-1\r\n',
  '*2\r\n$3\r\n',
  '*99999999999\r\n',
  '$99999999999\r\n',
  '\r\n',
  ' \r\n',
  'PING\r\n',
  '"\r\n',
  '*1\r\n:1\r\n',
  '*1048577\r\n',
  '+OK\r\n',
];
const COMMANDS = [
  ['SET', 'f', 'x'.repeat(200)],
  ['GET', 'f'],
  ['MULTI'],
  ['EXEC'],
  ['HSET', 'h', 'a', '1'],
  ['HELLO', '3'],
  ['SUBSCRIBE', 'c'],
  ['KFIND', '*', 'FILTER', "contains 'x'"],
  ['CLIENT', 'LIST'],
  ['BITOP', 'NOT', 'b', 'f'],
  ['SCAN', '0'],
  ['EXPIRE', 'f', '100'],
];

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice({ redis: true });
});
afterAll(() => server?.stop());

function randomBytes(random: SeededRandom): Buffer {
  const parts = Array.from({ length: 1 + random.below(8) }, () => {
    if (random.below(3) === 0) return Buffer.from(random.pick(LINES));
    const bytes = encodeCommand(random.pick(COMMANDS));
    if (random.below(3) === 0) bytes[random.below(bytes.length)] = random.below(256);
    return random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
  });
  return Buffer.concat(parts);
}

describe('the Redis port', () => {
  it(`survives ${ROUNDS} connections of seeded nonsense`, async () => {
    const random = new SeededRandom(20_261_127);
    const guard = await RedisConnection.open(server.redisPort);
    expect(await guard.ask(['SET', 'guard', 'kept'])).toEqual(['+OK']);
    for (let round = 0; round < ROUNDS; round++) {
      const connection = await RedisConnection.open(server.redisPort);
      const bytes = randomBytes(random);
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + random.below(bytes.length);
        connection.send(bytes.subarray(at, end));
        at = end;
      }
      if (random.below(2) === 0) connection.socket.end();
      const answers = guard.ask(['GET', 'guard'], ['PING']);
      expect(await answers, bytes.toString('latin1')).toEqual(['$kept', '+PONG']);
      connection.close();
    }
    expect(server.running).toBe(true);
    expect(server.output).not.toMatch(/unexpected failure|uncaught/);
    guard.close();
  });

  it.each([
    ['*99999999999\r\n', /^-ERR Protocol error: invalid multibulk length/],
    ['*1\r\n$-5\r\n', /^-ERR Protocol error: invalid bulk length/],
    ['*1\r\n$99999999999\r\n', /^-ERR Protocol error: invalid bulk length/],
    ['*1\r\n:5\r\n', /^-ERR Protocol error: expected '\$', got ':'/],
    ['GET "a\r\n', /^-ERR Protocol error: unbalanced quotes/],
  ])('%j is told and closes, after the replies to what came before', async (bytes, message) => {
    const connection = await RedisConnection.open(server.redisPort);
    connection.send(Buffer.concat([encodeCommand(['SET', 'a', '1']), encodeCommand(['PING']), Buffer.from(bytes)]));
    expect(await connection.takeAll()).toEqual(['+OK', '+PONG', expect.stringMatching(message)]);
  });

  it('takes inline commands, empty ones, negative counts and halves', async () => {
    const connection = await RedisConnection.open(server.redisPort);
    connection.send('*-1\r\n*0\r\n\r\nPING\r\necho "a b"\r\n*1\r\n$4\r\nPI');
    expect(await connection.take(2)).toEqual(['+PONG', '$a b']);
    await sleep(20);
    connection.send('NG\r\n');
    expect(await connection.take(1)).toEqual(['+PONG']);
    connection.close();
  });
});

describe('a client', () => {
  it('that closes its half gets what it is owed', async () => {
    const connection = await RedisConnection.open(server.redisPort);
    connection.send(Buffer.concat(Array.from({ length: 200 }, () => encodeCommand(['INCR', 'half']))));
    connection.socket.end();
    const replies = await connection.takeAll();
    expect(replies).toHaveLength(200);
    expect(replies.at(-1)).toBe(':200');
  });

  it('that vanishes in the middle of a pipeline loses nothing that was answered, and leaves no session', async () => {
    const connection = await RedisConnection.open(server.redisPort);
    connection.send(Buffer.concat(Array.from({ length: 500 }, (_, i) => encodeCommand(['SET', 'gone', String(i)]))));
    const [first] = await connection.take(1);
    expect(first).toBe('+OK');
    connection.socket.resetAndDestroy();
    const other = await RedisConnection.open(server.redisPort);
    await expect.poll(async () => String((await other.ask(['INFO', 'clients']))[0])).toMatch(/connected_clients:1\r/);
    expect((await other.ask(['EXISTS', 'gone']))[0]).toBe(':1');
    other.close();
  });

  it('that does not read costs no memory, and delays nobody', async () => {
    const other = await RedisConnection.open(server.redisPort);
    await other.ask(['SET', 'large', 'x'.repeat(1_000_000)]);
    const deaf = await RedisConnection.open(server.redisPort);
    deaf.socket.pause();
    // 2 GB, if they were all answered.
    deaf.send(Buffer.concat(Array.from({ length: 2_000 }, () => encodeCommand(['GET', 'large']))));
    await sleep(500);
    const [list] = await other.ask(['CLIENT', 'LIST']);
    const unsent = [...String(list).matchAll(/obl=(\d+)/g)].map(([, bytes]) => Number(bytes));
    expect(Math.max(...unsent)).toBeLessThan(4_000_000);
    deaf.socket.resume();
    expect(await deaf.take(2_000)).toHaveLength(2_000);
    deaf.close();
    other.close();
  });
});
