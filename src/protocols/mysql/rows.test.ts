import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { column, FakeGate, rows } from './fake-gate.suite.ts';
import { encodingOf } from './result-encoding.ts';
import { MysqlServer } from './server.ts';

/** Type, stored value, text protocol, binary protocol without its length byte's row header. */
const VALUES: readonly (readonly [ColumnType, StoreValue, string, string])[] = [
  [{ name: 'tinyint' }, -1, '-1', 'ff'],
  [{ name: 'tinyint', unsigned: true }, 255, '255', 'ff'],
  [{ name: 'smallint' }, -2, '-2', 'feff'],
  [{ name: 'mediumint' }, -3, '-3', 'fdffffff'],
  [{ name: 'int' }, -2_147_483_648, '-2147483648', '00000080'],
  [{ name: 'int', unsigned: true }, 4_294_967_295, '4294967295', 'ffffffff'],
  [{ name: 'bigint' }, -1, '-1', 'ffffffffffffffff'],
  [{ name: 'bigint' }, 9_223_372_036_854_775_807n, '9223372036854775807', 'ffffffffffffff7f'],
  [{ name: 'bigint', unsigned: true }, '09223372036854775808', '9223372036854775808', '0000000000000080'],
  [{ name: 'bigint', unsigned: true }, '18446744073709551615', '18446744073709551615', 'ffffffffffffffff'],
  [{ name: 'year' }, 2024, '2024', 'e807'],
  [{ name: 'year' }, 0, '0000', '0000'],
  [{ name: 'bit', length: 10 }, 513, '\x02\x01', '020201'],
  [{ name: 'decimal', precision: 5, scale: 2 }, -5, '-0.05', '052d302e3035'],
  [{ name: 'float' }, 1.5, '1.5', '0000c03f'],
  [{ name: 'double' }, 1e20, '1e20', '408cb5781daf1544'],
  [{ name: 'varchar', length: 9 }, 'é', 'é', '02c3a9'],
  [{ name: 'varbinary', length: 9 }, Buffer.of(1, 2), '\x01\x02', '020102'],
  [{ name: 'date' }, '2024-02-29', '2024-02-29', '04e807021d'],
  [{ name: 'date' }, '0000-00-00', '0000-00-00', '00'],
  [{ name: 'datetime' }, '2024-02-29 00:00:00', '2024-02-29 00:00:00', '04e807021d'],
  [{ name: 'datetime' }, '2024-02-29 01:02:03', '2024-02-29 01:02:03', '07e807021d010203'],
  [{ name: 'datetime', scale: 3 }, '2024-02-29 01:02:03.004', '2024-02-29 01:02:03.004', '0be807021d010203a00f0000'],
  [
    { name: 'timestamp', scale: 6 },
    '2024-02-29 00:00:00.000001',
    '2024-02-29 00:00:00.000001',
    '0be807021d00000001000000',
  ],
  [{ name: 'time' }, 0, '00:00:00', '00'],
  [{ name: 'time' }, -3_020_399_000_000, '-838:59:59', '080122000000163b3b'],
  [{ name: 'time', scale: 2 }, 3_723_250_000, '01:02:03.25', '0c000000000001020390d00300'],
  [{ name: 'enum', values: ['a', 'b'] }, 2, 'b', '0162'],
  [{ name: 'set', values: ['a', 'b', 'c'] }, 5, 'a,c', '03612c63'],
  [{ name: 'json' }, '{"a":1}', '{"a":1}', '077b2261223a317d'],
];

function rowBytes(type: ColumnType, value: StoreValue, format: 'text' | 'binary'): Buffer {
  const out = new PacketWriter(new BufferPool());
  const encoding = encodingOf([column('x', type)]);
  (format === 'text' ? encoding.textRow : encoding.binaryRow)(out, [value]);
  return Buffer.from(out.take().subarray(4));
}

describe('a row', () => {
  it.each(VALUES)('of %j holds %s', (type, value, text, binary) => {
    const bytes = Buffer.from(text, value instanceof Uint8Array || type.name === 'bit' ? 'latin1' : 'utf8');
    expect(rowBytes(type, value, 'text').toString('hex')).toBe(
      Buffer.concat([Buffer.of(bytes.length), bytes]).toString('hex'),
    );
    expect(rowBytes(type, value, 'binary').toString('hex')).toBe(`0000${binary}`);
  });

  it('marks NULLs', () => {
    const columns = Array.from({ length: 9 }, (_, i) => column(`c${i}`, { name: 'tinyint' }));
    const row = [null, 1, 2, 3, 4, 5, null, 7, null];
    const out = new PacketWriter(new BufferPool());
    encodingOf(columns).binaryRow(out, row);
    expect(out.take().subarray(4).toString('hex')).toBe('00' + '0405' + '010203040507');
    encodingOf(columns).textRow(out, [null, ...row.slice(1)]);
    expect(out.take().subarray(4).toString('hex')).toBe('fb01310132013301340135fb0137fb');
  });

  it.each([
    [{ name: 'tinyint' } as const, 128],
    [{ name: 'int' } as const, 2 ** 31],
    [{ name: 'int', unsigned: true } as const, -1],
    [{ name: 'bigint' } as const, 2 ** 60],
    [{ name: 'double' } as const, Number.POSITIVE_INFINITY],
    [{ name: 'int' } as const, 1.5],
  ])('of %j refuses %s rather than show another number', (type, value) => {
    expect(() => rowBytes(type, value, 'binary')).toThrow('out of range');
  });
});

describe('mysql2 reads', () => {
  const gate = new FakeGate(() =>
    rows(
      VALUES.map(([type], i) => column(`c${i}`, type)),
      VALUES.map(([, value]) => value),
      VALUES.map(() => null),
    ),
  );
  const server = new MysqlServer(gate, { serverVersion: '8.0.42-Sluice-0.1.0' });
  let port: number;

  beforeAll(async () => {
    port = await server.listen(0, '127.0.0.1');
  });

  afterAll(() => server.close());

  it('the same values by both protocols', async () => {
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port,
      user: 'root',
      rowsAsArray: true,
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    });
    const [text] = await connection.query('values');
    const [binary] = await connection.execute('values');
    expect(binary).toEqual(text);
    expect((text as unknown[][])[1]?.every((value) => value === null)).toBe(true);
    expect((text as unknown[][])[0]?.[4]).toBe(-2_147_483_648);
    await connection.end();
  });
});
