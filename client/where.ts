/** Conditions of a list, and their text. What the operators mean: docs/lists.md, "Operators". */

type OperatorName =
  | 'STREQ'
  | 'STRINC'
  | 'STRBW'
  | 'STREW'
  | 'STRAND'
  | 'STROR'
  | 'STROREQ'
  | 'STRRX'
  | 'NUMEQ'
  | 'NUMGT'
  | 'NUMGE'
  | 'NUMLT'
  | 'NUMLE'
  | 'NUMBT'
  | 'NUMOREQ'
  | 'FTSPH'
  | 'FTSAND'
  | 'FTSOR'
  | 'FTSEX';

/** `!` negates. */
export type Operator = OperatorName | `!${OperatorName}`;

type Operand = string | number | bigint;

/** `['hot', 'NUMGE', 3]`. An array is a list of tokens: `['uid', 'NUMOREQ', [1, 2, 3]]`, `['price', 'NUMBT', [10, 20]]`. */
export type Condition<Field extends string = string> = readonly [
  field: Field,
  operator: Operator,
  value: Operand | readonly Operand[],
];

/** All conditions must hold. Throws for values that no text stands for. */
export function whereText(conditions: readonly Condition[]): string {
  return conditions
    .map(([field, operator, value]) => [field, operator, operandText(value)].map(escaped).join(':'))
    .join('|');
}

/** In the text of a where these three have a meaning. */
function escaped(part: string): string {
  return part.replace(/[\\|:]/g, '\\$&');
}

function operandText(value: Operand | readonly Operand[]): string {
  return typeof value === 'object' ? value.map(token).join(',') : plainText(value);
}

function token(value: Operand): string {
  const text = plainText(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they separate tokens, too
  if (text === '' || /[\u0000- ,]/.test(text)) {
    throw new TypeError(`'${text}' is no token: tokens are separated by blanks and commas, and are not empty`);
  }
  return text;
}

/** Numbers without an exponent, which the server would not read: 1e21 is 1000000000000000000000. */
function plainText(value: Operand): string {
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) throw new TypeError(`${value} is no number that a condition can have`);
  const text = String(value);
  if (!text.includes('e')) return text;
  return Number.isInteger(value) ? String(BigInt(value)) : value.toFixed(FRACTION_DIGITS_MAX).replace(/\.?0+$/, '');
}

/** As many as the server reads, and more. */
const FRACTION_DIGITS_MAX = 20;
