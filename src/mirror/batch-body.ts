/** Rows on their way from the mirror process to the writer, through the front, which does not look at them. */
import { deserialize, serialize } from 'node:v8';
import type { StoreRow } from '../stores/values.ts';

/** Changes of one table, in order: what each row was, and what it became. Never both null. */
export type Segment = readonly [table: number, befores: (StoreRow | null)[], afters: (StoreRow | null)[]];

export function encodeSegments(segments: readonly Segment[]): Uint8Array {
  return serialize(segments);
}

export function decodeSegments(body: Uint8Array): readonly Segment[] {
  return deserialize(body) as readonly Segment[];
}

export function encodeRows(rows: readonly StoreRow[]): Uint8Array {
  return serialize(rows);
}

export function decodeRows(body: Uint8Array): StoreRow[] {
  return deserialize(body) as StoreRow[];
}
