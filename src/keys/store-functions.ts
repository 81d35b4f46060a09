/** What the keys' SQL calls. Every process that opens the store is to register these. All are pure. */
import type { ScalarFunction } from '../stores/function.ts';
import type { StoreValue } from '../stores/values.ts';
import { countBits } from './bit-pieces.ts';
import { compareNumbers, wholeExpression } from './filters.ts';
import { superKey } from './paths.ts';
import { parsePattern } from './patterns.ts';
import { parseGlob } from './redis/glob.ts';
import { SQL_WRITE_FUNCTION } from './sql-writes.ts';

/** Prepared operands kept of each function: a statement asks with the same one for every row. */
const PREPARED_MAX = 64;

function preparing<T>(prepare: (operand: string) => T): (operand: StoreValue | undefined) => T {
  const known = new Map<string, T>();
  return (operand) => {
    const text = textOf(operand);
    let prepared = known.get(text);
    if (prepared === undefined) {
      if (known.size >= PREPARED_MAX) known.clear();
      prepared = prepare(text);
      known.set(text, prepared);
    }
    return prepared;
  };
}

/** Text that may hold a NUL comes as bytes: the driver hands text over only up to there. No bytes come as null. */
function textOf(given: StoreValue | undefined): string {
  if (given === null || given === undefined) return '';
  return given instanceof Uint8Array ? Buffer.from(given).toString('utf8') : String(given);
}

const patternOf = preparing(parsePattern);
const globOf = preparing(parseGlob);
const expressionOf = preparing(wholeExpression);
const numberOf = preparing((text) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text)));

export const KEY_FUNCTIONS: readonly ScalarFunction[] = [
  SQL_WRITE_FUNCTION,
  {
    name: 'sluice_key_matches',
    deterministic: true,
    call: (path, pattern) => (patternOf(pattern).matches(String(path)) ? 1 : 0),
  },
  {
    name: 'sluice_key_glob',
    deterministic: true,
    call: (path, pattern) => (globOf(pattern).matches(String(path)) ? 1 : 0),
  },
  {
    name: 'sluice_key_compare',
    deterministic: true,
    bigIntArguments: true,
    call: (value, operand) => compareNumbers(value ?? null, numberOf(operand)),
  },
  {
    name: 'sluice_key_fits',
    deterministic: true,
    call: (bytes, source) => (expressionOf(source).test(textOf(bytes)) ? 1 : 0),
  },
  {
    name: 'sluice_bit_count',
    deterministic: true,
    call: (bytes, from, to) => countBits(bytes as Uint8Array, Math.max(Number(from), 0), Number(to)),
  },
  { name: 'sluice_key_double', deterministic: true, call: (digits) => Number(digits) },
  {
    name: 'sluice_super_key',
    deterministic: true,
    call: (path, depth) => superKey(String(path), Number(depth)),
  },
];
