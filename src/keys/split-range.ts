/**
 * Cuts a range of keys into parts, so that several readers can share it. Where to cut is guessed from the first and the last key of each part: halfway between
 * their texts. Parts of different size do no harm: whoever is done takes the next one.
 */
import type { KeyRange } from './paths.ts';

/** The first and the last key that a range has; null: it has none. */
export type Ends = (range: KeyRange) => { readonly first: string; readonly last: string } | null;

/** At most `parts` ranges, in the order of their keys, which are `range` without a gap: also where the keys have changed by the time that the parts are read. */
export function splitRange(range: KeyRange, parts: number, endsOf: Ends): KeyRange[] {
  const ends = endsOf(range);
  if (parts <= 1 || ends === null || ends.first === ends.last) return [range];
  const middle = between(ends.first, ends.last);
  const half = Math.floor(parts / 2);
  return [
    ...splitRange({ from: range.from, to: middle }, parts - half, endsOf),
    ...splitRange({ from: middle, to: range.to }, half, endsOf),
  ];
}

/** A text after `first`, and not after `last`. */
function between(first: string, last: string): string {
  const low = Array.from(first, (character) => character.codePointAt(0)!);
  const high = Array.from(last, (character) => character.codePointAt(0)!);
  let at = 0;
  while (low[at] === high[at]) at++;
  const from = low[at] ?? 0;
  const to = high[at]!;
  const middle = Math.ceil((from + to) / 2);
  // Half characters are none; between the characters before and after them there is nothing to choose.
  const chosen = middle >= 0xd800 && middle <= 0xdfff ? to : middle;
  return String.fromCodePoint(...high.slice(0, at), chosen);
}
