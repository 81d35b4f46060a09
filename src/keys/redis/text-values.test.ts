import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeValue } from '../values.ts';
import { bytesOfValue, integerIn, valueOfBytes } from './text-values.ts';

it.each([
  ['20', 20],
  ['0', 0],
  ['-7', -7],
  ['9007199254740991', 2 ** 53 - 1],
  ['9007199254740993', 2n ** 53n + 1n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['9223372036854775808', '9223372036854775808'],
  ['007', '007'],
  ['-0', '-0'],
  ['+7', '+7'],
  ['1.5', '1.5'],
  ['1e3', '1e3'],
  [' 1', ' 1'],
  ['', ''],
  ['true', 'true'],
  ['\ufeffé😀\0', '\ufeffé😀\0'],
])('%o is set as %o', (text, value) => {
  expect(valueOfBytes(Buffer.from(text))).toStrictEqual(value);
});

it('what is no UTF-8 is bytes', () => {
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xe2, 0x82]])
    expect(valueOfBytes(Buffer.from(bytes))).toStrictEqual(Uint8Array.from(bytes));
});

it('every string of bytes reads as it was set', () => {
  const digits = fc.string({ unit: fc.constantFrom('-', '0', '1', '9', '.', 'e'), maxLength: 21 });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    digits.map((text) => Buffer.from(text)),
    fc.string().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      const read = bytesOfValue(encodeValue('k', valueOfBytes(given)));
      expect(Buffer.from(read).equals(Buffer.from(given))).toBe(true);
    }),
    { numRuns: 3000 },
  );
  expect(integerIn('abc')).toBe(null);
});
