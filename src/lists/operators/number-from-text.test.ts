import { describe, expect, it } from 'vitest';
import { exactNumber, type ListNumber, numberFromText, numbersEqual } from './number-from-text.ts';
import { storedNumber, storedNumbersJson } from './stored-number.ts';

describe('numberFromText', () => {
  const cases: readonly (readonly [string, ListNumber])[] = [
    ['', 0],
    ['abc', 0],
    ['-', 0],
    ['.', 0],
    ['0x10', 0],
    ['5x', 5],
    ['  5', 5],
    ['\u0001\n5', 5],
    ['\u00005', 0],
    ['\u00a05', 0],
    ['+5', 5],
    ['- 5', 0],
    ['--5', 0],
    ['5.0', 5],
    ['5.', 5],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['1e3', 1],
    ['1.5e3', 1.5],
    ['1,5', 1],
    ['-0', 0],
    ['-0.0', 0],
    ['007', 7],
    ['55.5', 55.5],
    ['١', 0],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['-9223372036854775809', -(2 ** 63)],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 2 ** 64],
    ['99999999999999999999999', 1e23],
    ['1234567890123456.9', 1234567890123456],
    ['123456789012345.94', 123456789012345.9],
    ['0.12345678901234567', 0.1234567890123456],
    ['0.00000000000000001', 0],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['+INFx', Number.POSITIVE_INFINITY],
    ['in', 0],
    ['nan', Number.NaN],
    ['-NaNny', Number.NaN],
    ['na', 0],
  ];
  it.each(cases)('%j is %s', (text, expected) => {
    expect(numberFromText(text)).toBe(expected);
  });

  it('is linear in the length of the text', () => {
    expect(numberFromText('9'.repeat(1_000_000))).toBe(Number.POSITIVE_INFINITY);
    expect(numberFromText(`${'0'.repeat(1_000_000)}7`)).toBe(7);
    expect(numberFromText(`1.${'0'.repeat(1_000_000)}7`)).toBe(1);
  });
});

describe('numbers', () => {
  it('are equal across number and bigint, exactly', () => {
    expect(numbersEqual(1e17, 100000000000000000n)).toBe(true);
    expect(numbersEqual(2 ** 53, 9007199254740993n)).toBe(false);
    expect(numbersEqual(Number.NaN, Number.NaN)).toBe(false);
    expect(exactNumber(1e17)).toBe(100000000000000000n);
    expect(exactNumber(1e25)).toBe(1e25);
    expect(exactNumber(1.5)).toBe(1.5);
  });

  it('have a stored form that SQLite orders as they are', () => {
    expect(storedNumber(5)).toBe(5);
    expect(storedNumber(2n ** 63n - 1n)).toBe(2n ** 63n - 1n);
    expect(storedNumber(2n ** 63n)).toBe('09223372036854775808');
    expect(storedNumber(2 ** 64)).toMatch(/^d43f0000000000000$/);
    expect(storedNumber(Number.POSITIVE_INFINITY)).toBe('d7ff0000000000000');
    expect(storedNumber(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expect(storedNumber(Number.NaN)).toBeNull();
    expect(storedNumbersJson([1, 2.5, 2n ** 60n, 2n ** 63n, Number.NaN, Number.NEGATIVE_INFINITY])).toBe(
      '[1,2.5,1152921504606846976,"09223372036854775808",-9e999]',
    );
  });
});
