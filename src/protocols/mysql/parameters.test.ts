import { describe, expect, it } from 'vitest';
import { FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { parameterReader, readParameters } from './parameters.ts';

function read(code: number, hex: string, flags = 0) {
  const slot = parameterReader(code, flags)(new Payload(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
  return [slot.type, slot.value];
}

const INT = { kind: 'int', unsigned: false };
const UNSIGNED = { kind: 'int', unsigned: true };

describe('parameters', () => {
  it.each([
    ['TINY', 'ff', 0, INT, -1],
    ['TINY', 'ff', 128, UNSIGNED, 255],
    ['SHORT', 'feff', 0, INT, -2],
    ['SHORT', 'feff', 128, UNSIGNED, 65_534],
    ['YEAR', 'e807', 0, INT, 2024],
    ['LONG', 'ffffffff', 0, INT, -1],
    ['LONG', 'ffffffff', 128, UNSIGNED, 4_294_967_295],
    ['INT24', 'ffffffff', 0, INT, -1],
    ['LONGLONG', 'ffffffffffffffff', 0, INT, -1],
    ['LONGLONG', 'ffffffffffffffff', 128, UNSIGNED, 18_446_744_073_709_551_615n],
    ['LONGLONG', 'ffffffffffff1f00', 0, INT, Number.MAX_SAFE_INTEGER],
    ['LONGLONG', '0000000000002000', 0, INT, 2n ** 53n],
    ['LONGLONG', '0000000000000080', 0, INT, -(2n ** 63n)],
    ['FLOAT', '0000c03f', 0, { kind: 'double' }, 1.5],
    ['DOUBLE', '000000000000f83f', 0, { kind: 'double' }, 1.5],
    ['DOUBLE', '0000000000000840', 0, INT, 3],
    ['DOUBLE', '0000000000000080', 0, INT, 0],
    ['DOUBLE', '0000000000004043', 0, INT, 2n ** 53n],
    ['DOUBLE', '0100000000004043', 0, { kind: 'double' }, 2 ** 53 + 2],
    ['NEWDECIMAL', '05 2d312e3530', 0, { kind: 'decimal', precision: 3, scale: 2 }, '-1.50'],
    ['NEWDECIMAL', '03 303037', 0, { kind: 'decimal', precision: 1, scale: 0 }, '007'],
    ['NEWDECIMAL', '03 316535', 0, { kind: 'string' }, '1e5'],
    ['VAR_STRING', '03 61c3a9', 0, { kind: 'string' }, 'aé'],
    ['BLOB', '02 c3a9', 0, { kind: 'string' }, 'é'],
    ['BLOB', '02 c3ff', 0, { kind: 'bytes' }, Buffer.of(0xc3, 0xff)],
    ['VAR_STRING', '01 80', 0, { kind: 'bytes' }, Buffer.of(0x80)],
    ['BIT', '01 05', 0, { kind: 'bytes' }, Buffer.of(5)],
    ['NULL', '', 0, { kind: 'null' }, null],
    ['DATE', '04 e8070c1f', 0, { kind: 'date' }, '2024-12-31'],
    ['DATE', '00', 0, { kind: 'date' }, '0000-00-00'],
    ['DATETIME', '00', 0, { kind: 'datetime' }, '0000-00-00 00:00:00'],
    ['DATETIME', '04 e8070c1f', 0, { kind: 'datetime' }, '2024-12-31 00:00:00'],
    ['DATETIME', '07 e8070c1f173b3b', 0, { kind: 'datetime' }, '2024-12-31 23:59:59'],
    ['TIMESTAMP', '0b e8070c1f173b3b 01000000', 0, { kind: 'datetime' }, '2024-12-31 23:59:59.000001'],
    ['TIME', '00', 0, { kind: 'time' }, '00:00:00'],
    ['TIME', '08 01 22000000 163b3b', 0, { kind: 'time' }, '-838:59:59'],
    ['TIME', '0c 00 00000000 010203 40420f00'.replace('40420f00', '3f420f00'), 0, { kind: 'time' }, '01:02:03.999999'],
  ] as const)('reads %s %s', (name, hex, flags, type, value) => {
    expect(read(FIELD_TYPE[name], hex, flags)).toEqual([type, value]);
  });

  it.each([
    ['LONG', 'ffff'],
    ['DOUBLE', '00'],
    ['VAR_STRING', '05 6162'],
    ['VAR_STRING', 'fe ffffffffffffffff'],
    ['VAR_STRING', 'fb'],
    ['VAR_STRING', ''],
    ['DATETIME', '05 e8070c1f17'],
    ['TIME', '08 01'],
    ['TIME', '09 01'],
  ] as const)('refuses %s %s as cut or wrong', (name, hex) => {
    expect(() => read(FIELD_TYPE[name], hex)).toThrow('Malformed communication packet.');
  });

  it.each([
    ['DOUBLE', '000000000000f07f'],
    ['DATETIME', '07 e8070d01000000'],
    ['TIME', '08 00 ffffffff 000000'],
  ] as const)('refuses %s %s as no value', (name, hex) => {
    expect(() => read(FIELD_TYPE[name], hex)).toThrow('Incorrect arguments to mysqld_stmt_execute');
  });

  it('refuses types that do not exist', () => {
    expect(() => parameterReader(100, 0)).toThrow('Incorrect arguments');
  });

  it('takes NULLs from the bitmap, the rest in order', () => {
    const count = 11;
    const payload = new Payload(
      Buffer.concat([
        Buffer.of(0b0000_0010, 0b0000_0100, 1),
        Buffer.concat(Array.from({ length: count }, () => Buffer.of(FIELD_TYPE.TINY, 0))),
        Buffer.of(0, 2, 3, 4, 5, 6, 7, 8, 9),
      ]),
    );
    const { values } = readParameters(payload, count, null, null);
    expect(values.map((slot) => slot.value)).toEqual([0, null, 2, 3, 4, 5, 6, 7, 8, 9, null]);
    expect(payload.remaining).toBe(0);
  });
});
