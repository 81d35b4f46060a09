/** Values on their way into columns: constants are converted before the store sees them, computed values by the store function sluice_store. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { ColumnDefinition } from '../../stores/schema.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { Expression } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import type { SlotValue } from '../slots.ts';
import { fingerprint } from '../syntax/fingerprint.ts';
import { parseExpression } from '../syntax/parser.ts';
import { family } from '../types.ts';
import { type AssignmentMode, toColumn } from '../values/convert.ts';
import { datetimeText, partsOfMicros } from '../values/temporal.ts';
import { toLocal } from './conversion.ts';
import { bindExpression, type ExpressionBinding } from './expressions.ts';
import type { Warn } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { expressionBinding } from './query.ts';
import { Scope } from './scope.ts';
import { quoteText, type Term } from './term.ts';

/** Gives a column's stored value at execution. `row` counts from 1. */
export type ColumnValue = (execution: ExecutionContext, row: number, mode: AssignmentMode) => StoreValue;

export function assignmentMode(context: PlanContext, warn: Warn): AssignmentMode {
  return { strict: context.strict, offsetMinutes: context.settings.offsetMinutes, warn };
}

/** A constant's way into `column`. */
export function constantValue(
  column: ColumnDefinition,
  evaluate: (execution: ExecutionContext) => SlotValue,
): ColumnValue {
  return (execution, row, mode) => {
    const stored = toColumn(column, evaluate(execution), row, mode);
    return stored === null ? nullValue(column, mode) : stored;
  };
}

/** What NULL becomes in `column`: NULL, the next AUTO_INCREMENT value (told by NULL), an error or the implicit default. */
export function nullValue(column: ColumnDefinition, mode: AssignmentMode): StoreValue {
  if (column.nullable || column.autoIncrement) return null;
  const error = failure('ER_BAD_NULL_ERROR', column.name);
  if (mode.strict) throw error;
  mode.warn({ level: 'Warning', errno: error.errno, message: error.message });
  return implicitDefault(column);
}

/** The text that computes `value` in `column`'s stored form. */
export function storedText(context: PlanContext, column: ColumnDefinition, value: Term): string {
  const constant = value.constant;
  if (constant !== undefined && context.rowMark === null) {
    const source = constantValue(column, constant.evaluate);
    const mode = assignmentMode(context, () => undefined);
    return context.parameter((execution) => exact(source(execution, 1, mode), column));
  }
  const inUtc = value.type.name === 'timestamp' && column.type.name === 'timestamp';
  const spec = {
    column: { name: column.name, type: column.type, nullable: column.nullable || column.autoIncrement === true },
    from: inUtc ? { ...value.type, name: 'datetime' } : heldType(value),
    strict: context.strict,
    // Both sides in UTC: nothing to shift.
    offsetMinutes: inUtc ? 0 : context.settings.offsetMinutes,
    ...(context.strict || column.nullable ? {} : { missing: implicitDefault(column) }),
  };
  const source = value.type.name === 'timestamp' && !inUtc ? toLocal(context, value) : value;
  const mark = context.rowMark === null ? '' : `, ${context.rowMark}`;
  return `sluice_store(${quoteText(JSON.stringify(spec))}, ${source.sql}${mark})`;
}

function heldType(value: Term): ColumnType {
  if (value.type.name === 'timestamp') return { ...value.type, name: 'datetime' };
  return value.heldScale === undefined ? value.type : { ...value.type, scale: value.heldScale };
}

/** SQLite takes a number for a REAL: integers of columns without affinity must be bigint. */
export function exact(value: StoreValue, column: ColumnDefinition): StoreValue {
  return typeof value === 'number' && family(column.type) !== 'double' ? BigInt(value) : value;
}

/** MySQL's implicit default: what a NOT NULL column gets outside of strict mode. */
export function implicitDefault(column: ColumnDefinition): StoreValue {
  switch (family(column.type)) {
    case 'int':
    case 'decimal':
    case 'double':
    case 'time':
    case 'set':
      return 0;
    case 'enum':
      return 1;
    case 'bytes':
      return column.type.name === 'binary' ? new Uint8Array(column.type.length ?? 1) : new Uint8Array(0);
    case 'date':
      return '0000-00-00';
    case 'datetime':
      return datetimeText(
        { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 },
        column.type.scale ?? 0,
      );
    case 'json':
      return 'null';
    default:
      return '';
  }
}

/** The default of a column that an INSERT leaves out, or DEFAULT names: a value, or a text where it must be computed for each row. */
export function defaultOf(context: PlanContext, column: ColumnDefinition): { value: ColumnValue } | { text: string } {
  const { default: given } = column;
  if (column.setByStore === true) return { value: () => -1n };
  if (given === undefined || (given.kind === 'literal' && given.value === null && !column.nullable)) {
    if (column.autoIncrement || column.nullable) return { value: () => null };
    return { value: (_execution, _row, mode) => missingDefault(column, mode) };
  }
  if (given.kind === 'literal') return { value: () => given.value };
  if (given.kind === 'now') return { value: (execution) => nowFor(context, column, given.fsp, execution) };
  const term = storedExpression(context, given.text);
  return term.constant === undefined
    ? { text: storedText(context, column, term) }
    : { value: constantValue(column, term.constant.evaluate) };
}

/** CURRENT_TIMESTAMP as `column` stores it: a TIMESTAMP in UTC, a DATETIME in the session's time. */
export function nowFor(
  context: PlanContext,
  column: ColumnDefinition,
  fsp: number,
  execution: ExecutionContext,
): StoreValue {
  const step = 10 ** (6 - fsp);
  const micros = Math.floor(execution.nowMicros / step) * step;
  const offset = column.type.name === 'timestamp' ? 0 : context.settings.offsetMinutes;
  return datetimeText(partsOfMicros(micros + offset * 60e6), column.type.scale ?? 0);
}

function missingDefault(column: ColumnDefinition, mode: AssignmentMode): StoreValue {
  const error = failure('ER_NO_DEFAULT_FOR_FIELD', column.name);
  if (mode.strict) throw error;
  mode.warn({ level: 'Warning', errno: error.errno, message: error.message });
  return implicitDefault(column);
}

/** Binds an expression that the catalog holds as text (a DEFAULT or CHECK). */
export function storedExpression(context: PlanContext, text: string, scope = new Scope(null)): Term {
  const slots = fingerprint(text).slots.map((slot): SlotValue => {
    if ('parameter' in slot) throw failure('ER_PARSE_ERROR', text, 1);
    return slot;
  });
  const inner = context.forStoredText(slots);
  return bindExpression(expressionBinding(inner, scope, 'default'), parseExpression(text));
}

/** A value of INSERT's or UPDATE's list, bound; DEFAULT is the column's default. */
export function bindValue(
  binding: ExpressionBinding,
  column: ColumnDefinition,
  expression: Expression,
): { value: ColumnValue } | { text: string } {
  const { context } = binding;
  if (expression.kind === 'default' && expression.column === undefined) return defaultOf(context, column);
  const term = bindExpression(binding, expression);
  return term.constant === undefined || context.rowMark !== null
    ? { text: storedText(context, column, term) }
    : { value: constantValue(column, term.constant.evaluate) };
}

/** A ColumnValue as SQLite text, for statements where other values must be computed. */
export function valueText(context: PlanContext, column: ColumnDefinition, value: ColumnValue): string {
  const mode = assignmentMode(context, () => undefined);
  return context.parameter((execution) => exact(value(execution, 1, mode), column));
}

/** A column's default as a term, for DEFAULT(col). */
export function defaultTerm(context: PlanContext, column: ColumnDefinition): Term {
  const given = defaultOf(context, column);
  if ('text' in given) return { sql: given.text, type: column.type, nullable: column.nullable };
  const mode = assignmentMode(context, () => undefined);
  const place = context.parameter((execution) => exact(given.value(execution, 1, mode), column));
  return { sql: place, type: column.type, nullable: column.nullable };
}
