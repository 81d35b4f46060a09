import { describe, expect, it } from 'vitest';
import { parseObjects } from './objects.ts';

function read(body: string, formEncoded = false): Record<string, string | null>[] {
  return parseObjects({ body, formEncoded }).objects.map((object) => Object.fromEntries(object));
}

describe('the body of an insert', () => {
  it('keeps values as text, as sent', () => {
    expect(read('{"a":3,"b":3.50,"c":1e3,"d":-0,"e":123456789012345678901234567890,"f":"3"}')).toEqual([
      { a: '3', b: '3.50', c: '1e3', d: '-0', e: '123456789012345678901234567890', f: '3' },
    ]);
    expect(read('{"t":true,"f":false,"n":null,"o":{"x" : [1, 2]},"l":[]}')).toEqual([
      { t: 'true', f: 'false', n: null, o: '{"x" : [1, 2]}', l: '[]' },
    ]);
  });

  it('may be one object or an array of them', () => {
    expect(parseObjects({ body: ' [ {"a":1} , {} ] ', formEncoded: false })).toEqual({
      objects: [new Map([['a', '1']]), new Map()],
      many: true,
    });
    expect(parseObjects({ body: '{}', formEncoded: true }).many).toBe(false);
    expect(read('[]')).toEqual([]);
  });

  it('may be URL-encoded, whatever its content type says', () => {
    const encoded = encodeURIComponent('{"a":"七~夜 + 100%"}');
    expect(read(encoded, true)).toEqual([{ a: '七~夜 + 100%' }]);
    expect(read(encoded, false)).toEqual([{ a: '七~夜 + 100%' }]);
    expect(read('%7B%22a%22%3A%22x+y%22%7D', true)).toEqual([{ a: 'x y' }]);
    expect(read('+%7B%22a%22%3A1%7D', true)).toEqual([{ a: '1' }]);
  });

  it('is left alone where it is raw: curl -d calls everything a form', () => {
    expect(read('{"a":"1+1=2 & 100%"}', true)).toEqual([{ a: '1+1=2 & 100%' }]);
  });

  it.each([
    ['', /body is missing/],
    [' \n', /body is missing/],
    ['{"a":}', /body: broken JSON: unexpected "}" at position 5/],
    ['{"a":1', /body: broken JSON: unexpected end/],
    ['{"a":1} x', /body: broken JSON: unexpected "x" at position 8/],
    ['"text"', /body: neither a JSON object nor an array of objects/],
    ['[1]', /body: element 0 is not an object/],
    ['[{"a":1},[]]', /body: element 1 is not an object/],
    ['{"a":1,"a":2}', /body: 'a' is given twice in one object/],
    ['{"a":01}', /broken JSON/],
    ['%7B%zz', /body: wrong percent-encoding/],
    ['a=b', /body: broken JSON: unexpected "a" at position 0/],
  ])('is refused: %j', (body, message) => {
    expect(() => read(body)).toThrow(message);
  });
});
