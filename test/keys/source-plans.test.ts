/**
 * Key commands, random and seeded, in front of a MariaDB: each gives what the embedded store gives. With batches whose commands fail one by one, bit sets,
 * what has expired, Redis' commands, and transactions that are rolled back. SLUICE_KEYS_STEPS sets how many.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceGate } from '../../src/gate/source/gate.ts';
import type { SourceSession } from '../../src/gate/source/session.ts';
import { type KeyCommand, planKeyCommand } from '../../src/keys/command.ts';
import { KeyStore } from '../../src/keys/key-store.suite.ts';
import { encodeValue } from '../../src/keys/values.ts';
import { parseSourceAddress } from '../../src/util/source-address.ts';
import { type MariadbServer, mysqlClient, startMariadb } from '../support/mariadb-server.ts';
import { randomCommands } from './support/random-commands.ts';

const STEPS = Number(process.env.SLUICE_KEYS_STEPS ?? 1_500);
const silent = (): void => undefined;

let mariadb: MariadbServer;
let gate: SourceGate;

function openGate(user: string): SourceGate {
  return new SourceGate({
    address: parseSourceAddress(`mysql://${user}@127.0.0.1:${mariadb.port}/`),
    variables: {},
    accounts: [],
    tcsqlTable: 'main.feed',
    log: { error: silent, warn: silent, info: silent },
  });
}

function openSession(of = gate): SourceSession {
  return of.openSession({ user: 'root', host: 'localhost', protocol: 'embedded' });
}

async function keys(session: SourceSession, command: KeyCommand): Promise<unknown> {
  const outcome = await session.execute({ kind: 'keys', command });
  return outcome.kind === 'keys' ? outcome.result : outcome;
}

const sql = (session: SourceSession, text: string) => session.execute({ kind: 'sql', text });
const put = (key: string, value: unknown): KeyCommand => ({ op: 'put', key, value: encodeValue(key, value) });

beforeAll(async () => {
  mariadb = await startMariadb({ args: ['--max-allowed-packet=64M'] });
  gate = openGate('root');
  await gate.start();
});

afterAll(async () => {
  gate?.close();
  await mariadb?.stop();
});

/** Versions are numbers of commits: each store counts its own. */
function withoutVersions(result: unknown): unknown {
  if (result instanceof Map) return [...result].map(withoutVersions);
  if (Array.isArray(result)) return result.map(withoutVersions);
  if (result instanceof Uint8Array) return Buffer.from(result).toString('hex');
  if (typeof result !== 'object' || result === null) return result;
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [
      name,
      name === 'version' && value !== 0 ? 'some' : withoutVersions(value),
    ]),
  );
}

async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return withoutVersions(await work());
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

describe('commands in front of a MariaDB', () => {
  it.each([1, 2, 3])('give what the embedded store gives, seed %i', async (seed) => {
    const store = new KeyStore();
    const session = openSession();
    const embedded = (command: KeyCommand): unknown => store.run(planKeyCommand(command, Date.now()));
    try {
      await keys(session, { op: 'removeAll', pattern: '*' });
      let inTransaction = false;
      for (const [at, command] of randomCommands(seed, Math.ceil(STEPS / 3)).entries()) {
        // Within transactions that are committed, too.
        if (at % 20 === 0) {
          if (inTransaction) await sql(session, 'COMMIT');
          inTransaction = at % 60 === 20;
          if (inTransaction) await sql(session, 'BEGIN');
        }
        const [expected, given] = [
          await outcomeOf(() => embedded(command)),
          await outcomeOf(() => keys(session, command)),
        ];
        expect(
          given,
          `step ${at}: ${JSON.stringify(command, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`,
        ).toEqual(expected);
      }
      if (inTransaction) await sql(session, 'COMMIT');
      const all: KeyCommand = { op: 'find', pattern: '*' };
      expect(withoutVersions(await keys(session, all))).toEqual(withoutVersions(embedded(all)));
    } finally {
      session.close();
      store.close();
    }
  });

  it('are part of a transaction with rows: both are committed, or neither', async () => {
    const [session, other] = [openSession(), openSession()];
    await sql(session, 'CREATE DATABASE IF NOT EXISTS shop');
    await sql(session, 'CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await sql(session, 'BEGIN');
    await sql(session, 'INSERT INTO shop.orders VALUES (1)');
    await keys(session, put('order.1', 'new'));
    expect(await keys(session, { op: 'getEntry', key: 'order.1' })).toMatchObject({ value: 'new' });
    expect(await keys(other, { op: 'getEntry', key: 'order.1' })).toBe(null);
    await sql(session, 'ROLLBACK');
    expect(await keys(session, { op: 'getEntry', key: 'order.1' })).toBe(null);
    await sql(session, 'BEGIN');
    await sql(session, 'INSERT INTO shop.orders VALUES (2)');
    await keys(session, put('order.2', 'new'));
    await sql(session, 'COMMIT');
    expect(await keys(other, { op: 'getEntry', key: 'order.2' })).toMatchObject({ value: 'new' });
    expect(await mysqlClient(mariadb, 'SELECT id FROM shop.orders')).toBe('id\n2\n');
    session.close();
    other.close();
  });

  it('of many clients of two servers lose no update', async () => {
    const second = openGate('root');
    await second.start();
    const sessions = Array.from({ length: 8 }, (_, i) => openSession(i % 2 === 0 ? gate : second));
    await Promise.all(
      sessions.map(async (session, i) => {
        for (let n = 0; n < 25; n++) {
          await keys(session, { op: 'add', key: 'counter', n: 1 });
          await keys(session, put(`seen.${i}.${n}`, n));
        }
      }),
    );
    expect(await keys(sessions[0]!, { op: 'getEntry', key: 'counter' })).toMatchObject({ value: 200 });
    expect(await keys(sessions[1]!, { op: 'count', pattern: 'seen.*' })).toBe(200);
    const { entries } = (await keys(sessions[1]!, { op: 'find', pattern: 'seen.*' })) as {
      entries: { version: number }[];
    };
    expect(new Set(entries.map(({ version }) => version)).size).toBe(200);
    second.close();
  });

  it('exchange a value by its version once only, and an old version never comes back', async () => {
    const sessions = Array.from({ length: 6 }, () => openSession());
    await keys(sessions[0]!, put('lock', 0));
    const { version } = (await keys(sessions[0]!, { op: 'getEntry', key: 'lock' })) as { version: number };
    const take = (session: SourceSession, i: number) =>
      keys(session, { op: 'put', key: 'lock', value: encodeValue('lock', i), options: { ifVersion: version } });
    const results = (await Promise.all(sessions.map(take))) as { done: boolean }[];
    expect(results.filter(({ done }) => done)).toHaveLength(1);
    await keys(sessions[0]!, { op: 'remove', key: 'lock' });
    await keys(sessions[0]!, put('lock', 0));
    expect(await take(sessions[0]!, 9)).toMatchObject({ done: false });
    for (const session of sessions) session.close();
  });

  it('read more than one part of a range, both ways, and streams them', async () => {
    const session = openSession();
    const entries = Array.from({ length: 2_500 }, (_, i) => {
      const key = `many.${String(i).padStart(5, '0')}`;
      return [key, encodeValue(key, i)] as const;
    });
    await keys(session, { op: 'putMany', entries });
    expect(await keys(session, { op: 'count', pattern: 'many.*', filter: { test: 'ge', operands: [1_000] } })).toBe(
      1_500,
    );
    for (const reverse of [false, true]) {
      const found = (await keys(session, { op: 'find', pattern: 'many.*', options: { reverse } })) as {
        entries: { key: string }[];
      };
      const expected = entries.map(([key]) => key);
      expect(found.entries.map(({ key }) => key)).toEqual(reverse ? expected.reverse() : expected);
    }
    const outcome = await session.execute({
      kind: 'key-stream',
      command: { op: 'find', pattern: 'many.*', options: { limit: 1_800 } },
    });
    let streamed = 0;
    if (outcome.kind === 'key-stream') for await (const chunk of outcome.chunks) streamed += chunk.length;
    expect(streamed).toBe(1_800);
    expect(await keys(session, { op: 'removeAll', pattern: 'many.*' })).toBe(2_500);
    session.close();
  });

  it('have what has expired swept from the source', async () => {
    const session = openSession();
    await keys(session, { op: 'put', key: 'short', value: encodeValue('short', 1), options: { ttl: 50 } });
    const count = () => mysqlClient(mariadb, "SELECT COUNT(*) FROM sluice.`keys` WHERE path = 'short'");
    await expect.poll(count, { timeout: 60_000 }).toBe('COUNT(*)\n0\n');
    expect(await keys(session, { op: 'getEntry', key: 'short' })).toBe(null);
    session.close();
  });

  it('say what a user of the source lacks', async () => {
    await mysqlClient(mariadb, "CREATE USER poor@'%'; CREATE USER poor@localhost; GRANT SELECT ON shop.* TO poor@'%'");
    const poor = openGate('poor');
    await poor.start();
    const session = openSession(poor);
    await expect(keys(session, put('a', 1))).rejects.toThrow(
      /denied .*its user needs CREATE, SELECT, INSERT, UPDATE and DELETE/,
    );
    poor.close();
  });

  it('are not watched', () => {
    const session = openSession();
    expect(() => session.watchKeys()).toThrow('watching keys in front of a MySQL server');
    session.close();
  });
});
