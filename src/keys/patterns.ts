/**
 * Patterns of keys. `*` alone: every key. Trailing `.*`: all descendants, any depth, not the node itself. `*` as another segment: exactly one segment.
 * Inside a segment one `*` stands for one or more characters. A pattern without `*` is one key. Anything else is SLUICE_BAD_PATTERN.
 *
 * A pattern becomes a range of keys (all that begin with its literal text) and, where that is not all it says, a test of each key in the range: here
 * as a function, in pattern-sql.ts as SQL.
 */
import { failure } from '../errors.ts';
import { afterKey, compareKeys, isInRange, type KeyRange, keyFault, prefixRange } from './paths.ts';

export interface KeyPattern {
  readonly text: string;
  /** Segments as written, without a trailing `*` that stands for descendants. */
  readonly segments: readonly string[];
  /** The pattern ends in `.*`, or is `*`: any number of segments follow, one at least. */
  readonly isOpen: boolean;
  /** No key outside of it matches. */
  readonly range: KeyRange;
  /** Every key of the range matches. */
  readonly isRange: boolean;
  /** The pattern is this very key. */
  readonly key: string | null;
  matches(key: string): boolean;
}

/** Throws SLUICE_BAD_PATTERN. */
export function parsePattern(text: string): KeyPattern {
  const fault = patternFault(text);
  if (fault !== null) throw failure('SLUICE_BAD_PATTERN', String(text).slice(0, 300), fault);
  const all = text.split('.');
  const isOpen = all.at(-1) === '*';
  const segments = isOpen ? all.slice(0, -1) : all;
  const star = text.indexOf('*');
  if (star < 0) {
    const range = { from: text, to: afterKey(text) };
    return { text, segments, isOpen, range, isRange: true, key: text, matches: (key) => key === text };
  }
  const range = prefixRange(text.slice(0, star));
  const isRange = isOpen && star === text.length - 1;
  const test = isRange ? null : expressionOf(segments, isOpen);
  const matches = (key: string): boolean => (test === null ? isInRange(key, range) : test.test(key));
  return { text, segments, isOpen, range, isRange, key: null, matches };
}

function patternFault(text: unknown): string | null {
  if (typeof text !== 'string') return `a pattern is a string, not ${typeof text}`;
  const fault = keyFault(text, true);
  if (fault !== null) return fault;
  const tooMany = text.split('.').some((segment) => segment.indexOf('*') !== segment.lastIndexOf('*'));
  return tooMany ? "a segment has more than one '*'" : null;
}

function expressionOf(segments: readonly string[], isOpen: boolean): RegExp {
  const parts = segments.map((segment) => segment.split('*').map(escapeExpression).join('[^.]+'));
  return new RegExp(`^${[...parts, ...(isOpen ? ['.+'] : [])].join('\\.')}$`, 'su');
}

function escapeExpression(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** The part of `range` that lies before or after `key` (which is left out), for a cursor. */
export function cutRange(range: KeyRange, key: string, reverse: boolean): KeyRange {
  if (reverse) return range.to !== null && compareKeys(range.to, key) <= 0 ? range : { from: range.from, to: key };
  const next = afterKey(key);
  return compareKeys(range.from, next) >= 0 ? range : { from: next, to: range.to };
}
