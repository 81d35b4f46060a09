import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGlob } from './glob.ts';

describe("Redis' pattern", () => {
  it.each([
    ['*', ['', 'a', 'user.1'], []],
    ['user.*', ['user.', 'user.1', 'user.1.name'], ['user', 'users']],
    ['h?llo', ['hello', 'hallo', 'h😀llo'], ['hllo', 'heello']],
    ['h*llo', ['hllo', 'heeeello', 'h.l.llo'], ['hll']],
    ['h[ae]llo', ['hello', 'hallo'], ['hillo']],
    ['h[^e]llo', ['hallo', 'hbllo'], ['hello']],
    ['h[a-b]llo', ['hallo', 'hbllo'], ['hcllo', 'h-llo']],
    ['h[b-a]llo', ['hallo', 'hbllo'], ['hcllo']],
    ['h\\?llo', ['h?llo'], ['hello']],
    ['[\\]a]', [']', 'a'], ['\\']],
    ['a\\', ['a\\'], ['a']],
    ['[a', ['a'], ['[a', 'b']],
    ['[^]', ['a'], ['']],
    ['[]', [], ['', 'a']],
    ['', [''], ['a']],
    ['**a**', ['a', 'bab'], ['b']],
    ['*a*b', ['ab', 'xaxb', 'abab'], ['aba']],
  ])('%s', (pattern, are, areNot) => {
    const { matches } = parseGlob(pattern);
    expect(are.filter((text) => !matches(text))).toEqual([]);
    expect(areNot.filter((text) => matches(text))).toEqual([]);
  });

  it('says how all that it matches begins', () => {
    const facts = ({ prefix, isPrefix, text }: ReturnType<typeof parseGlob>) => [prefix, isPrefix, text];
    expect(facts(parseGlob('user.*'))).toEqual(['user.', true, null]);
    expect(facts(parseGlob('user.*.a'))).toEqual(['user.', false, null]);
    expect(facts(parseGlob('us\\*r?'))).toEqual(['us*r', false, null]);
    expect(facts(parseGlob('user'))).toEqual(['user', false, 'user']);
    expect(facts(parseGlob('*'))).toEqual(['', true, null]);
  });

  it('matches what a regular expression of the same meaning does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '-', '😀'), maxLength: 8 });
    const part = fc.oneof(
      fc.constantFrom(['*', '.*'], ['?', '.'], ['a', 'a'], ['b', 'b'], ['.', '\\.'], ['😀', '😀'], ['\\*', '\\*']),
      fc.constantFrom(['[ab]', '[ab]'], ['[^a]', '[^a]'], ['[a-b]', '[a-b]'], ['[\\-.]', '[\\-.]']),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), text, (parts, candidate) => {
        const glob = parseGlob(parts.map(([glob]) => glob).join(''));
        const expression = new RegExp(`^${parts.map(([, source]) => source).join('')}$`, 'su');
        expect(glob.matches(candidate)).toBe(expression.test(candidate));
        if (glob.matches(candidate)) expect(candidate.startsWith(glob.prefix)).toBe(true);
        if (glob.isPrefix) expect(glob.matches(candidate)).toBe(candidate.startsWith(glob.prefix));
      }),
      { numRuns: 5000 },
    );
  });

  it('does not take for ever over many stars', () => {
    expect(parseGlob('*a'.repeat(120)).matches(`${'a'.repeat(119)}b`.repeat(2))).toBe(false);
  });
});
