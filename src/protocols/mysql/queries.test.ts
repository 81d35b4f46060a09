import type { Connection, RowDataPacket } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import type { StoreRow } from '../../stores/values.ts';
import { CAPABILITY, COMMAND, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import { column, FakeGate, ok, rows } from './fake-gate.suite.ts';
import { BASIC_CAPABILITIES, packet, RawClient } from './raw-client.suite.ts';
import { connect, ID, NAME, open, Stream, standardAnswer, textOf, until } from './test-server.suite.ts';

function select(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  return connection.query<RowDataPacket[]>(sql).then(([found]) => found);
}

describe('queries', () => {
  it('answers rows, NULLs and column metadata', async () => {
    const connection = await connect(await open(new FakeGate(standardAnswer)));
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
    const connection = await connect(await open(new FakeGate(standardAnswer)));
    const [result] = await connection.query('insert');
    expect(result).toMatchObject({ affectedRows: 1, insertId: 42, warningStatus: 3, info: 'did insert' });
  });

  it.each(['select later', 'select two'])('answers %s whether it is ready at once or later', async (sql) => {
    const connection = await connect(await open(new FakeGate(standardAnswer)));
    expect(await select(connection, sql)).not.toEqual([]);
  });

  it('answers failures with their number, state and text, and goes on', async () => {
    const connection = await connect(await open(new FakeGate(standardAnswer)));
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
    const connection = await connect(
      await open(new FakeGate(standardAnswer), { onUnexpectedError: (error) => errors.push(error) }),
    );
    await expect(connection.query('bug')).rejects.toMatchObject({
      errno: 1105,
      message: 'undefined is not a function',
    });
    expect(errors).toEqual([new TypeError('undefined is not a function')]);
    await connection.ping();
  });

  it('lets bytes that are not UTF-8 through, for the binary literals that hold them', async () => {
    const texts: string[] = [];
    const gate = new FakeGate((request) => {
      texts.push(textOf(request));
      return ok();
    });
    const raw = await RawClient.login(await open(gate));
    raw.send(packet(0, COMMAND.COM_QUERY, 'select "é\ufffd', Buffer.of(0xff, 0xfe, 0x41), '"'));
    expect((await raw.next())?.payload[0]).toBe(0);
    raw.send(packet(0, COMMAND.COM_QUERY, 'select "\ufffd"'));
    expect((await raw.next())?.payload[0]).toBe(0);
    expect(texts.slice(-2)).toEqual(['select "é\ufffd\udcff\udcfeA"', 'select "\ufffd"']);
  });

  it('replaces a row that cannot be shown by an error', async () => {
    const big = column('d', { name: 'decimal', precision: 10, scale: 2 });
    const gate = new FakeGate((request) => (textOf(request) === 'overflow' ? rows([big], [150], [2 ** 60]) : ok()));
    const connection = await connect(await open(gate));
    await expect(connection.query('overflow')).rejects.toMatchObject({ errno: 1690 });
    await connection.query('next');
  });

  it('serves commands that come together in order, with one write', async () => {
    const raw = await RawClient.login(await open(new FakeGate(standardAnswer)));
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
    const raw = await RawClient.login(await open(new FakeGate(standardAnswer)));
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
    const connection = await connect(await open(gate), { multipleStatements: true });
    const [results] = await connection.query('select two; insert; select later');
    expect(results).toMatchObject([[{ id: 1 }, { id: 2 }], { affectedRows: 1 }, [{ id: 7 }]]);
    await expect(connection.query('insert; fail; insert')).rejects.toMatchObject({ errno: 1146 });
    await expect(connection.query(' ; ')).rejects.toMatchObject({ errno: 1065 });
    expect(gate.sessions[0]?.requests.map(textOf)).toEqual(['select two', 'insert', 'select later', 'insert', 'fail']);
  });

  it('leaves a text alone that the client does not allow to be split', async () => {
    const gate = new FakeGate(standardAnswer);
    const connection = await connect(await open(gate));
    await connection.query('a; b');
    expect(gate.sessions[0]?.requests.map(textOf)).toEqual(['a; b']);
  });

  it('marks all results but the last', async () => {
    const raw = await RawClient.login(
      await open(new FakeGate(standardAnswer)),
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
    const connection = await connect(await open(gate));
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
    const connection = await connect(await open(gate));
    expect((await select(connection, huge))[0]?.name === huge).toBe(true);
    const [found] = await connection.execute<RowDataPacket[]>('echo ?', [huge]);
    expect(found[0]?.name === huge).toBe(true);
  });

  it('refuses a packet beyond max_allowed_packet and goes on', async () => {
    const connection = await connect(await open(new FakeGate(standardAnswer), { maxAllowedPacketBytes: 100_000 }));
    await expect(connection.query('x'.repeat(300_000))).rejects.toMatchObject({ errno: 1153 });
    expect(await select(connection, 'select two')).toHaveLength(2);
  });

  it('asks for no more rows while the client reads none, and leaves the stream when it goes', async () => {
    const stream = new Stream(1000, 100, (i) => [i, long]);
    const gate = new FakeGate(() => stream.outcome());
    const raw = await RawClient.login(await open(gate));
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

  it('leaves a stream when the client closes its side without having read', async () => {
    const stream = new Stream(1000, 100, (i) => [i, long]);
    const gate = new FakeGate(() => stream.outcome());
    const raw = await RawClient.login(await open(gate));
    raw.socket.pause();
    raw.send(packet(0, COMMAND.COM_QUERY, 'stream'));
    await until(() => stream.pulled > 0);
    raw.socket.end();
    await until(() => stream.isLeft);
    expect(stream.pulled).toBeLessThan(150);
    raw.destroy();
    await until(() => gate.open.size === 0);
  });

  it('cuts off a client that reads nothing for the time limit', async () => {
    const stream = new Stream(1000, 100, (i) => [i, long]);
    const gate = new FakeGate(() => stream.outcome());
    const raw = await RawClient.login(await open(gate, { writeTimeoutMs: 100 }));
    raw.socket.pause();
    raw.send(packet(0, COMMAND.COM_QUERY, 'stream'));
    await until(() => stream.isLeft && gate.open.size === 0);
    raw.destroy();
  });

  it('waits longer for a client that reads slowly', async () => {
    const gate = new FakeGate(() => rows([NAME], ['x'.repeat(24 * 1024 * 1024)]));
    const raw = await RawClient.login(await open(gate, { writeTimeoutMs: 300 }));
    let received = 0;
    raw.socket.removeAllListeners('data');
    raw.socket.on('data', (piece) => {
      received += piece.length;
      raw.socket.pause();
      setTimeout(() => raw.socket.resume(), 4);
    });
    raw.send(packet(0, COMMAND.COM_QUERY, 'huge'));
    for (let i = 0; i < 2000 && received < 24 * 1024 * 1024 && !raw.isClosed; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(raw.isClosed).toBe(false);
    expect(received).toBeGreaterThan(24 * 1024 * 1024);
    raw.destroy();
  });

  it('ends a stream that fails with an error', async () => {
    const connection = await connect(await open(new FakeGate(() => new Stream(10, 10, (i) => [i, 'x'], 5).outcome())));
    await expect(connection.query('stream')).rejects.toMatchObject({ errno: 1317 });
    await connection.ping();
  });

  it('leaves the event loop to others while it sends much', async () => {
    const all = Array.from({ length: 200_000 }, (_, i): StoreRow => [i, 'x'.repeat(100)]);
    const gate = new FakeGate((request) => (textOf(request) === 'rows' ? { ...rows([ID, NAME]), rows: all } : ok()));
    const port = await open(gate);
    const [reader, other] = [await connect(port), await connect(port)];
    const reading = reader.query<RowDataPacket[]>('rows').then(([found]) => found.length);
    await other.ping();
    expect(await reading).toBe(200_000);
  });
});
