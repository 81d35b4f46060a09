/**
 * Redis' patterns (KEYS, SCAN MATCH, PSUBSCRIBE): `*` and `?` cross dots, `[a-z]`, `[^a]`, `\` before what is meant literally. As Redis' stringmatchlen(), but by
 * characters where Redis goes by bytes. It cannot take exponential time: a `*` is tried again only while no later one has been met.
 */

type Part =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] };

export interface RedisGlob {
  /** Every text that matches begins so. */
  readonly prefix: string;
  /** The prefix and anything after it. */
  readonly isPrefix: boolean;
  /** The pattern is this very text. */
  readonly text: string | null;
  matches(text: string): boolean;
}

export function parseGlob(pattern: string): RedisGlob {
  const parts = partsOf(Array.from(pattern));
  const wild = parts.findIndex((part) => part.kind !== 'literal');
  const literal = (wild < 0 ? parts : parts.slice(0, wild)).map((part) =>
    part.kind === 'literal' ? part.character : '',
  );
  const prefix = literal.join('');
  const isPrefix = wild >= 0 && wild === parts.length - 1 && parts[wild]!.kind === 'star';
  return {
    prefix,
    isPrefix,
    text: wild < 0 ? prefix : null,
    matches: (text) => (isPrefix ? text.startsWith(prefix) : matchParts(parts, Array.from(text))),
  };
}

function partsOf(pattern: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '*') {
      if (parts.at(-1)?.kind !== 'star') parts.push({ kind: 'star' });
    } else if (character === '?') parts.push({ kind: 'any' });
    else if (character === '[') {
      const { part, end } = classAt(pattern, at + 1);
      parts.push(part);
      at = end;
    } else if (character === '\\' && at + 1 < pattern.length)
      parts.push({ kind: 'literal', character: pattern[++at]! });
    else parts.push({ kind: 'literal', character });
  }
  return parts;
}

/** A class that is not closed ends with the pattern, as in Redis. */
function classAt(pattern: readonly string[], start: number): { part: Part; end: number } {
  const isNegated = pattern[start] === '^';
  const ranges: [number, number][] = [];
  let at = isNegated ? start + 1 : start;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\' && at + 1 < pattern.length) at++;
    else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      const [from, to] = [point(pattern[at]!), point(pattern[at + 2]!)];
      ranges.push([Math.min(from, to), Math.max(from, to)]);
      at += 2;
      continue;
    }
    ranges.push([point(pattern[at]!), point(pattern[at]!)]);
  }
  return { part: { kind: 'class', isNegated, ranges }, end: at };
}

function matchParts(parts: readonly Part[], text: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (parts[part]?.kind === 'star') {
      star = part++;
      starAt = at;
    } else if (part < parts.length && matchesOne(parts[part]!, text[at]!)) {
      part++;
      at++;
    } else if (star >= 0) {
      // The last star takes one character more.
      part = star + 1;
      at = ++starAt;
    } else return false;
  }
  return parts[part]?.kind === 'star' ? part === parts.length - 1 : part === parts.length;
}

function matchesOne(part: Part, character: string): boolean {
  switch (part.kind) {
    case 'star':
    case 'any':
      return true;
    case 'literal':
      return part.character === character;
    case 'class': {
      const code = point(character);
      return part.ranges.some(([from, to]) => code >= from && code <= to) !== part.isNegated;
    }
  }
}

function point(character: string): number {
  return character.codePointAt(0)!;
}
