import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvParser } from './csv.ts';

/** All rows of a text that arrives in pieces. */
function rows(...pieces: string[]): unknown {
  const parser = new CsvParser();
  const pushed = pieces.flatMap((piece) => [...parser.push(piece)]);
  const last = parser.end();
  return last === 'unterminated' ? last : [...pushed, ...last].map((row) => row.fields);
}

describe('CSV', () => {
  it.each<[string, unknown]>([
    ['', []],
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a,,""\n', [['a', null, '']]],
    ['\\N,"\\N"\n', [[null, '\\N']]],
    ['"a,b","c\nd","e""f"\n', [['a,b', 'c\nd', 'e"f']]],
    ['"a"\r\n"b"\r\n', [['a'], ['b']]],
    ['\n\na\n\n', [['a']]],
    ['a "quoted" word\n', [['a "quoted" word']]],
    [',\n', [[null, null]]],
    ['"never closed\n', 'unterminated'],
  ])('%j', (text, expected) => {
    expect(rows(text)).toEqual(expected);
    expect(rows(...text)).toEqual(expected);
  });

  it('gives back what was quoted, however it is cut', () => {
    const field = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\n', '\r\n', '\\N', '""', 'é😀'));
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.nat(), (fields, cut) => {
        const text = fields.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\n');
        const at = cut % (text.length + 1);
        expect(rows(text.slice(0, at), text.slice(at))).toEqual(fields);
      }),
      { seed: 1 },
    );
  });

  it('knows the line where a row begins', () => {
    const parser = new CsvParser();
    expect([...parser.push('a\n"b\nc"\n\nd\n')].map((row) => row.line)).toEqual([1, 2, 5]);
  });
});
