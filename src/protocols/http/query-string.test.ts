import { describe, expect, it } from 'vitest';
import { parseForm, parseQuery } from './query-string.ts';

/** A URL as Node gives it: its bytes as latin1. */
function asNode(url: string): string {
  return Buffer.from(url, 'utf8').toString('latin1');
}

describe('parseQuery', () => {
  it.each([
    ['/', []],
    ['/?', []],
    ['/?a', [['a', '']]],
    ['/?a=', [['a', '']]],
    ['/?=b', [['', 'b']]],
    [
      '/?a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      '/?&a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      '/?a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['/?a=b=c', [['a', 'b=c']]],
    ['/?a=b?c', [['a', 'b?c']]],
    ['/?a=x#fragment', [['a', 'x']]],
    ['/?a=x+y%20z', [['a', 'x y z']]],
    ['/?a=%2B', [['a', '+']]],
    ['/?a=100%', [['a', '100%']]],
    ['/?a=%zz%4', [['a', '%zz%4']]],
    ['/?%61=b', [['a', 'b']]],
    ['/?a+b=c', [['a b', 'c']]],
    ['/?a=%E6%B1%9F%e6%b9%96', [['a', '江湖']]],
    ['/?a=江湖', [['a', '江湖']]],
    ['/?a=%EF%BF%BD', [['a', '\ufffd']]],
    ['/?a=%00', [['a', '\u0000']]],
    [
      '/?command=select&type=*&where=pkey:NUMGE:0|title:STRINC:keyword&limit_max=10',
      [
        ['command', 'select'],
        ['type', '*'],
        ['where', 'pkey:NUMGE:0|title:STRINC:keyword'],
        ['limit_max', '10'],
      ],
    ],
  ])('reads %s', (url, expected) => {
    expect(parseQuery(asNode(url))).toEqual(expected);
  });

  it.each([
    ['/?a=1&where=%ff', /^where: bytes that are no UTF-8/],
    ['/?where=%ed%a0%80', /^where: /],
    ['/?where=x%e6%b1', /^where: /],
    ['/?a%ff=1', /^a parameter's name: /],
  ])('refuses %s', (url, message) => {
    expect(() => parseQuery(asNode(url))).toThrow(message);
  });

  it('agrees with URLSearchParams', () => {
    const values = ['a b', 'é&=', '%', '+', '江湖|:', '~', "'", '"\\'];
    const search = new URLSearchParams(values.map((value, i): [string, string] => [`n${i}`, value]));
    expect(parseQuery(`/?${search}`)).toEqual([...search]);
    expect(parseForm(search.toString())).toEqual([...search]);
  });
});
