/** Events of bytes that were put together by hand: what no server can be made to write at will. */
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BinlogError } from './binlog-error.ts';
import type { BinlogEvent } from './binlog-event.ts';
import type { TableLayout } from './column-layout.ts';
import { EventReader } from './event-reader.ts';
import { EVENT, EVENT_FLAG, GTID_FLAG } from './event-type.ts';
import type { BinlogPosition } from './position.ts';

const LAYOUT: TableLayout = {
  columns: [
    { name: 'id', type: { name: 'int' }, characterSet: null },
    { name: 'v', type: { name: 'varchar', length: 20 }, characterSet: 'utf8mb4' },
  ],
};

interface EventOptions {
  readonly end?: number;
  readonly flags?: number;
  readonly hasChecksum?: boolean;
}

function event(type: number, body: Buffer, { end = 0, flags = 0, hasChecksum = false }: EventOptions = {}): Buffer {
  const bytes = Buffer.alloc(19 + body.length + (hasChecksum ? 4 : 0));
  bytes[4] = type;
  bytes.writeUInt32LE(1, 5);
  bytes.writeUInt32LE(bytes.length, 9);
  bytes.writeUInt32LE(end % 2 ** 32, 13);
  bytes.writeUInt16LE(flags, 17);
  body.copy(bytes, 19);
  if (hasChecksum) bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function formatDescription(checksum: 0 | 1): Buffer {
  const body = Buffer.alloc(57 + 40 + 1);
  body.writeUInt16LE(4);
  body[56] = 19;
  body[body.length - 1] = checksum;
  return event(EVENT.FORMAT_DESCRIPTION, Buffer.concat([body, Buffer.alloc(checksum === 1 ? 0 : 4)]), {
    hasChecksum: checksum === 1,
  });
}

function rotate(file: string, offset: bigint): Buffer {
  const body = Buffer.alloc(8 + file.length);
  body.writeBigUInt64LE(offset);
  body.write(file, 8);
  return event(EVENT.ROTATE, body, { flags: EVENT_FLAG.ARTIFICIAL });
}

function gtid(end: number, flags = 0): Buffer {
  const body = Buffer.alloc(19);
  body[12] = flags;
  return event(EVENT.GTID, body, { end });
}

function tableMap(end: number, database = 'd', table = 't'): Buffer {
  const name = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text), Buffer.of(0)]);
  const columns = Buffer.of(2, 3, 15, 2, 80, 0, 0);
  return event(
    EVENT.TABLE_MAP,
    Buffer.concat([Buffer.of(7, 0, 0, 0, 0, 0, 0, 0), name(database), name(table), columns]),
    { end },
  );
}

/** One row, (id, 'ab'). */
function writeRows(end: number, id: number, type: number = EVENT.WRITE_ROWS_V1, extra = Buffer.alloc(0)): Buffer {
  const row = Buffer.concat([Buffer.of(2, 0b11, 0, id, 0, 0, 0, 2), Buffer.from('ab')]);
  return event(type, Buffer.concat([Buffer.of(7, 0, 0, 0, 0, 0, 1, 0), extra, row]), { end });
}

function query(end: number, text: string, database = 'd'): Buffer {
  const head = Buffer.alloc(13);
  head[8] = database.length;
  return event(EVENT.QUERY, Buffer.concat([head, Buffer.from(`${database}\0${text}`)]), { end });
}

const xid = (end: number): Buffer => event(EVENT.XID, Buffer.alloc(8), { end });
const told = (id: number): object => ({
  kind: 'rows',
  database: 'd',
  table: 't',
  changes: [{ before: null, after: [id, 'ab'] }],
});
const at = (offset: number, file = 'bin.000001'): BinlogPosition => ({ file, offset });

function read(events: readonly Buffer[], from: BinlogPosition = at(4), hasChecksums = false): BinlogEvent[] {
  const reader = new EventReader({ from, hasChecksums, layoutOf: (_, table) => (table === 't' ? LAYOUT : null) });
  const found: BinlogEvent[] = [];
  for (const bytes of events) {
    // In the midst of others, as they come in packets.
    const around = Buffer.concat([Buffer.from('xxx'), bytes, Buffer.from('yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')]);
    reader.take(around, 3, 3 + bytes.length);
    found.push(...reader.drain());
  }
  return found;
}

function failure(events: readonly Buffer[], hasChecksums = false): BinlogError {
  try {
    read(events, at(4), hasChecksums);
  } catch (error) {
    return error as BinlogError;
  }
  throw new Error('it was read');
}

const BEGIN = [rotate('bin.000001', 4n), formatDescription(0)];

describe('positions', () => {
  it('go on beyond 4 GiB, where those in events begin anew, and start again in the next file', () => {
    const GIB = 2 ** 30;
    const transaction = (end: number): Buffer[] => [
      gtid(end - 300),
      tableMap(end - 200),
      writeRows(end - 100, 1),
      xid(end),
    ];
    const events = read([
      ...BEGIN,
      ...[1, 3, 4, 5, 8, 9].flatMap((n) => transaction(n * GIB + 1000)),
      rotate('bin.000002', 4n),
      gtid(200, GTID_FLAG.STANDALONE),
      query(300, 'DROP TABLE x'),
    ]);
    expect(events.filter((e) => e.kind === 'committed').map(({ position }) => position)).toEqual([
      ...[1, 3, 4, 5, 8, 9].map((n) => at(n * GIB + 1000)),
      at(300, 'bin.000002'),
    ]);
  });

  it('beyond 4 GiB are found from the beginning of the file', () => {
    const start = 2 ** 32 + 500;
    const events = read(
      [
        ...BEGIN,
        gtid(100),
        tableMap(200),
        writeRows(2 ** 32 - 10, 1),
        xid(start),
        gtid(start + 100),
        tableMap(start + 200),
        writeRows(start + 300, 2),
        xid(start + 400),
      ],
      at(start),
    );
    expect(events).toEqual([told(2), { kind: 'committed', position: at(start + 400) }]);
  });

  it('are passed by heartbeats, but not within a transaction', () => {
    const heartbeat = event(EVENT.HEARTBEAT, Buffer.from('bin.000001'), { end: 300 });
    expect(read([...BEGIN, gtid(100), heartbeat, tableMap(200, 'd', 'other'), heartbeat, xid(300), heartbeat])).toEqual(
      [
        { kind: 'passed', position: at(300) },
        { kind: 'passed', position: at(300) },
      ],
    );
  });

  it('beyond events that were not sent are told by heartbeats', () => {
    const heartbeat = (end: number, file: string): Buffer => event(EVENT.HEARTBEAT, Buffer.from(file), { end });
    const long = Buffer.alloc(8);
    long.writeBigUInt64LE(6_000_000_000n);
    expect(
      read([
        ...BEGIN,
        heartbeat(300, 'bin.000001'),
        heartbeat(400, 'other.000001'),
        event(EVENT.HEARTBEAT, Buffer.concat([long, Buffer.from('bin.000001')])),
      ]),
    ).toEqual([
      { kind: 'passed', position: at(300) },
      { kind: 'passed', position: at(6_000_000_000) },
    ]);
  });

  it('do not move by events that were made for this connection', () => {
    const artificial = event(EVENT.GTID_LIST, Buffer.alloc(4), { end: 5000, flags: EVENT_FLAG.ARTIFICIAL });
    expect(read([...BEGIN, gtid(100, GTID_FLAG.STANDALONE), artificial, query(200, 'FLUSH TABLES')]).at(-1)).toEqual({
      kind: 'committed',
      position: at(200),
    });
  });
});

describe('checksums', () => {
  it('begin and end with the file that says so', () => {
    const sealed = (bytes: Buffer): Buffer =>
      event(bytes[4] as number, bytes.subarray(19), { end: bytes.readUInt32LE(13), hasChecksum: true });
    const transaction = (id: number): Buffer[] => [gtid(100), tableMap(200), writeRows(300, id), xid(400)];
    const events = read([formatDescription(1), ...transaction(1).map(sealed), formatDescription(0), ...transaction(2)]);
    expect(events.filter(({ kind }) => kind === 'rows')).toEqual([told(1), told(2)]);
  });

  it('that are wrong end it', () => {
    const sealed = event(EVENT.XID, Buffer.alloc(8), { hasChecksum: true });
    sealed[20] = 1;
    expect(failure([formatDescription(1), sealed])).toMatchObject({
      failure: 'unreadable',
      message: expect.stringContaining('checksum'),
    });
  });
});

describe('rows', () => {
  it('of version 2, with and without extra fields', () => {
    const events = read([
      ...BEGIN,
      gtid(100),
      tableMap(200),
      writeRows(300, 1, EVENT.WRITE_ROWS, Buffer.of(2, 0)),
      writeRows(400, 2, EVENT.WRITE_ROWS, Buffer.of(5, 0, 9, 9, 9)),
      xid(500),
    ]);
    expect(events.slice(-3)).toEqual([told(1), told(2), { kind: 'committed', position: at(500) }]);
  });

  it('of no table only end a statement', () => {
    const dummy = event(EVENT.WRITE_ROWS_V1, Buffer.of(255, 255, 255, 0, 0, 0, 1, 0, 0), { end: 300 });
    expect(read([...BEGIN, gtid(100), dummy, xid(400)]).at(-1)).toEqual({ kind: 'passed', position: at(400) });
  });

  it('of a table that was not mapped end it', () => {
    expect(failure([...BEGIN, writeRows(300, 1)])).toMatchObject({
      failure: 'unreadable',
      message: expect.stringContaining('not mapped'),
    });
    // Ids are those of one file.
    expect(failure([...BEGIN, tableMap(200), rotate('bin.000002', 4n), writeRows(300, 1)])).toMatchObject({
      failure: 'unreadable',
    });
  });
});

describe('events of other types', () => {
  it('are passed over where they may be', () => {
    expect(read([...BEGIN, event(99, Buffer.alloc(3), { end: 200, flags: EVENT_FLAG.IGNORABLE })])).toEqual([]);
  });

  it.each([
    ['not known', event(99, Buffer.alloc(3)), 'type 99'],
    ['encrypted', event(EVENT.START_ENCRYPTION, Buffer.alloc(17)), 'encrypted'],
    ['of a binlog of another version', event(EVENT.FORMAT_DESCRIPTION, Buffer.alloc(100)), 'version 0'],
    ['cut in their head', Buffer.alloc(10), '10 bytes'],
    ['cut in their body', query(200, 'DROP TABLE t').subarray(0, 40), 'an event of 40 bytes says it has'],
  ])('end it: %s', (_, bytes, why) => {
    expect(failure([...BEGIN, bytes])).toMatchObject({ failure: 'unreadable', message: expect.stringContaining(why) });
  });

  it('an incident concerns all tables', () => {
    const incident = event(EVENT.INCIDENT, Buffer.concat([Buffer.of(1, 0, 11), Buffer.from('LOST_EVENTS')]), {
      end: 200,
    });
    expect(read([...BEGIN, incident]).slice(-2)).toEqual([
      { kind: 'incident', why: expect.stringContaining('LOST_EVENTS') },
      { kind: 'committed', position: at(200) },
    ]);
  });
});

it.each([
  ['the next file', [rotate('bin.000002', 4n)]],
  ['another', [gtid(400), xid(500)]],
])('a transaction that ends in the midst, followed by %s, has not happened', (_, after) => {
  const events = read([...BEGIN, gtid(100), tableMap(200), writeRows(300, 1), ...after]);
  expect(events.slice(0, 3)).toEqual([
    told(1),
    { kind: 'misfit', database: 'd', table: 't', why: expect.stringContaining('unfinished') },
    // Before what follows, from where it can be read.
    { kind: 'committed', position: at(300) },
  ]);
  expect(events.slice(3)).toEqual([{ kind: 'passed', position: expect.anything() }]);
});

describe('XA', () => {
  const PREPARED = GTID_FLAG.PREPARED_XA;
  const prepare = (end: number): Buffer => {
    const body = Buffer.concat([Buffer.of(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), Buffer.from('x')]);
    return event(EVENT.XA_PREPARE, body, { end });
  };
  const commit = (end: number): Buffer[] => [
    gtid(end - 50, GTID_FLAG.COMPLETED_XA | GTID_FLAG.STANDALONE),
    query(end, "XA COMMIT X'78',X'',1"),
  ];

  it('of many rows makes its tables be copied anew when it is committed', () => {
    const rows = Array.from({ length: 50_001 }, (_, i) => writeRows(300, i % 200));
    const events = read([...BEGIN, gtid(100, PREPARED), tableMap(200), ...rows, prepare(400), ...commit(500)]);
    expect(events.slice(-2)).toEqual([
      { kind: 'misfit', database: 'd', table: 't', why: expect.stringContaining('XA') },
      { kind: 'committed', position: at(500) },
    ]);
    expect(events.some(({ kind }) => kind === 'rows')).toBe(false);
  });

  it('in words that are not understood concerns all tables', () => {
    const events = read([...BEGIN, gtid(100, GTID_FLAG.STANDALONE), query(200, 'XA COMMIT what')]);
    expect(events.map(({ kind }) => kind)).toEqual(['incident', 'committed']);
  });
});

describe('transactions of servers before global transaction ids', () => {
  it('begin with BEGIN', () => {
    const events = read([
      ...BEGIN,
      query(100, 'BEGIN'),
      tableMap(200),
      writeRows(300, 1),
      query(400, 'COMMIT'),
      query(500, 'DROP TABLE x'),
    ]);
    expect(events).toEqual([
      told(1),
      { kind: 'committed', position: at(400) },
      { kind: 'statement', database: 'd', text: 'DROP TABLE x' },
      { kind: 'committed', position: at(500) },
    ]);
  });

  it('that are rolled back make what they touched be copied anew', () => {
    const events = read([...BEGIN, query(100, 'BEGIN'), tableMap(200), writeRows(300, 1), query(400, 'ROLLBACK')]);
    expect(events.slice(-2)).toEqual([
      { kind: 'misfit', database: 'd', table: 't', why: expect.stringContaining('rolled back') },
      { kind: 'committed', position: at(400) },
    ]);
  });
});
