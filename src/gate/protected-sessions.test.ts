/** The gate's protections in front of the embedded store: each limit is reached, and stayed just below. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fingerprint } from '../sql/syntax/fingerprint.ts';
import type { Account } from './accounts/user-accounts.ts';
import type { Outcome } from './request.ts';
import { TestGate, TestSession } from './testing.suite.ts';

let gate: TestGate;

beforeEach(async () => {
  await open();
});

afterEach(async () => {
  await gate.close();
});

async function open(accounts: readonly Account[] = []): Promise<void> {
  gate = new TestGate({ accounts });
  const admin = as('root', 'embedded');
  await admin.execute('CREATE DATABASE shop');
  await admin.execute('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT, name VARCHAR(20), KEY (v))');
  await admin.execute('CREATE TABLE main.u (id INT PRIMARY KEY, v INT)');
  const rows = Array.from({ length: 20 }, (_, i) => `(${i + 1}, ${i % 5}, 'n${i}')`);
  await admin.execute(`INSERT INTO shop.t VALUES ${rows.join()}`);
}

function as(user: string, protocol: 'mysql' | 'http' | 'embedded' = 'mysql', database = 'main'): TestSession {
  return new TestSession(gate.gate.openSession({ user, host: '10.0.0.9', protocol, database }));
}

/** The message of what refuses it; '' when it runs. */
async function refusal(session: TestSession, text: string): Promise<string> {
  try {
    await session.rows(text);
    return '';
  } catch (error) {
    const { message } = error as Error;
    return message.endsWith('gave no rows') ? '' : message;
  }
}

function list(session: TestSession, parameters: Record<string, string>): Outcome | Promise<Outcome> {
  const command = { parameters: Object.entries(parameters), body: '', formEncoded: false };
  return session.session.execute({ kind: 'list', command });
}

describe('kinds of plans', () => {
  test.each([
    ['SELECT * FROM shop.t WHERE id = 1', 'unique-lookup'],
    ['SELECT * FROM shop.t WHERE id IN (1, 2)', 'unique-lookup'],
    ['SELECT * FROM shop.t WHERE v = 1 ORDER BY id LIMIT 3', 'list'],
    ['SELECT COUNT(*) FROM shop.t WHERE v = 1', 'list'],
    ['SELECT v, COUNT(*) FROM shop.t GROUP BY v', 'scan'],
    ['SELECT * FROM shop.t JOIN u ON t.id = u.id', 'scan'],
    ['SELECT 1', 'other'],
    ['INSERT INTO u VALUES (1, 1)', 'insert'],
    ['REPLACE INTO u VALUES (1, 2)', 'upsert'],
    ['INSERT INTO u VALUES (1, 1) ON DUPLICATE KEY UPDATE v = 3', 'upsert'],
    ['UPDATE u SET v = 2 WHERE id = 1', 'dml-by-key'],
    ['UPDATE u SET v = 2 WHERE v = 1', 'dml-by-subquery'],
    ['DELETE FROM u WHERE id = 1', 'dml-by-key'],
    ['DELETE FROM u', 'dml-by-subquery'],
    ['CREATE TABLE w (id INT)', 'ddl'],
    ['SET @a = 1', 'set'],
    ['SHOW TABLES', 'show'],
    ['BEGIN', 'other'],
  ])('%s: %s', async (text, kind) => {
    await refusal(as('root'), text);
    const key = fingerprint(text).fingerprint;
    const plan = gate.gate.protection.statistics.plans().find(({ statement }) => statement === key);
    expect(plan).toMatchObject({ kind, hits: 1, errors: 0 });
  });

  test('hits, rows and errors are counted by plan; lists and keys too', async () => {
    const session = as('root');
    await session.rows('SELECT * FROM shop.t WHERE id = 1');
    await session.rows('SELECT * FROM shop.t WHERE id = 2');
    await refusal(
      session,
      'SELECT v FROM shop.t JOIN (SELECT 1 AS a UNION SELECT 2) x WHERE t.id = (SELECT id FROM shop.t)',
    );
    await list(session, { command: 'select', type: '*', table: 'shop.t' });
    await session.session.execute({ kind: 'keys', command: { op: 'remove', key: 'a' } });
    const plans = gate.gate.protection.statistics.plans();
    expect(plans.find(({ statement }) => statement === 'SELECT * FROM shop.t WHERE id = ?')).toMatchObject({
      hits: 2,
      rows: 2,
    });
    expect(plans.find(({ statement }) => statement.startsWith('SELECT v FROM'))).toMatchObject({ hits: 1, errors: 1 });
    expect(plans.find(({ statement }) => statement === 'list: select shop.t')).toMatchObject({ hits: 1, kind: 'list' });
    expect(plans.find(({ statement }) => statement === 'keys: remove')).toMatchObject({
      hits: 1,
      tables: ['sluice.keys'],
    });
    expect(gate.gate.protection.statistics.errors()).toEqual([{ code: 'ER_SUBQUERY_NO_1_ROW', errno: 1242, count: 1 }]);
  });
});

describe('rules before statements', () => {
  test('refuse lists, keys and SQL alike', async () => {
    gate.gate.protection.rules.replace([
      { name: 'no-t', tables: ['shop.t'], action: 'fail', message: 'not now' },
      { name: 'no-keys', tables: ['sluice.keys'], action: 'fail-retry' },
    ]);
    const session = as('root');
    const told = "Refused by rule 'no-t': not now";
    expect(await refusal(session, 'SELECT * FROM shop.t WHERE id = 1')).toBe(told);
    expect(await refusal(session, 'DELETE FROM shop.t')).toBe(told);
    expect(await refusal(session, 'DROP TABLE shop.t')).toBe(told);
    expect(() => list(session, { command: 'select', type: '*', table: 'shop.t' })).toThrow(told);
    expect(() => list(session, { command: 'delete', where: 'v:NUMEQ:1', table: 'shop.t' })).toThrow(told);
    const remove = { kind: 'keys', command: { op: 'remove', key: 'a' } } as const;
    expect(() => session.session.execute(remove)).toThrow("Refused by rule 'no-keys'");
    expect(await refusal(session, 'SELECT * FROM u WHERE id = 1')).toBe('');
    gate.gate.protection.rules.replace([]);
    expect(await refusal(session, 'SELECT * FROM shop.t WHERE id = 1')).toBe('');
  });

  test('hints of rules win over those of the text', async () => {
    gate.gate.protection.rules.replace([
      { name: 'small', kinds: ['list', 'scan'], action: 'hint', hint: 'max_rows(5)' },
    ]);
    expect(await refusal(as('root'), 'SELECT /*+ max_rows(0) */ * FROM shop.t ORDER BY id')).toBe(
      'row count exceeded 5',
    );
  });

  test('a delay ends with KILL', async () => {
    gate.gate.protection.rules.replace([{ name: 'slow', tables: ['shop.t'], action: 'delay', delay_ms: 30 }]);
    const session = as('root');
    expect(await refusal(session, 'SELECT * FROM shop.t WHERE id = 1')).toBe('');
    const waiting = refusal(session, 'DELETE FROM shop.t');
    await new Promise((resolve) => setImmediate(resolve));
    session.session.kill('query');
    expect(await waiting).toBe('Query execution was interrupted');
    gate.gate.protection.rules.replace([]);
    expect(await session.rows('SELECT COUNT(*) FROM shop.t')).toEqual([['20']]);
  });
});

describe('limits of results', () => {
  test('rows over MySQL: one more than the limit is an error, just as many are not', async () => {
    const session = as('root');
    await session.execute('SET sluice_max_result_rows = 20');
    expect(await session.rows('SELECT * FROM shop.t')).toHaveLength(20);
    await session.execute('SET sluice_max_result_rows = 19');
    for (const text of ['SELECT * FROM shop.t', 'SELECT * FROM shop.t ORDER BY id', 'SELECT id + 1 FROM shop.t'])
      expect(await refusal(session, text)).toBe('row count exceeded 19');
    expect(await session.rows('SELECT * FROM shop.t LIMIT 19')).toHaveLength(19);
  });

  test('rows over HTTP have a limit of their own', async () => {
    const session = as('root', 'http');
    await as('root').execute('SET GLOBAL sluice_http_max_result_rows = 19');
    expect(await refusal(session, 'SELECT * FROM shop.t')).toBe('row count exceeded 19');
    await as('root').execute('SET GLOBAL sluice_http_max_result_rows = 20');
    expect(await session.rows('SELECT * FROM shop.t')).toHaveLength(20);
  });

  test('the ways round it are visible', async () => {
    const session = as('root');
    await session.execute('SET sluice_max_result_rows = 5');
    expect(await session.rows('SELECT /*+ max_rows(20) */ * FROM shop.t')).toHaveLength(20);
    expect(await refusal(session, 'SELECT /*+ max_rows(19) */ * FROM shop.t')).toBe('row count exceeded 19');
    expect(await session.rows('SELECT /*!40001 SQL_NO_CACHE */ * FROM `shop`.`t`')).toHaveLength(20);
    await session.execute("SET workload = 'olap'");
    expect(await session.rows('SELECT * FROM shop.t')).toHaveLength(20);
    await session.execute("SET workload = 'oltp'");
    expect(await refusal(session, 'SELECT * FROM shop.t')).toBe('row count exceeded 5');
    expect(await refusal(session, 'SELECT /*+ max_rows(many) */ 1')).toContain('max_rows(many): needs a whole number');
  });

  test('bytes', async () => {
    const session = as('root');
    await session.execute('SET GLOBAL sluice_max_result_bytes = 40');
    expect(await refusal(session, "SELECT REPEAT('x', 40) FROM u RIGHT JOIN (SELECT 1) d ON TRUE")).toBe('');
    expect(await refusal(session, "SELECT REPEAT('x', 41) FROM u RIGHT JOIN (SELECT 1) d ON TRUE")).toBe(
      'result size exceeded 40 bytes',
    );
    expect(await refusal(session, 'SELECT * FROM shop.t WHERE id < 10')).toBe('result size exceeded 40 bytes');
    expect(await refusal(session, 'SELECT * FROM shop.t WHERE id = 1')).toBe('');
  });
});

describe('limit of rows that are changed', () => {
  test.each([
    ['UPDATE shop.t SET v = v + 1 WHERE id <= 5'],
    ['DELETE FROM shop.t WHERE id <= 5'],
    ['INSERT INTO shop.t (id) VALUES (101), (102), (103), (104), (105)'],
    ['INSERT INTO shop.t (id) SELECT id + 200 FROM shop.t WHERE id <= 5'],
  ])('%s: 4 are too few and change nothing, 5 are enough; in a transaction as well', async (text) => {
    const session = as('root');
    const before = await session.rows('SELECT * FROM shop.t ORDER BY id');
    await session.execute('SET sluice_max_dml_rows = 4');
    const told = 'row count exceeded 4 (max_dml_rows); nothing was changed';
    expect(await refusal(session, text)).toBe(told);
    await session.execute('BEGIN');
    expect(await refusal(session, text)).toBe(told);
    await session.execute('COMMIT');
    expect(await session.rows('SELECT * FROM shop.t ORDER BY id')).toEqual(before);
    await session.execute('SET sluice_max_dml_rows = 5');
    expect(await refusal(session, text)).toBe('');
    expect(await session.rows('SELECT * FROM shop.t ORDER BY id')).not.toEqual(before);
  });
});

describe('caps', () => {
  test('transactions: at the cap BEGIN waits, and is refused when none ends', async () => {
    await as('root').execute('SET GLOBAL sluice_transaction_cap = 2');
    await as('root').execute('SET GLOBAL sluice_transaction_wait_ms = 20');
    const [a, b, c] = [as('root'), as('root'), as('root')];
    await a.execute('BEGIN');
    await b.execute('SET autocommit = 0');
    await b.rows('SELECT * FROM u');
    expect(await refusal(c, 'BEGIN')).toContain('tx_pool_full: 2 transactions are open');
    expect(await refusal(c, 'SELECT * FROM u')).toBe('');
    await as('root').execute('SET GLOBAL sluice_transaction_wait_ms = 60000');
    const waiting = c.execute('BEGIN');
    await a.execute('COMMIT');
    await waiting;
    await b.execute('ROLLBACK');
    b.session.close();
    await c.execute('ROLLBACK');
    expect(gate.gate.transactions.statistics()).toMatchObject({
      open: 0,
      refused: 1,
      last: [
        { outcome: 'rollback' },
        { outcome: 'rollback', statements: ['SELECT * FROM u', 'ROLLBACK'] },
        { outcome: 'commit' },
      ],
    });
  });

  test('a session that ends, or is killed, gives its slot back', async () => {
    const [a, b] = [as('root'), as('root')];
    await a.execute('BEGIN');
    await b.execute('BEGIN');
    a.session.close();
    b.session.kill('connection');
    expect(gate.gate.transactions.statistics()).toMatchObject({
      open: 0,
      last: [{ outcome: 'kill' }, { outcome: 'disconnect' }],
    });
  });

  test('the line before the writer', async () => {
    const [holder, a, b] = [as('root'), as('root'), as('root')];
    await as('root').execute('SET GLOBAL sluice_write_queue = 1');
    await holder.execute('BEGIN');
    await holder.execute('UPDATE u SET v = 1 WHERE id = 1');
    const waiting = a.execute('INSERT INTO u VALUES (7, 7)');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await refusal(b, 'INSERT INTO u VALUES (8, 8)')).toContain('write_queue_full: 1 statements');
    await holder.execute('COMMIT');
    await waiting;
    expect(await refusal(b, 'INSERT INTO u VALUES (8, 8)')).toBe('');
  });

  test('a statement in that line is ended by KILL', async () => {
    const [holder, waiter] = [as('root'), as('root')];
    await holder.execute('BEGIN');
    await holder.execute('UPDATE u SET v = 1 WHERE id = 1');
    const waiting = refusal(waiter, 'INSERT INTO u VALUES (7, 7)');
    await new Promise((resolve) => setImmediate(resolve));
    waiter.session.kill('query');
    expect(await waiting).toBe('Query execution was interrupted');
    await holder.execute('COMMIT');
    expect(await waiter.rows('SELECT COUNT(*) FROM u WHERE id = 7')).toEqual([['0']]);
  });

  test('clients that say nothing for too long', () => {
    const session = as('root');
    let reason: Error | null = null;
    session.session.onKill = (told) => {
      reason = told;
    };
    const { lastActiveAt } = session.session;
    session.session.checkIdle(lastActiveAt + 28_800_000 - 1);
    expect(reason).toBeNull();
    session.session.checkIdle(lastActiveAt + 28_800_000);
    expect(reason).not.toBeNull();
  });
});

describe('transactions whose time is over', () => {
  test('just before it nothing happens; then it is rolled back and its client told once', async () => {
    const session = as('root');
    await session.execute('BEGIN');
    await session.execute('INSERT INTO u VALUES (9, 9)');
    const { lastActiveAt, transaction } = session.session;
    session.session.transactions.checkAge((transaction?.startedAt ?? 0) + 30_000 - 1);
    expect(await refusal(session, 'SELECT * FROM u WHERE id = 9')).toBe('');
    session.session.transactions.checkAge(lastActiveAt + 30_001);
    expect(await refusal(session, 'INSERT INTO u VALUES (10, 10)')).toContain('transaction_timeout');
    expect(await session.rows('SELECT COUNT(*) FROM u')).toEqual([['0']]);
    expect(gate.gate.transactions.statistics()).toMatchObject({ open: 0, last: [{ outcome: 'timeout' }] });
  });

  test('never in the middle of a statement', async () => {
    const session = as('root');
    await session.execute('BEGIN');
    const text = 'SELECT a.id FROM shop.t a JOIN shop.t b';
    const running = session.session.execute({ kind: 'sql', text }) as Outcome;
    session.session.transactions.checkAge(Date.now() + 60_000_000);
    let rows = 0;
    if (running.kind === 'stream') for await (const chunk of running.chunks) rows += chunk.length;
    expect(rows).toBe(400);
    await session.execute('COMMIT');
  });
});

describe('settings while it runs', () => {
  test('SET GLOBAL, SHOW VARIABLES; a plan cache of one still plans right', async () => {
    const session = as('root');
    await session.execute('SET GLOBAL sluice_plan_cache = 1');
    for (let i = 1; i < 5; i++) {
      expect(await session.rows(`SELECT id FROM shop.t WHERE id = ${i}`)).toEqual([[String(i)]]);
      expect(await session.rows(`SELECT v FROM shop.t WHERE id = ${i}`)).toEqual([[String(i - 1)]]);
    }
    expect(gate.gate.plans.size).toBe(1);
    expect(await session.rows("SHOW VARIABLES LIKE 'sluice_plan_cache'")).toEqual([['sluice_plan_cache', '1']]);
    expect(await session.errno('SET GLOBAL sluice_transaction_cap = 5000000')).toBe(0);
    expect(await session.rows("SHOW VARIABLES LIKE 'sluice_transaction_cap'")).toEqual([
      ['sluice_transaction_cap', '1000000'],
    ]);
    expect(await session.errno("SET GLOBAL sluice_transaction_cap = 'x'")).toBe(1232);
  });
});
