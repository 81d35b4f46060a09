/**
 * The terms of QGRAM indexes: short sequences of characters, by which rows are found that may contain a text.
 *
 * Letters count in threes. Ideographs, kana, Hangul and emoji count alone and in twos, since most words of theirs have one or two characters: against
 * sequences of three throughout (FTS5's own trigrams), the index of a million Chinese titles is no larger, and a word of two characters is found in
 * a millisecond, where trigrams cannot find it at all.
 *
 * STRINC asks for bytes, the FTS operators for normalised text. One index serves both: characters are folded one by one, so what is within a text is
 * within the folded text too; and where folding the normalised text gives something else (marks that combine, half-width kana), its terms are added.
 */
import type { ScalarFunction } from '../stores/function.ts';
import { normalise } from './operators/normalise.ts';

/** From the CJK radicals on. */
const FIRST_WIDE = 0x2e80;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are white space to normalise().
const ASCII = /^[\u0000-\u007f]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are white space to normalise().
const ASCII_WHITE = /[\u0000-\u0020\u007f]+/g;

/** Every character, normalised as if it stood alone; white space is left out. */
export function foldCharacters(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase().replace(ASCII_WHITE, '');
  let folded = '';
  for (const character of text) folded += foldCharacter(character);
  return folded;
}

const FOLDED_MAX = 20_000;
const folded = new Map<string, string>();

function foldCharacter(character: string): string {
  let found = folded.get(character);
  if (found === undefined) {
    found = normalise(character).replaceAll(' ', '');
    if (folded.size >= FOLDED_MAX) folded.clear();
    folded.set(character, found);
  }
  return found;
}

/** All terms of a value, each once. */
export function gramsOfValue(value: string): Set<string> {
  const terms = new Set<string>();
  const plain = foldCharacters(value);
  addGrams(plain, terms);
  if (ASCII.test(value)) return terms;
  const normalised = foldCharacters(normalise(value));
  if (normalised !== plain) addGrams(normalised, terms);
  return terms;
}

function addGrams(text: string, terms: Set<string>): void {
  eachGram(text, (term) => terms.add(term));
}

function eachGram(text: string, take: (term: string, isSingle: boolean) => void): void {
  let before = '';
  let last = '';
  let isBeforeWide = false;
  let isLastWide = false;
  for (const character of text) {
    const isWide = (character.codePointAt(0) ?? 0) >= FIRST_WIDE;
    if (isWide) take(character, true);
    if (last !== '') {
      if (isWide || isLastWide) take(last + character, false);
      else if (before !== '' && !isBeforeWide) take(before + last + character, false);
    }
    before = last;
    isBeforeWide = isLastWide;
    last = character;
    isLastWide = isWide;
  }
}

/** More say little more, and each is looked up. */
const MAX_GRAMS_ASKED = 12;

/** Terms that every value has which contains `text`, as it is or normalised. Empty: there are none, as of one or two letters. */
export function gramsOfPart(text: string): string[] {
  const singles = new Set<string>();
  const sequences: string[] = [];
  eachGram(foldCharacters(text), (term, isSingle) => {
    if (isSingle) singles.add(term);
    else sequences.push(term);
  });
  // A sequence says more than the characters in it.
  const terms = sequences.length > 0 ? [...new Set(withoutOverlaps(sequences))] : [...singles];
  if (terms.length <= MAX_GRAMS_ASKED) return terms;
  const step = (terms.length - 1) / (MAX_GRAMS_ASKED - 1);
  return Array.from({ length: MAX_GRAMS_ASKED }, (_, i) => terms[Math.floor(i * step)]!);
}

/** Of letters in threes, every second: that names hardly more rows, in half of the time. Which two ideographs meet says much about a word. */
function withoutOverlaps(sequences: readonly string[]): string[] {
  let run = 0;
  return sequences.filter((term, i) => {
    run = isOfLetters(term) ? run + 1 : 0;
    const next = sequences[i + 1];
    return run % 2 === 1 || run === 0 || next === undefined || !isOfLetters(next);
  });
}

/** Three letters; ideographs come in pairs. */
function isOfLetters(term: string): boolean {
  return (term.codePointAt(0) ?? 0) < FIRST_WIDE && Array.from(term).length === 3;
}

/** `sluice_grams(text)`: the terms with blanks between them. No term has a blank. */
export const gramsFunction: ScalarFunction = {
  name: 'sluice_grams',
  deterministic: true,
  call(value) {
    if (typeof value === 'string') return [...gramsOfValue(value)].join(' ');
    return value instanceof Uint8Array ? [...gramsOfValue(Buffer.from(value).toString('utf8'))].join(' ') : null;
  },
};
