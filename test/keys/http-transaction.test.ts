/** Transactions on keys over HTTP, with SQL in them; what restarts and kill -9 leave of them; and that SQL and HTTP see the same. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { error, HttpKeys } from './support/http-keys.ts';

const data = makeTempDir('key-transactions');
let server: SluiceServer;
let keys: HttpKeys;

async function startServer(): Promise<void> {
  server = await startSluice({ dataDir: data.path });
  keys = new HttpKeys(server);
}

beforeAll(async () => {
  await startServer();
  await sql('CREATE TABLE main.account (id INT PRIMARY KEY, amount INT)');
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  data.remove();
});
beforeEach(async () => {
  await keys.run('removeAll', { pattern: '*' });
  await sql('DELETE FROM main.account');
});

async function sql(text: string, session?: string): Promise<unknown[][]> {
  const { status, body } = await keys.post('/v1/sql', {
    sql: text,
    as: 'array',
    ...(session !== undefined && { session }),
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return (body as { rows: unknown[][] }).rows;
}

const step = (body: object) => keys.post('/v1/keys/transaction', body);

/** Begins one; gives its token. */
async function begin(operations: readonly object[] = []): Promise<string> {
  const { status, body } = await step({ session: true, operations });
  expect(status).toBe(200);
  return (body as { session: string }).session;
}

const put = (key: string, value: unknown) => ({ op: 'put', key, value });
const all = async (): Promise<unknown> => (await keys.find({ find: '*', keys_only: 'true' })).body;

describe('a transaction at once', () => {
  it('is done as a whole, or not at all', async () => {
    await keys.put('t', 'text');
    expect(await step({ operations: [put('a', 1), { op: 'add', key: 't', n: 1 }] })).toEqual(
      error(422, 'SLUICE_KEY_TYPE'),
    );
    expect((await keys.get('a')).status).toBe(404);
    const { body } = await step({
      operations: [put('a', 1), { op: 'add', key: 'a', n: 1 }, { op: 'find', pattern: 'a' }],
    });
    expect(body).toMatchObject({
      results: [{ result: { done: true } }, { result: 2 }, { result: { entries: [{ value: 2 }] } }],
    });
    expect(await step({ operations: [put('a', 1)], expect: { a: 1 } })).toEqual(error(412, 'HTTP_CONDITION_FAILED'));
    expect(await step({})).toEqual(error(400, 'ER_BAD_PARAMETER', 'operations is missing'));
    expect(await step({ operations: [], end: 'commit' })).toEqual(
      error(400, 'ER_BAD_PARAMETER', "unknown member 'end'"),
    );
  });
});

describe('a transaction step by step', () => {
  it.each([
    ['rollback', [], []],
    ['commit', ['a', 'b'], [[1, 5]]],
  ] as const)('over keys and rows of SQL ends as one, by %s', async (end, found, rows) => {
    const session = await begin([put('a', 1)]);
    await sql('INSERT INTO main.account VALUES (1, 5)', session);
    expect(await step({ session, operations: [put('b', 2), { op: 'count', pattern: '*' }] })).toMatchObject({
      body: { results: [{ result: { done: true } }, { result: 2 }], session },
    });
    expect((await keys.post('/v1/keys', { op: 'getEntry', key: 'b', session })).body).toMatchObject({
      result: { value: 2 },
    });
    expect(await sql('SELECT COUNT(*) FROM sluice.`keys` WHERE value > 1', session)).toEqual([[1]]);
    expect([await all(), await sql('SELECT * FROM main.account')]).toEqual([{ keys: [], cursor: null }, []]);
    expect((await step({ session, end })).body).toEqual({ results: [], session: null });
    expect([await all(), await sql('SELECT * FROM main.account')]).toEqual([{ keys: found, cursor: null }, rows]);
    expect(await step({ session, operations: [] })).toEqual(error(404, 'HTTP_UNKNOWN_SESSION'));
  });

  it('undoes a step that fails, and goes on', async () => {
    const session = await begin([put('t', 'text')]);
    expect(await step({ session, operations: [put('a', 1), { op: 'add', key: 't', n: 1 }] })).toEqual(
      error(422, 'SLUICE_KEY_TYPE'),
    );
    expect((await step({ session, operations: [put('b', 1)], end: 'commit' })).status).toBe(200);
    expect(await all()).toEqual({ keys: ['b', 't'], cursor: null });
  });

  it('that was lost is refused, rather than done by itself', async () => {
    await keys.put('a', 1);
    const session = await begin([{ op: 'getEntry', key: 'a' }]);
    await keys.put('a', 2);
    expect(await step({ session, operations: [put('a', 3)] })).toEqual(
      error(409, 'ER_LOCK_DEADLOCK', 'try restarting transaction'),
    );
    expect(await step({ session, operations: [put('b', 3)] })).toEqual(error(409, 'HTTP_NO_TRANSACTION'));
    expect(await step({ session, end: 'commit' })).toEqual(error(409, 'HTTP_NO_TRANSACTION'));
    expect((await step({ session, end: 'rollback' })).status).toBe(200);
    expect(await all()).toEqual({ keys: ['a'], cursor: null });
  });

  it('may begin in SQL', async () => {
    const { body } = await keys.post('/v1/sql', { sql: 'BEGIN', session: true });
    const { session } = body as { session: string };
    await keys.post('/v1/keys', { ...put('a', 1), session });
    await keys.post('/v1/keys/batch', { operations: [put('b', 1)], session });
    await sql('INSERT INTO main.account VALUES (1, 1)', session);
    await sql('ROLLBACK', session);
    expect([await all(), await sql('SELECT * FROM main.account')]).toEqual([{ keys: [], cursor: null }, []]);
  });

  it('refuses what it does not know', async () => {
    expect(await step({ session: 5 })).toEqual(error(400, 'ER_BAD_PARAMETER', 'session is neither true nor'));
    expect(await step({ session: 'nobody', operations: [] })).toEqual(error(404, 'HTTP_UNKNOWN_SESSION', "'nobody'"));
    const session = await begin();
    expect(await step({ session, end: 'perhaps' })).toEqual(
      error(400, 'ER_BAD_PARAMETER', "end is neither 'commit' nor"),
    );
    expect((await step({ session, end: 'rollback' })).status).toBe(200);
  });

  it('vanishes as a whole when the server is killed, and stays as a whole once it is told to be committed', async () => {
    const kept = await begin([put('kept', 1)]);
    await sql('INSERT INTO main.account VALUES (1, 1)', kept);
    expect((await step({ session: kept, end: 'commit' })).status).toBe(200);
    const lost = await begin([put('lost', 1)]);
    await sql('INSERT INTO main.account VALUES (2, 2)', lost);
    await server.kill9();
    await startServer();
    expect([await all(), await sql('SELECT * FROM main.account')]).toEqual([
      { keys: ['kept'], cursor: null },
      [[1, 1]],
    ]);
    expect(await step({ session: lost, operations: [] })).toEqual(error(404, 'HTTP_UNKNOWN_SESSION'));
  });
});

describe('what is kept in the file', () => {
  it("goes on with a find's cursor after a restart", async () => {
    await keys.run('putMany', {
      entries: Array.from({ length: 30 }, (_, i) => [`k.${String(i).padStart(2, '0')}`, 30 - i]),
    });
    const page = async (parameters: Record<string, string>) => {
      const { body } = await keys.find({ find: 'k.*', limit: '10', ...parameters });
      const { entries, cursor } = body as { entries: { key: string; value: number }[]; cursor: string };
      return { values: entries.map(({ value }) => value), cursor };
    };
    const orders: Record<string, string>[] = [{}, { reverse: 'true' }, { order_by: 'value' }];
    const first = await Promise.all(orders.map(page));
    await server.stop();
    await startServer();
    const second = await Promise.all(orders.map((order, i) => page({ ...order, cursor: first[i]?.cursor ?? '' })));
    expect(second.map(({ values }) => [values[0], values.at(-1)])).toEqual([
      [20, 11],
      [11, 20],
      [11, 20],
    ]);
    const keysPage = (await keys.find({ find: 'k.*', keys_only: 'true', limit: '29' })).body as { cursor: string };
    await server.kill9();
    await startServer();
    const rest = await keys.find({ find: 'k.*', keys_only: 'true', limit: '29', cursor: keysPage.cursor });
    expect(rest.body).toEqual({ keys: ['k.29'], cursor: null });
    expect(await keys.find({ find: 'k.1*', keys_only: 'true', limit: '29', cursor: keysPage.cursor })).toEqual(
      error(400, 'ER_BAD_PARAMETER', 'cursor: it belongs to another find'),
    );
  });

  it('is the same in SQL: numbers are numbers, and join', async () => {
    await keys.run('putMany', {
      entries: [
        ['u.1.age', 20],
        ['u.1.weight', 50.5],
        ['u.1.big', { $bigint: '9007199254740993' }],
        ['u.1.name', 'zhang'],
      ],
    });
    await sql('INSERT INTO main.account VALUES (20, 7)');
    const path = (name: string) => `(SELECT value FROM sluice.\`keys\` WHERE path = 'u.1.${name}')`;
    expect(await sql(`SELECT ${path('age')} + 1, ${path('weight')} * 2, ${path('name')}`)).toEqual([
      [21, 101, 'zhang'],
    ]);
    expect(
      await sql(
        "SELECT path, type FROM sluice.`keys` WHERE type IN ('integer', 'double') AND value > 18 ORDER BY path",
      ),
    ).toEqual([
      ['u.1.age', 'integer'],
      ['u.1.weight', 'double'],
    ]);
    expect(
      await sql("SELECT a.amount FROM main.account a JOIN sluice.`keys` k ON a.id = k.value WHERE k.path = 'u.1.age'"),
    ).toEqual([[7]]);
    await sql("UPDATE sluice.`keys` SET value = 21 WHERE path = 'u.1.age'");
    expect((await keys.get('u.1.age')).body).toMatchObject({ type: 'integer', value: 21 });
  });
});
