/** FTSPH, FTSAND, FTSOR, FTSEX: substrings of normalised text. */
import { normalise } from './normalise.ts';
import type { TextOperator } from './operator.ts';
import { blankTokens } from './tokens.ts';

/** The normalised phrase is in the normalised value. */
export const FTSPH: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const phrase = normalise(operand);
    return (value) => normalise(value).includes(phrase);
  },
};

/** All tokens are substrings; without a token nothing matches. */
export const FTSAND: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const tokens = blankTokens(normalise(operand));
    return (value) => {
      if (tokens.length === 0) return false;
      const text = normalise(value);
      return tokens.every((token) => text.includes(token));
    };
  },
};

/** Any token is a substring. */
export const FTSOR: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const tokens = blankTokens(normalise(operand));
    return (value) => {
      if (tokens.length === 0) return false;
      const text = normalise(value);
      return tokens.some((token) => text.includes(token));
    };
  },
};

/** One unit of an expression: true when any of its tokens is a substring, or when none is. */
export interface FullTextUnit {
  readonly positive: boolean;
  readonly tokens: string[];
}

/** Units by blank; `&&` between them says nothing new; `||` adds to the unit before; `!!` negates the unit after. */
export function fullTextUnits(operand: string): FullTextUnit[] {
  const units: FullTextUnit[] = [];
  let pending: '&&' | '||' | '!!' = '&&';
  for (const { text, quoted } of expressionTokens(normalise(operand))) {
    if (!quoted && (text === '&&' || text === '||' || text === '!!')) {
      pending = text;
      continue;
    }
    const before = units.at(-1);
    if (pending === '||' && before !== undefined) before.tokens.push(text);
    // `||` before the first unit has nothing to bind to: Tokyo makes it a unit that cannot come first.
    else units.push({ positive: pending === '&&', tokens: [text] });
    pending = '&&';
  }
  return units;
}

/** The expression holds for all units; the first must be positive, or nothing matches. */
export const FTSEX: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const units = fullTextUnits(operand);
    if (units[0]?.positive !== true) return () => false;
    return (value) => {
      const text = normalise(value);
      return units.every((unit) => unit.tokens.some((token) => text.includes(token)) === unit.positive);
    };
  },
};

/** Separated by blanks; `"..."` at the start of a token holds blanks and, escaped with `\`, anything. */
function expressionTokens(text: string): { text: string; quoted: boolean }[] {
  const tokens: { text: string; quoted: boolean }[] = [];
  for (const [whole, quotedText] of text.matchAll(/"((?:[^"\\]|\\.?)*)"?|[^ ]+/gs)) {
    if (quotedText === undefined) tokens.push({ text: whole, quoted: false });
    else tokens.push({ text: quotedText.replace(/\\(.?)/gs, '$1'), quoted: true });
  }
  return tokens;
}
