/** LIKE and REGEXP as JavaScript's regular expressions, kept by their text. Source: MySQL manual, "Regular Expressions". */
import { failure } from '../../errors.ts';

const patterns = new Map<string, RegExp>();

function cached(key: string, make: () => RegExp): RegExp {
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    pattern = make();
    if (patterns.size > 1_000) patterns.clear();
    patterns.set(key, pattern);
  }
  return pattern;
}

/** LIKE with letter case: `_` one character, `%` any number. */
export function likePattern(pattern: string, escapeText: string): RegExp {
  return cached(`like\0${escapeText}\0${pattern}`, () => {
    let source = '';
    const all = Array.from(pattern);
    for (let i = 0; i < all.length; i++) {
      let character = all[i] as string;
      if (character === escapeText && i + 1 < all.length) {
        character = all[++i] as string;
      } else if (character === '%' || character === '_') {
        source += character === '%' ? '[^]*' : '[^]';
        continue;
      }
      source += character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
    return new RegExp(`^${source}$`, 'u');
  });
}

export function regularExpression(pattern: string, flags: string): RegExp {
  return cached(`${flags}\0${pattern}`, () => {
    const source = pattern
      .replaceAll('[[:<:]]', '\\b')
      .replaceAll('[[:>:]]', '\\b')
      .replace(/\[:(\w+):\]/g, (all, name: string) => POSIX_CLASSES[name] ?? all);
    try {
      return new RegExp(source, `u${flags}`);
    } catch {
      throw failure('ER_REGEXP_ERROR', pattern.slice(0, 80));
    }
  });
}

const POSIX_CLASSES: Record<string, string> = {
  alpha: '\\p{L}',
  digit: '\\d',
  alnum: '\\p{L}\\d',
  space: '\\s',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  punct: '\\p{P}\\p{S}',
  xdigit: '0-9A-Fa-f',
  blank: ' \\t',
  cntrl: '\\p{Cc}',
};
