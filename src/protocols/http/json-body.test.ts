import { describe, expect, it } from 'vitest';
import { parseJson, readJsonObject } from './json-body.ts';

describe('JSON from outside', () => {
  it.each([
    '{"a":[1,-2.5,1e300,null,true,"x"]}',
    '9007199254740991',
    '[-9007199254740991,0.12345678901234567890,1.234567890123456789e+30,12345678901234567890e0]',
    '{"12345678901234567890":"98765432109876543210"}',
    '["\\"12345678901234567890","\\\\",1]',
    '["a\\\\\\"12345678901234567890"]',
    '""',
  ])('is what JSON.parse makes of it: %s', (text) => {
    expect(parseJson(text, 'it')).toEqual(JSON.parse(text));
  });

  it.each([
    ['[9007199254740992]', '9007199254740992'],
    ['{"a":"\\\\","b":-12345678901234567890}', '-12345678901234567890'],
    ['["\\"",12345678901234567890]', '12345678901234567890'],
    ['9223372036854775807', '9223372036854775807'],
  ])('%s is not rounded, but refused', (text, number) => {
    expect(() => parseJson(text, 'it')).toThrow(`it: ${number} is a whole number beyond 2^53; write {"$bigint"`);
  });

  it.each(['', '{', '{"a":}', '[1,]', "{'a':1}", '{"a":01}', 'NaN'])('%j is none', (text) => {
    expect(() => parseJson(text, 'it')).toThrow(
      expect.objectContaining({ code: 'HTTP_BAD_JSON', message: expect.stringContaining('it is no JSON: ') }),
    );
  });

  it.each(['1', 'null', '[]', '"a"'])('of a body is an object, not %s', (text) => {
    expect(() => readJsonObject(Buffer.from(text))).toThrow('the body is not a JSON object');
    expect(() => readJsonObject(Buffer.of(0xff))).toThrow('bytes that are no UTF-8');
  });
});
