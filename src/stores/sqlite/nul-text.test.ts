import { describe, expect, it } from 'vitest';
import { castNulText, holdsNul } from './nul-text.ts';

const NUL = 'a\0b';
const BYTES = new Uint8Array([0x61, 0, 0x62]);

describe('text with a NUL', () => {
  it('is noticed in text only', () => {
    expect(holdsNul(['ab', 1, null, BYTES])).toBe(false);
    expect(holdsNul(['ab', NUL])).toBe(true);
  });

  it.each([
    ['SELECT ?', [NUL], 'SELECT CAST(?1 AS TEXT)'],
    ['SELECT ?, ?', [1, NUL], 'SELECT ?1, CAST(?2 AS TEXT)'],
    ['SELECT ?2, ?1, ?2', [1, NUL], 'SELECT CAST(?2 AS TEXT), ?1, CAST(?2 AS TEXT)'],
    ['SELECT ?2, ?', [1, 2, NUL], 'SELECT ?2, CAST(?3 AS TEXT)'],
    [
      `SELECT '?', "?""?", [?], \`?\`, /* ? */ ? -- ?`,
      [NUL],
      `SELECT '?', "?""?", [?], \`?\`, /* ? */ CAST(?1 AS TEXT) -- ?`,
    ],
    [`SELECT 'it''s ?', ?`, [NUL], `SELECT 'it''s ?', CAST(?1 AS TEXT)`],
  ])('%s', (sql, params, expected) => {
    const cast = castNulText(sql, params);
    expect(cast.sql).toBe(expected);
    expect(cast.params).toEqual(params.map((value) => (value === NUL ? BYTES : value)));
  });
});
