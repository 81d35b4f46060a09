/** What the front and the mirror process say to each other, and what they mean by a table. Frames of src/stores/sqlite/frames.ts carry it both ways. */
import type { TableDefinition } from '../stores/schema.ts';
import type { SourceAddress } from '../util/source-address.ts';
import type { BinlogPosition } from './binlog/position.ts';
import type { SourceIdentity } from './source-identity.ts';

export interface MirroredName {
  readonly database: string;
  readonly table: string;
}

export interface FollowedTable extends MirroredName {
  /** Transactions that end at or before it are in the mirror already. */
  readonly position: BinlogPosition;
  /** Of the definition that the mirror has: see signatureOf(). */
  readonly signature: string;
}

export type MirrorRequest =
  /** The first. `serverId`: as which replica it shows itself to the source. */
  | { readonly kind: 'source'; readonly address: SourceAddress; readonly serverId: number }
  /** Copy these tables, all in one snapshot of the source. */
  | { readonly kind: 'copy'; readonly job: number; readonly tables: readonly MirroredName[] }
  /** One `definition` or `rows` of the job has been taken care of. */
  | { readonly kind: 'taken'; readonly job: number }
  | { readonly kind: 'stop-copy'; readonly job: number }
  /** Read the binlog from the oldest of the positions. `identity`: null at the very first. */
  | {
      readonly kind: 'follow';
      readonly run: string;
      readonly identity: SourceIdentity | null;
      readonly tables: readonly FollowedTable[];
      /** Not mirrored now: it is to be said when a statement names them. */
      readonly watched: readonly MirroredName[];
    }
  /** One `batch` or `part` of the run has been applied. */
  | { readonly kind: 'applied'; readonly run: string }
  | { readonly kind: 'unfollow'; readonly run: string };

/** What became of a table that was to be copied. */
export type CopyOutcome =
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'definition'; readonly definition: TableDefinition; readonly signature: string };

export interface LostTable {
  /** In the order of the run's tables. */
  readonly table: number;
  readonly why: string;
}

/** What a run of transactions has changed, in order; the rows are in `body`: see batch-body.ts. */
export interface Batch {
  readonly run: string;
  /** 0, 1, 2 ... within the run. */
  readonly number: number;
  /** After the last transaction of it. */
  readonly position: BinlogPosition;
  readonly body: Uint8Array;
  readonly rows: number;
  readonly transactions: number;
  /** Of these tables so many changes were waiting that they count as changed as a whole, which is faster. In the order of the run's tables. */
  readonly wholly: readonly number[];
  /** Something happened to these tables that rows do not tell: they are no longer followed. */
  readonly lost: readonly LostTable[];
}

/**
 * lost: the connection, or it could not be made; it can be gone on from the last position. gone: the source does not have what came after it, or is another one.
 * unreadable: what came makes no sense.
 */
export type EndReason = 'lost' | 'gone' | 'unreadable';

export type MirrorReply =
  /** `table`: in the order of the job's tables. Waits for `taken` when it has a definition. */
  | { readonly kind: 'outcome'; readonly job: number; readonly table: number; readonly outcome: CopyOutcome }
  /** Rows in stored form: see batch-body.ts. Waits for `taken`, with some others under way. */
  | {
      readonly kind: 'rows';
      readonly job: number;
      readonly table: number;
      readonly body: Uint8Array;
      readonly rows: number;
    }
  /** All that was sent of the job is what the tables held at this position. */
  | {
      readonly kind: 'copied';
      readonly job: number;
      readonly position: BinlogPosition;
      readonly identity: SourceIdentity;
    }
  | { readonly kind: 'copy-failed'; readonly job: number; readonly why: string }
  /** The source is the one it was, and these tables are no longer what the mirror has; the others are followed. */
  | { readonly kind: 'following'; readonly run: string; readonly lost: readonly LostTable[] }
  | ({ readonly kind: 'batch' } & Batch)
  /** Of a transaction that is too large for one batch: goes before its batch, in the same transaction of the store. */
  | { readonly kind: 'part'; readonly run: string; readonly body: Uint8Array; readonly rows: number }
  /** A statement that may have made one of these tables what can be mirrored. */
  | { readonly kind: 'noticed'; readonly run: string; readonly tables: readonly MirroredName[] }
  /** A newer place by which the source's binlog can be known again. */
  | { readonly kind: 'identity'; readonly run: string; readonly identity: SourceIdentity }
  /** Up to here there was nothing more for the mirror. */
  | { readonly kind: 'passed'; readonly run: string; readonly position: BinlogPosition }
  /** The run is over. */
  | { readonly kind: 'ended'; readonly run: string; readonly why: string; readonly reason: EndReason };
