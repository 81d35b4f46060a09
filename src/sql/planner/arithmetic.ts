/** Arithmetic: result types and exact decimals. Source: MySQL manual, "Arithmetic Operators" and "Precision Math". */
import type { ColumnType } from '../../stores/column-type.ts';
import { arithmeticType, BIGINT, BIGINT_UNSIGNED, DOUBLE, decimal, digits, family } from '../types.ts';
import { constantTerm, numberOf } from './constants.ts';
import { convertTo, toDouble } from './conversion.ts';
import type { PlanContext } from './plan-context.ts';
import { type Term, term } from './term.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | 'div' | 'mod' | '&' | '|' | '^' | '<<' | '>>';

export function isArithmetic(op: string): op is ArithmeticOperator {
  return ['+', '-', '*', '/', 'div', 'mod', '&', '|', '^', '<<', '>>'].includes(op);
}

/** Digits that a division adds after the point (div_precision_increment's default). */
const DIVISION_DIGITS = 4;

export function arithmetic(context: PlanContext, op: ArithmeticOperator, left: Term, right: Term): Term {
  if (op === '&' || op === '|' || op === '^' || op === '<<' || op === '>>') return bitwise(context, op, left, right);
  const a = numeric(context, left);
  const b = numeric(context, right);
  const nullable = a.nullable || b.nullable || op === '/' || op === 'div' || op === 'mod';
  const type = resultType(op, a.type, b.type);
  return term(arithmeticSql(context, op, a, b, type), type, nullable, [left, right]);
}

function numeric(context: PlanContext, value: Term): Term {
  return convertTo(context, value, arithmeticType(value.type));
}

function resultType(op: ArithmeticOperator, a: ColumnType, b: ColumnType): ColumnType {
  const double = family(a) === 'double' || family(b) === 'double';
  if (op === 'div') return a.unsigned || b.unsigned ? BIGINT_UNSIGNED : BIGINT;
  if (double) return DOUBLE;
  const da = digits(a);
  const db = digits(b);
  if (op === '/') return decimal(da.precision + db.scale + DIVISION_DIGITS, da.scale + DIVISION_DIGITS);
  if (family(a) === 'int' && family(b) === 'int') return a.unsigned || b.unsigned ? BIGINT_UNSIGNED : BIGINT;
  if (op === '*') return decimal(da.precision + db.precision, da.scale + db.scale);
  const scale = Math.max(da.scale, db.scale);
  const integer = Math.max(da.precision - da.scale, db.precision - db.scale);
  return decimal(integer + scale + (op === 'mod' ? 0 : 1), scale);
}

function arithmeticSql(context: PlanContext, op: ArithmeticOperator, a: Term, b: Term, type: ColumnType): string {
  const wide = isWide(a.type) || isWide(b.type);
  if (type.name === 'double') {
    const x = toDouble(context, a).sql;
    const y = toDouble(context, b).sql;
    return op === 'mod' ? `sluice_double_mod(${x}, ${y})` : `(${x} ${op} ${y})`;
  }
  if (op === '/') return `sluice_decimal_divide(${a.sql}, ${scaleOf(a)}, ${b.sql}, ${scaleOf(b)}, ${type.scale ?? 0})`;
  if (op === 'div') return intDivide(context, a, b);
  if (op === '*') return wide ? `sluice_wide('*', ${a.sql}, ${b.sql})` : `(${a.sql} * ${b.sql})`;
  const common = type.name === 'decimal' ? type : null;
  const x = common === null ? a.sql : convertTo(context, a, common).sql;
  const y = common === null ? b.sql : convertTo(context, b, common).sql;
  if (wide) return `sluice_wide('${op === 'mod' ? '%' : op}', ${x}, ${y})`;
  return `(${x} ${op === 'mod' ? '%' : op} ${y})`;
}

function intDivide(context: PlanContext, a: Term, b: Term): string {
  if (family(a.type) === 'int' && family(b.type) === 'int' && !isWide(a.type) && !isWide(b.type))
    return `(${a.sql} / ${b.sql})`;
  if (family(a.type) === 'double' || family(b.type) === 'double')
    return `CAST(${toDouble(context, a).sql} / ${toDouble(context, b).sql} AS INTEGER)`;
  return `sluice_integer_divide(${a.sql}, ${scaleOf(a)}, ${b.sql}, ${scaleOf(b)})`;
}

function scaleOf(value: Term): number {
  return value.type.name === 'decimal' ? (value.type.scale ?? 0) : 0;
}

/** Values of BIGINT UNSIGNED columns may be text (see column-type.ts): SQLite's own operators would misread them. */
function isWide(type: ColumnType): boolean {
  return type.name === 'bigint' && type.unsigned === true;
}

function bitwise(context: PlanContext, op: '&' | '|' | '^' | '<<' | '>>', left: Term, right: Term): Term {
  const a = convertTo(context, left, BIGINT_UNSIGNED);
  const b = convertTo(context, right, BIGINT_UNSIGNED);
  return term(`sluice_bits('${op}', ${a.sql}, ${b.sql})`, BIGINT_UNSIGNED, a.nullable || b.nullable, [left, right]);
}

export function negate(context: PlanContext, operand: Term): Term {
  const value = numeric(context, operand);
  const constant = operand.constant;
  const type: ColumnType = value.type.name === 'bigint' && value.type.unsigned ? decimal(20, 0) : value.type;
  if (constant !== undefined) {
    return constantTerm(context, type, (execution) => negated(constant.evaluate(execution)));
  }
  const sql = isWide(value.type) ? `sluice_wide('-', 0, ${value.sql})` : `(-${value.sql})`;
  return term(sql, type, value.nullable, [operand]);
}

type Slot = ReturnType<NonNullable<Term['constant']>['evaluate']>;

function negated(value: Slot): Slot {
  const v = value.value;
  if (v === null) return value;
  if (value.type.kind === 'double' && typeof v === 'number') return { type: value.type, value: -v };
  if (typeof v === 'number' && value.type.kind === 'int')
    return { type: { kind: 'int', unsigned: false }, value: v === 0 ? 0 : -v };
  if (typeof v === 'bigint') return { type: { kind: 'int', unsigned: false }, value: -v };
  if (value.type.kind === 'decimal' && typeof v === 'string')
    return { type: value.type, value: v.startsWith('-') ? v.slice(1) : `-${v}` };
  const number = numberOf(value);
  return { type: { kind: 'double' }, value: -(Number(number.unscaled) / 10 ** number.scale) };
}

export function invertBits(context: PlanContext, operand: Term): Term {
  const value = convertTo(context, operand, BIGINT_UNSIGNED);
  return term(`sluice_bits('~', ${value.sql}, 0)`, BIGINT_UNSIGNED, value.nullable, [operand]);
}
