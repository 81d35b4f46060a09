/** A pattern as SQL over the column `path`, exact: a range of the primary key, and a test of each key where the range is not enough. */
import type { StoreValue } from '../stores/values.ts';
import type { KeyRange } from './paths.ts';
import type { KeyPattern } from './patterns.ts';

/** SQL whose parameters are its `?` in their order. */
export interface SqlPart {
  readonly sql: string;
  readonly params: readonly StoreValue[];
}

/** `range`: the pattern's own, or what a cursor has left of it. */
export function patternSql(pattern: KeyPattern, range: KeyRange = pattern.range): SqlPart {
  if (pattern.key !== null && range === pattern.range) return { sql: 'path = ?', params: [pattern.key] };
  const parts: SqlPart[] = [];
  if (range.from !== '') parts.push({ sql: 'path >= ?', params: [range.from] });
  if (range.to !== null) parts.push({ sql: 'path < ?', params: [range.to] });
  if (!pattern.isRange) parts.push(...testsOf(pattern));
  if (parts.length === 0) return { sql: '1', params: [] };
  return { sql: parts.map(({ sql }) => sql).join(' AND '), params: parts.flatMap(({ params }) => params) };
}

function testsOf(pattern: KeyPattern): SqlPart[] {
  const { segments, isOpen, text } = pattern;
  const globs = [...segments, ...(isOpen ? ['*'] : [])].map((segment) => segment.split('*').map(escapeGlob).join('?*'));
  const glob: SqlPart = { sql: 'path GLOB ?', params: [globs.join('.')] };
  // GLOB's `*` crosses dots. Where the key has just as many dots as the pattern, the pattern's have taken them all.
  if (!isOpen)
    return [glob, { sql: `length(path) - length(replace(path, '.', '')) = ?`, params: [segments.length - 1] }];
  if (segments.every((segment) => segment === '*'))
    return [{ sql: `length(path) - length(replace(path, '.', '')) >= ?`, params: [segments.length] }];
  return [glob, { sql: 'sluice_key_matches(path, ?)', params: [text] }];
}

function escapeGlob(literal: string): string {
  return literal.replace(/[[?]/g, '[$&]');
}
