/** SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP: on every value's bytes, where the tree's own operations take bit sets, strings and bytes alone. */
import { failure } from '../../errors.ts';
import { MAX_KEY_BITS } from '../../limits.ts';
import { bytesOfPieces, combinePieces, countBits, isZero, piecesOf } from '../bit-pieces.ts';
import { planBitCount, planGetBit, planSetBit } from '../bit-plans.ts';
import { type Current, readCurrent, removePieces, type StoredEntry, writeEntry } from '../entries.ts';
import { BITS_TABLE } from '../key-table.ts';
import { checkKey } from '../paths.ts';
import { insertRows, type KeyPlan, type KeySteps } from '../plan.ts';
import { textOf } from '../values.ts';
import { known, MORE, type More, type Reach, readBytes, readString } from './node.ts';
import { notNumber } from './numbers.ts';
import { reading, readStringCurrent, removeCurrent, writing } from './string-plans.ts';

export interface BitRange {
  /** Negative: from the end. */
  readonly start: number;
  readonly end: number;
  readonly unit: 'byte' | 'bit';
}

export type BitOperation = 'and' | 'or' | 'xor' | 'not';

export function checkBit(bit: number): number {
  if (!Number.isSafeInteger(bit) || bit < 0 || bit >= MAX_KEY_BITS)
    throw notNumber('bit offset is not an integer or out of range');
  return bit;
}

export function planSetTextBit(key: string, bit: number, value: 0 | 1, now: number): KeyPlan<0 | 1> {
  checkKey(key);
  checkBit(bit);
  return writing(function* () {
    const current = yield* readStringCurrent(key, now);
    const { entry } = current;
    if (entry !== null && !hasBytes(entry)) yield* writeAsText(current, entry);
    return yield* planSetBit(key, bit, value, now).steps();
  });
}

function hasBytes({ type }: StoredEntry): boolean {
  return type === 'bits' || type === 'string' || type === 'bytes';
}

function* writeAsText(current: Current, entry: StoredEntry): KeySteps<void> {
  yield* writeEntry(current, { type: 'string', value: String(textOf(entry)) }, entry.expiresAt);
}

export function planGetTextBit(key: string, bit: number, now: number, reach: Reach): KeyPlan<0 | 1 | More> {
  checkKey(key);
  checkBit(bit);
  return {
    ...reading([key], reach),
    *steps() {
      const entry = yield* readString(key, now, reach);
      if (entry === null || entry === MORE) return entry === null ? 0 : MORE;
      if (hasBytes(entry)) return yield* planGetBit(key, bit, now).steps();
      const bytes = known(yield* readBytes(key, entry, now, reach));
      return ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) === 0 ? 0 : 1;
    },
  };
}

export function planCountTextBits(key: string, range: BitRange | null, now: number): KeyPlan<number> {
  checkKey(key);
  return {
    ...reading([key], 'far'),
    *steps() {
      const entry = known(yield* readString(key, now, 'far'));
      if (entry === null) return 0;
      if (entry.type === 'bits') {
        const [from, to] = isReversed(range) ? [0, 0] : bitsOf(range, Number(entry.value));
        return from >= to ? 0 : yield* planBitCount(key, now, from, to).steps();
      }
      const bytes = known(yield* readBytes(key, entry, now, 'far'));
      const [from, to] = isReversed(range) ? [0, 0] : bitsOf(range, bytes.length);
      return countBits(bytes, from, to);
    },
  };
}

/** BITCOUNT takes no bits then; BITPOS does, as in Redis. */
function isReversed(range: BitRange | null): boolean {
  return range !== null && range.start < 0 && range.end < 0 && range.start > range.end;
}

/** From a bit up to, not including, another. */
function bitsOf(range: BitRange | null, byteLength: number): [number, number] {
  if (range === null) return [0, byteLength * 8];
  const scale = range.unit === 'byte' ? 8 : 1;
  const length = (byteLength * 8) / scale;
  const start = Math.max(range.start < 0 ? range.start + length : range.start, 0);
  const end = Math.min(Math.max(range.end < 0 ? range.end + length : range.end, 0), length - 1);
  return [start * scale, (end + 1) * scale];
}

/** The place of the first such bit; -1: there is none. A 0 lies beyond the end, unless the end was given. */
export function planFindBit(
  key: string,
  bit: 0 | 1,
  range: (BitRange & { readonly hasEnd: boolean }) | null,
  now: number,
): KeyPlan<number> {
  checkKey(key);
  return {
    ...reading([key], 'far'),
    *steps() {
      const entry = known(yield* readString(key, now, 'far'));
      if (entry === null) return bit === 1 ? -1 : 0;
      const bytes = known(yield* readBytes(key, entry, now, 'far'));
      const [from, to] = bitsOf(range, bytes.length);
      if (from >= to) return -1;
      const found = findBit(bytes, bit, from, to);
      return found < 0 && bit === 0 && range?.hasEnd !== true ? bytes.length * 8 : found;
    },
  };
}

function findBit(bytes: Uint8Array, bit: 0 | 1, from: number, to: number): number {
  const dull = bit === 1 ? 0x00 : 0xff;
  for (let at = from; at < to; ) {
    const byte = bytes[at >> 3]!;
    if (byte === dull) {
      at = ((at >> 3) + 1) * 8;
      continue;
    }
    if (((byte >> (7 - (at & 7))) & 1) === bit) return at;
    at++;
  }
  return -1;
}

/** Puts the result into `target`, without an expiry, and returns its bytes; nothing is left there when they are none. */
export function planCombineBits(
  operation: BitOperation,
  target: string,
  sources: readonly string[],
  now: number,
): KeyPlan<number> {
  [target, ...sources].forEach(checkKey);
  if (operation === 'not' && sources.length !== 1)
    throw failure('SLUICE_KEY_NUMBER', 'BITOP NOT must be called with a single source key.');
  return writing(function* () {
    const sets: Uint8Array[] = [];
    for (const key of sources) {
      const entry = known(yield* readString(key, now, 'far'));
      sets.push(entry === null ? new Uint8Array() : known(yield* readBytes(key, entry, now, 'far')));
    }
    const length = Math.max(...sets.map((set) => set.length));
    const current = yield* readCurrent(target, now);
    if (length === 0) {
      yield* removeCurrent(current);
      return 0;
    }
    yield* writeEntry(current, { type: 'bits', value: length }, null);
    yield* removePieces(target);
    const bytes = operation === 'not' ? inverted(sets[0]!) : combined(operation, sets, length);
    const rows = Array.from(piecesOf(bytes), ([piece, part]) => [target, piece, part]);
    if (rows.length > 0) yield* insertRows(rows, { mode: 'insert' }, BITS_TABLE);
    return length;
  });
}

function inverted(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => ~byte);
}

function combined(operation: 'and' | 'or' | 'xor', sets: readonly Uint8Array[], length: number): Uint8Array {
  const pieces = sets.map(piecesOf);
  const places = new Set(pieces.flatMap((set) => [...set.keys()]));
  const parts: [number, Uint8Array][] = [];
  for (const place of places) {
    const part = combinePieces(
      operation,
      pieces.map((set) => set.get(place)),
    );
    if (!isZero(part)) parts.push([place, part]);
  }
  return bytesOfPieces(parts, length);
}
