/** A rule's condition on a statement's values: `{ place = 1, op = ">", value = 1000 }`. */
import type { SlotValue } from '../../sql/slots.ts';
import type { SettingsReader } from './settings-reader.ts';

/** absent: the statement has no value in that place. */
const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'in', 'matches', 'null', 'absent'] as const;

export const VALUE_CONDITION_KEYS = ['place', 'op', 'value'];

const PLACE_MAX = 65_535;

export interface ValueCondition {
  /** Counted from 1, literals and parameters alike; null: any of them. */
  readonly place: number | null;
  readonly test: (value: SlotValue | undefined) => boolean;
}

export function readValueCondition(reader: SettingsReader): ValueCondition {
  const op = reader.oneOf('op', OPERATORS);
  const place = reader.whole('place', 1, PLACE_MAX) ?? null;
  const given = reader.raw('value');
  if (op === 'absent' || op === 'null') {
    if (given !== undefined) throw reader.wrong('value', `has no meaning with op = "${op}"`);
    if (op === 'null') return { place, test: (value) => value !== undefined && value.value === null };
    if (place === null) throw reader.wrong('place', 'is missing: which value is absent');
    return { place, test: (value) => value === undefined };
  }
  const test = testOf(reader, op, given);
  return { place, test: (value) => value !== undefined && value.value !== null && test(plain(value)) };
}

function testOf(
  reader: SettingsReader,
  op: Exclude<(typeof OPERATORS)[number], 'absent' | 'null'>,
  given: unknown,
): (value: string | number) => boolean {
  if (op === 'matches') {
    if (typeof given !== 'string') throw reader.wrong('value', 'must be a regular expression');
    const pattern = reader.made('value', () => new RegExp(given, 'u'));
    return (value) => pattern.test(String(value));
  }
  if (op === 'in') {
    if (!Array.isArray(given) || given.length === 0)
      throw reader.wrong('value', 'must be a list with at least one value');
    const wanted = given.map((item) => operand(reader, item));
    return (value) => wanted.some((item) => compare(value, item) === 0);
  }
  const wanted = operand(reader, given);
  return (value) => {
    const order = compare(value, wanted);
    return order !== null && ORDER_HOLDS[op](order);
  };
}

const ORDER_HOLDS: Readonly<Record<'=' | '!=' | '<' | '<=' | '>' | '>=', (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function operand(reader: SettingsReader, given: unknown): string | number {
  if (typeof given === 'string' || typeof given === 'number') return given;
  throw reader.wrong('value', 'must be a text or a number');
}

function plain({ value }: SlotValue): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : Number(value);
}

/** Numbers with numbers, also where one of them is a text that is one; null: they cannot be ordered. */
function compare(a: string | number, b: string | number): number | null {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [numberOf(a), numberOf(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? null : Math.sign(x - y);
}

function numberOf(value: string | number): number {
  return typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
}
