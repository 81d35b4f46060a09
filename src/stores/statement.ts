/**
 * What a store is asked to run: plain data, so that it can cross a process. The planner (sql/) makes these; the
 * stores execute them and know nothing of MySQL's text. Values are already in their stored form.
 */
import type { SchemaChange, TableName } from './schema-change.ts';
import type { StoreRow, StoreValue } from './values.ts';

export interface ReadStatement {
  readonly kind: 'read';
  readonly sql: string;
  readonly params: readonly StoreValue[];
}

/**
 * Rows for one table, in the order of all its columns (hidden key excluded). NULL or 0 in the AUTO_INCREMENT column means
 * "give the next one" (only NULL when `zeroIsValue`, MySQL's NO_AUTO_VALUE_ON_ZERO).
 */
export interface InsertStatement {
  readonly kind: 'insert';
  readonly database: string;
  readonly table: string;
  /**
   * insert: a duplicate is an error. ignore: a row that breaks a key, NOT NULL, CHECK or foreign key is left out with a
   * warning. replace: rows with an equal unique key are deleted first. upsert: ON DUPLICATE KEY UPDATE. put: a row with an equal primary key gets all the
   * columns of the new one; for tables without other keys, and nothing but `matched` is counted.
   */
  readonly mode: 'insert' | 'ignore' | 'replace' | 'upsert' | 'put';
  readonly rows: readonly StoreRow[] | ReadStatement;
  readonly zeroIsValue?: boolean;
  /**
   * Mode `insert` only: rows before one that fails stay, and the caller takes them back. A savepoint for each of many inserts costs more than they do: SQLite keeps the
   * former content of every page that is touched, for each of them.
   */
  readonly partly?: true;
  /** Too much for a list of rows: the commit may report these tables as wholly changed. All that the statement changes is in them. */
  readonly wholly?: readonly TableName[];
  /**
   * upsert only: the text after DO UPDATE SET, in SQLite's dialect, with `excluded.col` for VALUES(col). Its own parameters
   * are numbered ?1.. ; `where` holds when the row would really change.
   */
  readonly update?: { readonly set: string; readonly where: string; readonly params: readonly StoreValue[] };
}

/**
 * `sql` is a whole UPDATE or DELETE. For UPDATE its WHERE calls `sluice_changed(flag)` once for each matched row, flag 1 when a
 * value really differs: that is how `changed` is counted, while SQLite's own count gives `matched`.
 */
export interface ModifyStatement {
  readonly kind: 'update' | 'delete';
  readonly database: string;
  readonly table: string;
  readonly sql: string;
  readonly params: readonly StoreValue[];
  /**
   * Of a statement that matches one row at most, and leaves its primary key alone: the row, all its columns as they are read, and what becomes of it (null: it is
   * deleted). It changes nothing else, and the one who says so has read the row in this transaction, or knows it as well as that.
   */
  readonly known?: { readonly before: StoreRow; readonly after: StoreRow | null };
  /** As in InsertStatement. */
  readonly wholly?: readonly TableName[];
}

/** DDL. Commits by itself, as in MySQL. */
export interface SchemaStatement {
  readonly kind: 'schema';
  readonly change: SchemaChange;
}

export interface SavepointStatement {
  readonly kind: 'savepoint' | 'rollback-to' | 'release';
  readonly name: string;
}

export type WriteStatement = InsertStatement | ModifyStatement | SchemaStatement;

/** Work in the writer. The object itself is what Store.cancelWrite() knows it by. */
export interface WorkOptions {
  /** From when the writer begins it; then it is ended and fails with ER_QUERY_TIMEOUT. 0 or absent: none. */
  readonly timeLimitMs?: number;
}

export interface WriteOptions extends WorkOptions {
  /** The catalog version that the statement was planned under. The store answers StalePlan when it is not the current one. */
  readonly catalogVersion: number;
  /** foreign_key_checks; true unless the session switched it off. */
  readonly foreignKeyChecks: boolean;
  /** How long to wait for the writer while a transaction holds it (1205 then); the store's own default when absent. */
  readonly lockWaitTimeoutMs?: number;
  /** An INSERT, UPDATE or DELETE that changes more rows fails, and changes none. Absent: any number. */
  readonly maxRows?: number;
}

export interface Warning {
  readonly level: 'Note' | 'Warning' | 'Error';
  readonly errno: number;
  readonly message: string;
}

export interface WriteResult {
  /** MySQL's count: insert 1, upsert 2 when it changed a row, replace 1 + deleted rows, update rows really changed. */
  readonly affected: number;
  /** Rows that the WHERE matched (update), rows given (insert). */
  readonly matched: number;
  /** The first generated AUTO_INCREMENT value of the statement, 0 when none was generated. */
  readonly insertId: number | bigint;
  readonly warnings: readonly Warning[];
  /** Rows deleted or changed for a unique key (replace, upsert), or left out (ignore): the "Duplicates" of MySQL's info text. */
  readonly duplicates?: number;
  /** upsert: rows that were there already, just so. They count as affected for clients that want found rows. */
  readonly unchanged?: number;
  /**
   * The insert id of MySQL's OK packet: the first generated one; else the AUTO_INCREMENT value of the last row, given or updated by an
   * upsert; else what LAST_INSERT_ID(expression), as `sluice_last_insert_id(x)`, was given. 0 when there is none.
   */
  readonly lastId?: number | bigint;
  /** What `sluice_last_insert_id(x)` was given last: the session's LAST_INSERT_ID() from now on. */
  readonly assignedId?: number | bigint;
}
