import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import { jsonFormatter, textFormatter } from './format.ts';
import { doubleText } from './number-text.ts';

const text = (type: ColumnType, value: StoreValue) => textFormatter(type)(value);
const json = (type: ColumnType, value: StoreValue) => jsonFormatter(type)(value);

describe('doubleText', () => {
  // Each as MariaDB 10.11 prints it.
  it.each([
    [0, '0'],
    [-0, '-0'],
    [100_000, '100000'],
    [1e14, '100000000000000'],
    [1e15, '1e15'],
    [1e20, '1e20'],
    [1e21, '1e21'],
    [1.2345678901234568e17, '1.2345678901234568e17'],
    [0.1 + 0.2, '0.30000000000000004'],
    [1e-4, '0.0001'],
    [1e-7, '0.0000001'],
    [-1.25e-10, '-0.000000000125'],
    [1e-15, '0.000000000000001'],
    [1e-16, '1e-16'],
    [1.5e300, '1.5e300'],
    [-5e-324, '-5e-324'],
    [12345678901234.5, '12345678901234.5'],
    [1 / 3, '0.3333333333333333'],
  ])('prints %d as %s', (value, expected) => {
    expect(doubleText(value)).toBe(expected);
  });

  it('refuses what is not finite', () => {
    expect(() => doubleText(Number.POSITIVE_INFINITY)).toThrow('out of range');
    expect(() => doubleText(Number.NaN)).toThrow('out of range');
  });
});

describe('textFormatter', () => {
  it.each<[ColumnType, StoreValue, string]>([
    [{ name: 'int' }, -12, '-12'],
    [{ name: 'bigint' }, -9_223_372_036_854_775_808n, '-9223372036854775808'],
    [{ name: 'bigint', unsigned: true }, '09999999999999999999', '9999999999999999999'],
    [{ name: 'bigint', unsigned: true }, '18446744073709551615', '18446744073709551615'],
    [{ name: 'year' }, 0, '0000'],
    [{ name: 'decimal', scale: 2 }, 150, '1.50'],
    [{ name: 'decimal', scale: 2 }, -5, '-0.05'],
    [{ name: 'decimal', scale: 2 }, 0, '0.00'],
    [{ name: 'decimal', scale: 0 }, -7, '-7'],
    [{ name: 'decimal', scale: 18 }, 123_456_789_012_345_678n, '0.123456789012345678'],
    [{ name: 'decimal', scale: 2 }, '09223372036854775808', '92233720368547758.08'],
    [{ name: 'decimal', scale: 2 }, '12.30', '12.30'],
    [{ name: 'float' }, Math.fround(0.1), '0.1'],
    [{ name: 'float' }, 16_777_216, '16777200'],
    [{ name: 'float' }, Math.fround(1e-7), '0.0000001'],
    [{ name: 'float', precision: 7, scale: 3 }, Math.fround(1.1), '1.100'],
    [{ name: 'double', precision: 10, scale: 2 }, 5, '5.00'],
    [{ name: 'double', precision: 30, scale: 1 }, 1e22, '10000000000000000000000.0'],
    [{ name: 'time', scale: 6 }, -3_020_399_000_000, '-838:59:59.000000'],
    [{ name: 'time' }, 3_600_000_000, '01:00:00'],
    [{ name: 'enum', values: ['a', 'b'] }, 1, 'a'],
    [{ name: 'enum', values: ['a', 'b'] }, 0, ''],
    [{ name: 'set', values: ['a', 'b', 'c'] }, 6, 'b,c'],
    [{ name: 'set', values: ['a'] }, 0, ''],
    [{ name: 'varchar' }, 'é', 'é'],
    [{ name: 'varchar' }, 1e20, '1e20'],
    [{ name: 'timestamp' }, '2024-01-01 00:00:00', '2024-01-01 00:00:00'],
  ])('%j %s', (type, value, expected) => {
    expect(text(type, value)).toBe(expected);
  });

  it('shows the last of 64 set members', () => {
    const values = Array.from({ length: 64 }, (_, i) => `v${i}`);
    expect(text({ name: 'set', values }, '09223372036854775809')).toBe('v0,v63');
  });

  it('gives bits and binary data as bytes', () => {
    expect(text({ name: 'bit', length: 10 }, 513)).toEqual(Uint8Array.of(2, 1));
    expect(text({ name: 'bit', length: 64 }, 2n ** 63n)).toEqual(Uint8Array.of(128, 0, 0, 0, 0, 0, 0, 0));
    expect(text({ name: 'blob' }, Uint8Array.of(0, 255))).toEqual(Uint8Array.of(0, 255));
  });

  it('keeps NULL', () => {
    for (const name of ['int', 'decimal', 'time', 'enum', 'null', 'json'] as const)
      expect(text({ name }, null)).toBeNull();
  });

  it.each<[ColumnType, StoreValue]>([
    [{ name: 'decimal', scale: 2 }, 1.5],
    [{ name: 'decimal', scale: 2 }, 1e19],
    [{ name: 'bigint' }, 1e19],
    [{ name: 'double' }, Number.POSITIVE_INFINITY],
    [{ name: 'double', scale: 2 }, Number.NaN],
  ])('takes %j %s for an overflow', (type, value) => {
    expect(() => text(type, value)).toThrow('out of range');
  });
});

describe('jsonFormatter', () => {
  it.each<[ColumnType, StoreValue, unknown]>([
    [{ name: 'int' }, 5, 5],
    [{ name: 'bigint' }, 9_007_199_254_740_993n, '9007199254740993'],
    [{ name: 'bigint', unsigned: true }, '09999999999999999999', '9999999999999999999'],
    [{ name: 'year' }, 2024, 2024],
    [{ name: 'bit', length: 3 }, 5, 5],
    [{ name: 'double' }, 1e20, 1e20],
    [{ name: 'float' }, Math.fround(0.1), 0.1],
    [{ name: 'decimal', scale: 2 }, 150, '1.50'],
    [{ name: 'datetime' }, '2024-01-01 00:00:00', '2024-01-01 00:00:00'],
    [{ name: 'time' }, 1_000_000, '00:00:01'],
    [{ name: 'enum', values: ['a'] }, 1, 'a'],
    [{ name: 'blob' }, Uint8Array.of(255), '/w=='],
    [{ name: 'varchar' }, 'x', 'x'],
    [{ name: 'json' }, '{"a":[1,null]}', { a: [1, null] }],
    [{ name: 'json' }, null, null],
    [{ name: 'double' }, null, null],
  ])('%j %s', (type, value, expected) => {
    expect(json(type, value)).toEqual(expected);
  });
});
