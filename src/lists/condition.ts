/** One condition of a where: a field, an operator, an operand, and whether it is negated. */
import { failure } from '../errors.ts';
import { numberFromText } from './operators/number-from-text.ts';
import { isOperatorName, OPERATORS, type OperatorName } from './operators/operators.ts';

export interface Condition {
  /** As the request names it; which column that is, is told by the table. */
  readonly field: string;
  readonly operator: OperatorName;
  readonly negated: boolean;
  readonly operand: string;
}

/** A condition made ready to be asked many times, of values as text. A missing field (null) makes it false, or true if negated. */
export function matcherOf(condition: Condition): (value: string | null) => boolean {
  const { operator, negated, operand } = condition;
  const definition = OPERATORS[operator];
  const matches =
    definition.kind === 'text'
      ? definition.prepare(operand)
      : (
          (test) => (value: string) =>
            test(numberFromText(value))
        )(definition.prepare(operand));
  return negated ? (value) => value === null || !matches(value) : (value) => value !== null && matches(value);
}

const MAX_CONDITIONS = 100;

/**
 * Reads `field:OP:value|field:OP:value`. In every part `\|`, `\:` and `\\` stand for the characters; the value goes on to the next
 * unescaped `|` and may contain `:`. A leading `!` or `~` negates the operator. Empty text is no condition.
 * Throws ER_BAD_PARAMETER naming the condition that is wrong.
 */
export function parseWhere(where: string): Condition[] {
  if (where === '') return [];
  const conditions: Condition[] = [];
  let at = 0;
  while (at <= where.length) {
    const field = readPart(where, at, ':');
    const operator = readPart(where, field.end + 1, ':');
    const operand = readPart(where, operator.end + 1, '|');
    const complete = where[field.end] === ':' && where[operator.end] === ':';
    if (!complete) throw wrong(where.slice(at, operator.end), 'a condition is field:OPERATOR:value');
    if (field.text === '') throw wrong(where.slice(at, operand.end), 'the field is missing');
    conditions.push(makeCondition(field.text, operator.text, operand.text, where.slice(at, operand.end)));
    if (conditions.length > MAX_CONDITIONS) throw wrong('...', `more than ${MAX_CONDITIONS} conditions`);
    at = operand.end + 1;
  }
  return conditions;
}

function makeCondition(field: string, operator: string, operand: string, text: string): Condition {
  const negated = operator.startsWith('!') || operator.startsWith('~');
  const name = negated ? operator.slice(1) : operator;
  if (!isOperatorName(name)) {
    throw wrong(text, `unknown operator '${short(name)}'; there are ${Object.keys(OPERATORS).join(', ')}`);
  }
  return { field, operator: name, negated, operand };
}

/** The text from `from` to the next unescaped `stop`, or `|`, or the end. */
function readPart(where: string, from: number, stop: ':' | '|'): { text: string; end: number } {
  const bar = where.indexOf('|', from);
  const stopAt = stop === ':' ? where.indexOf(':', from) : bar;
  const first = stopAt < 0 || (bar >= 0 && bar < stopAt) ? bar : stopAt;
  const plainEnd = first < 0 ? where.length : first;
  const backslash = where.indexOf('\\', from);
  if (backslash < 0 || backslash >= plainEnd) return { text: where.slice(from, plainEnd), end: plainEnd };
  return readEscapedPart(where, from, stop);
}

function readEscapedPart(where: string, from: number, stop: ':' | '|'): { text: string; end: number } {
  let text = '';
  let plain = from;
  let at = from;
  for (; at < where.length; at++) {
    const char = where[at];
    if (char === stop || char === '|') break;
    const next = where[at + 1];
    if (char !== '\\' || (next !== '|' && next !== ':' && next !== '\\')) continue;
    text += where.slice(plain, at) + next;
    at++;
    plain = at + 1;
  }
  return { text: text + where.slice(plain, at), end: at };
}

function wrong(condition: string, reason: string): Error {
  return failure('ER_BAD_PARAMETER', `where: '${short(condition)}': ${reason}`);
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
