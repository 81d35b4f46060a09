/**
 * How an SQL function is defined: one entry says its name, what it takes, what it gives, and either the SQLite text that computes it or the
 * JavaScript that does. To add a function, add an entry to the file of its family (string.ts, numeric.ts, datetime.ts ...).
 */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreFunction } from '../../stores/function.ts';
import type { StoreValue } from '../../stores/values.ts';
import { convertTo, toDouble, toText } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { type Term, term } from '../planner/term.ts';
import { BIGINT, DATE, datetime, family, isBinaryCollation, LONGBLOB, time } from '../types.ts';

/** The form in which an argument reaches the function. `any`: as it is stored. `moment`: a datetime whose month or day may be zero. */
export type ArgumentKind = 'text' | 'bytes' | 'integer' | 'double' | 'date' | 'datetime' | 'moment' | 'time' | 'any';

export interface FunctionDefinition {
  readonly name: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly bind: (context: PlanContext, args: readonly Term[]) => Term;
  /** What SQLite must have registered for the bound text to run. */
  readonly storeFunctions: readonly StoreFunction[];
}

interface SimpleFunction {
  readonly name: string;
  /** More names for the same function. */
  readonly aliases?: readonly string[];
  /** One kind an argument; `rest` repeats for all further ones. */
  readonly takes: readonly ArgumentKind[];
  readonly optional?: number;
  readonly rest?: ArgumentKind;
  readonly gives: ColumnType | ((args: readonly Term[]) => ColumnType);
  /** The result may be NULL though no argument is. */
  readonly nullable?: boolean;
  /** The function sees NULL arguments; otherwise a NULL argument gives NULL. */
  readonly seesNull?: boolean;
  readonly deterministic?: boolean;
  /** The function compares text: its first argument tells (1 or 0) whether letter case counts. */
  readonly comparesText?: boolean;
}

type NativeFunction = SimpleFunction & { readonly sql: (...args: string[]) => string };
/** Integers arrive as number (bigint beyond 2^53 with `bigIntArguments`); an integer result may be number or bigint. */
type ComputedFunction = SimpleFunction & {
  /** `takes` says what the arguments are: each entry types its own. */
  readonly call: (...args: never[]) => StoreValue;
  readonly bigIntArguments?: boolean;
};

export function native(definition: NativeFunction): FunctionDefinition[] {
  return define(definition, (args) => definition.sql(...args), []);
}

/** A function computed in JavaScript: registered in every connection as `mysql_<name>`. */
export function computed(definition: ComputedFunction): FunctionDefinition[] {
  const storeName = `mysql_${definition.name.toLowerCase()}`;
  const call = definition.call as (...args: StoreValue[]) => StoreValue;
  const seesNull = definition.seesNull ?? false;
  const storeFunction: StoreFunction = {
    name: storeName,
    deterministic: definition.deterministic ?? true,
    varargs: true,
    ...(definition.bigIntArguments && { bigIntArguments: true }),
    call: (...args) => (!seesNull && args.includes(null) ? null : integerResult(call(...args), definition.gives)),
  };
  // The driver takes an empty Uint8Array for NULL: bytes come back as text where there are none.
  const asBytes = typeof definition.gives !== 'function' && family(definition.gives) === 'bytes';
  const sql = (args: string[]): string => `${storeName}(${args.join(', ')})`;
  return define(definition, asBytes ? (args) => `CAST(${sql(args)} AS BLOB)` : sql, [storeFunction]);
}

/** SQLite takes a number for a REAL: results of exact types must be given as bigint. */
function integerResult(value: StoreValue, gives: SimpleFunction['gives']): StoreValue {
  if (value instanceof Uint8Array && value.length === 0) return '';
  if (typeof value !== 'number' || typeof gives === 'function') return value;
  const f = family(gives);
  return f === 'int' || f === 'decimal' || f === 'time' ? BigInt(value) : value;
}

function define(
  definition: SimpleFunction,
  sql: (args: string[]) => string,
  storeFunctions: readonly StoreFunction[],
): FunctionDefinition[] {
  const maxArgs = definition.rest === undefined ? definition.takes.length : Number.POSITIVE_INFINITY;
  const minArgs = definition.takes.length - (definition.optional ?? 0);
  const bind = (context: PlanContext, args: readonly Term[]): Term => {
    const texts = args.map((arg, i) => argument(context, arg, definition.takes[i] ?? definition.rest ?? 'any').sql);
    if (definition.comparesText) texts.unshift(args.some((arg) => isBinaryCollation(arg.type)) ? '1' : '0');
    const type = typeof definition.gives === 'function' ? definition.gives(args) : definition.gives;
    const nullable = definition.nullable === true || (!definition.seesNull && args.some((arg) => arg.nullable));
    return term(sql(texts), type, nullable, args);
  };
  return [definition.name, ...(definition.aliases ?? [])].map((name) => ({
    name,
    minArgs,
    maxArgs,
    bind,
    storeFunctions,
  }));
}

/** `value` in the form that an argument of `kind` has. */
export function argument(context: PlanContext, value: Term, kind: ArgumentKind): Term {
  switch (kind) {
    case 'text':
      return family(value.type) === 'bytes' ? value : toText(context, value);
    case 'bytes':
      return convertTo(context, value, LONGBLOB);
    case 'integer':
      return convertTo(context, value, BIGINT);
    case 'double':
      return toDouble(context, value);
    case 'date':
      return convertTo(context, value, DATE);
    case 'datetime':
      return convertTo(context, value, datetime(6));
    case 'moment': {
      const f = family(value.type);
      if (f === 'date' || f === 'datetime' || f === 'time') return convertTo(context, value, datetime(6));
      return term(`sluice_read_datetime(${toText(context, value).sql})`, datetime(6), true, [value]);
    }
    case 'time':
      return convertTo(context, value, time(6));
    case 'any':
      return value;
  }
}

/** A function with a rule of its own. */
export function special(
  name: string,
  minArgs: number,
  maxArgs: number,
  bind: FunctionDefinition['bind'],
  storeFunctions: readonly StoreFunction[] = [],
): FunctionDefinition[] {
  return [{ name, minArgs, maxArgs, bind, storeFunctions }];
}

export function checkArgumentCount(definition: FunctionDefinition, count: number): void {
  if (count < definition.minArgs || count > definition.maxArgs)
    throw failure('ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT', definition.name);
}
