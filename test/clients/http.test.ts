/** HTTP as programs use it: fetch, curl, PHP's file functions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest();
  await sql('CREATE DATABASE web');
  await sql(
    'CREATE TABLE web.users (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) NOT NULL UNIQUE, money DECIMAL(10,2))',
  );
  await sql('CREATE TABLE web.numbers (n INT PRIMARY KEY)');
  await sql(`INSERT INTO web.numbers VALUES ${Array.from({ length: 500 }, (_, i) => `(${i})`).join(',')}`);
});

afterAll(() => server.stop());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${server.httpUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function sql(text: string, params?: unknown, more: object = {}): Promise<Answer> {
  return post('/v1/sql', { sql: text, ...(params === undefined ? {} : { params }), ...more });
}

const errorOf = ({ body }: Answer) => body.error as Record<string, unknown>;

describe('POST /v1/sql', () => {
  it('gives fields, rows and what a write did', async () => {
    const inserted = await sql('INSERT INTO web.users (name, money) VALUES (?, ?), (?, NULL)', ['Li', '1.5', 'Ana']);
    expect(inserted).toMatchObject({ status: 200, body: { rowsAffected: 2, insertId: 1, rows: [], warnings: [] } });
    const { body } = await sql('SELECT id, name, money FROM web.users WHERE name LIKE :n ORDER BY id', { n: '%' });
    expect(body.rows).toEqual([
      { id: 1, name: 'Li', money: '1.50' },
      { id: 2, name: 'Ana', money: null },
    ]);
    expect(body.fields).toMatchObject([
      { name: 'id', type: 'bigint' },
      { name: 'name', type: 'varchar(20)' },
      { name: 'money', type: 'decimal(10,2)' },
    ]);
  });

  it('takes the database of unqualified names, and numbers beyond 2^53 as text', async () => {
    const { body } = await sql('SELECT COUNT(*) AS n, 9007199254740993 AS big FROM users', [], { database: 'web' });
    expect(body.rows).toEqual([{ n: 2, big: '9007199254740993' }]);
  });

  it('keeps a transaction in a session, until it is committed or given up', async () => {
    const begun = await sql('START TRANSACTION', [], { session: 'new' });
    const token = begun.body.session as string | null;
    if (begun.status === 200 && token !== null) {
      await sql("UPDATE web.users SET name = 'Bo' WHERE id = 1", [], { session: token });
      expect((await sql('SELECT name FROM web.users WHERE id = 1')).body.rows).toEqual([{ name: 'Li' }]);
      await sql('ROLLBACK', [], { session: token });
    } else {
      expect(errorOf(begun)).toMatchObject({ retryable: false });
    }
    expect((await sql('SELECT name FROM web.users WHERE id = 1')).body.rows).toEqual([{ name: 'Li' }]);
  });

  it('streams lines of JSON when asked to', async () => {
    const response = await fetch(`${server.httpUrl}/v1/sql`, {
      method: 'POST',
      headers: { accept: 'application/x-ndjson' },
      body: JSON.stringify({ sql: 'SELECT a.n AS a, b.n AS b FROM web.numbers a, web.numbers b' }),
    });
    expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(250_000 + 2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ fields: [{ name: 'a' }, { name: 'b' }] });
    expect(new Set(lines.slice(1, -1)).size).toBe(250_000);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ rowsAffected: 0, warnings: [] });
  });

  it('does not send more rows than it says it would in one answer', async () => {
    const answer = await sql('SELECT a.n FROM web.numbers a, web.numbers b');
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toMatchObject({ message: expect.stringMatching(/row count exceeded/) });
  });
});

describe('errors', () => {
  const SHAPE = { code: expect.any(String), message: expect.any(String), retryable: expect.any(Boolean) };

  it.each([
    ['SELEC 1', 400, 'ER_PARSE_ERROR', 1064, '42000'],
    ['SELECT missing FROM web.users', 400, 'ER_BAD_FIELD_ERROR', 1054, '42S22'],
    ['SELECT * FROM web.missing', 404, 'ER_NO_SUCH_TABLE', 1146, '42S02'],
    ["INSERT INTO web.users (name) VALUES ('Li')", 409, 'ER_DUP_ENTRY', 1062, '23000'],
    ['INSERT INTO web.users (name) VALUES (NULL)', 422, 'ER_BAD_NULL_ERROR', 1048, '23000'],
    ['LOCK TABLES web.users WRITE', 501, 'ER_NOT_SUPPORTED_YET', 1235, '42000'],
  ])('%s', async (text, status, code, errno, sqlstate) => {
    // MySQL servers have them.
    if (IS_IN_FRONT && text.startsWith('LOCK')) return;
    const answer = await sql(text);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: { ...SHAPE, code, errno, sqlstate, retryable: false } });
  });

  it.each([
    ['no JSON', '/v1/sql', '{"sql": ', 400],
    ['no object', '/v1/sql', '[1]', 400],
    ['no statement', '/v1/sql', '{}', 400],
    ['a statement that is no text', '/v1/sql', '{"sql": 5}', 400],
    ['an empty body', '/v1/sql', '', 400],
    ['too few parameters', '/v1/sql', '{"sql": "SELECT ?, ?", "params": [1]}', 400],
    ['no list of statements', '/v1/batch', '{"statements": 1}', 400],
    ['no such route', '/v1/nothing', '{}', 404],
  ])('%s', async (_name, path, body, status) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: expect.objectContaining(SHAPE) });
  });
});

describe('POST /v1/batch', () => {
  const names = async (): Promise<unknown> =>
    ((await sql('SELECT name FROM web.users ORDER BY id')).body.rows as { name: string }[]).map((row) => row.name);

  it('runs statements one after the other; one that fails does not touch the others', async () => {
    const { status, body } = await post('/v1/batch', {
      statements: [
        { sql: 'INSERT INTO web.users (name) VALUES (?)', params: ['Eve'] },
        { sql: "INSERT INTO web.users (name) VALUES ('Eve')" },
        { sql: 'SELECT COUNT(*) AS n FROM web.users' },
      ],
    });
    expect(status).toBe(200);
    expect(body.results).toMatchObject([{ rowsAffected: 1 }, { error: { errno: 1062 } }, { rows: [{ n: 3 }] }]);
  });

  it('atomic: all or nothing', async () => {
    const before = await names();
    const failed = await post('/v1/batch', {
      atomic: true,
      statements: [
        { sql: "INSERT INTO web.users (name) VALUES ('Zoe')" },
        { sql: "INSERT INTO web.users (name) VALUES ('Li')" },
      ],
    });
    expect(failed.status).toBe(409);
    expect(errorOf(failed)).toMatchObject({
      code: 'ER_DUP_ENTRY',
      message: expect.stringMatching(/^statements\[1\]: /),
    });
    expect(await names()).toEqual(before);
    const done = await post('/v1/batch', {
      atomic: true,
      statements: [
        { sql: "INSERT INTO web.users (name) VALUES ('Zoe')" },
        { sql: "DELETE FROM web.users WHERE name = 'Eve'" },
      ],
    });
    expect(done.body.results).toMatchObject([{ rowsAffected: 1 }, { rowsAffected: 1 }]);
    expect(await names()).toEqual(['Li', 'Ana', 'Zoe']);
  });
});

describe('probes', () => {
  it.each(['/healthz', '/readyz'])('%s', async (path) => {
    const response = await fetch(`${server.httpUrl}${path}`);
    expect([response.status, typeof (await response.json())]).toEqual([200, 'object']);
  });
});

describe('curl', () => {
  it('posts JSON as it does by default', async () => {
    const { stdout } = await runCommand('curl', [
      '-sS',
      `${server.httpUrl}/v1/sql`,
      '-d',
      '{"sql": "SELECT 1 AS one"}',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ rows: [{ one: 1 }] });
  });

  it('keeps its connection, asks for HEAD, waits for 100', async () => {
    const url = `${server.httpUrl}/healthz`;
    const twice = await runCommand('curl', ['-sS', '-v', url, url]);
    expect(twice.stderr).toMatch(/Re-using existing connection/);
    expect((await runCommand('curl', ['-sS', '-I', url])).stdout).toMatch(/^HTTP\/1\.1 200/);
    const big = JSON.stringify({ sql: 'SELECT LENGTH(?) AS n', params: ['x'.repeat(3_000_000)] });
    const waited = await runCommand(
      'curl',
      ['-sS', '-H', 'Expect: 100-continue', '-d', '@-', `${server.httpUrl}/v1/sql`],
      {
        input: big,
      },
    );
    expect(JSON.parse(waited.stdout)).toMatchObject({ rows: [{ n: 3_000_000 }] });
  });
});
