/**
 * The part of the tree that one plan needs, in memory: SQLite with the tree's tables, functions and triggers, so that the plan's own statements run here with
 * the meaning that they have in the embedded store. Rows come from the source when a step is about to see them, and what the plan changes is noted, to be
 * written there. Everything is one transaction that is rolled back at the end: the next plan finds it empty.
 */
import { BITS_SQL, EXPIRING_SQL, KEYS_SQL } from '../../../keys/key-table.ts';
import type { KeyWriteStep } from '../../../keys/run-plan.ts';
import { KEY_TRIGGERS } from '../../../keys/sql-writes.ts';
import { KEY_FUNCTIONS } from '../../../keys/store-functions.ts';
import { typeCode } from '../../../keys/values.ts';
import { Connection } from '../../../stores/sqlite/connection.ts';
import type { InsertStatement, ReadStatement, SavepointStatement } from '../../../stores/statement.ts';
import type { StoreRow, StoreValue } from '../../../stores/values.ts';

const IS_BITS = typeCode('bits');
const WHEN = '(SELECT notes FROM scratch_state)';

/** Not INSERT OR IGNORE: a trigger's own words on conflicts do not count where the statement that fires it has others. */
function note(table: 'changed' | 'gone_sets' | 'changed_pieces', row: 'OLD' | 'NEW'): string {
  const columns = table === 'changed_pieces' ? ['path', 'piece'] : ['path'];
  const same = columns.map((name) => `${name} = ${row}.${name}`).join(' AND ');
  const values = columns.map((name) => `${row}.${name}`).join(', ');
  return `INSERT INTO ${table} SELECT ${values} WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE ${same});`;
}

const TABLES = [
  `CREATE TABLE ${KEYS_SQL} (path TEXT NOT NULL PRIMARY KEY, type INTEGER NOT NULL, value, version INTEGER NOT NULL, expires_at INTEGER) WITHOUT ROWID`,
  `CREATE INDEX ${EXPIRING_SQL} ON ${KEYS_SQL} (expires_at) WHERE expires_at IS NOT NULL`,
  `CREATE TABLE ${BITS_SQL} (path TEXT NOT NULL, piece INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (path, piece)) WITHOUT ROWID`,
  'CREATE TABLE sluice_state (sequence INTEGER NOT NULL)',
  'INSERT INTO sluice_state VALUES (0)',
  ...KEY_TRIGGERS,
  'CREATE TABLE scratch_state (notes INTEGER NOT NULL)',
  'INSERT INTO scratch_state VALUES (0)',
  // What the source does not have as it is here.
  'CREATE TABLE changed (path TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID',
  'CREATE TABLE changed_pieces (path TEXT NOT NULL, piece INTEGER NOT NULL, PRIMARY KEY (path, piece)) WITHOUT ROWID',
  // Bit sets that are no more, whether their pieces were brought here or not.
  'CREATE TABLE gone_sets (path TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID',
  `CREATE TRIGGER note_insert AFTER INSERT ON ${KEYS_SQL} WHEN ${WHEN} BEGIN ${note('changed', 'NEW')} END`,
  `CREATE TRIGGER note_update AFTER UPDATE ON ${KEYS_SQL} WHEN ${WHEN} BEGIN ${note('changed', 'OLD')} ${note('changed', 'NEW')} END`,
  `CREATE TRIGGER note_delete AFTER DELETE ON ${KEYS_SQL} WHEN ${WHEN} BEGIN ${note('changed', 'OLD')} END`,
  `CREATE TRIGGER note_set_deleted AFTER DELETE ON ${KEYS_SQL} WHEN OLD.type = ${IS_BITS} BEGIN ${note('gone_sets', 'OLD')} END`,
  `CREATE TRIGGER note_set_replaced AFTER UPDATE ON ${KEYS_SQL} WHEN OLD.type = ${IS_BITS} AND NEW.type <> ${IS_BITS} BEGIN ${note('gone_sets', 'OLD')} END`,
  ...['INSERT', 'UPDATE', 'DELETE'].map((verb) => {
    const row = verb === 'DELETE' ? 'OLD' : 'NEW';
    return `CREATE TRIGGER note_piece_${verb} AFTER ${verb} ON ${BITS_SQL} WHEN ${WHEN} BEGIN ${note('changed_pieces', row)} END`;
  }),
];

const LOAD_ENTRY = `INSERT OR IGNORE INTO ${KEYS_SQL} SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM changed WHERE path = ?1)`;
const LOAD_PIECE = `INSERT OR IGNORE INTO ${BITS_SQL} SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM changed_pieces WHERE path = ?1 AND piece = ?2) AND NOT EXISTS (SELECT 1 FROM gone_sets WHERE path = ?1)`;
const CACHE_KIBIBYTES = 2_048;

export interface Changes {
  /** path, type, typeof(value), value, version, expires_at */
  readonly put: readonly StoreRow[];
  readonly removed: readonly string[];
  readonly goneSets: readonly string[];
  readonly pieces: readonly StoreRow[];
  /** path, piece */
  readonly removedPieces: readonly StoreRow[];
}

export class Scratch {
  readonly #connection: Connection;

  constructor() {
    this.#connection = new Connection(':memory:', {
      readOnly: false,
      functions: KEY_FUNCTIONS,
      cacheKibibytes: CACHE_KIBIBYTES,
      busyTimeoutMs: 0,
    });
    for (const statement of TABLES) this.#connection.exec(statement);
  }

  /** `version`: what entries that are written get; 0 for a plan that only reads. */
  begin(version: number): void {
    this.#connection.run('BEGIN');
    this.setVersion(version);
  }

  setVersion(version: number): void {
    this.#connection.run('UPDATE sluice_state SET sequence = ?', [BigInt(version) - 1n]);
  }

  /** Forgets everything. */
  end(): void {
    if (this.#connection.inTransaction) this.#connection.run('ROLLBACK');
  }

  close(): void {
    this.#connection.close();
  }

  loadEntries(rows: readonly StoreRow[]): void {
    this.#load(LOAD_ENTRY, rows);
  }

  loadPieces(rows: readonly StoreRow[]): void {
    this.#load(LOAD_PIECE, rows);
  }

  #load(sql: string, rows: readonly StoreRow[]): void {
    for (const row of rows) this.#connection.run(sql, row);
  }

  read({ sql, params }: ReadStatement): StoreRow[] {
    return this.#connection.all(sql, params);
  }

  /** Rows matched. */
  write(step: KeyWriteStep): number {
    this.#connection.run('UPDATE scratch_state SET notes = 1');
    try {
      return step.kind === 'insert' ? this.#insert(step) : this.#connection.run(step.sql, step.params);
    } finally {
      if (this.#connection.inTransaction) this.#connection.run('UPDATE scratch_state SET notes = 0');
    }
  }

  #insert({ database, table, mode, rows }: InsertStatement): number {
    if (!Array.isArray(rows) || (mode !== 'insert' && mode !== 'put' && mode !== 'replace'))
      throw new TypeError(`keys are not written by '${mode}' of another statement's rows`);
    const name = `"${database}.${table}"`;
    for (const row of rows as readonly StoreRow[]) {
      if (mode === 'replace') this.#connection.run(`DELETE FROM ${name} WHERE path = ?`, [row[0] ?? null]);
      const places = row.map(() => '?').join(', ');
      const over =
        mode === 'put'
          ? ' ON CONFLICT (path) DO UPDATE SET type = excluded.type, value = excluded.value, version = excluded.version, expires_at = excluded.expires_at'
          : '';
      this.#connection.run(`INSERT INTO ${name} VALUES (${places})${over}`, row.map(integerBound));
    }
    return rows.length;
  }

  savepoint({ kind, name }: SavepointStatement): void {
    const verb = { savepoint: 'SAVEPOINT', 'rollback-to': 'ROLLBACK TO', release: 'RELEASE' }[kind];
    this.#connection.run(`${verb} "${name}"`);
  }

  /** Entries that the source may still have otherwise. */
  get changedCount(): number {
    return Number(this.#connection.get('SELECT count(*) FROM changed')?.[0]);
  }

  changes(): Changes {
    const all = (sql: string): StoreRow[] => this.#connection.all(sql);
    return {
      put: all(
        `SELECT path, type, typeof(value), value, version, expires_at FROM changed JOIN ${KEYS_SQL} USING (path) ORDER BY path`,
      ),
      removed: all(`SELECT path FROM changed WHERE path NOT IN (SELECT path FROM ${KEYS_SQL})`).map(pathOf),
      goneSets: all('SELECT path FROM gone_sets').map(pathOf),
      pieces: all(`SELECT path, piece, bytes FROM changed_pieces JOIN ${BITS_SQL} USING (path, piece)`),
      removedPieces: all(
        `SELECT path, piece FROM changed_pieces WHERE (path, piece) NOT IN (SELECT path, piece FROM ${BITS_SQL}) AND path NOT IN (SELECT path FROM gone_sets)`,
      ),
    };
  }
}

function pathOf([path]: StoreRow): string {
  return path as string;
}

/** A JavaScript number is bound as REAL. */
function integerBound(value: StoreValue): StoreValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value as number) : value;
}
