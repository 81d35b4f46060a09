/** Function calls. Those with a syntax of their own become plain calls; the table of forms is at FunctionCall in ast.ts. */
import type { Expression, FunctionCall, OrderItem } from '../ast.ts';
import { parseBitExpression } from './bit-expressions.ts';
import { parseCastType } from './cast-types.ts';
import { parseExpression, parseListItem } from './expressions.ts';
import { parseInterval, parseIntervalUnit } from './intervals.ts';
import { parseCharacterSet } from './names.ts';
import { parseOrderItem } from './ordering.ts';
import type { TokenStream } from './token-stream.ts';
import { parseOver } from './windows.ts';

/** Reserved words that are functions when a parenthesis follows. */
const RESERVED_FUNCTIONS: ReadonlySet<string> = new Set([
  'CHAR',
  'CUME_DIST',
  'DATABASE',
  'DENSE_RANK',
  'FIRST_VALUE',
  'GROUPING',
  'IF',
  'INSERT',
  'LAG',
  'LAST_VALUE',
  'LEAD',
  'LEFT',
  'MOD',
  'NTH_VALUE',
  'NTILE',
  'PERCENT_RANK',
  'RANK',
  'REPEAT',
  'REPLACE',
  'RIGHT',
  'ROW_NUMBER',
  'SCHEMA',
]);

/** Functions that may be called without parentheses; all of them are reserved words. */
const BARE_FUNCTIONS: ReadonlySet<string> = new Set([
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_TIMESTAMP',
  'CURRENT_USER',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'UTC_DATE',
  'UTC_TIME',
  'UTC_TIMESTAMP',
]);

/** Functions whose arguments are more than expressions with commas between. Called behind the opening parenthesis; do not take the closing one. */
const SPECIAL_FORMS: Readonly<Record<string, (tokens: TokenStream, name: string) => Expression>> = {
  CAST: parseCast,
  CONVERT: parseConvert,
  CHAR: parseChar,
  EXTRACT: parseExtract,
  TRIM: parseTrim,
  SUBSTRING: parseSubstring,
  SUBSTR: parseSubstring,
  MID: parseSubstring,
  POSITION: parsePosition,
  DATE_ADD: parseDateArithmetic,
  DATE_SUB: parseDateArithmetic,
  ADDDATE: parseDateArithmetic,
  SUBDATE: parseDateArithmetic,
  TIMESTAMPADD: parseUnitFirst,
  TIMESTAMPDIFF: parseUnitFirst,
  GET_FORMAT: parseGetFormat,
  GROUP_CONCAT: parseGroupConcat,
  COUNT: parseAggregate,
  SUM: parseAggregate,
  AVG: parseAggregate,
  MIN: parseAggregate,
  MAX: parseAggregate,
  BIT_AND: parseAggregate,
  BIT_OR: parseAggregate,
  BIT_XOR: parseAggregate,
  WEIGHT_STRING: refuse,
  JSON_TABLE: refuse,
  JSON_VALUE: parseJsonValue,
};

/**
 * Behind the unquoted word `name` (upper case): the call that it makes with what follows, or undefined where it is no function.
 * `isName`: the word is not reserved.
 */
export function parseCall(tokens: TokenStream, name: string, isName: boolean): Expression | undefined {
  if (!tokens.isOperator('(')) return BARE_FUNCTIONS.has(name) ? { kind: 'call', name, args: [] } : undefined;
  const special = SPECIAL_FORMS[name];
  if (special === undefined && !isName && !RESERVED_FUNCTIONS.has(name) && !BARE_FUNCTIONS.has(name)) return undefined;
  tokens.advance();
  const call = special === undefined ? parsePlain(tokens, name) : special(tokens, name);
  tokens.expectOperator(')');
  if (call.kind !== 'call') return call;
  const over = parseOver(tokens, name);
  return over === undefined ? call : { ...call, over };
}

function parsePlain(tokens: TokenStream, name: string): FunctionCall {
  return { kind: 'call', name, args: tokens.isOperator(')') ? [] : tokens.list(parseListItem) };
}

function refuse(tokens: TokenStream, name: string): never {
  throw tokens.unsupported(name);
}

function parseCast(tokens: TokenStream): Expression {
  const operand = parseExpression(tokens);
  if (tokens.isWord('AT')) throw tokens.unsupported('CAST(... AT TIME ZONE ...)');
  tokens.expectWord('AS');
  return { kind: 'cast', operand, type: parseCastType(tokens) };
}

function parseConvert(tokens: TokenStream): Expression {
  const operand = parseExpression(tokens);
  if (tokens.acceptWord('USING')) return { kind: 'convert-using', operand, charset: parseCharacterSet(tokens) };
  tokens.expectOperator(',');
  return { kind: 'cast', operand, type: parseCastType(tokens) };
}

function parseChar(tokens: TokenStream): Expression {
  const operand: FunctionCall = { kind: 'call', name: 'CHAR', args: tokens.list(parseListItem) };
  if (!tokens.acceptWord('USING')) return operand;
  return { kind: 'convert-using', operand, charset: parseCharacterSet(tokens) };
}

function parseExtract(tokens: TokenStream, name: string): Expression {
  const unit = parseIntervalUnit(tokens);
  tokens.expectWord('FROM');
  return { kind: 'call', name, args: [{ kind: 'unit', unit }, parseExpression(tokens)] };
}

const TRIM_FUNCTIONS = { BOTH: 'TRIM', LEADING: 'LTRIM', TRAILING: 'RTRIM' } as const;

function parseTrim(tokens: TokenStream): Expression {
  const side = tokens.acceptAnyWord(['BOTH', 'LEADING', 'TRAILING'] as const);
  const name = side === undefined ? 'TRIM' : TRIM_FUNCTIONS[side];
  if (side !== undefined && tokens.acceptWord('FROM')) return { kind: 'call', name, args: [parseExpression(tokens)] };
  const first = parseExpression(tokens);
  if (tokens.acceptWord('FROM')) return { kind: 'call', name, args: [parseExpression(tokens), first] };
  if (side !== undefined) throw tokens.unexpected();
  return { kind: 'call', name, args: [first] };
}

function parseSubstring(tokens: TokenStream): Expression {
  const args = [parseExpression(tokens)];
  const words = tokens.acceptWord('FROM');
  if (!words) tokens.expectOperator(',');
  args.push(parseExpression(tokens));
  if (words ? tokens.acceptWord('FOR') : tokens.acceptOperator(',')) args.push(parseExpression(tokens));
  return { kind: 'call', name: 'SUBSTRING', args };
}

function parsePosition(tokens: TokenStream): Expression {
  const part = parseBitExpression(tokens);
  tokens.expectWord('IN');
  return { kind: 'call', name: 'LOCATE', args: [part, parseExpression(tokens)] };
}

/** DATE_ADD(d, INTERVAL 1 DAY); ADDDATE and SUBDATE also take a number of days. */
function parseDateArithmetic(tokens: TokenStream, name: string): Expression {
  const date = parseExpression(tokens);
  tokens.expectOperator(',');
  if (!tokens.isWord('INTERVAL')) {
    if (name === 'DATE_ADD' || name === 'DATE_SUB') throw tokens.unexpected();
    return { kind: 'call', name, args: [date, parseExpression(tokens)] };
  }
  const interval = parseInterval(tokens);
  if (interval.kind !== 'interval') throw tokens.unexpected();
  return { kind: 'call', name, args: [date, interval] };
}

function parseUnitFirst(tokens: TokenStream, name: string): Expression {
  const unit = parseIntervalUnit(tokens);
  tokens.expectOperator(',');
  const first = parseExpression(tokens);
  tokens.expectOperator(',');
  return { kind: 'call', name, args: [{ kind: 'unit', unit }, first, parseExpression(tokens)] };
}

function parseGetFormat(tokens: TokenStream, name: string): Expression {
  const type = tokens.acceptAnyWord(['DATE', 'TIME', 'DATETIME', 'TIMESTAMP']);
  if (type === undefined) throw tokens.unexpected();
  tokens.expectOperator(',');
  return { kind: 'call', name, args: [{ kind: 'column', name: type }, parseExpression(tokens)] };
}

function parseAggregate(tokens: TokenStream, name: string): Expression {
  if (name === 'COUNT' && tokens.acceptOperator('*')) return { kind: 'call', name, args: [], star: true };
  const distinct = tokens.acceptWord('DISTINCT');
  if (!distinct) tokens.acceptWord('ALL');
  // Several only for COUNT(DISTINCT a, b).
  const args = distinct && name === 'COUNT' ? tokens.list(parseExpression) : [parseExpression(tokens)];
  return distinct ? { kind: 'call', name, args, distinct } : { kind: 'call', name, args };
}

function parseJsonValue(tokens: TokenStream, name: string): Expression {
  const call = parsePlain(tokens, name);
  if (!tokens.isOperator(')')) throw tokens.unsupported('JSON_VALUE(... RETURNING ...)');
  return call;
}

function parseGroupConcat(tokens: TokenStream, name: string): Expression {
  const distinct = tokens.acceptWord('DISTINCT');
  const args = tokens.list(parseExpression);
  const orderBy: OrderItem[] = tokens.acceptWords('ORDER', 'BY') ? tokens.list(parseOrderItem) : [];
  if (!tokens.acceptWord('SEPARATOR')) return { kind: 'call', name, args, distinct, orderBy };
  if (!tokens.isSlot()) throw tokens.unexpected();
  return { kind: 'call', name, args, distinct, orderBy, separator: tokens.slot() };
}
