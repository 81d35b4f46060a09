/**
 * Bit sets as bytes in pieces. Bit 0 is the highest of byte 0, as in Redis. A piece that is not there is all zeros. How long a set is, its entry says:
 * bits beyond are 0.
 */
import { failure } from '../errors.ts';
import { KEY_BIT_PIECE_BYTES, MAX_KEY_BITS } from '../limits.ts';

export const BIT_OPERATORS = ['and', 'or', 'xor', 'andnot'] as const;

export type BitOperator = (typeof BIT_OPERATORS)[number];

export const PIECE_BITS = KEY_BIT_PIECE_BYTES * 8;

export interface BitPlace {
  readonly piece: number;
  /** Within the piece. */
  readonly byte: number;
  readonly mask: number;
}

/** Throws ER_BAD_PARAMETER. */
export function placeOf(bit: unknown): BitPlace {
  if (!Number.isSafeInteger(bit) || (bit as number) < 0 || (bit as number) >= MAX_KEY_BITS)
    throw failure('ER_BAD_PARAMETER', `bit '${String(bit)}' is not from 0 to ${MAX_KEY_BITS - 1}`);
  const at = bit as number;
  return { piece: Math.floor(at / PIECE_BITS), byte: (at % PIECE_BITS) >> 3, mask: 0x80 >> (at & 7) };
}

const COUNTS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** The ones among the bits from `from` up to (not including) `to`. */
export function countBits(bytes: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, bytes.length * 8);
  if (from >= end) return 0;
  const first = from >> 3;
  const last = (end - 1) >> 3;
  const head = 0xff >> (from & 7);
  const tail = (0xff << (7 - ((end - 1) & 7))) & 0xff;
  if (first === last) return COUNTS[bytes[first]! & head & tail]!;
  let count = COUNTS[bytes[first]! & head]! + COUNTS[bytes[last]! & tail]!;
  for (let i = first + 1; i < last; i++) count += COUNTS[bytes[i]!]!;
  return count;
}

/** Of pieces of several sets at the same place; undefined is all zeros. andnot: the first one's bits that are in none of the others. */
export function combinePieces(operator: BitOperator, pieces: readonly (Uint8Array | undefined)[]): Uint8Array {
  const result = new Uint8Array(KEY_BIT_PIECE_BYTES);
  result.set(pieces[0] ?? []);
  for (const piece of pieces.slice(1)) {
    for (let i = 0; i < KEY_BIT_PIECE_BYTES; i++) result[i] = combine(operator, result[i]!, piece?.[i] ?? 0);
  }
  return result;
}

function combine(operator: BitOperator, a: number, b: number): number {
  switch (operator) {
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'andnot':
      return a & ~b;
  }
}

/** The pieces that are not all zeros, each of full size. */
export function piecesOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const pieces = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length; at += KEY_BIT_PIECE_BYTES) {
    const part = bytes.subarray(at, at + KEY_BIT_PIECE_BYTES);
    if (isZero(part)) continue;
    const piece = new Uint8Array(KEY_BIT_PIECE_BYTES);
    piece.set(part);
    pieces.set(at / KEY_BIT_PIECE_BYTES, piece);
  }
  return pieces;
}

export function bytesOfPieces(pieces: Iterable<readonly [number, Uint8Array]>, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (const [piece, part] of pieces) {
    const at = piece * KEY_BIT_PIECE_BYTES;
    if (at < byteLength) bytes.set(part.subarray(0, byteLength - at), at);
  }
  return bytes;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
