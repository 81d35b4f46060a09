/**
 * Arithmetic: result types, exact integers and decimals. SQLite's 64-bit operators do the work where they can; where a result might not fit they are
 * guarded, and the exact store functions step in. Source: MySQL manual, "Arithmetic Operators" and "Precision Math".
 */
import type { ColumnType } from '../../stores/column-type.ts';
import {
  arithmeticType,
  BIGINT,
  BIGINT_UNSIGNED,
  DOUBLE,
  decimal,
  digits,
  family,
  fixedScale,
  SAFE_DIGITS,
} from '../types.ts';
import { constantTerm, numberOf } from './constants.ts';
import { convertTo, scaledText, toDouble } from './conversion.ts';
import type { PlanContext } from './plan-context.ts';
import { heldDigits, heldScaleOf, isWide, type Term, term } from './term.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | 'div' | 'mod' | '&' | '|' | '^' | '<<' | '>>';

export function isArithmetic(op: string): op is ArithmeticOperator {
  return ['+', '-', '*', '/', 'div', 'mod', '&', '|', '^', '<<', '>>'].includes(op);
}

/** Digits that a division adds after the point (div_precision_increment's default). */
const DIVISION_DIGITS = 4;
/** MySQL's decimals are computed in words of this many digits. */
const WORD_DIGITS = 9;
/** Texts longer than this are not written twice. */
const GUARDED_CHARS_MAX = 240;

const DIVISIONS: ReadonlySet<string> = new Set(['/', 'div', 'mod']);
const SQLITE_OPERATORS = { '+': '+', '-': '-', '*': '*', mod: '%' } as const;

export function arithmetic(context: PlanContext, op: ArithmeticOperator, left: Term, right: Term): Term {
  if (op === '&' || op === '|' || op === '^' || op === '<<' || op === '>>') return bitwise(context, op, left, right);
  const a = numeric(context, left);
  const b = DIVISIONS.has(op) ? divisor(context, a, numeric(context, right)) : numeric(context, right);
  const nullable = a.nullable || b.nullable || DIVISIONS.has(op);
  const made = { ...term('', BIGINT, nullable, [left, right]) };
  if (op === 'div')
    return { ...made, sql: intDivide(context, a, b), type: isUnsigned(a, b) ? BIGINT_UNSIGNED : BIGINT };
  if (family(a.type) === 'double' || family(b.type) === 'double')
    return { ...made, sql: doubleSql(context, op, a, b), type: doubleType(op, a.type, b.type) };
  if (op === '/') return { ...made, ...division(a, b) };
  if (family(a.type) === 'int' && family(b.type) === 'int')
    return { ...made, ...integerOperation(op, a, b, left, right) };
  return { ...made, ...decimalOperation(op, a, b, left, right) };
}

/** A value as the number that arithmetic takes it for. */
export function numeric(context: PlanContext, value: Term): Term {
  const f = family(value.type);
  if (f === 'null') return { ...value, sql: value.sql, type: DOUBLE };
  if (f === 'int' || f === 'decimal' || f === 'double') return value;
  // A hexadecimal literal is a number here.
  if (value.constant !== undefined && f === 'bytes')
    return constantTerm(context, BIGINT_UNSIGNED, value.constant.evaluate);
  return convertTo(context, value, arithmeticType(value.type));
}

/** Division by zero is NULL; in a strict INSERT or UPDATE it is error 1365. */
function divisor(context: PlanContext, dividend: Term, value: Term): Term {
  if (!context.zeroDivisionFails) return value;
  const { constant: _, ...rest } = value;
  return { ...rest, sql: `sluice_divisor(${dividend.sql}, ${value.sql})` };
}

function isUnsigned(a: Term, b: Term): boolean {
  return a.type.unsigned === true || b.type.unsigned === true;
}

/** Digits after the point of what is computed in floating point, where both sides have a fixed number of them (PI(), DOUBLE(10,2)). */
function doubleType(op: ArithmeticOperator, a: ColumnType, b: ColumnType): ColumnType {
  const x = fixedScale(a);
  const y = fixedScale(b);
  if (x === undefined || y === undefined) return DOUBLE;
  const scale = op === '*' ? x + y : op === '/' ? Math.max(x, y) + DIVISION_DIGITS : Math.max(x, y);
  return { name: 'double', scale: Math.min(scale, 30) };
}

function doubleSql(context: PlanContext, op: ArithmeticOperator, a: Term, b: Term): string {
  const x = toDouble(context, a).sql;
  const y = toDouble(context, b).sql;
  return op === 'mod' ? `sluice_double_mod(${x}, ${y})` : `(${x} ${op} ${y})`;
}

type Computed = Pick<Term, 'sql' | 'type'> & { readonly heldScale?: number; readonly native?: string };

/** `native` where it gave an integer, else the exact function's answer, which may be an error. */
function guarded(native: string, exact: string, parts: readonly Term[], notNegative = false): string {
  const once = native.length > GUARDED_CHARS_MAX || native.includes('SELECT ') || parts.some((part) => part.windowed);
  if (once) return exact;
  const test = `typeof(${native}) = 'integer'${notNegative ? ` AND ${native} >= 0` : ''}`;
  return `(CASE WHEN ${test} THEN ${native} ELSE ${exact} END)`;
}

function integerOperation(op: '+' | '-' | '*' | 'mod', a: Term, b: Term, left: Term, right: Term): Computed {
  const wide = isWide(a) || isWide(b);
  const unsigned = op === 'mod' ? a.type.unsigned === true : isUnsigned(a, b);
  const [p, q] = [heldDigits(a), heldDigits(b)];
  const precision = op === '*' ? p + q : op === 'mod' ? p : Math.max(p, q) + 1;
  const type: ColumnType =
    precision > SAFE_DIGITS
      ? unsigned
        ? BIGINT_UNSIGNED
        : BIGINT
      : { name: 'bigint', length: precision, ...(unsigned && { unsigned }) };
  const native = `(${a.sql} ${SQLITE_OPERATORS[op]} ${b.sql})`;
  const exact = `sluice_integer('${SQLITE_OPERATORS[op]}', ${a.sql}, ${b.sql}, ${unsigned ? 1 : 0})`;
  if (wide) return { sql: exact, type };
  if (op === 'mod') return { sql: native, type };
  const signSafe = !unsigned || (op !== '-' && a.type.unsigned === true && b.type.unsigned === true);
  if (precision <= SAFE_DIGITS && signSafe) return { sql: native, type };
  return { sql: guarded(native, exact, [left, right], unsigned), type, ...(!unsigned && { native }) };
}

function decimalOperation(op: '+' | '-' | '*' | 'mod', a: Term, b: Term, left: Term, right: Term): Computed {
  const [da, db] = [digits(a.type), digits(b.type)];
  const [sa, sb] = [heldScaleOf(a), heldScaleOf(b)];
  const multiplies = op === '*';
  const scale = multiplies ? da.scale + db.scale : Math.max(da.scale, db.scale);
  const integers = multiplies
    ? da.precision - da.scale + db.precision - db.scale
    : Math.max(da.precision - da.scale, db.precision - db.scale) + (op === 'mod' ? 0 : 1);
  const type = decimal(integers + scale, scale);
  const heldScale = multiplies ? sa + sb : Math.max(sa, sb);
  const held = heldScale === (type.scale ?? 0) ? {} : { heldScale };
  const exact = `sluice_decimal('${SQLITE_OPERATORS[op]}', ${a.sql}, ${sa}, ${b.sql}, ${sb})`;
  if (isWide(a) || isWide(b)) return { sql: exact, type, ...held };
  const native = multiplies
    ? `(${a.sql} * ${b.sql})`
    : `(${scaledText(a.sql, heldScale - sa)} ${SQLITE_OPERATORS[op]} ${scaledText(b.sql, heldScale - sb)})`;
  if (integers + heldScale <= SAFE_DIGITS) return { sql: native, type, ...held };
  return { sql: guarded(native, exact, [left, right]), type, ...held, native };
}

/** A quotient keeps more digits than it shows: whole words, cut off rather than rounded, as MySQL's do_div_mod does. */
export function quotientScale(sa: number, sb: number): number {
  const words = (scale: number): number => Math.ceil(scale / WORD_DIGITS) * WORD_DIGITS;
  const increment = Math.max(0, DIVISION_DIGITS - (words(sa) - sa) - (words(sb) - sb));
  return words(words(sa) + words(sb) + increment);
}

function division(a: Term, b: Term): Computed {
  const [da, db] = [digits(a.type), digits(b.type)];
  const [sa, sb] = [heldScaleOf(a), heldScaleOf(b)];
  const scale = Math.min(da.scale + DIVISION_DIGITS, 30);
  const type = decimal(da.precision - da.scale + db.scale + scale, scale);
  const heldScale = Math.max(quotientScale(sa, sb), scale);
  return { sql: `sluice_decimal_divide(${a.sql}, ${sa}, ${b.sql}, ${sb}, ${heldScale})`, type, heldScale };
}

function intDivide(context: PlanContext, a: Term, b: Term): string {
  if (family(a.type) === 'double' || family(b.type) === 'double')
    return `sluice_double_div(${toDouble(context, a).sql}, ${toDouble(context, b).sql})`;
  const exact = `sluice_integer_divide(${a.sql}, ${heldScaleOf(a)}, ${b.sql}, ${heldScaleOf(b)}, ${isUnsigned(a, b) ? 1 : 0})`;
  const native = family(a.type) === 'int' && family(b.type) === 'int' && !isWide(a) && !isWide(b);
  return native && !isUnsigned(a, b) ? `(${a.sql} / ${b.sql})` : exact;
}

function bitwise(context: PlanContext, op: '&' | '|' | '^' | '<<' | '>>', left: Term, right: Term): Term {
  const a = bits(context, left);
  const b = bits(context, right);
  return term(`sluice_bits('${op}', ${a.sql}, ${b.sql})`, BIGINT_UNSIGNED, a.nullable || b.nullable, [left, right]);
}

function bits(context: PlanContext, value: Term): Term {
  return convertTo(context, numeric(context, value), BIGINT);
}

export function negate(context: PlanContext, operand: Term): Term {
  const value = numeric(context, operand);
  const constant = operand.constant;
  const type: ColumnType = value.type.name === 'bigint' && value.type.unsigned ? decimal(20, 0) : signed(value.type);
  if (constant !== undefined && operand.type.name !== 'null') {
    const literalType = negatedLiteral(operand);
    return constantTerm(context, literalType ?? type, (execution) => negated(constant.evaluate(execution)));
  }
  const native = `(-${value.sql})`;
  const exact = `sluice_integer('-', 0, ${value.sql}, 0)`;
  const exactly = {
    ...term('', type, value.nullable, [operand]),
    ...(value.heldScale !== undefined && { heldScale: value.heldScale }),
  };
  if (family(value.type) === 'double' || heldDigits(value) <= SAFE_DIGITS) return { ...exactly, sql: native };
  if (value.type.name === 'decimal')
    return { ...exactly, sql: `sluice_decimal('-', 0, 0, ${value.sql}, ${heldScaleOf(value)})` };
  return { ...exactly, sql: isWide(value) ? exact : guarded(native, exact, [operand]) };
}

function signed(type: ColumnType): ColumnType {
  const { unsigned: _, ...rest } = type;
  return rest;
}

/** -9223372036854775808 is a BIGINT though 9223372036854775808 alone is an unsigned one. */
function negatedLiteral(operand: Term): ColumnType | null {
  const pinned = operand.type.name === 'bigint' && operand.type.unsigned ? operand.pinned?.value : undefined;
  return pinned !== undefined && pinned !== null && BigInt(pinned as bigint) === 1n << 63n ? BIGINT : null;
}

type Slot = ReturnType<NonNullable<Term['constant']>['evaluate']>;

function negated(value: Slot): Slot {
  const v = value.value;
  if (v === null) return value;
  if (value.type.kind === 'double' && typeof v === 'number') return { type: value.type, value: v === 0 ? 0 : -v };
  if (typeof v === 'number' && value.type.kind === 'int')
    return { type: { kind: 'int', unsigned: false }, value: v === 0 ? 0 : -v };
  if (typeof v === 'bigint') return { type: { kind: 'int', unsigned: false }, value: -v };
  if (value.type.kind === 'decimal' && typeof v === 'string')
    return { type: value.type, value: v.startsWith('-') ? v.slice(1) : /[1-9]/.test(v) ? `-${v}` : v };
  const number = numberOf(value);
  const double = Number(number.unscaled) / 10 ** number.scale;
  return { type: { kind: 'double' }, value: double === 0 ? 0 : -double };
}

export function invertBits(context: PlanContext, operand: Term): Term {
  const value = bits(context, operand);
  return term(`sluice_bits('~', ${value.sql}, 0)`, BIGINT_UNSIGNED, value.nullable, [operand]);
}
