/** What the front asks of a reader, which runs one statement or procedure at a time, and what it answers. */
import type { SerializedFailure } from '../../errors.ts';
import type { ProcedureCall } from '../procedure.ts';
import type { ReadStatement } from '../statement.ts';
import type { StoreRow } from '../values.ts';

export type ReaderRequest =
  /** The reader may send `window` chunks before it waits for more credit. */
  | { readonly kind: 'read'; readonly statement: ReadStatement | ProcedureCall; readonly window: number }
  /** Begins a snapshot, which the reads after it see; answered with `begun`. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  /** One more chunk may be sent. */
  | { readonly kind: 'credit' }
  /** No more chunks are wanted; answered with `end`. Seen only while the reader waits for credit. */
  | { readonly kind: 'cancel' };

export type ReaderReply =
  | { readonly kind: 'rows'; readonly rows: readonly StoreRow[]; readonly last: boolean }
  | { readonly kind: 'begun'; readonly sequence: number }
  /** Of a procedure. */
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly failure: SerializedFailure };
