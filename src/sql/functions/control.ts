/** Control flow and comparison functions: IF, COALESCE, GREATEST ... */

import { compare, isWideDecimal } from '../planner/comparison.ts';
import { convertTo, shown, toCondition, toDouble } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { type Term, term } from '../planner/term.ts';
import { BIGINT, BOOLEAN, commonType, DOUBLE, family, isBinaryCollation, isNumeric } from '../types.ts';
import { type FunctionDefinition, special } from './definition.ts';

/** All values in the stored form of their common type. */
export function unified(context: PlanContext, values: readonly Term[]): { type: Term['type']; values: Term[] } {
  const type = commonType(values.map((value) => value.type));
  return { type, values: values.map((value) => convertTo(context, value, type)) };
}

function coalesce(context: PlanContext, args: readonly Term[]): Term {
  const { type, values } = unified(context, args);
  const nullable = args.every((arg) => arg.nullable);
  return term(
    values.length === 1 ? (values[0] as Term).sql : `coalesce(${values.map((value) => value.sql).join(', ')})`,
    type,
    nullable,
    args,
  );
}

function condition(context: PlanContext, args: readonly Term[]): Term {
  const [test, yes, no] = args as [Term, Term, Term];
  const { type, values } = unified(context, [yes, no]);
  const sql = `(CASE WHEN ${toCondition(context, test).sql} THEN ${(values[0] as Term).sql} ELSE ${(values[1] as Term).sql} END)`;
  return term(sql, type, yes.nullable || no.nullable, args);
}

function nullIf(context: PlanContext, args: readonly Term[]): Term {
  const [value, other] = args as [Term, Term];
  return term(
    `(CASE WHEN ${compare(context, '=', value, other).sql} THEN NULL ELSE ${shown(value).sql} END)`,
    value.type,
    true,
    args,
  );
}

/** SQLite's many-argument min() and max() give NULL when any argument is, as MySQL does. Text among numbers counts as a number. */
function extreme(name: 'min' | 'max'): FunctionDefinition['bind'] {
  return (context, args) => {
    const types = args.map((arg) => arg.type);
    const mixed = types.some(isNumeric) && types.some((type) => family(type) === 'string');
    const { type, values } = mixed
      ? { type: DOUBLE, values: args.map((arg) => toDouble(context, arg)) }
      : unified(context, args);
    const texts = values.map((value) =>
      family(type) === 'string' ? `${value.sql} COLLATE ${isBinaryCollation(type) ? 'BINARY' : 'NOCASE'}` : value.sql,
    );
    const nullable = args.some((arg) => arg.nullable);
    const result = term('', type, nullable, args);
    if (!isWideDecimal(result)) return { ...result, sql: `${name}(${texts.join(', ')})` };
    const scale = type.scale ?? 0;
    const keys = values.map((value) => `sluice_decimal_key(${value.sql}, ${scale}, ${scale})`);
    return { ...result, sql: `sluice_keyed_decimal(${name}(${keys.join(', ')}))` };
  };
}

/** INTERVAL(n, a, b, ...): how many of the ascending numbers are not above n. */
function interval(context: PlanContext, args: readonly Term[]): Term {
  const [n, ...bounds] = args.map((arg) => toDouble(context, arg).sql);
  const sum = bounds.map((bound) => `(${bound} <= ${n})`).join(' + ');
  return term(`(CASE WHEN ${n} IS NULL THEN -1 ELSE ${sum} END)`, BIGINT, false, args);
}

export const CONTROL_FUNCTIONS: readonly FunctionDefinition[] = [
  ...special('IF', 3, 3, condition),
  ...special('IFNULL', 2, 2, coalesce),
  ...special('COALESCE', 1, Number.POSITIVE_INFINITY, coalesce),
  ...special('NULLIF', 2, 2, nullIf),
  ...special('GREATEST', 2, Number.POSITIVE_INFINITY, extreme('max')),
  ...special('LEAST', 2, Number.POSITIVE_INFINITY, extreme('min')),
  ...special('INTERVAL', 2, Number.POSITIVE_INFINITY, interval),
  ...special('ISNULL', 1, 1, (_context, args) => term(`(${(args[0] as Term).sql} IS NULL)`, BOOLEAN, false, args)),
  ...special('ANY_VALUE', 1, 1, (_context, args) => args[0] as Term),
];
