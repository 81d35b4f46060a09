/**
 * Keys: paths of segments joined by `.`. Everything here is about their text; what is stored under them is in values.ts.
 *
 * The order of keys is that of their UTF-8 bytes, here and in the store. A node's descendants stand together in it: they are the keys from
 * `user.` up to (not including) `user/`, because `/` follows `.`. The node itself stands before them, not always directly: `user!` lies between.
 */
import { compareValues } from '../changes/compare.ts';
import { failure, type SluiceError } from '../errors.ts';
import { MAX_KEY_BYTES } from '../limits.ts';
import { utf8Length } from '../util/bytes.ts';

const SEGMENT_FAULT = /[\p{Cc}*]/u;
/** With the flag `u` a surrogate matches only where it is half of a pair. */
const HALF_CHARACTER = /\p{Cs}/u;
const SURROGATES_START = 0xd800;
const LAST_CODE_POINT = 0x10ffff;

/** Keys from `from` on and before `to`; null: to the end. */
export interface KeyRange {
  readonly from: string;
  readonly to: string | null;
}

/** Throws SLUICE_BAD_KEY, which says what is wrong. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') throw badKey(String(key), `a key is a string, not ${typeof key}`);
  const fault = keyFault(key);
  if (fault !== null) throw badKey(key, fault);
}

/** What is wrong with a key or with a pattern's literal text; null: nothing. `*` is left to the caller when `mayHaveStars`. */
export function keyFault(key: string, mayHaveStars = false): string | null {
  if (key === '') return 'empty';
  if (isTooLong(key)) return `longer than ${MAX_KEY_BYTES} bytes`;
  if (!isWellFormed(key)) return 'holds half of a surrogate pair, which UTF-8 cannot hold';
  if (key.startsWith('.') || key.endsWith('.') || key.includes('..')) return 'a segment is empty';
  const found = SEGMENT_FAULT.exec(mayHaveStars ? key.replaceAll('*', '') : key);
  if (found === null) return null;
  return found[0] === '*' ? "'*' belongs to patterns" : 'a segment holds a control character';
}

/** Whether UTF-8 can hold the text. */
export function isWellFormed(text: string): boolean {
  return !HALF_CHARACTER.test(text);
}

/** The first text after `key`, as far as keys go: none holds a control character. (Not NUL, which the store binds slowly.) */
export function afterKey(key: string): string {
  return `${key}\u0001`;
}

/** The range of one key. */
export function onlyKey(key: string): KeyRange {
  return { from: key, to: afterKey(key) };
}

function isTooLong(key: string): boolean {
  // A UTF-16 unit is at most three bytes.
  if (key.length * 3 <= MAX_KEY_BYTES) return false;
  return key.length > MAX_KEY_BYTES || utf8Length(key) > MAX_KEY_BYTES;
}

export function badKey(key: string, fault: string): SluiceError {
  return failure('SLUICE_BAD_KEY', key.slice(0, MAX_KEY_BYTES), fault);
}

/** The number of segments. */
export function depthOf(key: string): number {
  let depth = 1;
  for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) depth++;
  return depth;
}

/** The key's first `depth` segments; null when it has fewer. A key of just so many is its own. */
export function superKey(key: string, depth: number): string | null {
  let end = -1;
  for (let segment = 0; segment < depth; segment++) {
    if (segment > 0 && end < 0) return null;
    end = key.indexOf('.', end + 1);
  }
  return end < 0 ? key : key.slice(0, end);
}

/** The order of UTF-8 bytes, which is that of code points; that of UTF-16 units differs beyond U+D7FF. */
export function compareKeys(a: string, b: string): number {
  return compareValues(a, b, 'binary');
}

/** All texts that begin with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return { from: prefix, to: null };
  // What follows U+D7FF is U+E000: surrogates are no characters.
  const next = last + 1 === SURROGATES_START ? 0xe000 : last + 1;
  return { from: prefix, to: String.fromCodePoint(...points, next) };
}

export function isInRange(key: string, { from, to }: KeyRange): boolean {
  return compareKeys(key, from) >= 0 && (to === null || compareKeys(key, to) < 0);
}
