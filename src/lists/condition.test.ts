import { describe, expect, it } from 'vitest';
import { type Condition, parseWhere } from './condition.ts';

function read(where: string): (readonly [string, string, string])[] {
  return parseWhere(where).map(({ field, operator, negated, operand }: Condition) => [
    field,
    `${negated ? '!' : ''}${operator}`,
    operand,
  ]);
}

describe('where', () => {
  it('is conditions separated by |', () => {
    expect(read('pkey:NUMGE:0|title:STRINC:keyword')).toEqual([
      ['pkey', 'NUMGE', '0'],
      ['title', 'STRINC', 'keyword'],
    ]);
  });

  it('may be empty', () => expect(read('')).toEqual([]));

  it('lets a value be empty, and hold colons', () => {
    expect(read('idtype:STREQ:')).toEqual([['idtype', 'STREQ', '']]);
    expect(read('url:STRBW:http://x:80/')).toEqual([['url', 'STRBW', 'http://x:80/']]);
    expect(read('a:STREQ:|b:STREQ::')).toEqual([
      ['a', 'STREQ', ''],
      ['b', 'STREQ', ':'],
    ]);
  });

  it('negates with ! or ~', () => {
    expect(read('a:!STREQ:x|b:~NUMGT:5')).toEqual([
      ['a', '!STREQ', 'x'],
      ['b', '!NUMGT', '5'],
    ]);
  });

  it('takes \\|, \\: and \\\\ for the characters, and any other backslash for itself', () => {
    expect(read('a:STREQ:x\\|y')).toEqual([['a', 'STREQ', 'x|y']]);
    expect(read('a:STREQ:x\\:y')).toEqual([['a', 'STREQ', 'x:y']]);
    expect(read('a:STREQ:x\\\\|b:STREQ:y')).toEqual([
      ['a', 'STREQ', 'x\\'],
      ['b', 'STREQ', 'y'],
    ]);
    expect(read('a:STRRX:\\d+\\.')).toEqual([['a', 'STRRX', '\\d+\\.']]);
    expect(read('a\\:b\\|c:STREQ:x')).toEqual([['a:b|c', 'STREQ', 'x']]);
    expect(read('a:STREQ:\\')).toEqual([['a', 'STREQ', '\\']]);
  });

  it.each([
    ['a', /'a': a condition is field:OPERATOR:value/],
    ['a:STREQ', /'a:STREQ': a condition is field:OPERATOR:value/],
    [':STREQ:x', /':STREQ:x': the field is missing/],
    ['a:NUMXX:5', /'a:NUMXX:5': unknown operator 'NUMXX'; there are STREQ, /],
    ['a:streq:5', /unknown operator 'streq'/],
    ['a:!!STREQ:5', /unknown operator '!STREQ'/],
    ['a:constructor:5', /unknown operator 'constructor'/],
    ['a:STREQ:x|', /'': a condition is field:OPERATOR:value/],
    ['|a:STREQ:x', /a condition is field:OPERATOR:value/],
    ['a:STREQ:x||b:STREQ:y', /a condition is field:OPERATOR:value/],
    [Array(101).fill('a:STREQ:x').join('|'), /more than 100 conditions/],
  ])('refuses %.40s, naming it', (where, message) => {
    expect(() => parseWhere(where)).toThrow(message);
  });

  it('reads a megabyte at once', () => {
    const where = `a:STREQ:${'x\\|'.repeat(300_000)}`;
    expect(read(where)[0]?.[2]).toHaveLength(600_000);
  });
});
