import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../stores/column-type.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { writeColumnDefinition } from './column-definition.ts';
import { column } from './fake-gate.suite.ts';

function definition(type: ColumnType, more: Parameters<typeof column>[2] = {}) {
  const out = new PacketWriter(new BufferPool());
  writeColumnDefinition(out, column('x', type, more));
  const payload = new Payload(Buffer.from(out.take().subarray(4)));
  const names = Array.from({ length: 6 }, () => payload.lenencText());
  payload.skip(1);
  const [collation, length, code, flags, decimals] = [
    payload.u16(),
    payload.u32(),
    payload.u8(),
    payload.u16(),
    payload.u8(),
  ];
  return { names, fixed: [code, length, collation, flags, decimals] };
}

describe('a column definition', () => {
  // What MariaDB 10.11 answers for such columns, but for JSON (a type of its own in MySQL) and the collation's number.
  it.each([
    [{ name: 'tinyint' }, [1, 4, 63, 0, 0]],
    [{ name: 'tinyint', unsigned: true }, [1, 3, 63, 0x20, 0]],
    [{ name: 'tinyint', length: 1 }, [1, 1, 63, 0, 0]],
    [{ name: 'smallint' }, [2, 6, 63, 0, 0]],
    [{ name: 'mediumint' }, [9, 9, 63, 0, 0]],
    [{ name: 'mediumint', unsigned: true }, [9, 8, 63, 0x20, 0]],
    [{ name: 'int' }, [3, 11, 63, 0, 0]],
    [{ name: 'bigint' }, [8, 20, 63, 0, 0]],
    [{ name: 'bigint', unsigned: true }, [8, 20, 63, 0x20, 0]],
    [{ name: 'year' }, [13, 4, 63, 0x60, 0]],
    [{ name: 'bit', length: 10 }, [16, 10, 63, 0x20, 0]],
    [{ name: 'decimal', precision: 10, scale: 2 }, [246, 12, 63, 0, 2]],
    [{ name: 'decimal', precision: 10, scale: 2, unsigned: true }, [246, 11, 63, 0x20, 2]],
    [{ name: 'decimal', precision: 5, scale: 0 }, [246, 6, 63, 0, 0]],
    [{ name: 'float' }, [4, 12, 63, 0, 31]],
    [{ name: 'double' }, [5, 22, 63, 0, 31]],
    [{ name: 'double', precision: 10, scale: 2 }, [5, 10, 63, 0, 2]],
    [{ name: 'char', length: 5 }, [254, 20, 255, 0, 0]],
    [{ name: 'varchar', length: 20 }, [253, 80, 255, 0, 0]],
    [{ name: 'varchar', length: 20, collation: 'utf8mb4_bin' }, [253, 80, 255, 0x80, 0]],
    [{ name: 'tinytext' }, [252, 1020, 255, 0x10, 0]],
    [{ name: 'text' }, [252, 262_140, 255, 0x10, 0]],
    [{ name: 'mediumtext' }, [252, 67_108_860, 255, 0x10, 0]],
    [{ name: 'longtext' }, [252, 4_294_967_295, 255, 0x10, 0]],
    [{ name: 'binary', length: 4 }, [254, 4, 63, 0x80, 0]],
    [{ name: 'varbinary', length: 7 }, [253, 7, 63, 0x80, 0]],
    [{ name: 'tinyblob' }, [252, 255, 63, 0x90, 0]],
    [{ name: 'blob' }, [252, 65_535, 63, 0x90, 0]],
    [{ name: 'mediumblob' }, [252, 16_777_215, 63, 0x90, 0]],
    [{ name: 'longblob' }, [252, 4_294_967_295, 63, 0x90, 0]],
    [{ name: 'date' }, [10, 10, 63, 0x80, 0]],
    [{ name: 'time' }, [11, 10, 63, 0x80, 0]],
    [{ name: 'time', scale: 3 }, [11, 14, 63, 0x80, 3]],
    [{ name: 'datetime' }, [12, 19, 63, 0x80, 0]],
    [{ name: 'datetime', scale: 6 }, [12, 26, 63, 0x80, 6]],
    [{ name: 'enum', values: ['a', 'bbb'] }, [254, 12, 255, 0x100, 0]],
    [{ name: 'set', values: ['x', 'yy'] }, [254, 16, 255, 0x800, 0]],
    [{ name: 'json' }, [245, 4_294_967_295, 63, 0x90, 0]],
    [{ name: 'null' }, [6, 0, 63, 0, 0]],
  ] satisfies [ColumnType, number[]][])('of %j', (type, expected) => {
    expect(definition(type).fixed).toEqual(expected);
  });

  it('tells keys', () => {
    const key = { nullable: false, primaryKey: true, autoIncrement: true };
    expect(definition({ name: 'int', unsigned: true }, key).fixed).toEqual([3, 10, 63, 0x4223, 0]);
    expect(definition({ name: 'int' }, { uniqueKey: true }).fixed[3]).toBe(0x4004);
    expect(definition({ name: 'int' }, { multipleKey: true }).fixed[3]).toBe(0x4008);
  });

  it('tells names, and what is an expression', () => {
    expect(definition({ name: 'int' }, { table: 'alias' }).names).toEqual(['def', 'shop', 'alias', 't', 'x', 'x']);
    const expression = { database: '', table: '', originalTable: '', originalName: '', nullable: false };
    expect(definition({ name: 'bigint' }, expression).fixed).toEqual([8, 20, 63, 0x81, 0]);
    expect(definition({ name: 'varchar', length: 1 }, expression).fixed).toEqual([253, 4, 255, 1, 31]);
  });
});
