import { describe, expect, it } from 'vitest';
import { JsonScanner, JsonSyntaxError } from './json-scanner.ts';
import { jsonString } from './json-text.ts';
import { JsonNumber, type JsonValue, readJsonValue } from './json-value.ts';
import { SeededRandom } from './random.ts';

function read(text: string): unknown {
  const scanner = new JsonScanner(text);
  const value = readJsonValue(scanner);
  scanner.end();
  return plain(value);
}

/** As JSON.parse would have it. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([name, member]) => [name, plain(member)]));
  return value;
}

describe('JsonScanner', () => {
  it.each([
    '{}',
    '[]',
    '[[],{}]',
    ' { "a" : [ 1 , -2.5e+3 , 0.1E-2 , true , false , null ] }\n',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"',
    '"\\\\"',
    '"\\\\\\""',
    '{"":"","__proto__x":1}',
    '-0',
    '"é江😀\u2028"',
  ])('reads %s as JSON.parse does', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '[1 2]',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '0x10',
    '-',
    '1.5.5',
    'NaN',
    'nul',
    'nullx ',
    '"abc',
    '"\\"',
    '"\\x"',
    '"\\u12g4"',
    '"a\nb"',
    '"\u0000"',
    '1 2',
    '[1]]',
    '{"a"}',
    '{"a":1 "b":2}',
  ])('refuses %j as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(() => read(text)).toThrow(JsonSyntaxError);
  });

  it('keeps the text of numbers and of what is not looked into', () => {
    const scanner = new JsonScanner('[3.50, {"a" : [1,  2]}, 9007199254740993]');
    const texts: string[] = [];
    scanner.readArray(() => texts.push(scanner.readRaw()));
    expect(texts).toEqual(['3.50', '{"a" : [1,  2]}', '9007199254740993']);
  });

  it('replaces lone surrogates, which UTF-8 cannot hold', () => {
    expect(read('"a\\ud800b\\udc00"')).toBe('a\ufffdb\ufffd');
  });

  it('refuses what is nested too deeply, without overflowing', () => {
    expect(() => read('['.repeat(100_000))).toThrow(/more than 256 levels/);
    const scanner = new JsonScanner('['.repeat(100_000));
    expect(() => scanner.readRaw()).toThrow(/more than 256 levels/);
  });

  it('agrees with JSON.parse on random damage', () => {
    const random = new SeededRandom(7);
    const sample = '{"a":[1,-2.5e3,"x\\"y\\u0041",{"b":null,"c":[true,false]}],"d":"é","e":{}}';
    const alphabet = '{}[]",:\\ 0123456789.eE+-truefalsnu\n';
    for (let i = 0; i < 20_000; i++) {
      const at = random.below(sample.length);
      const text = sample.slice(0, at) + alphabet[random.below(alphabet.length)] + sample.slice(at + random.below(3));
      expect(
        outcome(() => read(text)),
        text,
      ).toEqual(outcome(() => JSON.parse(text)));
    }
  });
});

function outcome(work: () => unknown): unknown {
  try {
    return { value: work() };
  } catch {
    return 'refused';
  }
}

describe('jsonString', () => {
  it('is what JSON.stringify writes', () => {
    for (const text of [
      '',
      'abc',
      'a"b',
      'a\\b',
      'a\nb',
      '\u0000',
      '\u007f',
      'é江😀',
      '\u2028',
      '\ud800',
      '<a href="x">',
    ]) {
      expect(jsonString(text)).toBe(JSON.stringify(text));
    }
  });
});
