/** Commands on keys in front of a MariaDB that share a transaction there, and their end before their time. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SourceGate } from '../../src/gate/source/gate.ts';
import type { SourceSession } from '../../src/gate/source/session.ts';
import type { KeyCommand } from '../../src/keys/command.ts';
import type { KeyEntry } from '../../src/keys/entries.ts';
import { encodeValue } from '../../src/keys/values.ts';
import { parseSourceAddress } from '../../src/util/source-address.ts';
import { type MariadbServer, mysqlClient, startMariadb } from '../support/mariadb-server.ts';

const silent = (): void => undefined;

let mariadb: MariadbServer;
let gate: SourceGate;
let session: SourceSession;
let other: SourceSession;

beforeAll(async () => {
  mariadb = await startMariadb({ args: ['--max-allowed-packet=2M'] });
});
afterAll(() => mariadb?.stop());

beforeEach(async () => {
  gate = new SourceGate({
    address: parseSourceAddress(`mysql://root@127.0.0.1:${mariadb.port}/`),
    variables: {},
    tcsqlTable: 'main.feed',
    accounts: [],
    log: { error: silent, warn: silent, info: silent },
  });
  await gate.start();
  [session, other] = [openSession(), openSession()];
  await keys(session, { op: 'removeAll', pattern: '*' });
});
afterEach(() => gate.close());

function openSession(): SourceSession {
  return gate.openSession({ user: 'root', host: 'localhost', protocol: 'embedded' });
}

async function keys(of: SourceSession, command: KeyCommand): Promise<unknown> {
  const outcome = await of.execute({ kind: 'keys', command });
  return outcome.kind === 'keys' ? outcome.result : outcome;
}

const sql = (of: SourceSession, text: string) => of.execute({ kind: 'sql', text });
const put = (key: string, value: unknown): KeyCommand => ({ op: 'put', key, value: encodeValue(key, value) });
const get = async (key: string) => (await keys(session, { op: 'getEntry', key })) as KeyEntry | null;

/** How many transactions of the source have written since. */
async function commits(): Promise<number> {
  const shown = await mysqlClient(mariadb, "SHOW GLOBAL STATUS LIKE 'Com_commit'");
  return Number(/\d+/.exec(shown)?.[0]);
}

/** Keys cannot be written until it is called. */
async function holdWriters(): Promise<() => Promise<unknown>> {
  await sql(other, 'BEGIN');
  await keys(other, put('held', 1));
  return async () => sql(other, 'ROLLBACK');
}

describe('commands that wait', () => {
  it('share transactions, see one another in their order, and have versions of their own', async () => {
    const before = await commits();
    const sums = await Promise.all(
      Array.from(
        { length: 500 },
        () => keys(session, { op: 'add', key: 'count', n: 1 }) as Promise<{ value: unknown }>,
      ),
    );
    expect(sums.map(({ value }) => value)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect((await commits()) - before).toBeLessThan(50);
    await Promise.all(Array.from({ length: 100 }, (_, i) => keys(session, put(`v.${i}`, i))));
    const { entries } = (await keys(session, { op: 'find', pattern: 'v.*' })) as { entries: KeyEntry[] };
    const byNumber = entries.toSorted((a, b) => Number(a.value) - Number(b.value)).map(({ version }) => version);
    expect(byNumber).toEqual([...new Set(byNumber)].toSorted((a, b) => a - b));
  });

  it('fail one by one: what fails leaves nothing behind, the others stay', async () => {
    await keys(session, put('text', 'x'));
    const batch: KeyCommand = {
      op: 'batch',
      atomic: 'all',
      commands: [put('half', 1) as never, { op: 'add', key: 'text', n: 1 }],
    };
    const outcomes = await Promise.allSettled([
      keys(session, put('first', 1)),
      keys(session, batch),
      keys(session, { op: 'add', key: 'text', n: 1 }),
      keys(session, { op: 'append', key: 'text', addition: 'y' }),
      keys(session, { op: 'removeAll', pattern: 'first' }),
      keys(session, { op: 'put', key: 'first', value: encodeValue('first', 2), options: { ifAbsent: true } }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await get('half')).toBe(null);
    expect(await get('text')).toMatchObject({ value: 'xy' });
    expect(await get('first')).toMatchObject({ value: 2 });
  });

  it('do not suffer for one that the source refuses', async () => {
    // More than the source takes in one statement.
    const large = put('large', 'x'.repeat(1_500_000));
    const outcomes = await Promise.allSettled([
      keys(session, put('a', 1)),
      keys(session, large),
      keys(session, put('b', 2)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await get('a')).toMatchObject({ value: 1 });
    expect(await get('large')).toBe(null);
    expect(await get('b')).toMatchObject({ value: 2 });
  });

  it('of hashes know the hash as the commands before have left it', async () => {
    const set = (field: string): KeyCommand => ({
      op: 'redisHset',
      key: 'h',
      fields: [[field, encodeValue('h', field)]],
      ifAbsent: false,
    });
    const added = await Promise.all(['a', 'b', 'a', 'c'].map((field) => keys(session, set(field))));
    expect(added).toEqual([1, 1, 0, 1]);
    const remove: KeyCommand = { op: 'redisHdel', key: 'h', fields: ['a', 'b', 'd'] };
    expect(await Promise.all([keys(session, remove), keys(session, set('b'))])).toEqual([2, 1]);
    expect(await keys(session, { op: 'redisHlen', key: 'h' })).toBe(2);
  });
});

describe('reads of single keys', () => {
  it('that come together have each its own answer', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, i) => keys(session, put(`r.${i}`, i))));
    const found = await Promise.all(Array.from({ length: 300 }, (_, i) => get(`r.${i}`)));
    expect(found.map((entry) => entry?.value)).toEqual(
      Array.from({ length: 300 }, (_, i) => (i < 200 ? i : undefined)),
    );
    const mixed = await Promise.allSettled([
      keys(session, { op: 'redisGet', key: 'r.7' }),
      keys(session, { op: 'redisGet', key: 'r' }),
      keys(session, { op: 'redisGet', key: 'nothing' }),
      keys(session, { op: 'getEntry', key: 'a..b' }),
      keys(session, { op: 'redisExist', keys: ['r', 'r.1', 'nothing'] }),
    ]);
    expect(mixed.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).toEqual([
      '7',
      'SLUICE_KEY_TYPE',
      null,
      'SLUICE_BAD_KEY',
      2,
    ]);
  });

  it('see what was written before they began, while others are on their way', async () => {
    const reading = Array.from({ length: 50 }, (_, i) => get(`x.${i}`));
    for (let i = 0; i < 20; i++) {
      await keys(session, put('fresh', i));
      expect(await get('fresh')).toMatchObject({ value: i });
    }
    await Promise.all(reading);
  });
});

describe('the end of a command before its time', () => {
  it('KILL QUERY ends one that waits for another writer, and nothing of it is done', async () => {
    const release = await holdWriters();
    const writing = keys(session, put('late', 1));
    const next = openSession();
    const after = keys(next, put('after', 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    gate.kill(session.id, 'query');
    await expect(writing).rejects.toMatchObject({ code: 'ER_QUERY_INTERRUPTED' });
    await release();
    await after;
    expect(await get('late')).toBe(null);
    expect(await get('after')).toMatchObject({ value: 1 });
  });

  it('so does the limit of time', async () => {
    const release = await holdWriters();
    gate.variables.setAll([['sluice_query_timeout', 1]]);
    await expect(keys(session, put('late', 1))).rejects.toMatchObject({ code: 'ER_QUERY_TIMEOUT' });
    await release();
    expect(await get('late')).toBe(null);
  });

  it('in a transaction, which goes on', async () => {
    await sql(session, 'CREATE DATABASE IF NOT EXISTS shop');
    await sql(session, 'CREATE OR REPLACE TABLE shop.orders (id INT PRIMARY KEY)');
    const release = await holdWriters();
    await sql(session, 'BEGIN');
    await sql(session, 'INSERT INTO shop.orders VALUES (1)');
    const writing = keys(session, put('late', 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    gate.kill(session.id, 'query');
    await expect(writing).rejects.toMatchObject({ code: 'ER_QUERY_INTERRUPTED' });
    expect(session.status.inTransaction).toBe(true);
    await release();
    await keys(session, put('kept', 1));
    await sql(session, 'COMMIT');
    expect(await get('late')).toBe(null);
    expect(await get('kept')).toMatchObject({ value: 1 });
    expect(await mysqlClient(mariadb, 'SELECT id FROM shop.orders')).toBe('id\n1\n');
  });

  it('a find over many keys, and a stream', async () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => [`m.${i}`, encodeValue('m', i)] as const);
    await keys(session, { op: 'putMany', entries });
    const finding = keys(session, { op: 'find', pattern: 'm.*', options: { orderBy: 'value' } });
    await new Promise((resolve) => setTimeout(resolve, 20));
    gate.kill(session.id, 'query');
    await expect(finding).rejects.toMatchObject({ code: 'ER_QUERY_INTERRUPTED' });
    const outcome = await session.execute({ kind: 'key-stream', command: { op: 'find', pattern: 'm.*' } });
    if (outcome.kind !== 'key-stream') throw new Error('not a stream');
    const streaming = (async () => {
      for await (const _ of outcome.chunks) gate.kill(session.id, 'query');
    })();
    await expect(streaming).rejects.toMatchObject({ code: 'ER_QUERY_INTERRUPTED' });
    expect(await keys(session, { op: 'count', pattern: 'm.*' })).toBe(20_000);
  });
});
