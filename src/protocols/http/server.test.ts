import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { failure } from '../../errors.ts';
import type { Outcome, Request, RowsOutcome } from '../../gate/request.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreRow } from '../../stores/values.ts';
import { type Answer, FakeGate, type FakeSession } from './fake-gate.suite.ts';
import { start } from './test-server.suite.ts';

function column(name: string, type: ColumnType): ResultColumn {
  return {
    name,
    type,
    nullable: true,
    database: '',
    table: '',
    originalTable: '',
    originalName: '',
    primaryKey: false,
    uniqueKey: false,
    multipleKey: false,
    autoIncrement: false,
  };
}

const COLUMNS = [column('id', { name: 'bigint' }), column('name', { name: 'varchar', length: 10 })];

function rows(...given: StoreRow[]): RowsOutcome {
  return { kind: 'rows', columns: COLUMNS, rows: given, warningCount: 0 };
}

function ok(affectedRows = 1, insertId: number | bigint = 0, warningCount = 0): Outcome {
  return { kind: 'ok', affectedRows, insertId, warningCount, info: '' };
}

function text(request: Request): string {
  return request.kind === 'sql' ? request.text : '';
}

/** A command's own properties and those that it computes. */
function shown({ parameters, body, formEncoded }: ListCommand): ListCommand {
  return { parameters, body, formEncoded };
}

const LIST: Answer = (request) => ({
  kind: 'list',
  json: JSON.stringify(request.kind === 'list' ? shown(request.command) : null),
  isBinary: false,
});

describe("TCSQL's route", () => {
  it('hands the decoded parameters on and sends the answer as it is', async () => {
    const { fetch } = await start(LIST);
    const response = await fetch('/?command=select&type=*&where=name:STREQ:%E6%B1%9F+x|a:NUMGE:0');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({
      parameters: [
        ['command', 'select'],
        ['type', '*'],
        ['where', 'name:STREQ:江 x|a:NUMGE:0'],
      ],
      body: '',
      formEncoded: false,
    });
  });

  it('hands the body on as text', async () => {
    const { post } = await start(LIST);
    const form = await post('/?command=insert', '%7B%22a%22%3A1%7D', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(await form.json()).toMatchObject({ body: '%7B%22a%22%3A1%7D', formEncoded: true });
    const raw = await post('/?command=insert', '{"a":"江"}', { 'content-type': 'application/json' });
    expect(await raw.json()).toMatchObject({ body: '{"a":"江"}', formEncoded: false });
  });

  it('takes the parameters from a form too, for a where that no URL could hold', async () => {
    const { post } = await start(LIST);
    const body = `command=select&type=*&where=${encodeURIComponent('a:STREQ:江')}`;
    const response = await post('/', body, { 'content-type': 'application/x-www-form-urlencoded' });
    expect(await response.json()).toMatchObject({
      parameters: [
        ['command', 'select'],
        ['type', '*'],
        ['where', 'a:STREQ:江'],
      ],
      body: '',
    });
  });

  it('names what is missing', async () => {
    const { fetch } = await start(LIST);
    const response = await fetch('/');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: {
        code: 'ER_BAD_PARAMETER',
        message: expect.stringContaining('command is missing'),
        errno: 1210,
        sqlstate: 'HY000',
        retryable: false,
      },
    });
  });

  it('uses one session for one request after the other, and one each for those at once', async () => {
    const waiting: (() => void)[] = [];
    const { gate, fetch } = await start((request) =>
      text(request) === '' && waiting.length < 2
        ? new Promise((resolve) => waiting.push(() => resolve({ kind: 'list', json: '[]', isBinary: false })))
        : { kind: 'list', json: '[]', isBinary: false },
    );
    const slow = [fetch('/?command=count'), fetch('/?command=count')];
    while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const release of waiting) release();
    await Promise.all(slow);
    for (let i = 0; i < 5; i++) await fetch('/?command=count');
    expect(gate.sessions).toHaveLength(2);
    expect(gate.sessions[0]?.client).toEqual({ user: 'root', host: '127.0.0.1', protocol: 'http' });
  });

  it('sends failures with their status, thrown or rejected', async () => {
    const { fetch } = await start((request) => {
      const name = request.kind === 'list' ? request.command.parameters[1]?.[0] : '';
      if (name === 'throw') throw failure('SLUICE_ROW_LIMIT', 10);
      return Promise.reject(failure('SLUICE_READER_LOST'));
    });
    const thrown = await fetch('/?command=select&throw');
    expect([thrown.status, await thrown.json()]).toMatchObject([413, { error: { message: 'row count exceeded 10' } }]);
    const rejected = await fetch('/?command=select&reject');
    expect([rejected.status, await rejected.json()]).toMatchObject([503, { error: { retryable: true } }]);
  });

  it('kills what runs for a client that went away', async () => {
    let settle = (): void => {};
    const { gate, fetch } = await start(
      () =>
        new Promise((resolve) => {
          settle = () => resolve({ kind: 'list', json: '[]', isBinary: false });
        }),
    );
    const leaving = new AbortController();
    const asked = fetch('/?command=count', { signal: leaving.signal }).catch((error: Error) => error.name);
    while (gate.sessions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort();
    expect(await asked).toBe('AbortError');
    while (gate.killed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(gate.killed).toEqual([1]);
    settle();
  });

  it('takes bytes beyond ASCII in a URL, as old clients send them', async () => {
    const { port } = await start(LIST);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /?command=select&where=name:STREQ:江湖|x HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(answer).toContain('name:STREQ:江湖|x');
  });
});

describe('/v1/sql', () => {
  it('answers rows as objects or arrays', async () => {
    const { post } = await start(() => rows([1, 'Ann'], [9007199254740993n, null]));
    expect(await (await post('/v1/sql', { sql: 'SELECT id, name FROM t' })).json()).toEqual({
      fields: [
        { name: 'id', type: 'bigint', nullable: true },
        { name: 'name', type: 'varchar(10)', nullable: true },
      ],
      rows: [
        { id: 1, name: 'Ann' },
        { id: '9007199254740993', name: null },
      ],
      rowsAffected: 0,
      insertId: 0,
      warnings: [],
      session: null,
    });
    expect(await (await post('/v1/sql', { sql: 'SELECT 1', as: 'array' })).json()).toMatchObject({
      rows: [
        [1, 'Ann'],
        ['9007199254740993', null],
      ],
    });
  });

  it('gathers streams', async () => {
    const { post } = await start(() => ({ kind: 'stream', columns: COLUMNS, chunks: chunks([[1, 'a']], [[2, 'b']]) }));
    expect(await (await post('/v1/sql', { sql: 'SELECT 1' })).json()).toMatchObject({
      rows: [
        { id: 1, name: 'a' },
        { id: 2, name: 'b' },
      ],
    });
  });

  it('hands parameters on', async () => {
    const { gate, post } = await start(() => ok(1, 18446744073709551615n));
    const answer = await (
      await post('/v1/sql', '{"sql":"INSERT INTO t VALUES (?, ?)","params":[9007199254740993, 1.50]}')
    ).json();
    expect(answer).toMatchObject({ rowsAffected: 1, insertId: '18446744073709551615', fields: [], rows: [] });
    expect(gate.sessions[0]?.executed[0]).toEqual({
      kind: 'sql',
      text: 'INSERT INTO t VALUES (?, ?)',
      parameters: [
        { type: { kind: 'int', unsigned: false }, value: 9007199254740993n },
        { type: { kind: 'decimal', precision: 3, scale: 2 }, value: '1.50' },
      ],
    });
  });

  it('tells warnings', async () => {
    const { post } = await start((request) =>
      text(request) === 'SHOW WARNINGS'
        ? { kind: 'rows', columns: [], rows: [['Warning', 1265, 'Data truncated']], warningCount: 0 }
        : ok(1, 0, 1),
    );
    expect(await (await post('/v1/sql', { sql: 'INSERT ...' })).json()).toMatchObject({
      warnings: [{ level: 'Warning', code: 1265, message: 'Data truncated' }],
    });
  });

  it('leaves nothing of one request to the next', async () => {
    const { gate, post } = await start(() => ok());
    await post('/v1/sql', { sql: 'SELECT 1' });
    await post('/v1/sql', { sql: 'INSERT INTO t VALUES (1)' });
    expect(gate.sessions.map((session) => session.resets)).toEqual([0]);
    for (const sql of [
      'SET @x = 1',
      'SELECT @x := 2',
      'BEGIN',
      "SELECT GET_LOCK('a', 1)",
      'CREATE TEMPORARY TABLE x (a INT)',
    ]) {
      await post('/v1/sql', { sql });
    }
    expect(gate.sessions.map((session) => session.resets)).toEqual([5]);
    await post('/v1/sql', { sql: 'SELECT 1', database: 'shop' });
    expect(gate.sessions[1]?.client.database).toBe('shop');
  });

  it('refuses what it does not understand', async () => {
    const { post } = await start(() => ok());
    const refused: (readonly [string, number, RegExp])[] = [
      ['', 400, /the body is no JSON: unexpected end/],
      ['[]', 400, /not a JSON object/],
      ['{"sql":1}', 400, /sql is missing/],
      ['{"sql":"x","parms":[]}', 400, /unknown member 'parms'/],
      ['{"sql":"x","as":"csv"}', 400, /as is neither/],
      ['{"sql":"x","session":5}', 400, /session is neither/],
      ['{"sql":"x","session":"gone"}', 404, /session 'gone' is not open/],
    ];
    for (const [body, status, message] of refused) {
      const response = await post('/v1/sql', body);
      expect(response.status, body).toBe(status);
      expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(message);
    }
  });

  it('streams lines', async () => {
    const { gate, post } = await start(() => ({
      kind: 'stream',
      columns: COLUMNS,
      chunks: chunks([[1, 'a']], [[2, 'b']]),
    }));
    const response = await post('/v1/sql', { sql: 'SELECT 1', as: 'array' }, { accept: 'application/x-ndjson' });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { fields: expect.any(Array) },
      [1, 'a'],
      [2, 'b'],
      { rowsAffected: 0, insertId: 0, warnings: [], session: null },
    ]);
    expect(gate.sessions[0]?.executed[0]).toMatchObject({ maxRows: 0 });
  });

  it('ends a stream that fails with the error, and one whose client leaves at its source', async () => {
    let left = false;
    const { post } = await start((request) => ({
      kind: 'stream',
      columns: COLUMNS,
      chunks: text(request) === 'fail' ? failing() : endless(() => (left = true)),
    }));
    const accept = { accept: 'application/x-ndjson' };
    const failed = await (await post('/v1/sql', { sql: 'fail' }, accept)).text();
    expect(JSON.parse(failed.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'SLUICE_READER_LOST' },
    });
    const response = await post('/v1/sql', { sql: 'endless' }, accept);
    await response.body?.cancel();
    while (!left) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('fails a stream before its first line with a status', async () => {
    const { post } = await start(() => {
      throw failure('ER_NO_SUCH_TABLE', 'a', 'b');
    });
    expect((await post('/v1/sql', { sql: 'x' }, { accept: 'application/x-ndjson' })).status).toBe(404);
  });
});

async function* chunks(...given: StoreRow[][]): AsyncGenerator<StoreRow[]> {
  yield* given;
}

async function* failing(): AsyncGenerator<StoreRow[]> {
  yield [[1, 'a']];
  throw failure('SLUICE_READER_LOST');
}

async function* endless(onLeave: () => void): AsyncGenerator<StoreRow[]> {
  try {
    for (;;) yield Array.from({ length: 500 }, (_, i) => [i, 'x'.repeat(100)]);
  } finally {
    onLeave();
  }
}

describe('sessions over HTTP', () => {
  it('are kept by a token, one request at a time', async () => {
    let running = 0;
    let most = 0;
    const { gate, post } = await start(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
      return ok();
    });
    const { session } = (await (await post('/v1/sql', { sql: 'BEGIN', session: true })).json()) as { session: string };
    expect(session).toMatch(/^[\w-]{24}$/);
    await Promise.all([1, 2, 3].map(() => post('/v1/sql', { sql: 'INSERT ...', session })));
    expect(most).toBe(1);
    expect(gate.sessions).toHaveLength(1);
    expect(gate.sessions[0]?.executed).toHaveLength(4);
    expect(gate.sessions[0]?.resets).toBe(0);
  });

  it('are not kept when the request that opens one fails', async () => {
    const { gate, post } = await start((request) => {
      if (text(request) === 'bad') throw failure('ER_EMPTY_QUERY');
      return ok();
    });
    expect((await post('/v1/sql', { sql: 'bad', session: true })).status).toBe(400);
    expect(gate.sessions[0]?.closed).toBe(true);
    const { session } = (await (await post('/v1/sql', { sql: 'BEGIN', session: true })).json()) as { session: string };
    expect((await post('/v1/sql', { sql: 'bad', session })).status).toBe(400);
    expect(gate.sessions[1]?.closed).toBe(false);
  });

  it('end when idle, or when told to', async () => {
    const { gate, post, fetch } = await start(() => ok(), { sessionIdleMs: 50 });
    const open = async (): Promise<string> =>
      ((await (await post('/v1/sql', { sql: 'BEGIN', session: true })).json()) as { session: string }).session;
    const idle = await open();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(gate.sessions[0]?.closed).toBe(true);
    expect((await post('/v1/sql', { sql: 'COMMIT', session: idle })).status).toBe(404);
    const ended = await open();
    expect((await fetch(`/v1/sessions/${ended}`, { method: 'DELETE' })).status).toBe(200);
    expect(gate.sessions[1]?.closed).toBe(true);
    expect((await fetch(`/v1/sessions/${ended}`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('/v1/batch', () => {
  const answer: Answer = (request) => {
    if (text(request) === 'bad') throw failure('ER_DUP_ENTRY', '1', 't.PRIMARY');
    return text(request).startsWith('SELECT') ? rows([1, 'a']) : ok();
  };

  it('answers each statement in its place, errors too', async () => {
    const { post } = await start(answer);
    const statements = [{ sql: 'SELECT 1', as: 'array' }, { sql: 'bad' }, 'INSERT INTO t VALUES (1)'];
    expect(await (await post('/v1/batch', { statements })).json()).toMatchObject({
      results: [{ rows: [[1, 'a']] }, { error: { errno: 1062 } }, { rowsAffected: 1 }],
      session: null,
    });
  });

  it('is all or nothing when atomic', async () => {
    const { gate, post } = await start(answer);
    const texts = (session: FakeSession | undefined): string[] => session?.executed.map(text) ?? [];
    expect(
      await (await post('/v1/batch', { atomic: true, statements: ['INSERT 1', 'SELECT 1'] })).json(),
    ).toMatchObject({
      results: [{ rowsAffected: 1 }, { rows: [{ id: 1 }] }],
    });
    expect(texts(gate.sessions[0])).toEqual(['START TRANSACTION', 'INSERT 1', 'SELECT 1', 'COMMIT']);
    const failed = await post('/v1/batch', { atomic: true, statements: ['INSERT 1', 'bad', 'INSERT 2'] });
    expect(failed.status).toBe(409);
    expect(await failed.json()).toMatchObject({
      error: { errno: 1062, message: expect.stringMatching(/^statements\[1\]: Duplicate/) },
    });
    expect(texts(gate.sessions[0]).slice(4)).toEqual(['START TRANSACTION', 'INSERT 1', 'bad', 'ROLLBACK']);
  });

  it('stops at the first failure if that is asked for', async () => {
    const { gate, post } = await start(answer);
    const statements = ['INSERT 1', 'bad', 'INSERT 2'];
    const stopped = (await (await post('/v1/batch', { stop_on_error: true, statements })).json()) as {
      results: unknown[];
    };
    expect(stopped.results).toMatchObject([{ rowsAffected: 1 }, { error: {} }]);
    expect(stopped.results).toHaveLength(2);
    expect(gate.sessions[0]?.executed.map(text)).toEqual(['INSERT 1', 'bad']);
  });

  it('refuses what would end the transaction of an atomic batch', async () => {
    const { gate, post } = await start(answer);
    for (const sql of [
      'COMMIT',
      ' create table x (a int)',
      'SET autocommit = 1',
      'set @@session.autocommit=1',
      'BEGIN',
    ]) {
      expect((await post('/v1/batch', { atomic: true, statements: ['INSERT 1', sql] })).status, sql).toBe(400);
    }
    expect(gate.sessions[0]?.executed).toEqual([]);
  });
});

describe('the server', () => {
  it('has probes', async () => {
    let ready = false;
    const { fetch } = await start(LIST, { isReady: () => ready });
    expect((await fetch('/healthz')).status).toBe(200);
    expect((await fetch('/readyz')).status).toBe(503);
    ready = true;
    expect((await fetch('/readyz')).status).toBe(200);
  });

  it('answers every error in one form', async () => {
    const { fetch, post } = await start(LIST, { maxBodyBytes: 1000 });
    const codes = async (response: Promise<Response>): Promise<unknown[]> => {
      const { status } = await response;
      const { error } = (await (await response).json()) as { error: { code: string; retryable: boolean } };
      return [status, error.code, error.retryable];
    };
    expect(await codes(fetch('/nowhere'))).toEqual([404, 'HTTP_NOT_FOUND', false]);
    expect(await codes(fetch('/v1/sql'))).toEqual([404, 'HTTP_NOT_FOUND', false]);
    expect(await codes(fetch('/%zz'))).toEqual([400, 'HTTP_BAD_REQUEST', false]);
    expect(await codes(post('/?command=insert', 'x'.repeat(1001)))).toEqual([413, 'HTTP_BODY_TOO_LARGE', false]);
    expect(await codes(fetch(`/?command=count&where=${'x'.repeat(1024 * 1024)}`))).toEqual([
      414,
      'HTTP_URL_TOO_LONG',
      false,
    ]);
  });

  it.each([
    ['GARBAGE\r\n\r\n', /^HTTP\/1.1 400 /],
    ['GET / HTTP/1.1\r\nbroken\r\n\r\n', /^HTTP\/1.1 400 /],
    [`GET /?a=${'x'.repeat(1_200_000)} HTTP/1.1\r\n`, /^HTTP\/1.1 431 /],
    ['GET /nowhere?a=江 HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 400 .*percent-encoded/s],
  ])('survives %.30j', async (bytes, expected) => {
    const { port, fetch } = await start(LIST);
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => socket.destroy());
    socket.write(bytes);
    await once(socket, 'close');
    expect(answer).toMatch(expected);
    expect((await fetch('/healthz')).status).toBe(200);
  });

  it('asks for a password where one is set', async () => {
    const sha = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
    const sha2Hash = sha(sha('secret'));
    const gate = new FakeGate(LIST, { find: (user) => (user === 'ann' ? { nativeHash: null, sha2Hash } : null) });
    const { fetch } = await start(LIST, {}, gate);
    const basic = (credentials: string): RequestInit => ({
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    });
    const refused = await fetch('/?command=count');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic/);
    expect((await fetch('/?command=count', basic('ann:wrong'))).status).toBe(401);
    expect((await fetch('/?command=count', basic('bob:secret'))).status).toBe(401);
    expect((await fetch('/?command=count', { headers: { authorization: 'Bearer x' } })).status).toBe(401);
    for (let i = 0; i < 2; i++) expect((await fetch('/?command=count', basic('ann:secret'))).status).toBe(200);
    expect(gate.sessions.map((session) => session.client.user)).toEqual(['ann']);
    sha2Hash.set(sha(sha('changed')));
  });
});
