/** Numeric functions. Source: MySQL manual, "Mathematical Functions". */

import type { ColumnType } from '../../stores/column-type.ts';
import { arithmetic, numeric } from '../planner/arithmetic.ts';
import { numberOf } from '../planner/constants.ts';
import { convertTo } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { heldScaleOf, isWide, type Term, term } from '../planner/term.ts';
import { BIGINT, BIGINT_UNSIGNED, DOUBLE, decimal, digits, family, SAFE_DIGITS, varchar } from '../types.ts';
import { computed, type FunctionDefinition, native, special } from './definition.ts';

/** Functions over doubles that SQLite has under some name; NULL outside of their domain. */
function real(name: string, sqlite: string, aliases: readonly string[] = []): FunctionDefinition[] {
  return native({ name, aliases, takes: ['double'], gives: DOUBLE, nullable: true, sql: (x) => `${sqlite}(${x})` });
}

function absolute(context: PlanContext, args: readonly Term[]): Term {
  const value = numeric(context, args[0] as Term);
  if (value.type.unsigned && family(value.type) !== 'double') return value;
  const held = value.heldScale === undefined ? {} : { heldScale: value.heldScale };
  if (isWide(value)) return { ...term(`sluice_decimal_abs(${value.sql})`, value.type, value.nullable, args), ...held };
  // SQLite's abs() leaves -0.0 as it is.
  if (family(value.type) === 'double') return term(`(abs(${value.sql}) + 0.0)`, value.type, value.nullable, args);
  return { ...term(`abs(${value.sql})`, value.type, value.nullable, args), ...held };
}

/** CEIL and FLOOR of exact numbers are exact integers. */
function integral(name: 'ceil' | 'floor'): FunctionDefinition['bind'] {
  return (context, args) => {
    const value = numeric(context, args[0] as Term);
    if (family(value.type) === 'int') return value;
    if (family(value.type) === 'double') {
      // A large number must not come back as SQLite's text of a double.
      return term(`${name}(${value.sql})`, { name: 'double', scale: 0 }, value.nullable, args);
    }
    const { precision, scale } = digits(value.type);
    const type = precision - scale < SAFE_DIGITS ? BIGINT : decimal(precision - scale + 1, 0);
    return term(`sluice_decimal_${name}(${value.sql}, ${heldScaleOf(value)})`, type, value.nullable, args);
  };
}

/** Decimal places that a result can have. */
const PLACES_MAX = 30;

/** ROUND(x, d), TRUNCATE(x, d): d decides the type, so its value is part of the plan. */
function rounding(mode: 'round' | 'truncate'): FunctionDefinition['bind'] {
  return (context, args) => {
    const value = numeric(context, args[0] as Term);
    const places = args[1];
    if (places?.type.name === 'null') return term('NULL', DOUBLE, true, args);
    const pinned = places === undefined ? 0 : pinnedInteger(places);
    if (family(value.type) === 'double') {
      const placesSql = places === undefined ? '0' : convertTo(context, places, BIGINT).sql;
      const scale = pinned === null ? value.type.scale : Math.min(Math.max(pinned, 0), PLACES_MAX + 1);
      const type = scale === undefined || scale > PLACES_MAX ? DOUBLE : { name: 'double' as const, scale };
      return term(`sluice_double_${mode}(${value.sql}, ${placesSql})`, type, value.nullable, args);
    }
    const { precision, scale } = digits(value.type);
    // Without a fixed number of places the value keeps its own, as many as there are.
    const kept = Math.min(Math.max(pinned ?? scale, 0), family(value.type) === 'int' ? 0 : PLACES_MAX);
    const grows = mode === 'round' && kept < scale ? 1 : 0;
    const type =
      family(value.type) === 'int' ? roundedInteger(value.type) : decimal(precision - scale + kept + grows, kept);
    const placesSql = pinned === null ? convertTo(context, places as Term, BIGINT).sql : String(pinned);
    const sql = `sluice_decimal_${mode}(${value.sql}, ${heldScaleOf(value)}, ${placesSql}, ${kept})`;
    return term(sql, type, value.nullable || places?.nullable === true, args);
  };
}

function roundedInteger(type: ColumnType): ColumnType {
  return type.unsigned ? BIGINT_UNSIGNED : BIGINT;
}

/** The value of an argument that was pinned by the binder (see PINNED_ARGUMENTS in expressions.ts); null when it is not a literal. */
function pinnedInteger(value: Term): number | null {
  return value.pinned === undefined || value.pinned.value === null ? null : Number(numberOf(value.pinned).unscaled);
}

function power(context: PlanContext, args: readonly Term[]): Term {
  const [x, y] = args.map((arg) => convertTo(context, arg, DOUBLE)) as [Term, Term];
  return term(`pow(${x.sql}, ${y.sql})`, DOUBLE, true, args);
}

function logarithm(context: PlanContext, args: readonly Term[]): Term {
  const texts = args.map((arg) => convertTo(context, arg, DOUBLE).sql);
  return term(texts.length === 1 ? `ln(${texts[0]})` : `log(${texts.join(', ')})`, DOUBLE, true, args);
}

function sign(context: PlanContext, args: readonly Term[]): Term {
  const value = convertTo(context, args[0] as Term, DOUBLE);
  return term(`CAST(sign(${value.sql}) AS INTEGER)`, BIGINT, value.nullable, args);
}

function convertBase(text: string | Uint8Array, from: number, to: number): string | null {
  const source = Math.abs(from);
  const target = Math.abs(to);
  if (source < 2 || source > 36 || target < 2 || target > 36) return null;
  let n = 0n;
  const digitsText = String(text).trim().toLowerCase();
  const negative = digitsText.startsWith('-');
  for (const character of negative ? digitsText.slice(1) : digitsText) {
    const digit = Number.parseInt(character, 36);
    if (Number.isNaN(digit) || digit >= source) break;
    n = n * BigInt(source) + BigInt(digit);
  }
  const value = negative ? -n : n;
  return (to < 0 ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)).toString(target).toUpperCase();
}

/** RAND(seed): MySQL's own generator, so that seeded sequences agree. Source: MySQL's my_rnd(). */
function seededRandom(seed: number): number {
  const max = 0x3fffffff;
  const seed1 = (seed * 0x10001 + 55_555_555) % max;
  const seed2 = (seed * 0x10000001) % max;
  return ((seed1 * 3 + seed2) % max) / max;
}

function crc32(text: string | Uint8Array): number {
  let crc = ~0;
  for (const byte of Buffer.from(text as string)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

function random(context: PlanContext, args: readonly Term[]): Term {
  if (args.length === 0) return term('sluice_random()', DOUBLE, false, args);
  return term(`sluice_seeded_random(${convertTo(context, args[0] as Term, BIGINT).sql})`, DOUBLE, false, args);
}

export const NUMERIC_FUNCTIONS: readonly FunctionDefinition[] = [
  ...special('ABS', 1, 1, absolute),
  ...special('CEIL', 1, 1, integral('ceil')),
  ...special('CEILING', 1, 1, integral('ceil')),
  ...special('FLOOR', 1, 1, integral('floor')),
  ...special('ROUND', 1, 2, rounding('round')),
  ...special('TRUNCATE', 2, 2, rounding('truncate')),
  ...special('MOD', 2, 2, (context, args) => arithmetic(context, 'mod', args[0] as Term, args[1] as Term)),
  ...special('POW', 2, 2, power),
  ...special('POWER', 2, 2, power),
  ...special('SIGN', 1, 1, sign),
  ...special('LOG', 1, 2, logarithm),
  ...special('RAND', 0, 1, random, [
    { name: 'sluice_random', deterministic: false, call: () => Math.random() },
    { name: 'sluice_seeded_random', deterministic: false, call: (seed) => seededRandom(Number(seed)) },
  ]),
  ...real('SQRT', 'sqrt'),
  ...real('EXP', 'exp'),
  ...real('LN', 'ln'),
  ...real('LOG2', 'log2'),
  ...real('LOG10', 'log10'),
  ...real('SIN', 'sin'),
  ...real('COS', 'cos'),
  ...real('TAN', 'tan'),
  ...real('ASIN', 'asin'),
  ...real('ACOS', 'acos'),
  ...native({
    name: 'ATAN',
    aliases: ['ATAN2'],
    takes: ['double', 'double'],
    optional: 1,
    gives: DOUBLE,
    sql: (...args) => (args.length === 1 ? `atan(${args[0]})` : `atan2(${args.join(', ')})`),
  }),
  ...native({ name: 'COT', takes: ['double'], gives: DOUBLE, nullable: true, sql: (x) => `(1.0 / tan(${x}))` }),
  ...real('RADIANS', 'radians'),
  ...real('DEGREES', 'degrees'),
  ...native({ name: 'PI', takes: [], gives: { name: 'double', scale: 6 }, sql: () => 'pi()' }),
  ...computed({
    name: 'CONV',
    takes: ['text', 'integer', 'integer'],
    gives: varchar(64),
    nullable: true,
    call: convertBase,
  }),
  ...computed({ name: 'CRC32', takes: ['text'], gives: { name: 'int', unsigned: true, length: 10 }, call: crc32 }),
  ...computed({
    name: 'BIT_COUNT',
    takes: ['integer'],
    gives: BIGINT,
    bigIntArguments: true,
    call: (n: bigint) => BigInt.asUintN(64, n).toString(2).replaceAll('0', '').length,
  }),
];
