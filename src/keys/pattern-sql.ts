/** A pattern as SQL over the column `path`, exact: a range of the primary key, and a test of each key where the range is not enough. */
import type { StoreValue } from '../stores/values.ts';
import type { KeyRange } from './paths.ts';
import type { KeyPattern } from './patterns.ts';

/** SQL whose parameters are its `?` in their order. */
export interface SqlPart {
  readonly sql: string;
  readonly params: readonly StoreValue[];
}

/** The whole pattern. */
export function patternSql(pattern: KeyPattern): SqlPart {
  return allOf([rangeSql(pattern, pattern.range), ...keyTests(pattern)]);
}

/** `range`: the pattern's own, or what a cursor has left of it. */
export function rangeSql(pattern: Pick<KeyPattern, 'key' | 'range'>, range: KeyRange): SqlPart {
  if (pattern.key !== null && range === pattern.range) return { sql: 'path = ?', params: [pattern.key] };
  const bounds: SqlPart[] = [];
  if (range.from !== '') bounds.push({ sql: 'path >= ?', params: [range.from] });
  if (range.to !== null) bounds.push({ sql: 'path < ?', params: [range.to] });
  return allOf(bounds);
}

/** What is left to test of a key in the range. */
export function keyTests(pattern: KeyPattern): SqlPart[] {
  const { segments, isOpen, isRange, text } = pattern;
  if (isRange) return [];
  const globs = [...segments, ...(isOpen ? ['*'] : [])].map((segment) => segment.split('*').map(escapeGlob).join('?*'));
  const glob: SqlPart = { sql: 'path GLOB ?', params: [globs.join('.')] };
  // GLOB's `*` crosses dots. Where the key has no more dots than the pattern, the pattern's have taken them all.
  if (!isOpen) return [glob, { sql: 'path NOT GLOB ?', params: [atLeastDots(segments.length)] }];
  if (segments.every((segment) => segment === '*'))
    return [{ sql: 'path GLOB ?', params: [atLeastDots(segments.length)] }];
  return [glob, { sql: 'sluice_key_matches(path, ?)', params: [text] }];
}

export function allOf(parts: readonly SqlPart[]): SqlPart {
  if (parts.length === 0) return { sql: '1', params: [] };
  return { sql: parts.map(({ sql }) => `(${sql})`).join(' AND '), params: parts.flatMap(({ params }) => params) };
}

function atLeastDots(dots: number): string {
  return `*${'.*'.repeat(dots)}`;
}

function escapeGlob(literal: string): string {
  return literal.replace(/[[?]/g, '[$&]');
}
