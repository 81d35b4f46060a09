/** Aggregate functions, also as window functions. Source: MySQL manual, "Aggregate Function Descriptions". */
import { failure } from '../../errors.ts';
import type { StoreFunction } from '../../stores/function.ts';
import type { StoreValue } from '../../stores/values.ts';
import { numeric, quotientScale } from '../planner/arithmetic.ts';
import { collated, isWideDecimal, ordered } from '../planner/comparison.ts';
import { convertTo, shown, toDouble, toText } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { heldDigits, heldScaleOf, isWide, quoteText, type Term } from '../planner/term.ts';
import {
  BIGINT,
  BIGINT_UNSIGNED,
  DOUBLE,
  decimal,
  digits,
  family,
  isBinaryCollation,
  isTextual,
  JSON_TYPE,
  LONGTEXT,
} from '../types.ts';
import { asJson } from './json.ts';

/** An aggregate call with its arguments bound. */
export interface AggregateCall {
  readonly args: readonly Term[];
  readonly star: boolean;
  readonly distinct: boolean;
  /** ORDER BY inside GROUP_CONCAT, as SQLite text; empty when there is none. */
  readonly orderBy: string;
  readonly separator: string;
}

export interface BoundAggregate {
  /** SQLite's aggregate calls, apart, so that OVER (...) can follow each. */
  readonly calls: readonly string[];
  /** Makes the result of them. */
  readonly after?: (...calls: string[]) => string;
  readonly type: Term['type'];
  readonly nullable: boolean;
  readonly heldScale?: number;
}

export interface AggregateDefinition {
  readonly name: string;
  readonly bind: (context: PlanContext, call: AggregateCall) => BoundAggregate;
  readonly storeFunctions?: readonly StoreFunction[];
}

const distinct = (call: AggregateCall): string => (call.distinct ? 'DISTINCT ' : '');
const only = (call: AggregateCall): Term => call.args[0] as Term;

const count: AggregateDefinition = {
  name: 'COUNT',
  bind: (context, call) => {
    if (call.star) return { calls: ['count(*)'], type: BIGINT, nullable: false };
    if (call.args.length === 1) {
      const value = `count(${distinct(call)}${collated(shown(only(call)))})`;
      return { calls: [value], type: BIGINT, nullable: false };
    }
    if (!call.distinct) throw failure('ER_PARSE_ERROR', 'COUNT with several arguments and no DISTINCT', 1);
    // A row counts when none of its values is NULL.
    const parts = call.args.map((arg) => (isTextual(arg.type) ? foldedText(context, arg) : arg.sql));
    return { calls: [`count(DISTINCT sluice_row_key(${parts.join(', ')}))`], type: BIGINT, nullable: false };
  },
  storeFunctions: [
    {
      name: 'sluice_row_key',
      deterministic: true,
      varargs: true,
      bigIntArguments: true,
      call: (...values) => (values.includes(null) ? null : JSON.stringify(values.map(keyPart))),
    },
  ],
};

function foldedText(context: PlanContext, value: Term): string {
  const text = toText(context, value);
  return isBinaryCollation(value.type) ? text.sql : `lower(${text.sql})`;
}

function keyPart(value: StoreValue): StoreValue {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

/** Sums of values of more digits than this could leave 64 bits: they are summed in two halves. */
const PLAIN_SUM_DIGITS = 13;

/** An exact sum as SQLite calls and what joins them. */
function exactSum(
  value: Term,
  isDistinct: boolean,
): Pick<BoundAggregate, 'calls'> & { after: (...calls: string[]) => string } {
  if (isDistinct) {
    const text = `CAST(${value.sql} AS TEXT)`;
    return { calls: [`sluice_distinct_sum(DISTINCT ${text})`], after: (total) => `sluice_wide_decimal(${total})` };
  }
  const { native, sql } = value;
  if (!isWide(value) && heldDigits(value) <= PLAIN_SUM_DIGITS)
    return { calls: [`sum(${sql})`], after: (total) => total };
  const after = (high: string, low: string): string => `sluice_join_sum(${high}, ${low})`;
  if (native !== undefined) {
    // The exact function is asked only where SQLite's own operator overflowed.
    const half = (plain: string, exact: string): string =>
      `sum(CASE WHEN typeof(${native}) = 'integer' THEN ${plain} ELSE ${exact} END)`;
    return {
      calls: [half(`${native} >> 32`, `sluice_high(${sql})`), half(`${native} & 4294967295`, `sluice_low(${sql})`)],
      after,
    };
  }
  if (isWide(value)) return { calls: [`sum(sluice_high(${sql}))`, `sum(sluice_low(${sql}))`], after };
  return { calls: [`sum(${sql} >> 32)`, `sum(${sql} & 4294967295)`], after };
}

const DIGITS_OF_SUMS = 22;

const sum: AggregateDefinition = {
  name: 'SUM',
  bind: (context, call) => {
    const value = numeric(context, only(call));
    if (family(value.type) === 'double') {
      const { scale } = value.type;
      return {
        calls: [`sum(${distinct(call)}${value.sql})`],
        type: scale === undefined ? DOUBLE : { name: 'double', scale },
        nullable: true,
      };
    }
    const { precision, scale } = digits(value.type);
    const type = decimal(precision + DIGITS_OF_SUMS, scale);
    return { ...exactSum(value, call.distinct), type, nullable: true, ...heldBy(value) };
  },
  storeFunctions: [
    {
      kind: 'aggregate',
      name: 'sluice_distinct_sum',
      deterministic: true,
      start: () => null,
      step: (state: string | null, value: StoreValue) =>
        value === null ? state : (BigInt(state ?? 0) + BigInt(value as string)).toString(),
      result: (state: string | null) => state,
    },
  ],
};

function heldBy(value: Term): { heldScale?: number } {
  return value.heldScale === undefined ? {} : { heldScale: value.heldScale };
}

/** Exact: the sum is divided by the count as decimals. */
const avg: AggregateDefinition = {
  name: 'AVG',
  bind: (context, call) => {
    const value = numeric(context, only(call));
    if (family(value.type) === 'double') {
      const { scale } = value.type;
      const type = scale === undefined ? DOUBLE : { name: 'double' as const, scale: Math.min(scale + 4, 30) };
      return { calls: [`avg(${distinct(call)}${value.sql})`], type, nullable: true };
    }
    const { precision, scale } = digits(value.type);
    const type = decimal(precision + 4, scale + 4);
    const held = heldScaleOf(value);
    const heldScale = Math.max(quotientScale(held, 0), type.scale ?? 0);
    const total = exactSum(value, call.distinct);
    return {
      calls: [...total.calls, `count(${distinct(call)}${value.sql})`],
      after: (...calls) =>
        `sluice_decimal_divide(${total.after(...calls.slice(0, -1))}, ${held}, ${calls.at(-1)}, 0, ${heldScale})`,
      type,
      nullable: true,
      heldScale,
    };
  },
};

/** ENUM and SET count by their text, as in MySQL. */
function extreme(name: 'MIN' | 'MAX'): AggregateDefinition {
  return {
    name,
    bind: (context, call) => {
      const given = only(call);
      const f = family(given.type);
      const value = f === 'enum' || f === 'set' ? toText(context, given) : given;
      const least = `${name.toLowerCase()}(${ordered(value)})`;
      // Beyond 64 bits the digits of a DECIMAL have an order of their own.
      const after = isWideDecimal(given) ? { after: (key: string) => `sluice_keyed_decimal(${key})` } : {};
      return { calls: [least], ...after, type: value.type, nullable: true, ...heldBy(given) };
    },
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
      calls: [`${storeName}(CAST(${convertTo(context, numeric(context, only(call)), BIGINT).sql} AS TEXT))`],
      after: (text) => `sluice_wrap(sluice_wide_decimal(coalesce(${text}, '${start}')), 1)`,
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

/** The items come as JSON text; SQLite's own aggregate keeps their order, MySQL's form is made of its result. */
const jsonArray: AggregateDefinition = {
  name: 'JSON_ARRAYAGG',
  bind: (context, call) => ({
    calls: [`json_group_array(json(coalesce(${asJson(context, only(call))}, 'null')))`],
    after: (text) => `(CASE WHEN ${text} = '[]' THEN NULL ELSE sluice_to_json(${text}) END)`,
    type: JSON_TYPE,
    nullable: true,
  }),
};

const jsonObject: AggregateDefinition = {
  name: 'JSON_OBJECTAGG',
  bind: (context, call) => ({
    calls: [
      `json_group_object(${toText(context, only(call)).sql}, json(coalesce(${asJson(context, call.args[1] as Term)}, 'null')))`,
    ],
    after: (text) => `(CASE WHEN ${text} = '{}' THEN NULL ELSE sluice_to_json(${text}) END)`,
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
