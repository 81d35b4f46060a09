/** What readBinlog() tells of the source's binlog, in its order. */
import type { StoreRow } from '../../stores/values.ts';
import type { BinlogPosition } from './position.ts';

/** A changed row, in stored form (column-type.ts), all columns in the table's order. */
export interface RowImages {
  /** null: the row is new. */
  readonly before: StoreRow | null;
  /** null: the row is gone. */
  readonly after: StoreRow | null;
}

export interface RowsEvent {
  readonly kind: 'rows';
  readonly database: string;
  readonly table: string;
  readonly changes: readonly RowImages[];
}

/** What became of this table's rows cannot be told by its layout: another definition, partial row images, changes undone after they were told. Copy it anew. */
export interface MisfitEvent {
  readonly kind: 'misfit';
  readonly database: string;
  readonly table: string;
  readonly why: string;
}

/** A statement: DDL, or a change that was not written row by row. Those that only begin and end transactions are left out. */
export interface StatementEvent {
  readonly kind: 'statement';
  /** The default database; '' for none. */
  readonly database: string;
  readonly text: string;
}

/** The source says that its binlog lacks changes: any table may have others. */
export interface IncidentEvent {
  readonly kind: 'incident';
  readonly why: string;
}

/** A transaction ends: what came since the end of the one before belongs to it. */
export interface CommittedEvent {
  readonly kind: 'committed';
  readonly position: BinlogPosition;
}

/** Nothing of concern up to here. Never within a transaction. */
export interface PassedEvent {
  readonly kind: 'passed';
  readonly position: BinlogPosition;
}

export type BinlogEvent = RowsEvent | MisfitEvent | StatementEvent | IncidentEvent | CommittedEvent | PassedEvent;
