/** A read that starts after a write's acknowledgement sees it, whichever way each of them goes; real processes, many sessions. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GateSession } from '../../src/gate/session.ts';
import { SessionKeys } from '../../src/gate/session-keys.ts';
import { encodeValue } from '../../src/keys/values.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { type KeyServer, openKeyServer } from './support/key-server.ts';

const CLIENTS = 8;
const WRITES = 60;

let server: KeyServer;
beforeAll(async () => {
  server = await openKeyServer();
});
afterAll(() => server.close());

const sql = async (session: GateSession, text: string): Promise<unknown[][]> => {
  const outcome = await session.execute({ kind: 'sql', text });
  if (outcome.kind === 'rows') return outcome.rows as unknown[][];
  const rows: unknown[][] = [];
  if (outcome.kind === 'stream') for await (const chunk of outcome.chunks) rows.push(...chunk);
  return rows;
};

type Write = (session: GateSession, key: string, n: number) => Promise<unknown>;
type Read = (session: GateSession, key: string) => Promise<unknown>;

const keysOf = (session: GateSession): SessionKeys => new SessionKeys(session);

const WRITERS: Readonly<Record<string, Write>> = {
  put: async (session, key, n) => keysOf(session).put(key, n),
  putMany: async (session, key, n) =>
    keysOf(session).putMany([
      [key, n],
      [`${key}.other`, n],
    ]),
  batch: async (session, key, n) =>
    keysOf(session).batch(
      [
        { op: 'put', key, value: encodeValue(key, n) },
        { op: 'add', key: 'counter', n: 1 },
      ],
      'each',
    ),
  'removal and put': async (session, key, n) => {
    await keysOf(session).remove(key);
    await keysOf(session).put(key, n);
  },
  'SQL INSERT': (session, key, n) =>
    sql(session, `REPLACE INTO sluice.keys (path, type, value) VALUES ('${key}', 'integer', ${n})`),
  'SQL UPDATE': (session, key, n) =>
    sql(session, `UPDATE sluice.keys SET type = 'integer', value = ${n} WHERE path = '${key}'`),
  transaction: async (session, key, n) => {
    // Refused ones are tried again, as clients do.
    for (;;) {
      try {
        await sql(session, 'BEGIN');
        await keysOf(session).put(key, n);
        await sql(session, 'COMMIT');
        return;
      } catch (error) {
        await sql(session, 'ROLLBACK');
        if ((error as { code?: string }).code !== 'ER_LOCK_DEADLOCK') throw error;
      }
    }
  },
};

const READERS: Readonly<Record<string, Read>> = {
  get: async (session, key) => (await keysOf(session).getEntry(key))?.value,
  getMany: async (session, key) => (await keysOf(session).getMany([key])).get(key)?.value,
  find: async (session, key) => (await keysOf(session).find(key)).entries[0]?.value,
  'find in a reader': async (session, key) =>
    (await keysOf(session).find('*', { test: 'ge', operands: [0] }, { orderBy: 'value' })).entries.find(
      (entry) => entry.key === key,
    )?.value,
  SQL: async (session, key) =>
    Number((await sql(session, `SELECT value FROM sluice.keys WHERE path = '${key}'`))[0]?.[0]),
  'get in a transaction': async (session, key) => {
    await sql(session, 'BEGIN');
    const entry = await keysOf(session).getEntry(key);
    await sql(session, 'COMMIT');
    return entry?.value;
  },
};

it('holds for every pair of a way to write and a way to read', async () => {
  const stale: string[] = [];
  const client = async (number: number): Promise<void> => {
    const random = new SeededRandom(number + 1);
    const [writing, reading] = [server.session(), server.session()];
    const key = `client.${number}`;
    await keysOf(writing).put(key, 0);
    // Known to memory, so that an old value could be there.
    await READERS.get!(reading, key);
    for (let n = 1; n <= WRITES; n++) {
      const [write, doWrite] = random.pick(Object.entries(WRITERS));
      await doWrite(writing, key, n);
      for (let reads = 0; reads < 3; reads++) {
        const [read, doRead] = random.pick(Object.entries(READERS));
        const found = await doRead(reading, key);
        if (found !== n) stale.push(`${read} after ${write}: ${String(found)} instead of ${n}`);
      }
    }
    writing.close();
    reading.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  expect(stale).toEqual([]);
});
