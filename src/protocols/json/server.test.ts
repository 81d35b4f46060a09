/** The JSON port over a real gate: what is answered, and what clients that mean no good come to. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGate } from '../../gate/testing.suite.ts';
import { JsonServer, type JsonServerOptions } from './server.ts';

let gate: TestGate;
let server: JsonServer;
let port: number;

beforeEach(() => start({}));
afterEach(stop);

async function start(options: JsonServerOptions): Promise<void> {
  gate = new TestGate();
  server = new JsonServer(gate.gate, options);
  port = await server.listen(0, '127.0.0.1');
}

async function stop(): Promise<void> {
  await server.close();
  await gate.close();
}

async function restart(options: JsonServerOptions): Promise<void> {
  await stop();
  await start(options);
}

type Answer = Readonly<Record<string, unknown>>;

/** A client that writes what it is told and reads lines. */
class Client {
  readonly socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  #text = '';
  #wake = (): void => {};
  closed = false;

  constructor() {
    this.socket.setEncoding('utf8').on('data', (text) => {
      this.#text += text;
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => this.socket.end());
    this.socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  async line(): Promise<Answer> {
    while (!this.#text.includes('\n')) {
      if (this.closed) throw new Error(`closed after ${JSON.stringify(this.#text)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const end = this.#text.indexOf('\n') + 1;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return JSON.parse(line) as Answer;
  }

  ask(request: unknown): Promise<Answer> {
    this.socket.write(`${JSON.stringify(request)}\n`);
    return this.line();
  }

  async end(): Promise<void> {
    if (this.closed) return;
    await once(this.socket, 'close');
  }
}

const LOGIN = { user: 'root', password: '', type: 'login' };

async function login(client: Client): Promise<string> {
  return String((await client.ask(LOGIN)).data);
}

async function loggedIn(): Promise<{ client: Client; sql(data: string): Promise<Answer> }> {
  const client = new Client();
  const sign = await login(client);
  return { client, sql: (data) => client.ask({ sign, type: 'sql', data }) };
}

describe('requests', () => {
  it('a login gives a sign, statements give rows of strings', async () => {
    const client = new Client();
    const { data: sign, ...rest } = await client.ask(LOGIN);
    expect(rest).toEqual({ code: 0, message: 'success' });
    expect(sign).toMatch(/^[0-9a-f]{96}$/);
    const sql = (data: string): Promise<Answer> => client.ask({ sign, type: 'sql', data });
    const values = "1 AS a, 1.50 AS b, 'x\"y' AS c, NULL AS d, x'4142' AS e, b'101' + 0 AS f, DATE'2026-01-02' AS g";
    expect(await sql(`select ${values}`)).toEqual({
      code: 0,
      message: 'success',
      data: [{ a: '1', b: '1.50', c: 'x"y', d: null, e: 'QUI=', f: '5', g: '2026-01-02' }],
    });
    await sql('create table t (id int auto_increment primary key, bits bit(12), doc json)');
    expect(await sql('insert into t (bits, doc) values (2748, \'{"a": 1}\')')).toEqual({
      code: 0,
      message: 'success',
      data: [],
      rowsAffected: 1,
      insertId: '1',
    });
    expect((await sql('select * from t')).data).toEqual([{ id: '1', bits: '2748', doc: '{"a": 1}' }]);
    client.socket.destroy();
  });

  it('a sign is good over other connections, with what its session has', async () => {
    const { client, sql } = await loggedIn();
    await sql('set @x = 5');
    const other = new Client();
    const sign = await login(client);
    expect((await other.ask({ sign, type: 'sql', data: 'select @x as x' })).data).toEqual([{ x: null }]);
    client.socket.destroy();
    await client.end();
    await other.ask({ sign, type: 'sql', data: 'set @x = 6' });
    other.socket.destroy();
    const third = new Client();
    expect((await third.ask({ sign, type: 'sql', data: 'select @x as x' })).data).toEqual([{ x: '6' }]);
    third.socket.destroy();
  });

  it.each([
    ['and the connection stays open', false],
    ['and the client has ended its half', true],
  ])('a document without a newline is answered, %s', async (_what, ends) => {
    const client = new Client();
    client.socket.write(JSON.stringify(LOGIN));
    if (ends) client.socket.end();
    expect(await client.line()).toMatchObject({ code: 0 });
    if (ends) await client.end();
    client.socket.destroy();
  });

  it('documents sent at once are answered in their order', async () => {
    const { client, sql } = await loggedIn();
    await sql('select 1');
    const sign = await login(client);
    const requests = Array.from({ length: 50 }, (_, i) =>
      JSON.stringify({ sign, type: 'sql', data: `select ${i} as i` }),
    );
    client.socket.write(requests.join(''));
    for (let i = 0; i < 50; i++) expect((await client.line()).data).toEqual([{ i: String(i) }]);
    client.socket.destroy();
  });

  it('failures have a code, a name and a message', async () => {
    const { client, sql } = await loggedIn();
    expect(await sql('selec 1')).toMatchObject({ code: 1064, name: 'SQL_PARSE_ERROR', retryable: false });
    expect(await sql('')).toMatchObject({ code: 1064, name: 'SQL_PARSE_ERROR' });
    expect(await sql('select * from nothing')).toMatchObject({
      code: 1146,
      name: 'ER_NO_SUCH_TABLE',
      message: "Table 'main.nothing' doesn't exist",
    });
    const stranger = { sign: 'f'.repeat(96), type: 'sql', data: 'select 1' };
    expect(await client.ask(stranger)).toMatchObject({ code: 1045, name: 'SLUICE_UNKNOWN_SIGN' });
    expect(await client.ask({ ...LOGIN, database: 'missing' })).toMatchObject({ code: 0 });
    client.socket.destroy();
  });

  it('a database that is not there is told with the first statement', async () => {
    const client = new Client();
    const { data: sign } = await client.ask({ ...LOGIN, database: 'missing' });
    expect(await client.ask({ sign, type: 'sql', data: 'select 1' })).toMatchObject({ code: 1049 });
    client.socket.destroy();
  });

  it('set shows and changes the configuration', async () => {
    const { client, sql } = await loggedIn();
    const shown = async (): Promise<unknown> =>
      ((await sql('set')).data as { Variable_name: string; Value: string }[]).find(
        ({ Variable_name }) => Variable_name === 'sluice_max_result_rows',
      )?.Value;
    expect(await shown()).toBe('1000000');
    expect(await sql('set global sluice_max_result_rows = 5')).toMatchObject({ code: 0 });
    expect((await sql("show global variables like 'sluice_max_result_rows'")).data).toEqual([
      { Variable_name: 'sluice_max_result_rows', Value: '5' },
    ]);
    client.socket.destroy();
  });

  it('a result beyond the row limit is an error', async () => {
    const { client, sql } = await loggedIn();
    await sql('create table n (i int primary key)');
    for (let from = 0; from < 10_001; from += 1000) {
      const rows = Array.from({ length: Math.min(1000, 10_001 - from) }, (_, i) => `(${from + i})`);
      await sql(`insert into n values ${rows.join(',')}`);
    }
    expect(await sql('select * from n')).toMatchObject({ name: 'SLUICE_ROW_LIMIT' });
    expect((await sql('select * from n limit 10000')).data).toHaveLength(10_000);
    client.socket.destroy();
  });
});

describe('types', () => {
  it("AvenirSQL's are aliases here, and nowhere else", async () => {
    const { client, sql } = await loggedIn();
    const columns =
      'id int primary key, a number, b bignumber, c varchar, d string not null unique, e bigstring, f varchar(3)';
    expect(await sql(`create table t (${columns})`)).toMatchObject({ code: 0 });
    const types = (await sql('show columns from t')).data as { Type: string }[];
    expect(types.map(({ Type }) => Type)).toEqual([
      'int',
      'double',
      'bigint',
      'varchar(255)',
      'varchar(255)',
      'longtext',
      'varchar(3)',
    ]);
    expect(await sql('alter table t add g string')).toMatchObject({ code: 0 });
    await sql("insert into t (id, a, b, d) values (1, 1.5, 9007199254740993, 'x')");
    expect((await sql('select a, b, d from t')).data).toEqual([{ a: '1.5', b: '9007199254740993', d: 'x' }]);
    client.socket.destroy();
    const mysql = gate.session();
    for (const type of ['number', 'bignumber', 'string', 'bigstring', 'varchar']) {
      expect([type, await mysql.errno(`create table u (a ${type})`)]).toEqual([type, 1064]);
    }
  });
});

describe('connections', () => {
  it('are closed behind each answer where keepAlive says so', async () => {
    let keepAlive = false;
    await restart({ keepAlive: () => keepAlive });
    const client = new Client();
    client.socket.write(JSON.stringify(LOGIN) + JSON.stringify(LOGIN));
    expect(await client.line()).toMatchObject({ code: 0 });
    await client.end();
    expect(server.signCount).toBe(1);
    keepAlive = true;
    const other = new Client();
    await login(other);
    await login(other);
    other.socket.destroy();
  });

  it('are few enough', async () => {
    await restart({ maxConnections: 2 });
    const clients = [new Client(), new Client()];
    for (const client of clients) await login(client);
    const third = new Client();
    expect(await third.line()).toMatchObject({ code: 1040, retryable: true });
    await third.end();
    for (const client of clients) client.socket.destroy();
  });

  it('close() finishes what runs and refuses the rest', async () => {
    const { client, sql } = await loggedIn();
    const idle = new Client();
    await login(idle);
    const answer = sql('select sleep(0.2) as s');
    await sleep(50);
    const closing = server.close();
    expect(await idle.line()).toMatchObject({ code: 1053, retryable: true });
    expect((await answer).data).toEqual([{ s: '0' }]);
    await closing;
    await client.end();
    expect(gate.gate.processes()).toEqual([]);
  });
});

describe('hostile clients', () => {
  it('garbage costs its line, the next document is answered', async () => {
    const client = new Client();
    client.socket.write('GET / HTTP/1.1\n');
    expect(await client.line()).toMatchObject({ name: 'SLUICE_JSON_DOCUMENT' });
    client.socket.write(Buffer.concat([Buffer.from('{"type":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}\n')]));
    expect(await client.line()).toMatchObject({ name: 'SLUICE_JSON_DOCUMENT', message: /UTF-8/ as unknown });
    client.socket.write('{"type":nonsense}\n');
    expect(await client.line()).toMatchObject({ name: 'SLUICE_JSON_DOCUMENT' });
    await login(client);
    client.socket.destroy();
  });

  it('a document that is too large, or too deep, ends the connection with an error', async () => {
    await restart({ maxDocumentBytes: 1000 });
    const large = new Client();
    large.socket.write(`{"type":"sql","data":"${'x'.repeat(1000)}"}`);
    expect(await large.line()).toMatchObject({ message: 'A JSON document: it has more than 1000 bytes' });
    await large.end();
    const deep = new Client();
    deep.socket.write('{"a":'.repeat(100));
    expect(await deep.line()).toMatchObject({ message: 'A JSON document: more than 64 levels' });
    await deep.end();
  });

  it('half documents end after a while, however slowly they come', async () => {
    await restart({ timeouts: { documentMs: 200 } });
    const client = new Client();
    client.socket.write('{"type":');
    const slowly = setInterval(() => client.socket.write(' '), 20);
    expect(await client.line()).toMatchObject({ message: 'A JSON document: it was not finished in time' });
    await client.end();
    clearInterval(slowly);
  });

  it('half documents of all clients together are few', async () => {
    await restart({ maxUnfinishedBytes: 10_000 });
    const first = new Client();
    first.socket.write(`{"a":"${'x'.repeat(6000)}`);
    while (server.connectionCount < 1) await sleep(5);
    await sleep(50);
    const second = new Client();
    second.socket.write(`{"a":"${'x'.repeat(6000)}`);
    expect(await second.line()).toMatchObject({ code: 1040 });
    await second.end();
    first.socket.destroy();
    while (server.connectionCount > 0) await sleep(5);
    const third = new Client();
    third.socket.write(`{"a":"${'x'.repeat(6000)}"}`);
    expect(await third.line()).toMatchObject({ code: 1210 });
    third.socket.destroy();
  });

  it('a connection on which nobody logs in ends', async () => {
    await restart({ timeouts: { documentMs: 100 } });
    const silent = new Client();
    const spacing = new Client();
    spacing.socket.write(' \n');
    await silent.end();
    await spacing.end();
    const known = new Client();
    await login(known);
    await sleep(300);
    expect(known.closed).toBe(false);
    known.socket.destroy();
  });

  it('a client that never reads is not read from, and is sent away', async () => {
    await restart({ timeouts: { writeMs: 300 } });
    const { client, sql } = await loggedIn();
    await sql('create table n (t longtext)');
    await sql(`insert into n values ('${'x'.repeat(1_000_000)}')`);
    const sign = await login(client);
    client.socket.pause();
    const request = JSON.stringify({ sign, type: 'sql', data: 'select * from n' });
    for (let i = 0; i < 1000; i++) client.socket.write(request);
    const questions = (): number => Number(gate.gate.statusCounters().get('Questions'));
    const before = questions();
    while (server.connectionCount > 0) await sleep(20);
    expect(questions() - before).toBeLessThan(100);
    client.socket.destroy();
    // Others are served meanwhile and after.
    const other = new Client();
    await login(other);
    other.socket.destroy();
  });

  it('three wrong passwords end the connection', async () => {
    const client = new Client();
    for (let i = 0; i < 3; i++) expect(await client.ask({ ...LOGIN, password: 'x' })).toMatchObject({ code: 1045 });
    await client.end();
    expect(server.signCount).toBe(0);
  });
});
