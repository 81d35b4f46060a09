/**
 * What the mirror's store knows of itself: one row with the state of all tables as JSON. It changes in the same transactions as the tables do, so a mirror that is killed
 * at any point goes on from what it has.
 */
import type { ColumnDefinition, TableDefinition } from '../stores/schema.ts';
import type { InsertStatement, ModifyStatement, ReadStatement } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import type { FollowedTable } from './protocol.ts';
import type { SourceIdentity } from './source-identity.ts';

/** For what belongs to the mirror itself: its state, and tables that are not whole yet. */
export const MIRROR_DATABASE = 'sluice_mirror';
const STATE_TABLE = 'state';
const STATE_SQL = `"${MIRROR_DATABASE}.${STATE_TABLE}"`;

/** A table that is whole: as the source's was after the transaction at its position. */
export interface StoredTable extends FollowedTable {
  /** The name, in MIRROR_DATABASE, of the whole copy that is to take the table's place; null: it has. */
  readonly copy: string | null;
}

export interface MirrorState {
  /** Of the source; null before anything was copied. */
  readonly identity: SourceIdentity | null;
  /** The run whose batch came last, and which one that was: none is applied twice or left out. */
  readonly run: string;
  readonly batch: number;
  readonly tables: readonly StoredTable[];
}

export const EMPTY_STATE: MirrorState = { identity: null, run: '', batch: 0, tables: [] };

export function stateTable(createdAt: string): TableDefinition {
  const id: ColumnDefinition = { name: 'id', type: { name: 'int' }, nullable: false };
  const text: ColumnDefinition = {
    name: 'text',
    type: { name: 'longtext', collation: 'utf8mb4_bin' },
    nullable: false,
  };
  return {
    database: MIRROR_DATABASE,
    name: STATE_TABLE,
    kind: 'table',
    columns: [id, text],
    primaryKey: ['id'],
    indexes: [],
    foreignKeys: [],
    checks: [],
    createdAt,
  };
}

const READ: ReadStatement = { kind: 'read', sql: `SELECT id, text FROM ${STATE_SQL} WHERE id = 1`, params: [] };

/** `read`: of the store, or of a transaction in it. */
export function readState(read: (statement: ReadStatement) => StoreRow[]): MirrorState {
  const [row] = read(READ);
  return row === undefined ? EMPTY_STATE : (JSON.parse(row[1] as string) as MirrorState);
}

/** The row is there from the beginning: see FIRST_STATE_ROW. */
export function stateUpdate(before: MirrorState, after: MirrorState): ModifyStatement {
  const [old, text] = [JSON.stringify(before), JSON.stringify(after)];
  return {
    kind: 'update',
    database: MIRROR_DATABASE,
    table: STATE_TABLE,
    sql: `UPDATE ${STATE_SQL} SET text = ? WHERE id = 1`,
    params: [text],
    known: { before: [1, old], after: [1, text] },
  };
}

export const FIRST_STATE_ROW: InsertStatement = {
  kind: 'insert',
  database: MIRROR_DATABASE,
  table: STATE_TABLE,
  mode: 'ignore',
  rows: [[1, JSON.stringify(EMPTY_STATE)]],
};
