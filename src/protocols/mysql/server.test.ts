import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql, { type Connection, type ConnectionOptions, type RowDataPacket } from 'mysql2/promise';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../../errors.ts';
import type { Outcome, Request } from '../../gate/request.ts';
import type { StoreRow } from '../../stores/values.ts';
import { CAPABILITY, COMMAND, SERVER_STATUS } from './constants.ts';
import { column, FakeGate, type FakeSession, ok, rows } from './fake-gate.suite.ts';
import { BASIC_CAPABILITIES, errnoOf, handshakeResponse, packet, RawClient } from './raw-client.suite.ts';
import { MysqlServer, type MysqlServerOptions } from './server.ts';

const ID = column('id', { name: 'int' }, { nullable: false, primaryKey: true });
const NAME = column('name', { name: 'varchar', length: 40 });

function textOf(request: Request): string {
  if (request.kind === 'sql') return request.text;
  return request.kind === 'prepared' ? request.statement.text : '';
}

/** Rows of a stream, and how far its reader has come. */
class Stream {
  pulled = 0;
  isLeft = false;
  readonly #chunks: number;
  readonly #rowsPerChunk: number;
  readonly #row: (index: number) => StoreRow;
  readonly #failAt: number;

  constructor(chunks: number, rowsPerChunk: number, row: (index: number) => StoreRow, failAt = -1) {
    this.#chunks = chunks;
    this.#rowsPerChunk = rowsPerChunk;
    this.#row = row;
    this.#failAt = failAt;
  }

  async *chunks(): AsyncGenerator<readonly StoreRow[]> {
    try {
      for (let chunk = 0; chunk < this.#chunks; chunk++) {
        if (chunk === this.#failAt) throw failure('ER_QUERY_INTERRUPTED');
        this.pulled++;
        yield Array.from({ length: this.#rowsPerChunk }, (_, i) => this.#row(chunk * this.#rowsPerChunk + i));
      }
    } finally {
      this.isLeft = true;
    }
  }

  outcome(columns = [ID, NAME]): Outcome {
    return { kind: 'stream', columns, chunks: this.chunks() };
  }
}

/** The little that the tests' statements can do. */
function standardAnswer(request: Request, session: FakeSession): Outcome | Promise<Outcome> {
  const text = textOf(request);
  if (text === 'select two') return rows([ID, NAME], [1, 'one'], [2, null]);
  if (text === 'select later') return Promise.resolve(rows([ID, NAME], [7, 'seven']));
  if (text === 'fail') throw failure('ER_NO_SUCH_TABLE', 'shop', 'nothing');
  if (text === 'fail later') return Promise.reject(failure('ER_DUP_ENTRY', '1', 't.PRIMARY'));
  if (text === 'bug') throw new TypeError('undefined is not a function');
  if (text === 'wait') return session.closed();
  if (text.startsWith('use ')) {
    session.status.database = text.slice(4);
    return ok();
  }
  if (text === 'begin') {
    session.status.inTransaction = true;
    return ok();
  }
  if (text.startsWith('KILL')) return ok();
  return ok({ affectedRows: 1, insertId: 42, warningCount: 3, info: `did ${text}` });
}

let server: MysqlServer | null = null;
const clients: Connection[] = [];

async function start(gate: FakeGate, options: Partial<MysqlServerOptions> = {}): Promise<number> {
  server = new MysqlServer(gate, { serverVersion: '8.0.42-Sluice-0.1.0', drainTimeoutMs: 300, ...options });
  return server.listen(0, '127.0.0.1');
}

async function client(port: number, options: ConnectionOptions = {}): Promise<Connection> {
  const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', ...options });
  connection.on('error', () => undefined);
  clients.push(connection);
  return connection;
}

function select(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  return connection.query<RowDataPacket[]>(sql).then(([found]) => found);
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

afterEach(async () => {
  for (const connection of clients.splice(0)) connection.destroy();
  await server?.close();
  server = null;
});

describe('queries', () => {
  it('answers rows, NULLs and column metadata', async () => {
    const connection = await client(await start(new FakeGate(standardAnswer)));
    const [found, fields] = await connection.query('select two');
    expect(found).toEqual([
      { id: 1, name: 'one' },
      { id: 2, name: null },
    ]);
    expect(fields.map((field) => [field.name, field.columnType, field.flags, field.columnLength])).toEqual([
      ['id', 3, 0x4003, 11],
      ['name', 253, 0, 160],
    ]);
  });

  it('answers OK with what the statement did', async () => {
    const connection = await client(await start(new FakeGate(standardAnswer)));
    const [result] = await connection.query('insert');
    expect(result).toMatchObject({ affectedRows: 1, insertId: 42, warningStatus: 3, info: 'did insert' });
  });

  it.each(['select later', 'select two'])('answers %s whether it is ready at once or later', async (sql) => {
    const connection = await client(await start(new FakeGate(standardAnswer)));
    expect(await select(connection, sql)).not.toEqual([]);
  });

  it('answers failures with their number, state and text, and goes on', async () => {
    const connection = await client(await start(new FakeGate(standardAnswer)));
    await expect(connection.query('fail')).rejects.toMatchObject({
      errno: 1146,
      sqlState: '42S02',
      message: "Table 'shop.nothing' doesn't exist",
    });
    await expect(connection.query('fail later')).rejects.toMatchObject({ errno: 1062, sqlState: '23000' });
    expect(await select(connection, 'select two')).toHaveLength(2);
  });

  it('shows an unexpected error to the client and to the operator', async () => {
    const errors: unknown[] = [];
    const connection = await client(
      await start(new FakeGate(standardAnswer), { onUnexpectedError: (error) => errors.push(error) }),
    );
    await expect(connection.query('bug')).rejects.toMatchObject({
      errno: 1105,
      message: 'undefined is not a function',
    });
    expect(errors).toEqual([new TypeError('undefined is not a function')]);
    await connection.ping();
  });

  it('refuses a text that is not UTF-8, naming the bytes', async () => {
    const raw = await RawClient.login(await start(new FakeGate(standardAnswer)));
    raw.send(packet(0, COMMAND.COM_QUERY, 'select "é\ufffd', Buffer.of(0xff, 0xfe, 0x41)));
    const answer = await raw.next();
    expect(errnoOf(answer)).toBe(1300);
    expect(answer?.payload.toString('latin1')).toContain("'\\xFF\\xFE\\x41'");
    raw.send(packet(0, COMMAND.COM_QUERY, 'select "\ufffd"'));
    expect((await raw.next())?.payload[0]).toBe(0);
  });

  it('replaces a row that cannot be shown by an error', async () => {
    const big = column('d', { name: 'decimal', precision: 10, scale: 2 });
    const gate = new FakeGate((request) => (textOf(request) === 'overflow' ? rows([big], [150], [2 ** 60]) : ok()));
    const connection = await client(await start(gate));
    await expect(connection.query('overflow')).rejects.toMatchObject({ errno: 1690 });
    await connection.query('next');
  });

  it('serves commands that come together in order, with one write', async () => {
    const raw = await RawClient.login(await start(new FakeGate(standardAnswer)));
    const commands = Array.from({ length: 500 }, (_, i) =>
      packet(0, COMMAND.COM_QUERY, i % 3 === 2 ? 'select later' : `q${i}`),
    );
    raw.send(...commands);
    for (let i = 0; i < 500; i++) {
      const first = await raw.next();
      expect(first?.sequence).toBe(1);
      if (i % 3 === 2) expect(await raw.nextPackets(5)).toHaveLength(5);
      else expect(first?.payload.toString('latin1')).toContain(`did q${i}`);
    }
  });

  it('serves a command that comes byte by byte', async () => {
    const raw = await RawClient.login(await start(new FakeGate(standardAnswer)));
    for (const byte of packet(0, COMMAND.COM_QUERY, 'hello')) {
      raw.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await raw.next())?.payload.toString('latin1')).toContain('did hello');
  });
});

describe('several statements in one text', () => {
  it('answers each, up to the first that fails', async () => {
    const gate = new FakeGate(standardAnswer);
    const connection = await client(await start(gate), { multipleStatements: true });
    const [results] = await connection.query('select two; insert; select later');
    expect(results).toMatchObject([[{ id: 1 }, { id: 2 }], { affectedRows: 1 }, [{ id: 7 }]]);
    await expect(connection.query('insert; fail; insert')).rejects.toMatchObject({ errno: 1146 });
    await expect(connection.query(' ; ')).rejects.toMatchObject({ errno: 1065 });
    expect(gate.sessions[0]?.requests.map(textOf)).toEqual(['select two', 'insert', 'select later', 'insert', 'fail']);
  });

  it('leaves a text alone that the client does not allow to be split', async () => {
    const gate = new FakeGate(standardAnswer);
    const connection = await client(await start(gate));
    await connection.query('a; b');
    expect(gate.sessions[0]?.requests.map(textOf)).toEqual(['a; b']);
  });

  it('marks all results but the last', async () => {
    const raw = await RawClient.login(
      await start(new FakeGate(standardAnswer)),
      BASIC_CAPABILITIES | CAPABILITY.MULTI_STATEMENTS,
    );
    raw.send(packet(0, COMMAND.COM_QUERY, 'select two; a'));
    const packets = await raw.nextPackets(8);
    expect(packets.map((answer) => answer.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(packets[6]?.payload.toString('hex')).toBe('fe00000a00');
    expect((packets[7]?.payload.readUInt16LE(3) ?? 0) & SERVER_STATUS.MORE_RESULTS_EXISTS).toBe(0);
  });
});

describe('large results', () => {
  const long = 'x'.repeat(1000);

  it.each([
    ['text', false],
    ['binary', true],
  ])('sends 20,000 rows at once and as a stream (%s)', async (_, prepared) => {
    const all = Array.from({ length: 20_000 }, (_, i): StoreRow => [i, long]);
    const gate = new FakeGate((request) =>
      textOf(request) === 'stream' ? new Stream(40, 500, (i) => [i, long]).outcome() : rows([ID, NAME], ...all),
    );
    const connection = await client(await start(gate));
    for (const sql of ['rows', 'stream']) {
      const [found] = prepared
        ? await connection.execute<RowDataPacket[]>(sql)
        : await connection.query<RowDataPacket[]>(sql);
      expect(found).toHaveLength(20_000);
      expect(found.every((row, i) => row.id === i && row.name === long)).toBe(true);
    }
  });

  it('sends and takes values of more than 16 MiB', async () => {
    const huge = 'ab'.repeat(10 * 1024 * 1024);
    const gate = new FakeGate((request) =>
      request.kind === 'prepared'
        ? rows([NAME], [request.parameters[0]?.value ?? null])
        : rows([NAME], [textOf(request)]),
    );
    const connection = await client(await start(gate));
    expect((await select(connection, huge))[0]?.name === huge).toBe(true);
    const [found] = await connection.execute<RowDataPacket[]>('echo ?', [huge]);
    expect(found[0]?.name === huge).toBe(true);
  });

  it('refuses a packet beyond max_allowed_packet and goes on', async () => {
    const connection = await client(await start(new FakeGate(standardAnswer), { maxAllowedPacketBytes: 100_000 }));
    await expect(connection.query('x'.repeat(300_000))).rejects.toMatchObject({ errno: 1153 });
    expect(await select(connection, 'select two')).toHaveLength(2);
  });

  it('asks for no more rows while the client reads none, and leaves the stream when it goes', async () => {
    const stream = new Stream(1000, 100, (i) => [i, long]);
    const gate = new FakeGate(() => stream.outcome());
    const raw = await RawClient.login(await start(gate));
    raw.socket.pause();
    raw.send(packet(0, COMMAND.COM_QUERY, 'stream'));
    await until(() => stream.pulled > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What the kernel buffers on both sides, and no more: 100 KB a chunk.
    expect(stream.pulled).toBeLessThan(150);
    raw.destroy();
    await until(() => stream.isLeft && gate.open.size === 0);
    expect(stream.pulled).toBeLessThan(150);
    expect(gate.sessions[0]?.closes).toBe(1);
  });

  it('cuts off a client that reads nothing for the time limit', async () => {
    const stream = new Stream(1000, 100, (i) => [i, long]);
    const gate = new FakeGate(() => stream.outcome());
    const raw = await RawClient.login(await start(gate, { writeTimeoutMs: 100 }));
    raw.socket.pause();
    raw.send(packet(0, COMMAND.COM_QUERY, 'stream'));
    await until(() => stream.isLeft && gate.open.size === 0);
    raw.destroy();
  });

  it('ends a stream that fails with an error', async () => {
    const connection = await client(await start(new FakeGate(() => new Stream(10, 10, (i) => [i, 'x'], 5).outcome())));
    await expect(connection.query('stream')).rejects.toMatchObject({ errno: 1317 });
    await connection.ping();
  });

  it('leaves the event loop to others while it sends much', async () => {
    const all = Array.from({ length: 200_000 }, (_, i): StoreRow => [i, 'x'.repeat(100)]);
    const gate = new FakeGate((request) => (textOf(request) === 'rows' ? { ...rows([ID, NAME]), rows: all } : ok()));
    const port = await start(gate);
    const [reader, other] = [await client(port), await client(port)];
    const reading = reader.query<RowDataPacket[]>('rows').then(([found]) => found.length);
    await other.ping();
    expect(await reading).toBe(200_000);
  });
});

describe('prepared statements', () => {
  function echo(): FakeGate {
    const gate = new FakeGate((request) => {
      if (request.kind !== 'prepared') return ok();
      return rows(
        [column('kinds', { name: 'varchar', length: 100 }), column('values', { name: 'varchar', length: 100 })],
        [
          request.parameters.map((slot) => slot.type.kind).join(),
          request.parameters
            .map((slot) =>
              slot.value instanceof Uint8Array ? Buffer.from(slot.value).toString('hex') : String(slot.value),
            )
            .join(),
        ],
      );
    });
    gate.preparedColumns = () => [NAME];
    return gate;
  }

  it('binds what mysql2 binds', async () => {
    const connection = await client(await start(echo()), { timezone: 'Z' });
    const values = [
      1,
      -5,
      1.5,
      2 ** 53,
      1e300,
      'é',
      null,
      true,
      Buffer.from('abc'),
      Buffer.of(0xff, 0),
      new Date('2024-02-29T12:34:56.789Z'),
      { a: 1 },
    ];
    const [found] = await connection.execute<RowDataPacket[]>(`select ${values.map(() => '?').join()}`, values);
    expect(found[0]).toEqual({
      kinds: 'int,int,double,int,double,string,null,int,string,bytes,datetime,string',
      values: '1,-5,1.5,9007199254740992,1e+300,é,null,1,abc,ff00,2024-02-29 12:34:56.789000,{"a":1}',
    });
    const [again] = await connection.execute<RowDataPacket[]>('select ?', [2n ** 64n - 1n]);
    expect(again[0]?.values).toBe('18446744073709551615');
  });

  it('tells parameters and columns on preparing, and forgets a closed statement', async () => {
    const raw = await RawClient.login(await start(echo()));
    raw.send(packet(0, COMMAND.COM_STMT_PREPARE, 'select ?, ?'));
    const [head, first, second, eof, nameColumn, end] = await raw.nextPackets(6);
    expect(head?.payload.toString('hex')).toBe('000100000001000200000000');
    expect(first?.payload[first.payload.length - 6]).toBe(253);
    expect(second?.payload.equals(first?.payload ?? Buffer.alloc(0))).toBe(true);
    expect([eof?.payload[0], end?.payload[0]]).toEqual([0xfe, 0xfe]);
    expect(nameColumn?.payload.includes('name')).toBe(true);
    raw.send(
      packet(0, COMMAND.COM_STMT_CLOSE, Buffer.of(1, 0, 0, 0)),
      packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0)),
    );
    expect(errnoOf(await raw.next())).toBe(1243);
  });

  it('executes again without types, and with long data', async () => {
    const raw = await RawClient.login(await start(echo()), BASIC_CAPABILITIES | CAPABILITY.DEPRECATE_EOF);
    raw.send(packet(0, COMMAND.COM_STMT_PREPARE, 'select ?, ?'));
    await raw.nextPackets(4);
    const execute = (...rest: (number | string)[]) =>
      packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 0, 1, 0, 0, 0), ...rest);
    const answer = async () => ((await raw.nextPackets(5))[3]?.payload.toString('latin1') ?? '').slice(2);
    raw.send(execute(0, 0, 7, 1));
    expect(errnoOf(await raw.next())).toBe(1210);
    raw.send(execute(0, 1, 8, 0, 253, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 'x'));
    expect(await answer()).toBe('\x0aint,string\x035,x');
    raw.send(execute(2, 0, 6, 0, 0, 0, 0, 0, 0, 0));
    expect(await answer()).toBe('\x08int,null\x066,null');
    const longData = (text: string) => packet(0, COMMAND.COM_STMT_SEND_LONG_DATA, Buffer.of(1, 0, 0, 0, 1, 0), text);
    raw.send(longData('lo'), longData('ng'), longData(''), execute(2, 0, 6, 0, 0, 0, 0, 0, 0, 0));
    expect(await answer()).toBe('\x0aint,string\x066,long');
    raw.send(longData('lost'), packet(0, COMMAND.COM_STMT_RESET, Buffer.of(1, 0, 0, 0)));
    expect((await raw.next())?.payload[0]).toBe(0);
    raw.send(execute(2, 0, 6, 0, 0, 0, 0, 0, 0, 0));
    expect(await answer()).toBe('\x08int,null\x066,null');
  });

  it('refuses long data beyond max_allowed_packet when the statement is executed', async () => {
    const raw = await RawClient.login(await start(echo(), { maxAllowedPacketBytes: 1000 }));
    raw.send(packet(0, COMMAND.COM_STMT_PREPARE, 'select ?'));
    await raw.nextPackets(5);
    const longData = packet(0, COMMAND.COM_STMT_SEND_LONG_DATA, Buffer.of(1, 0, 0, 0, 0, 0), 'x'.repeat(600));
    const execute = packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 0, 1, 0, 0, 0), 0, 1, 253, 0, 1, 'y');
    raw.send(longData, longData, execute);
    expect(errnoOf(await raw.next())).toBe(1153);
    raw.send(execute);
    expect((await raw.nextPackets(6))[4]?.payload.toString('latin1')).toContain('y');
  });

  it.each([
    ['at once', () => rows([ID, NAME], [0, 'r'], [1, 'r'], [2, 'r'], [3, 'r'], [4, 'r'])],
    ['as a stream', () => new Stream(3, 2, (i) => [i, 'r']).outcome()],
  ])('fetches from a cursor over rows that come %s', async (name, outcome) => {
    const gate = new FakeGate((request) => (request.kind === 'prepared' ? outcome() : ok()));
    const raw = await RawClient.login(await start(gate));
    raw.send(packet(0, COMMAND.COM_STMT_PREPARE, 'select'));
    await raw.next();
    raw.send(packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 1, 1, 0, 0, 0)));
    const opened = await raw.nextPackets(4);
    expect((opened[3]?.payload.readUInt16LE(3) ?? 0) & SERVER_STATUS.CURSOR_EXISTS).toBeTruthy();
    const fetch = packet(0, COMMAND.COM_STMT_FETCH, Buffer.of(1, 0, 0, 0, 3, 0, 0, 0));
    raw.send(fetch);
    const first = await raw.nextPackets(4);
    expect(first.slice(0, 3).map((row) => row.payload[2])).toEqual([0, 1, 2]);
    expect((first[3]?.payload.readUInt16LE(3) ?? 0) & SERVER_STATUS.CURSOR_EXISTS).toBeTruthy();
    // Another statement in between.
    raw.send(packet(0, COMMAND.COM_QUERY, 'x'));
    expect((await raw.next())?.payload[0]).toBe(0);
    raw.send(fetch);
    const total = name === 'at once' ? 2 : 3;
    const second = await raw.nextPackets(total + (total === 3 ? 1 : 1));
    expect(second.slice(0, total).map((row) => row.payload[2])).toEqual([3, 4, 5].slice(0, total));
    const status = second[total]?.payload.readUInt16LE(3) ?? 0;
    if (total === 3) {
      raw.send(fetch);
      expect(((await raw.next())?.payload.readUInt16LE(3) ?? 0) & SERVER_STATUS.LAST_ROW_SENT).toBeTruthy();
    } else {
      expect(status & SERVER_STATUS.LAST_ROW_SENT).toBeTruthy();
    }
    raw.send(fetch);
    expect(errnoOf(await raw.next())).toBe(1243);
  });

  it('leaves the stream of a cursor that is closed, reset, executed again or abandoned', async () => {
    const streams: Stream[] = [];
    const gate = new FakeGate(() => {
      const stream = new Stream(100, 2, (i) => [i, 'r']);
      streams.push(stream);
      return stream.outcome();
    });
    const raw = await RawClient.login(await start(gate));
    raw.send(packet(0, COMMAND.COM_STMT_PREPARE, 'select'));
    await raw.next();
    const open = packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 1, 1, 0, 0, 0));
    const fetch = packet(0, COMMAND.COM_STMT_FETCH, Buffer.of(1, 0, 0, 0, 1, 0, 0, 0));
    raw.send(open, fetch, open, fetch, packet(0, COMMAND.COM_STMT_RESET, Buffer.of(1, 0, 0, 0)), open, fetch);
    await raw.nextPackets(6 + 6 + 1 + 6);
    expect(streams.map((stream) => stream.isLeft)).toEqual([true, true, false]);
    raw.send(packet(0, COMMAND.COM_STMT_CLOSE, Buffer.of(1, 0, 0, 0)), packet(0, COMMAND.COM_PING));
    await raw.next();
    expect(streams[2]?.isLeft).toBe(true);
    raw.send(
      packet(0, COMMAND.COM_STMT_PREPARE, 'select'),
      packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(2, 0, 0, 0, 1, 1, 0, 0, 0)),
    );
    raw.send(packet(0, COMMAND.COM_STMT_FETCH, Buffer.of(2, 0, 0, 0, 1, 0, 0, 0)));
    await raw.nextPackets(7);
    raw.destroy();
    await until(() => streams[3]?.isLeft === true);
  });
});

describe('sessions', () => {
  it('opens with the database and tells of its changes', async () => {
    const gate = new FakeGate(standardAnswer);
    const port = await start(gate);
    const raw = await RawClient.login(
      port,
      BASIC_CAPABILITIES | CAPABILITY.SESSION_TRACK | CAPABILITY.FOUND_ROWS,
      'shop',
    );
    expect(gate.sessions[0]?.client).toMatchObject({
      user: 'root',
      host: '127.0.0.1',
      protocol: 'mysql',
      database: 'shop',
      foundRows: true,
    });
    raw.send(packet(0, COMMAND.COM_INIT_DB, 'blog'));
    expect((await raw.next())?.payload.toString('hex')).toBe(
      `000000${'0240'}000000${'07'}01${'05'}04${Buffer.from('blog').toString('hex')}`,
    );
    raw.send(
      packet(0, COMMAND.COM_QUERY, 'use shop'),
      packet(0, COMMAND.COM_INIT_DB, 'shop'),
      packet(0, COMMAND.COM_INIT_DB, 'missing'),
    );
    expect((await raw.next())?.payload.toString('latin1')).toContain('shop');
    expect((await raw.next())?.payload.toString('latin1')).not.toContain('shop');
    expect(errnoOf(await raw.next())).toBe(1049);
  });

  it('refuses a database that does not exist', async () => {
    const port = await start(new FakeGate(standardAnswer));
    await expect(client(port, { database: 'missing' })).rejects.toMatchObject({ errno: 1049 });
  });

  it('tells of transactions', async () => {
    const raw = await RawClient.login(await start(new FakeGate(standardAnswer)));
    raw.send(packet(0, COMMAND.COM_QUERY, 'begin'));
    expect((await raw.next())?.payload.readUInt16LE(3)).toBe(SERVER_STATUS.AUTOCOMMIT | SERVER_STATUS.IN_TRANS);
  });

  it('resets, changes its user, and ends with a wrong password', async () => {
    const gate = new FakeGate(standardAnswer, { root: '', anna: 'secret' });
    const connection = await client(await start(gate));
    await connection.execute('select ?', [1]);
    await connection.changeUser({ user: 'anna', password: 'secret', database: 'blog' });
    expect(gate.sessions).toHaveLength(1);
    expect(gate.sessions[0]?.client).toMatchObject({ user: 'anna', database: 'blog' });
    await connection.execute('select ?', [1]);
    await connection.reset();
    expect(gate.sessions[0]?.resets).toBe(1);
    await expect(connection.changeUser({ user: 'anna', password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
    await until(() => gate.open.size === 0);
  });

  it('serves the small commands', async () => {
    const gate = new FakeGate((request, session) => {
      if (textOf(request) === 'SELECT * FROM `a``b` LIMIT 0') return rows([ID, NAME]);
      return standardAnswer(request, session);
    });
    const raw = await RawClient.login(await start(gate));
    raw.send(
      packet(0, COMMAND.COM_STATISTICS),
      packet(0, COMMAND.COM_DEBUG),
      packet(0, COMMAND.COM_SET_OPTION, Buffer.of(0, 0)),
    );
    const [statistics, debug, option] = await raw.nextPackets(3);
    expect(statistics?.payload.toString('latin1')).toMatch(/^Uptime: \d+ {2}Threads: 1 {2}Questions: 1 /);
    expect([debug?.payload[0], option?.payload[0]]).toEqual([0xfe, 0xfe]);
    raw.send(packet(0, COMMAND.COM_QUERY, 'a;b'));
    expect(await raw.nextPackets(2)).toHaveLength(2);
    raw.send(packet(0, COMMAND.COM_FIELD_LIST, 'a`b\0', 'n_m%'));
    const [field, end] = await raw.nextPackets(2);
    expect(field?.payload.includes('name')).toBe(true);
    expect(end?.payload[0]).toBe(0xfe);
    raw.send(
      packet(0, COMMAND.COM_PROCESS_KILL, Buffer.of(9, 0, 0, 0)),
      packet(0, 0x0e, 'x'),
      packet(0, 0x1d),
      packet(0, 0xff),
      packet(0),
    );
    expect((await raw.nextPackets(5)).map(errnoOf)).toEqual([0, 0, 1047, 1047, 1835]);
    expect(gate.sessions[0]?.requests.map(textOf)).toContain('KILL CONNECTION 9');
    raw.send(packet(0, COMMAND.COM_QUIT));
    expect(await raw.rest()).toEqual([]);
  });

  it('is killed when idle, and when it waits', async () => {
    const gate = new FakeGate(standardAnswer);
    const port = await start(gate);
    const idle = await RawClient.login(port);
    gate.kill(1);
    expect(errnoOf(await idle.next())).toBe(1317);
    expect(await idle.rest()).toEqual([]);
    const busy = await RawClient.login(port);
    busy.send(packet(0, COMMAND.COM_QUERY, 'wait'));
    await until(() => gate.sessions[1]?.requests.length === 1);
    gate.kill(2);
    gate.sessions[1]?.close();
    expect(errnoOf(await busy.next())).toBe(1317);
    expect(await busy.rest()).toEqual([]);
    await until(() => server?.connectionCount === 0);
  });

  it('closes its session when the client goes while a statement runs', async () => {
    const gate = new FakeGate(standardAnswer);
    const raw = await RawClient.login(await start(gate));
    raw.send(packet(0, COMMAND.COM_QUERY, 'wait'));
    await until(() => gate.sessions[0]?.requests.length === 1);
    raw.destroy();
    await until(() => gate.open.size === 0);
    expect(gate.sessions[0]?.closes).toBe(1);
  });

  it('refuses connections beyond the limit', async () => {
    const port = await start(new FakeGate(standardAnswer), { maxConnections: 1 });
    await client(port);
    await expect(client(port)).rejects.toMatchObject({ errno: 1040 });
  });
});

describe('close', () => {
  it('ends idle clients at once and waits for what runs', async () => {
    let finish: (outcome: Outcome) => void = () => undefined;
    const running = new Promise<Outcome>((resolve) => {
      finish = resolve;
    });
    const gate = new FakeGate((request) => (textOf(request) === 'running' ? running : ok()));
    const port = await start(gate, { drainTimeoutMs: 5000 });
    const [idle, busy] = [await RawClient.login(port), await RawClient.login(port)];
    busy.send(packet(0, COMMAND.COM_QUERY, 'running'));
    await until(() => gate.sessions[1]?.requests.length === 1);
    const closed = server?.close();
    expect(errnoOf(await idle.next())).toBe(1053);
    await until(() => gate.open.size === 1);
    finish(ok({ info: 'done' }));
    expect((await busy.next())?.payload.toString('latin1')).toContain('done');
    await closed;
    expect(gate.open.size).toBe(0);
  });

  it('ends what runs longer than the limit', async () => {
    const gate = new FakeGate(standardAnswer);
    const raw = await RawClient.login(await start(gate, { drainTimeoutMs: 50 }));
    raw.send(packet(0, COMMAND.COM_QUERY, 'wait'));
    await until(() => gate.sessions[0]?.requests.length === 1);
    await server?.close();
    expect(gate.open.size).toBe(0);
    expect(gate.sessions[0]?.closes).toBe(1);
  });
});

describe('login', () => {
  const passwords = { root: '', anna: 'secret', 'anna-nativeonly': 'secret', 'anna-sha2only': 'secret' };
  let tls: { key: string; cert: string };

  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-mysql-'));
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-keyout',
        files.key,
        '-out',
        files.cert,
      ],
      { stdio: 'ignore' },
    );
    tls = { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
    rmSync(folder, { recursive: true });
  });

  for (const authPlugin of ['mysql_native_password', 'caching_sha2_password'] as const) {
    for (const secure of [false, true]) {
      describe(`${authPlugin} ${secure ? 'within TLS' : 'without TLS'}`, () => {
        const options = () => (secure ? { ssl: { ca: tls.cert, rejectUnauthorized: false } } : {});
        const begin = () => start(new FakeGate(standardAnswer, passwords), { authPlugin, ...(secure ? { tls } : {}) });

        it('accepts the right password, for every way of keeping it', async () => {
          const port = await begin();
          for (const user of ['anna', 'anna-nativeonly', 'anna-sha2only']) {
            const connection = await client(port, { user, password: 'secret', ...options() });
            expect(await select(connection, 'select two')).toHaveLength(2);
          }
          await client(port, options());
        });

        it('refuses a wrong one, an unknown user, and none, in the same way', async () => {
          const port = await begin();
          for (const user of ['anna', 'nobody', 'anna-nativeonly', 'anna-sha2only']) {
            await expect(client(port, { user, password: 'wrong', ...options() })).rejects.toMatchObject({
              errno: 1045,
              sqlState: '28000',
              message: `Access denied for user '${user}'@'127.0.0.1' (using password: YES)`,
            });
          }
          for (const user of ['anna', 'nobody']) {
            await expect(client(port, { user, ...options() })).rejects.toMatchObject({
              errno: 1045,
              message: `Access denied for user '${user}'@'127.0.0.1' (using password: NO)`,
            });
          }
          await expect(client(port, { user: 'root', password: 'any', ...options() })).rejects.toMatchObject({
            errno: 1045,
          });
          await until(() => server?.connectionCount === 0);
        });
      });
    }
  }

  it('asks again a client that names a plugin it has not', async () => {
    const port = await start(new FakeGate(standardAnswer, passwords));
    const raw = await RawClient.open(port);
    await raw.next();
    raw.send(handshakeResponse(BASIC_CAPABILITIES, 'root', Buffer.from('x'), 'client_ed25519'));
    const request = await raw.next();
    expect(request?.payload.toString('latin1')).toContain('mysql_native_password');
    raw.send(packet((request?.sequence ?? 0) + 1));
    expect((await raw.next())?.payload[0]).toBe(0);
  });

  it('asks again a client that waits to be asked for the plugin it prefers', async () => {
    const raw = await RawClient.open(await start(new FakeGate(standardAnswer, passwords)));
    await raw.next();
    raw.send(handshakeResponse(BASIC_CAPABILITIES, 'anna', new Uint8Array(0), 'caching_sha2_password'));
    expect((await raw.next())?.payload.toString('latin1')).toContain('caching_sha2_password');
    raw.destroy();
  });

  it('never takes for plain text what was sent after a request for TLS', async () => {
    const gate = new FakeGate(standardAnswer, passwords);
    const raw = await RawClient.open(await start(gate, { tls }));
    await raw.next();
    const request = Buffer.alloc(36);
    request.writeUInt32LE(32, 0);
    request[3] = 1;
    request.writeUInt32LE(BASIC_CAPABILITIES | CAPABILITY.SSL, 4);
    const login = handshakeResponse(
      BASIC_CAPABILITIES | CAPABILITY.SSL,
      'root',
      new Uint8Array(0),
      'mysql_native_password',
    );
    login[3] = 2;
    raw.send(request, login);
    expect((await raw.rest()).filter((answer) => answer.payload[0] === 0)).toEqual([]);
    expect(gate.sessions).toEqual([]);
  });

  it('ends a client that does not log in', async () => {
    const port = await start(new FakeGate(standardAnswer), { handshakeTimeoutMs: 50 });
    const raw = await RawClient.open(port);
    await raw.next();
    expect(await raw.rest()).toEqual([]);
    await until(() => server?.connectionCount === 0);
  });

  it('refuses clients of protocols before 4.1', async () => {
    const raw = await RawClient.open(await start(new FakeGate(standardAnswer)));
    await raw.next();
    raw.send(packet(1, Buffer.alloc(32), 'root\0'));
    expect(errnoOf(await raw.next())).toBe(1043);
    expect(await raw.rest()).toEqual([]);
  });

  it('tells its version and a connection id', async () => {
    const raw = await RawClient.open(await start(new FakeGate(standardAnswer), { nextConnectionId: () => 77 }));
    const greeting = (await raw.next())?.payload ?? Buffer.alloc(0);
    expect(greeting.toString('latin1', 1, 20)).toBe('8.0.42-Sluice-0.1.0');
    expect(greeting.readUInt32LE(21)).toBe(77);
    raw.destroy();
  });
});
