import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../util/random.ts';
import { foldCharacters, gramsOfPart, gramsOfValue } from './grams.ts';
import { normalise } from './operators/normalise.ts';

describe('the terms of a value', () => {
  it.each([
    ['Hello', 'hel ell llo'],
    ['He', ''],
    ['a b-c', 'ab- b-c'],
    ['江湖', '江 江湖 湖'],
    ['a江b', '江 a江 江b'],
    ['逍遥江湖', '逍 遥 逍遥 江 遥江 湖 江湖'],
    ['Café', 'caf afe'],
    ['ＡＢＣ', 'abc'],
    ['a😀', '😀 a😀'],
    ['', ''],
  ])('%j: %s', (value, terms) => {
    expect([...gramsOfValue(value)].sort()).toEqual(terms.split(' ').filter(Boolean).sort());
  });

  it('have no separators in them', () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code)).join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the tokenizer's separators.
    for (const term of gramsOfValue(all)) expect(term).toMatch(/^[^\u0000-\u0020\u007f]+$/);
  });
});

describe('the terms of a part', () => {
  it.each([
    ['hell', 'hel ell'],
    ['hello', 'hel llo'],
    ['hello!', 'hel llo lo!'],
    ['hello江湖world', 'hel llo o江 江湖 湖w wor rld'],
    ['he', ''],
    ['湖', '湖'],
    ['江湖', '江湖'],
    ['江 湖', '江湖'],
    ['a湖', 'a湖'],
    [' ', ''],
  ])('%j: %s', (part, terms) => {
    expect(gramsOfPart(part).sort()).toEqual(terms.split(' ').filter(Boolean).sort());
  });

  it('are few, however long it is', () => {
    const long = Array.from({ length: 5000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    expect(gramsOfPart(long)).toHaveLength(12);
    const terms = gramsOfValue(long);
    for (const term of gramsOfPart(long)) expect(terms.has(term)).toBe(true);
  });
});

/** Characters on which folding could go wrong: marks that combine, cases with several forms, halves and composites of scripts, white space. */
const TRICKY = [
  ...'aAéÉe\u0301\u0301\u0327İıIiſßẞΣσςΩΩÅK',
  ...'각가\u1100\u1161\u11a8ㄱ',
  ...'ｶﾞガカ\u3099ﾟハパ',
  ...'ＡａＢ１１，。、 \u3000\t\n\u00a0\u200b\u0000\u007f',
  ...'江湖中文\u{20000}😀👍\u{1f3fd}',
  ...'\u0928\u093f\u0947\u0627\u0650-\u2010\u2212\u2019\u2033\'"',
];

describe('what is in a value is found by its terms', () => {
  function isFound(part: string, value: string): boolean {
    const terms = gramsOfValue(value);
    return gramsOfPart(part).every((term) => terms.has(term));
  }

  it('as it is, and normalised', () => {
    const random = new SeededRandom(7);
    let parts = 0;
    for (let i = 0; i < 20_000; i++) {
      const characters = Array.from({ length: random.below(10) + 1 }, () => random.pick(TRICKY));
      const value = characters.join('');
      const from = random.below(characters.length);
      const part = characters.slice(from, from + 1 + random.below(4)).join('');
      expect(isFound(part, value), JSON.stringify([part, value])).toBe(true);
      const points = Array.from(normalise(value));
      const start = random.below(points.length + 1);
      const normalised = points.slice(start, start + 1 + random.below(4)).join('');
      expect(isFound(normalised, value), JSON.stringify([normalised, value])).toBe(true);
      if (gramsOfPart(part).length > 0) parts++;
    }
    expect(parts).toBeGreaterThan(5000);
  });

  it('for every character', () => {
    for (let code = 1; code < 0x20000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      // The ASCII way and the other one are the same.
      expect(foldCharacters(`${character}é`), code.toString(16)).toBe(`${foldCharacters(character)}e`);
    }
  });
});
