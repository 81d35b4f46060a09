import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { open } from '../../src/index.ts';

type Value = number | string;
type Database = InstanceType<typeof DatabaseSync>;

const ROWS_AT_ONCE = 1_000;

/**
 * Writes rows into a table that Sluice has made, straight into its file, while no server has it open. How fast a table is
 * loaded is not what these benches are about; 10,000,000 rows take half a minute so, and minutes through any protocol.
 */
export class TableFile {
  readonly #database: Database;

  /** `dataDir` as `sluice serve --data` takes it. */
  constructor(dataDir: string) {
    this.#database = new DatabaseSync(join(dataDir, 'sluice.db'));
    // What a power failure would leave half done is only a temporary folder.
    this.#database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL');
  }

  /** `table` is `db.t`. In one transaction. */
  insertRows(table: string, rows: Iterable<readonly Value[]>): void {
    this.#database.exec('BEGIN');
    let insert: ReturnType<Database['prepare']> | undefined;
    for (const row of rows) {
      insert ??= this.#database.prepare(`INSERT INTO "${table}" VALUES (${row.map(() => '?').join(', ')})`);
      insert.run(...row);
    }
    this.#database.exec('COMMIT');
  }

  /** Rows for n = 1 to `count`; `values` are SQLite's expressions of n. */
  insertSeries(table: string, count: number, values: readonly string[]): void {
    const series = `WITH RECURSIVE series(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM series WHERE n < ${count})`;
    this.#database.exec(`${series} INSERT INTO "${table}" SELECT ${values.join(', ')} FROM series`);
  }

  /** All rows in the order of the whole-number key, some at a time: an iterator of SQLite's must not outlive a turn of the event loop. */
  *rows(table: string): Generator<readonly Readonly<Record<string, unknown>>[]> {
    const select = this.#database.prepare(
      `SELECT * FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`,
    );
    let last = 0;
    for (;;) {
      const rows = select.all(last) as Record<string, unknown>[];
      if (rows.length === 0) return;
      yield rows;
      last = Number(Object.values(rows.at(-1) ?? {})[0]);
    }
  }

  close(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
  }
}

/** Statements that Sluice itself runs, while no server has the folder open. */
export async function runInDataDir(dataDir: string, statements: readonly string[]): Promise<void> {
  const database = open(dataDir, { synchronous: 'NORMAL' });
  for (const statement of statements) await database.sql(statement);
  await database.close();
}
