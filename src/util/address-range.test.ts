import { describe, expect, test } from 'vitest';
import { AddressRanges } from './address-range.ts';

describe('ranges of addresses', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['127.0.0.1', 'localhost', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['::1', '::1', true],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['10.0.0.0/8', 'not an address', false],
  ])('%s has %s: %s', (range, address, has) => {
    expect(new AddressRanges([range]).has(address)).toBe(has);
  });

  test.each(['10.0.0/8', '10.0.0.0/33', '10.0.0.0/x', '::1/129', '', '10.0.0.0/8/9'])(
    '%j is refused by name',
    (range) => {
      expect(() => new AddressRanges([range])).toThrow(JSON.stringify(range));
    },
  );
});
