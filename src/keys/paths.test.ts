import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_KEY_BYTES } from '../limits.ts';
import { checkKey, compareKeys, depthOf, isInRange, prefixRange, superKey } from './paths.ts';
import { anyKey } from './samples.suite.ts';

describe('a key', () => {
  it.each(['user', 'user.001.name', 'a b', 'ключ.值.😀', 'A/b:c', '[x].?', 'x'.repeat(MAX_KEY_BYTES)])(
    'may be %j',
    (key) => {
      expect(() => checkKey(key)).not.toThrow();
    },
  );

  it.each([
    ['', 'empty'],
    ['.', 'a segment is empty'],
    ['.a', 'a segment is empty'],
    ['a.', 'a segment is empty'],
    ['a..b', 'a segment is empty'],
    ['a.*', "'*' belongs to patterns"],
    ['a\nb', 'control character'],
    ['a\0', 'control character'],
    ['a\u0085', 'control character'],
    ['a\ud800', 'half of a surrogate pair'],
    ['x'.repeat(MAX_KEY_BYTES + 1), 'longer than 256 bytes'],
    ['值'.repeat(86), 'longer than 256 bytes'],
    [undefined, 'a key is a string, not undefined'],
    [7, 'a key is a string, not number'],
  ])('may not be %j', (key, reason) => {
    expect(() => checkKey(key)).toThrow(
      expect.objectContaining({ code: 'SLUICE_BAD_KEY', message: expect.stringContaining(reason) }),
    );
  });
});

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareKeys('\uffff', '\u{10000}')).toBeLessThan(0);
    expect(compareKeys('\ud7ff', '\ue000')).toBeLessThan(0);
  });

  it('has all descendants of a node in one range, and nothing else there', () => {
    const range = prefixRange('user.');
    expect(range).toEqual({ from: 'user.', to: 'user/' });
    for (const key of ['user.001', 'user.!', 'user.\u{10ffff}', 'user.001.name'])
      expect(isInRange(key, range)).toBe(true);
    for (const key of ['user', 'user!x', 'user-1.a', 'user/x', 'user0', 'uses'])
      expect(isInRange(key, range)).toBe(false);
    fc.assert(
      fc.property(anyKey, anyKey, (node, other) => {
        expect(isInRange(other, prefixRange(`${node}.`))).toBe(other.startsWith(`${node}.`));
        expect(isInRange(`${node}.${other}`, prefixRange(`${node}.`))).toBe(true);
      }),
    );
  });

  it('knows where texts with a prefix end', () => {
    expect(prefixRange('')).toEqual({ from: '', to: null });
    expect(prefixRange('a\ud7ff').to).toBe('a\ue000');
    expect(prefixRange('a\u{10ffff}').to).toBe('b');
    expect(prefixRange('\u{10ffff}').to).toBe(null);
    fc.assert(
      fc.property(anyKey, anyKey, (prefix, other) => {
        expect(isInRange(other, prefixRange(prefix))).toBe(other.startsWith(prefix));
      }),
    );
  });
});

it('tells the depth of a key, and its beginning', () => {
  expect([depthOf('a'), depthOf('a.b'), depthOf('a.b.c')]).toEqual([1, 2, 3]);
  expect([1, 2, 3, 4].map((depth) => superKey('a.b.c', depth))).toEqual(['a', 'a.b', 'a.b.c', null]);
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 1, max: 6 }), (key, depth) => {
      const segments = key.split('.');
      expect(superKey(key, depth)).toBe(segments.length < depth ? null : segments.slice(0, depth).join('.'));
      expect(depthOf(key)).toBe(segments.length);
    }),
  );
});
