/**
 * Comparisons: which type the two sides meet in, and the SQLite text that compares so. Source: MySQL manual, "Type Conversion in Expression
 * Evaluation". A constant is brought to the column's stored form, never the column to the constant's, so that indexes stay usable.
 */
import type { ColumnType } from '../../stores/column-type.ts';
import type { BinaryOperator } from '../ast.ts';
import {
  BOOLEAN,
  commonType,
  DOUBLE,
  datetime,
  decimal,
  digits,
  family,
  isBinaryCollation,
  LONGBLOB,
  MAX_DECIMAL_DIGITS,
  SAFE_DIGITS,
  type TypeFamily,
} from '../types.ts';
import { constantTerm, storedSource } from './constants.ts';
import { convertTo, scaledText, toDouble, toLocal, toText } from './conversion.ts';
import type { PlanContext } from './plan-context.ts';
import { heldDigits, heldScaleOf, isWide, type SimpleCondition, type Term, term } from './term.ts';

export type ComparisonOperator = '=' | '<=>' | '<>' | '<' | '<=' | '>' | '>=';

const FLIPPED: Record<ComparisonOperator, ComparisonOperator> = {
  '=': '=',
  '<=>': '<=>',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const SQLITE_OPERATOR: Record<ComparisonOperator, string> = {
  '=': '=',
  '<=>': 'IS',
  '<>': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

export function isComparison(op: BinaryOperator): op is ComparisonOperator {
  return op in FLIPPED;
}

export function compare(context: PlanContext, op: ComparisonOperator, left: Term, right: Term): Term {
  if (isConstantSide(left, right)) return compare(context, FLIPPED[op], right, left);
  const [a, b] = comparableTerms(context, left, right, op === '=' || op === '<>' || op === '<=>');
  const [x, y] = withCollation(a, b);
  const sql = `(${x} ${SQLITE_OPERATOR[op]} ${y})`;
  const result = term(sql, BOOLEAN, op !== '<=>' && (left.nullable || right.nullable), [left, right]);
  const condition = simpleCondition(context, op, left, right, a, b);
  return condition === null ? result : { ...result, conditions: [condition], onlyConditions: true };
}

/** The constant belongs on the right; of two constants the text, since the number's form decides. */
function isConstantSide(left: Term, right: Term): boolean {
  if (left.constant === undefined) return false;
  if (right.constant === undefined) return true;
  return family(left.type) === 'string' && isExact(right.type);
}

function isExact(type: ColumnType): boolean {
  return family(type) === 'int' || family(type) === 'decimal';
}

/** `column op constant` when the column is compared as it is stored. */
function simpleCondition(
  context: PlanContext,
  op: ComparisonOperator,
  left: Term,
  right: Term,
  a: Term,
  b: Term,
): SimpleCondition | null {
  if (left.column === undefined || right.constant === undefined || op === '<=>') return null;
  if (a.sql !== left.sql || b.constant === undefined) return null;
  const collation = wantedCollation(a, b) ?? 'number';
  return {
    column: left.column,
    op,
    values: [storedSource(b.constant, b.type, context.settings.offsetMinutes)],
    collation,
  };
}

/** Both sides in one comparable stored form. */
export function comparableTerms(context: PlanContext, left: Term, right: Term, equality: boolean): [Term, Term] {
  if (right.constant !== undefined && family(left.type) !== 'json') {
    const pair = againstConstant(context, left, right, equality);
    if (pair !== null) return pair;
  }
  if (family(left.type) === 'json' || family(right.type) === 'json') {
    const pair = withJson(context, left, right);
    if (pair !== null) return pair;
  }
  // Two columns of one ENUM are the same where their indexes are; which is less, their texts tell.
  if (!equality && family(left.type) === 'enum' && family(right.type) === 'enum')
    return [toText(context, left), toText(context, right)];
  const type = meetingType(left.type, right.type);
  if (family(type) === 'decimal') return exactPair(context, left, right);
  return [asType(context, left, type), asType(context, right, type)];
}

/** A JSON string compares as the text that it holds, exactly. */
function withJson(context: PlanContext, left: Term, right: Term): [Term, Term] | null {
  const textual = (value: Term): boolean => family(value.type) === 'string' || family(value.type) === 'json';
  if (!textual(left) || !textual(right) || family(left.type) === family(right.type)) return null;
  const unquoted = (value: Term): Term =>
    family(value.type) === 'json'
      ? term(`mysql_json_unquote(${value.sql})`, { name: 'longtext', collation: 'utf8mb4_bin' }, value.nullable, [
          value,
        ])
      : toText(context, value);
  return [unquoted(left), unquoted(right)];
}

/** Two exact numbers at one scale: as integers where both fit 64 bits, as text that sorts like the number where one might not. */
function exactPair(context: PlanContext, left: Term, right: Term): [Term, Term] {
  const scale = Math.max(heldScaleOf(left), heldScaleOf(right));
  const fits = (value: Term): boolean =>
    family(value.type) === 'null' || (!isWide(value) && heldDigits(value) + scale - heldScaleOf(value) <= SAFE_DIGITS);
  const form = fits(left) && fits(right) ? asInteger : asKey;
  return [form(context, left, scale), form(context, right, scale)];
}

function asInteger(context: PlanContext, value: Term, scale: number): Term {
  if (family(value.type) === 'null') return value;
  const type = decimal(MAX_DECIMAL_DIGITS, scale);
  if (value.constant !== undefined) return constantTerm(context, type, value.constant.evaluate, value.nullable);
  return { ...value, sql: scaledText(value.sql, scale - heldScaleOf(value)), type };
}

function asKey(context: PlanContext, value: Term, scale: number): Term {
  if (family(value.type) === 'null') return value;
  const type = decimal(MAX_DECIMAL_DIGITS, scale);
  if (value.constant !== undefined) return constantTerm(context, type, value.constant.evaluate, value.nullable, 'key');
  return term(`sluice_decimal_key(${value.sql}, ${heldScaleOf(value)}, ${scale})`, type, value.nullable, [value]);
}

export function isWideDecimal(value: Term): boolean {
  return value.type.name === 'decimal' && isWide(value);
}

/** Text for ORDER BY, MIN and MAX: like collated(), and wide decimals in their order. */
export function ordered(value: Term): string {
  if (!isWideDecimal(value)) return collated(value);
  const scale = heldScaleOf(value);
  return `sluice_decimal_key(${value.sql}, ${scale}, ${scale})`;
}

function againstConstant(context: PlanContext, left: Term, right: Term, equality: boolean): [Term, Term] | null {
  const l = family(left.type);
  const r = family(right.type);
  const constant = right.constant;
  if (constant === undefined || r === 'null') return [left, right];
  const as = (type: ColumnType): Term => constantTerm(context, type, constant.evaluate, right.nullable, 'comparable');
  const numeric = r === 'int' || r === 'decimal' || r === 'double' || r === 'bytes';
  switch (l) {
    case 'int':
    case 'decimal':
    case 'double':
      if (r === 'time' || r === 'date' || r === 'datetime') return null;
      if (l === 'decimal' && (isWide(left) || left.heldScale !== undefined)) {
        return r === 'int' || r === 'decimal' ? exactPair(context, left, right) : null;
      }
      return [left, as(left.type)];
    case 'string':
      if (numeric) return null;
      // A constant may have a collation of its own.
      return [
        left,
        right.explicitCollation
          ? { ...as(left.type), sql: right.sql, type: right.type, explicitCollation: true }
          : as(left.type),
      ];
    case 'bytes':
      return numeric && r !== 'bytes' ? null : [left, as(left.type)];
    case 'date':
    case 'datetime':
      if (numeric || r === 'string' || r === 'date' || r === 'datetime') return [left, as(left.type)];
      return null;
    case 'time':
      return r === 'string' || r === 'time' || numeric ? [left, as(left.type)] : null;
    case 'enum':
    case 'set':
      if (numeric && r !== 'bytes') return [left, as({ name: 'bigint' })];
      return r === 'string' && equality ? [left, as(left.type)] : null;
    default:
      return null;
  }
}

/** The type in which two non-constant values are compared. */
export function meetingType(a: ColumnType, b: ColumnType): ColumnType {
  const fa = family(a);
  const fb = family(b);
  if (fa === 'null') return b;
  if (fb === 'null') return a;
  if (fa === fb && fa === 'enum' && JSON.stringify(a.values) === JSON.stringify(b.values)) return a;
  const textual = (f: TypeFamily): boolean => f === 'string' || f === 'enum' || f === 'set' || f === 'json';
  if (fa === 'bytes' || fb === 'bytes')
    return (textual(fa) || fa === 'bytes') && (textual(fb) || fb === 'bytes') ? LONGBLOB : DOUBLE;
  if (textual(fa) && textual(fb))
    return commonType([
      { name: 'longtext', ...(a.collation && { collation: a.collation }) },
      { name: 'longtext', ...(b.collation && { collation: b.collation }) },
    ]);
  const temporal = (f: TypeFamily): boolean => f === 'date' || f === 'datetime';
  if ((temporal(fa) || fa === 'string') && (temporal(fb) || fb === 'string')) {
    return fa === 'date' && fb === 'date'
      ? a
      : datetime(Math.max(a.scale ?? 0, b.scale ?? 0, fa === 'string' || fb === 'string' ? 6 : 0));
  }
  if ((fa === 'time' || fa === 'string') && (fb === 'time' || fb === 'string')) return { name: 'time', scale: 6 };
  if (fa === 'int' && fb === 'int') return { name: 'bigint' };
  if (isExact(a) && isExact(b)) return decimal(MAX_DECIMAL_DIGITS, Math.max(digits(a).scale, digits(b).scale));
  return DOUBLE;
}

function asType(context: PlanContext, value: Term, type: ColumnType): Term {
  const f = family(value.type);
  const to = family(type);
  if (to === 'int' && f === 'int') return value;
  if (to === 'double')
    return f === 'int' && !(value.type.name === 'bigint' && value.type.unsigned) ? value : toDouble(context, value);
  if (to === 'datetime' && f === 'datetime' && (value.type.scale ?? 0) === (type.scale ?? 0))
    return toLocal(context, value);
  if (to === 'string') return toText(context, value);
  if (to === 'enum' || (to === f && to !== 'decimal' && to !== 'datetime')) return value;
  return convertTo(context, value, type);
}

/** Both operands of a comparison, with COLLATE written where SQLite would not compare so by itself. */
export function withCollation(left: Term, right: Term): [string, string] {
  const wanted = wantedCollation(left, right);
  if (wanted === null) return [left.sql, right.sql];
  if (isPlainText(left) && isPlainText(right)) {
    const given = left.storedCollation ?? right.storedCollation ?? 'binary';
    return given === wanted ? [left.sql, right.sql] : [left.sql, `${right.sql} COLLATE ${wanted.toUpperCase()}`];
  }
  // A COLLATE somewhere inside an expression reaches outwards in SQLite, and the left operand's wins.
  return [`${left.sql} COLLATE ${wanted.toUpperCase()}`, right.sql];
}

export function wantedCollation(left: Term, right: Term): 'binary' | 'nocase' | null {
  if (family(left.type) !== 'string' || family(right.type) !== 'string') return null;
  return comparesBytes(left, right) ? 'binary' : 'nocase';
}

/** A collation that was asked for by COLLATE wins over a column's own; else the exact one of two wins. */
function comparesBytes(left: Term, right: Term): boolean {
  if (left.explicitCollation !== right.explicitCollation)
    return isBinaryCollation((left.explicitCollation ? left : right).type);
  const literal = (value: Term): boolean => value.constant !== undefined && value.type.collation === undefined;
  if (literal(left)) return isBinaryCollation(right.type);
  if (literal(right)) return isBinaryCollation(left.type);
  return isBinaryCollation(left.type) || isBinaryCollation(right.type);
}

/** A bare column of a base table or a parameter: its collation is known. */
function isPlainText(value: Term): boolean {
  return value.storedCollation !== undefined || value.constant !== undefined;
}

/** Text for GROUP BY, DISTINCT, MIN, MAX: with the collation that MySQL would compare by. */
export function collated(value: Term): string {
  if (family(value.type) !== 'string') return value.sql;
  const wanted = isBinaryCollation(value.type) ? 'binary' : 'nocase';
  return value.storedCollation === wanted ? value.sql : `${value.sql} COLLATE ${wanted.toUpperCase()}`;
}

/** operand IN (items): constants in one list, everything else as comparisons. */
export function inList(context: PlanContext, operand: Term, items: readonly Term[], negated: boolean): Term {
  const isConstant = (item: Term): boolean =>
    item.constant !== undefined && item.type.name !== 'null' && operand.constant === undefined;
  const constants = items.filter(isConstant);
  const pairs = constants.map((item) => comparableTerms(context, operand, item, true));
  // One IN needs one form of the operand: constants that change it (a text column against a number) compare one by one.
  const direct = pairs.filter(([a]) => a.sql === operand.sql);
  const others = items.filter((item) => !isConstant(item)).map((item) => compare(context, '=', operand, item));
  const converted = constants
    .filter((_, i) => pairs[i]?.[0].sql !== operand.sql)
    .map((item) => compare(context, '=', operand, item));
  const parts: string[] = [];
  const first = direct[0];
  if (first !== undefined) {
    // SQLite takes IN's collation from the left operand alone.
    const wanted = wantedCollation(operand, first[1]);
    const left =
      wanted === null || operand.storedCollation === wanted
        ? operand.sql
        : `${operand.sql} COLLATE ${wanted.toUpperCase()}`;
    parts.push(`(${left} IN (${direct.map(([, b]) => b.sql).join(', ')}))`);
  }
  for (const part of [...others, ...converted]) parts.push(part.sql);
  const positive = parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`;
  const sql = negated ? `(NOT ${positive})` : positive;
  const result = term(sql, BOOLEAN, operand.nullable || items.some((item) => item.nullable), [operand, ...items]);
  if (negated || operand.column === undefined || direct.length !== items.length) return result;
  const column = operand.column;
  const values = direct.map(([, b]) => {
    if (b.constant === undefined) throw new Error('a constant lost its value');
    return storedSource(b.constant, b.type, context.settings.offsetMinutes);
  });
  const collation = first === undefined ? 'number' : (wantedCollation(operand, first[1]) ?? 'number');
  return { ...result, conditions: [{ column, op: 'in', values, collation }], onlyConditions: true };
}
