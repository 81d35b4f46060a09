import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { CAPABILITY, COMMAND, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import { column, FakeGate, ok, rows } from './fake-gate.suite.ts';
import { BASIC_CAPABILITIES, errnoOf, packet, RawClient } from './raw-client.suite.ts';
import { connect, ID, NAME, open, Stream, until } from './test-server.suite.ts';

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
    const connection = await connect(await open(echo()), { timezone: 'Z' });
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
    const raw = await RawClient.login(await open(echo()));
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
    const raw = await RawClient.login(await open(echo()), BASIC_CAPABILITIES | CAPABILITY.DEPRECATE_EOF);
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
    const raw = await RawClient.login(await open(echo(), { maxAllowedPacketBytes: 1000 }));
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
    const raw = await RawClient.login(await open(gate));
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
    const raw = await RawClient.login(await open(gate));
    raw.send(packet(0, COMMAND.COM_STMT_PREPARE, 'select'));
    await raw.next();
    const execute = packet(0, COMMAND.COM_STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 1, 1, 0, 0, 0));
    const fetch = packet(0, COMMAND.COM_STMT_FETCH, Buffer.of(1, 0, 0, 0, 1, 0, 0, 0));
    raw.send(execute, fetch, execute, fetch, packet(0, COMMAND.COM_STMT_RESET, Buffer.of(1, 0, 0, 0)), execute, fetch);
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
