/**
 * Bit sets. Setting a bit writes one piece and the entry, never the set. Strings and bytes are bit sets too, of their bytes: they are read as such, and
 * become one when a bit is set.
 */
import { failure } from '../errors.ts';
import { MAX_KEY_BITS } from '../limits.ts';
import {
  BIT_OPERATORS,
  type BitOperator,
  bytesOfPieces,
  combinePieces,
  countBits,
  isZero,
  PIECE_BITS,
  piecesOf,
  placeOf,
} from './bit-pieces.ts';
import { wrongType } from './change-value.ts';
import { type Current, readCurrent, readEntry, removePieces, type StoredEntry, writeEntry } from './entries.ts';
import { BITS_SQL, BITS_TABLE, KEYS_SQL } from './key-table.ts';
import { afterKey, checkKey } from './paths.ts';
import { insertRows, type KeyPlan, type KeySteps, modify, pieceReach, reachOf, readRows } from './plan.ts';
import type { StoredValue } from './values.ts';

/** Returns the bit before. */
export function planSetBit(key: string, bit: number, value: 0 | 1, now: number): KeyPlan<0 | 1> {
  checkKey(key);
  const place = placeOf(bit);
  if (value !== 0 && value !== 1) throw failure('ER_BAD_PARAMETER', `'${String(value)}' is no bit`);
  return {
    writes: true,
    inline: false,
    reads: [],
    *steps() {
      const current = yield* readCurrent(key, now);
      const byteLength = Math.max(bitLengthOf(key, current.entry) / 8, Math.floor(bit / 8) + 1);
      yield* writeBitSet(current, byteLength);
      const old = yield* readPiece(key, place.piece);
      const bytes = old ?? new Uint8Array(PIECE_BITS / 8);
      const before = (bytes[place.byte]! & place.mask) === 0 ? 0 : 1;
      if (before === value) return before;
      bytes[place.byte]! ^= place.mask;
      if (old === null) yield* insertPieces(key, [[place.piece, bytes]]);
      else
        yield* modify(
          'update',
          `UPDATE ${BITS_SQL} SET bytes = ? WHERE path = ? AND piece = ?`,
          [bytes, key, place.piece],
          pieceReach(key, place.piece),
          BITS_TABLE,
        );
      return before;
    },
  };
}

/** Writes the entry of a set of `byteLength` bytes over the old one; what were other bytes become pieces. The expiry stays. */
function* writeBitSet(current: Current, byteLength: number): KeySteps<void> {
  const { key, entry, stored } = current;
  // Of one that has expired.
  if (stored === 'bits' && entry === null) yield* removePieces(key);
  yield* writeEntry(current, { type: 'bits', value: byteLength }, entry?.expiresAt ?? null);
  if (entry !== null && entry.type !== 'bits') yield* insertPieces(key, piecesOf(bytesIn(entry)));
}

function* insertPieces(key: string, pieces: Iterable<readonly [number, Uint8Array]>): KeySteps<void> {
  const rows = Array.from(pieces, ([piece, bytes]) => [key, piece, bytes]);
  if (rows.length > 0) yield* insertRows(rows, { mode: 'insert' }, BITS_TABLE);
}

export function planGetBit(key: string, bit: number, now: number): KeyPlan<0 | 1> {
  checkKey(key);
  const { piece, byte, mask } = placeOf(bit);
  return {
    ...readingKey(key),
    inline: true,
    *steps() {
      const entry = yield* readEntry(key, now);
      if (bit >= bitLengthOf(key, entry)) return 0;
      const bytes = entry?.type === 'bits' ? yield* readPiece(key, piece) : bytesIn(entry!);
      const at = entry?.type === 'bits' ? byte : bit >> 3;
      return ((bytes?.[at] ?? 0) & mask) === 0 ? 0 : 1;
    },
  };
}

/** The ones from bit `from` up to (not including) `to`. Counted in the store. */
export function planBitCount(key: string, now: number, from = 0, to = MAX_KEY_BITS): KeyPlan<number> {
  checkKey(key);
  return {
    ...readingKey(key),
    *steps() {
      const entry = yield* readEntry(key, now);
      bitLengthOf(key, entry);
      if (entry === null) return 0;
      if (entry.type !== 'bits') return countBits(bytesIn(entry), from, to);
      const sql = `SELECT total(sluice_bit_count(bytes, ? - piece * ${PIECE_BITS}, ? - piece * ${PIECE_BITS})) FROM ${BITS_SQL} WHERE path = ? AND piece BETWEEN ? AND ?`;
      const pieces = [Math.floor(from / PIECE_BITS), Math.ceil(to / PIECE_BITS)] as const;
      const [[count] = []] = yield* readRows(sql, [from, to, key, ...pieces], pieceReach(key, ...pieces));
      return Number(count);
    },
  };
}

/** The bytes of a set, a string or bytes; null when nothing is there. */
export function planGetBytes(key: string, now: number): KeyPlan<Uint8Array | null> {
  checkKey(key);
  return {
    ...readingKey(key),
    *steps() {
      const entry = yield* readEntry(key, now);
      if (entry === null) return null;
      const byteLength = bitLengthOf(key, entry) / 8;
      if (entry.type !== 'bits') return bytesIn(entry);
      return bytesOfPieces(yield* readPieces(key), byteLength);
    },
  };
}

/** Puts what the sets of `sources` have in common into `target`, without an expiry, and returns its bytes. Nothing is left there when they are none. */
export function planBitOp(
  operator: BitOperator,
  target: string,
  sources: readonly string[],
  now: number,
): KeyPlan<number> {
  [target, ...sources].forEach(checkKey);
  if (!BIT_OPERATORS.includes(operator))
    throw failure(
      'ER_BAD_PARAMETER',
      `bitOp: '${String(operator).slice(0, 100)}' is none of ${BIT_OPERATORS.join(', ')}`,
    );
  if (sources.length === 0) throw failure('ER_BAD_PARAMETER', `bitOp: '${operator}' of no keys`);
  return {
    writes: true,
    inline: false,
    reads: [],
    *steps() {
      const sets: ReadonlyMap<number, Uint8Array>[] = [];
      let byteLength = 0;
      for (const key of sources) {
        const entry = yield* readEntry(key, now);
        byteLength = Math.max(byteLength, bitLengthOf(key, entry) / 8);
        if (entry === null) sets.push(new Map());
        else sets.push(entry.type === 'bits' ? yield* readPieces(key) : piecesOf(bytesIn(entry)));
      }
      const current = yield* readCurrent(target, now);
      if (byteLength === 0) {
        yield* modify('delete', `DELETE FROM ${KEYS_SQL} WHERE path = ?`, [target], reachOf([target]));
        return 0;
      }
      yield* writeEntry(current, { type: 'bits', value: byteLength }, null);
      if (current.stored === 'bits') yield* removePieces(target);
      yield* insertPieces(target, combineSets(operator, sets));
      return byteLength;
    },
  };
}

function* combineSets(operator: BitOperator, sets: readonly ReadonlyMap<number, Uint8Array>[]) {
  for (const piece of new Set(sets.flatMap((set) => [...set.keys()]))) {
    const bytes = combinePieces(
      operator,
      sets.map((set) => set.get(piece)),
    );
    if (!isZero(bytes)) yield [piece, bytes] as const;
  }
}

/** Throws SLUICE_KEY_TYPE for what has no bits. */
function bitLengthOf(key: string, entry: StoredEntry | null): number {
  if (entry === null) return 0;
  if (entry.type === 'bits') return Number(entry.value) * 8;
  if (entry.type === 'string' || entry.type === 'bytes') return bytesIn(entry).length * 8;
  throw wrongType(key, entry.type, 'bits');
}

function bytesIn({ value }: StoredValue): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
}

function* readPiece(key: string, piece: number): KeySteps<Uint8Array | null> {
  const [row] = yield* readRows(
    `SELECT bytes FROM ${BITS_SQL} WHERE path = ? AND piece = ?`,
    [key, piece],
    pieceReach(key, piece),
  );
  return row === undefined ? null : (row[0] as Uint8Array);
}

function* readPieces(key: string): KeySteps<ReadonlyMap<number, Uint8Array>> {
  const rows = yield* readRows(`SELECT piece, bytes FROM ${BITS_SQL} WHERE path = ?`, [key], pieceReach(key));
  return new Map(rows.map(([piece, bytes]) => [Number(piece), bytes as Uint8Array]));
}

function readingKey(key: string) {
  return { writes: false, inline: false, reads: [{ from: key, to: afterKey(key) }] } as const;
}
