/** Aggregate functions, also as window functions. Source: MySQL manual, "Aggregate Function Descriptions". */
import { failure } from '../../errors.ts';
import type { StoreFunction } from '../../stores/function.ts';
import type { StoreValue } from '../../stores/values.ts';
import { collated } from '../planner/comparison.ts';
import { convertTo, toDouble, toText } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { quoteText, type Term, term } from '../planner/term.ts';
import {
  arithmeticType,
  BIGINT,
  BIGINT_UNSIGNED,
  DOUBLE,
  decimal,
  digits,
  family,
  JSON_TYPE,
  LONGTEXT,
} from '../types.ts';

/** An aggregate call with its arguments bound. */
export interface AggregateCall {
  readonly args: readonly Term[];
  readonly star: boolean;
  readonly distinct: boolean;
  /** ORDER BY inside GROUP_CONCAT, as SQLite text; empty when there is none. */
  readonly orderBy: string;
  readonly separator: string;
}

export interface AggregateDefinition {
  readonly name: string;
  /** SQLite's aggregate calls come back apart, so that OVER (...) can follow each; `after` makes the result of them. */
  readonly bind: (
    context: PlanContext,
    call: AggregateCall,
  ) => { calls: readonly string[]; after?: (...calls: string[]) => string; type: Term['type']; nullable: boolean };
  readonly storeFunctions?: readonly StoreFunction[];
}

const distinct = (call: AggregateCall): string => (call.distinct ? 'DISTINCT ' : '');
const only = (call: AggregateCall): Term => call.args[0] as Term;

function numeric(context: PlanContext, value: Term): Term {
  return convertTo(context, value, arithmeticType(value.type));
}

function isWide(value: Term): boolean {
  return value.type.name === 'bigint' && value.type.unsigned === true;
}

const count: AggregateDefinition = {
  name: 'COUNT',
  bind: (_context, call) => {
    if (call.star) return { calls: ['count(*)'], type: BIGINT, nullable: false };
    if (call.args.length === 1)
      return { calls: [`count(${distinct(call)}${collated(only(call))})`], type: BIGINT, nullable: false };
    if (!call.distinct) throw failure('ER_NOT_SUPPORTED_YET', 'COUNT with several arguments and no DISTINCT');
    // A row counts when none of its values is NULL.
    const key = `sluice_row_key(${call.args.map((arg) => (family(arg.type) === 'string' ? `lower(${arg.sql})` : arg.sql)).join(', ')})`;
    return { calls: [`count(DISTINCT ${key})`], type: BIGINT, nullable: false };
  },
  storeFunctions: [
    {
      name: 'sluice_row_key',
      deterministic: true,
      varargs: true,
      bigIntArguments: true,
      call: (...values) =>
        values.includes(null)
          ? null
          : JSON.stringify(
              values.map((v) =>
                typeof v === 'bigint' ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v,
              ),
            ),
    },
  ],
};

const sum: AggregateDefinition = {
  name: 'SUM',
  bind: (context, call) => {
    const value = numeric(context, only(call));
    if (family(value.type) === 'double')
      return { calls: [`sum(${distinct(call)}${toDouble(context, value).sql})`], type: DOUBLE, nullable: true };
    const { precision, scale } = digits(value.type);
    if (isWide(value))
      return {
        calls: [`sum(${distinct(call)}CAST(${value.sql} AS INTEGER))`],
        type: decimal(precision + 22, scale),
        nullable: true,
      };
    return { calls: [`sum(${distinct(call)}${value.sql})`], type: decimal(precision + 22, scale), nullable: true };
  },
};

/** Exact: the sum and the count are divided as decimals with four more digits. */
const avg: AggregateDefinition = {
  name: 'AVG',
  bind: (context, call) => {
    const value = numeric(context, only(call));
    if (family(value.type) === 'double')
      return { calls: [`avg(${distinct(call)}${toDouble(context, value).sql})`], type: DOUBLE, nullable: true };
    const { precision, scale } = digits(value.type);
    const type = decimal(precision + 4, scale + 4);
    const calls = [`sum(${distinct(call)}${value.sql})`, `count(${distinct(call)}${value.sql})`];
    return {
      calls,
      after: (total, n) => `sluice_decimal_divide(${total}, ${scale}, ${n}, 0, ${type.scale ?? 0})`,
      type,
      nullable: true,
    };
  },
};

function extreme(name: 'MIN' | 'MAX'): AggregateDefinition {
  return {
    name,
    bind: (_context, call) => ({
      calls: [`${name.toLowerCase()}(${collated(only(call))})`],
      type: only(call).type,
      nullable: true,
    }),
  };
}

const groupConcat: AggregateDefinition = {
  name: 'GROUP_CONCAT',
  bind: (context, call) => {
    const parts = call.args.map((arg) => toText(context, arg).sql);
    const value = parts.length === 1 ? (parts[0] as string) : `(${parts.join(' || ')})`;
    if (!call.distinct)
      return {
        calls: [`group_concat(${value}, ${quoteText(call.separator)}${call.orderBy})`],
        type: LONGTEXT,
        nullable: true,
      };
    // SQLite allows DISTINCT only with one argument: the separator is put in afterwards.
    const list = `sluice_group_list(DISTINCT ${value} COLLATE NOCASE${call.orderBy})`;
    return {
      calls: [list],
      after: (text) => `sluice_join_list(${text}, ${quoteText(call.separator)})`,
      type: LONGTEXT,
      nullable: true,
    };
  },
};

/** Population and sample deviation, over running sums (Welford's method). */
function deviation(name: string, sqliteName: string, aliases: readonly string[]): AggregateDefinition[] {
  return [name, ...aliases].map((alias) => ({
    name: alias,
    bind: (context, call) => ({
      calls: [`${sqliteName}(${distinct(call)}${toDouble(context, only(call)).sql})`],
      type: DOUBLE,
      nullable: true,
    }),
  }));
}

interface Moments {
  n: number;
  mean: number;
  squares: number;
}

function moments(name: string, result: (state: Moments) => StoreValue): StoreFunction {
  return {
    kind: 'aggregate',
    name,
    deterministic: true,
    start: (): Moments => ({ n: 0, mean: 0, squares: 0 }),
    step: (state: Moments, value: StoreValue) => {
      if (value === null) return state;
      const x = Number(value);
      const n = state.n + 1;
      const delta = x - state.mean;
      const mean = state.mean + delta / n;
      return { n, mean, squares: state.squares + delta * (x - mean) };
    },
    result,
  };
}

/** Values travel as text: the driver gives aggregates no bigint. */
function bits(name: string, start: bigint, step: (a: bigint, b: bigint) => bigint): AggregateDefinition {
  const storeName = `sluice_${name.toLowerCase()}`;
  return {
    name,
    bind: (context, call) => ({
      calls: [`${storeName}(CAST(${convertTo(context, only(call), BIGINT_UNSIGNED).sql} AS TEXT))`],
      after: (text) => `sluice_to_integer(${text})`,
      type: BIGINT_UNSIGNED,
      nullable: false,
    }),
    storeFunctions: [
      {
        kind: 'aggregate',
        name: storeName,
        deterministic: true,
        start: () => start.toString(),
        step: (state: string, value: StoreValue) =>
          value === null ? state : BigInt.asUintN(64, step(BigInt(state), BigInt(value as string))).toString(),
        result: (state: string) => state,
      },
    ],
  };
}

const jsonArray: AggregateDefinition = {
  name: 'JSON_ARRAYAGG',
  bind: (_context, call) => ({
    calls: [`json_group_array(${family(only(call).type) === 'json' ? `json(${only(call).sql})` : only(call).sql})`],
    type: JSON_TYPE,
    nullable: true,
  }),
};

const jsonObject: AggregateDefinition = {
  name: 'JSON_OBJECTAGG',
  bind: (context, call) => ({
    calls: [`json_group_object(${toText(context, only(call)).sql}, ${(call.args[1] as Term).sql})`],
    type: JSON_TYPE,
    nullable: true,
  }),
};

export const AGGREGATE_FUNCTIONS: readonly AggregateDefinition[] = [
  count,
  sum,
  avg,
  extreme('MIN'),
  extreme('MAX'),
  { ...groupConcat, storeFunctions: groupConcatFunctions() },
  ...deviation('STDDEV_POP', 'sluice_stddev_pop', ['STD', 'STDDEV']),
  ...deviation('STDDEV_SAMP', 'sluice_stddev_samp', []),
  ...deviation('VAR_POP', 'sluice_var_pop', ['VARIANCE']),
  ...deviation('VAR_SAMP', 'sluice_var_samp', []).map((definition) => ({
    ...definition,
    storeFunctions: [
      moments('sluice_stddev_pop', (s) => (s.n === 0 ? null : Math.sqrt(s.squares / s.n))),
      moments('sluice_stddev_samp', (s) => (s.n < 2 ? null : Math.sqrt(s.squares / (s.n - 1)))),
      moments('sluice_var_pop', (s) => (s.n === 0 ? null : s.squares / s.n)),
      moments('sluice_var_samp', (s) => (s.n < 2 ? null : s.squares / (s.n - 1))),
    ],
  })),
  bits('BIT_AND', 0xffff_ffff_ffff_ffffn, (a, b) => a & b),
  bits('BIT_OR', 0n, (a, b) => a | b),
  bits('BIT_XOR', 0n, (a, b) => a ^ b),
  jsonArray,
  jsonObject,
];

function groupConcatFunctions(): StoreFunction[] {
  return [
    {
      kind: 'aggregate',
      name: 'sluice_group_list',
      deterministic: true,
      start: () => [] as string[],
      step: (state: string[], value: StoreValue) => (value === null ? state : [...state, String(value)]),
      result: (state: string[]) => (state.length === 0 ? null : JSON.stringify(state)),
    },
    {
      name: 'sluice_join_list',
      deterministic: true,
      call: (list, separator) =>
        list === null ? null : (JSON.parse(String(list)) as string[]).join(String(separator)),
    },
  ];
}
