/**
 * Which inverted index a selection is looked up in, and what it is asked: an FTS5 expression that every row fulfils which fulfils the conditions.
 * The rows found are looked at by the operators all the same.
 */
import type { ListIndexDefinition } from '../stores/schema.ts';
import type { ListColumn } from './columns.ts';
import type { Condition } from './condition.ts';
import { gramsOfPart } from './grams.ts';
import { fullTextUnits } from './operators/full-text.ts';
import { normalise } from './operators/normalise.ts';
import { blankTokens, textTokens } from './operators/tokens.ts';

export interface InvertedSeek {
  readonly index: ListIndexDefinition;
  /** For FTS5's MATCH. */
  readonly match: string;
}

/** null: no inverted index knows the conditions' operands. With several, the one that is asked for most, by characters. */
export function invertedSeek(where: readonly Condition[], columns: readonly ListColumn[]): InvertedSeek | null {
  let best: { index: ListIndexDefinition; matches: string[]; characters: number } | null = null;
  const found = new Map<ListIndexDefinition, { matches: string[]; characters: number }>();
  for (let i = 0; i < where.length; i++) {
    const index = columns[i]!.listIndex;
    if (index === undefined) continue;
    const match = matchOf(index, where[i]!);
    if (match === null) continue;
    const asked = found.get(index) ?? { matches: [], characters: 0 };
    asked.matches.push(`(${match})`);
    asked.characters += where[i]!.operand.length;
    found.set(index, asked);
    if (best === null || best.index === index || asked.characters > best.characters) best = { index, ...asked };
  }
  return best === null ? null : { index: best.index, match: best.matches.join(' AND ') };
}

/** null: the index does not say which rows fulfil the condition. */
function matchOf({ kind }: ListIndexDefinition, condition: Condition): string | null {
  if (condition.negated) return null;
  if (kind === 'token') return tokenMatch(condition);
  return kind === 'qgram' ? gramMatch(condition) : null;
}

/** More of them need not be asked for, where all must be there. */
const MAX_TOKENS_OF_ALL = 16;
/** Where any will do, none may be left out; with more the rows are walked. */
const MAX_TOKENS_OF_ANY = 200;

function tokenMatch({ operator, operand }: Condition): string | null {
  const tokens = [...new Set(textTokens(operand))];
  switch (operator) {
    case 'STRAND':
    case 'STREQ':
      return allOf(tokens.slice(0, MAX_TOKENS_OF_ALL).map(term));
    case 'STROR':
    case 'STROREQ':
      return anyOf(tokens.map(term));
    default:
      return null;
  }
}

function gramMatch({ operator, operand }: Condition): string | null {
  switch (operator) {
    case 'STRINC':
    case 'STREQ':
    case 'STRBW':
    case 'STREW':
      return part(operand);
    case 'STROREQ':
      return anyOf(textTokens(operand).map(part));
    case 'FTSPH':
      return part(normalise(operand));
    case 'FTSAND':
      return allOf(blankTokens(normalise(operand)).slice(0, MAX_TOKENS_OF_ALL).map(part));
    case 'FTSOR':
      return anyOf(blankTokens(normalise(operand)).map(part));
    case 'FTSEX': {
      const units = fullTextUnits(operand);
      if (units[0]?.positive !== true) return null;
      const positive = units.filter((unit) => unit.positive).slice(0, MAX_TOKENS_OF_ALL);
      return allOf(positive.map((unit) => anyOf(unit.tokens.map(part))));
    }
    default:
      return null;
  }
}

/** Of a text that is in the value. */
function part(text: string): string | null {
  return allOf(gramsOfPart(text).map(term));
}

function term(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** null stands for all rows. */
function allOf(matches: readonly (string | null)[]): string | null {
  const said = matches.filter((match) => match !== null);
  return said.length === 0 ? null : `(${said.join(' AND ')})`;
}

function anyOf(matches: readonly (string | null)[]): string | null {
  if (matches.length === 0 || matches.length > MAX_TOKENS_OF_ANY || matches.includes(null)) return null;
  return `(${matches.join(' OR ')})`;
}
