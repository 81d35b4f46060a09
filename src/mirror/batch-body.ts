/**
 * Rows on their way from the mirror process to the writer, through the front, which does not look at them: pieces of a few hundred rows, each in V8's structured clone format behind
 * its length in 32 bits. So the writer has never more than one piece as objects: they are gone again before the garbage collector would move them.
 */
import { deserialize, serialize } from 'node:v8';
import type { StoreRow } from '../stores/values.ts';

/** Changes of one table, in order: what each row was, and what it became. Never both null. */
export type Segment = readonly [table: number, befores: (StoreRow | null)[], afters: (StoreRow | null)[]];

const PIECE_ROWS = 256;
const LENGTH_BYTES = 4;

export function encodeSegments(segments: readonly Segment[]): Uint8Array {
  return joined(piecesOf(segments));
}

export function* decodeSegments(body: Uint8Array): Generator<Segment, void, undefined> {
  for (const piece of piecesIn(body)) yield* piece as Segment[];
}

export function encodeRows(rows: readonly StoreRow[]): Uint8Array {
  return joined(slices(rows));
}

export function* decodeRows(body: Uint8Array): Generator<StoreRow, void, undefined> {
  for (const piece of piecesIn(body)) yield* piece as StoreRow[];
}

/** Small segments share a piece, large ones are cut. */
function* piecesOf(segments: readonly Segment[]): Generator<Segment[], void, undefined> {
  let piece: Segment[] = [];
  let rows = 0;
  for (const [table, befores, afters] of segments) {
    for (let at = 0; at < afters.length; ) {
      const end = Math.min(afters.length, at + PIECE_ROWS - rows);
      piece.push([table, befores.slice(at, end), afters.slice(at, end)]);
      rows += end - at;
      at = end;
      if (rows < PIECE_ROWS) continue;
      yield piece;
      piece = [];
      rows = 0;
    }
  }
  if (rows > 0) yield piece;
}

function* slices(rows: readonly StoreRow[]): Generator<StoreRow[], void, undefined> {
  for (let at = 0; at < rows.length; at += PIECE_ROWS) yield rows.slice(at, at + PIECE_ROWS);
}

function joined(pieces: Iterable<unknown>): Uint8Array {
  const parts: Buffer[] = [];
  for (const piece of pieces) {
    const bytes = serialize(piece);
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

function* piecesIn(body: Uint8Array): Generator<unknown, void, undefined> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES;
    at = start + bytes.readUInt32LE(at);
    yield deserialize(bytes.subarray(start, at));
  }
}
