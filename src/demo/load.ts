/** `serve --demo`: main.feed, made once and then kept. */
import type { Gate, Outcome, Session } from '../gate/request.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { WriteResult, WriteStatement } from '../stores/statement.ts';
import { FEED_TABLE_SQL, type FeedRow, feedRows } from './feed.ts';
import { Progress } from './progress.ts';
import { slotOf } from './slot-of.ts';

const DEMO_ROWS = 100_000;
const CLIENT = { user: 'root', host: 'localhost', protocol: 'embedded' } as const;

/** Where the table is to be, and how rows get there. */
interface DemoTarget {
  readonly session: Session;
  /** What CREATE TABLE ends with. */
  readonly tableOptions: string;
  readonly batchRows: number;
  /** Rows of main.feed_loading. */
  insert(rows: readonly FeedRow[]): Promise<unknown>;
}

/** A session that takes rows as values: loading them through SQL's text would only cost time. */
type LoadingSession = Session & { write(statement: WriteStatement): Promise<WriteResult> };
interface LoadingGate extends Gate {
  openSession(client: Parameters<Gate['openSession']>[0]): LoadingSession;
  readonly store: { readonly catalog: { table(database: string, name: string): unknown } };
}

/** Loads the demo's table unless it is there. A load that was interrupted left no table: it becomes visible only when it is whole. */
export async function loadDemo(gate: LoadingGate): Promise<void> {
  if (gate.store.catalog.table('main', 'feed') !== undefined) return;
  const session = gate.openSession(CLIENT);
  const insert = (rows: readonly FeedRow[]): Promise<unknown> =>
    session.write({
      kind: 'insert',
      database: 'main',
      table: 'feed_loading',
      mode: 'insert',
      rows: rows.map((row) => [...row]),
    });
  await load({ session, tableOptions: '', batchRows: 2_000, insert });
}

/** The same at the MySQL server that the gate stands in front of. */
export async function loadDemoAtSource(gate: Gate): Promise<void> {
  const session = gate.openSession(CLIENT);
  if (await isAtSource(session)) {
    session.close();
    return;
  }
  await run(session, 'CREATE DATABASE IF NOT EXISTS main CHARACTER SET utf8mb4');
  // It loads more rows at once than clients may change, and nobody reads which.
  await run(session, 'SET sluice_max_dml_rows = 0, sluice_annotate = 0');
  const insert = (rows: readonly FeedRow[]): Promise<unknown> => {
    const places = rows.map((row) => `(${row.map(() => '?').join(',')})`);
    return run(session, `INSERT INTO main.feed_loading VALUES ${places.join(',')}`, rows.flat().map(slotOf));
  };
  await load({ session, tableOptions: ' CHARACTER SET utf8mb4', batchRows: 500, insert });
}

async function isAtSource(session: Session): Promise<boolean> {
  const text = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'main' AND table_name = 'feed'";
  const outcome = await session.execute({ kind: 'sql', text, maxRows: 1 });
  if (outcome.kind !== 'rows') throw new TypeError(`a count gave '${outcome.kind}'`);
  return Number(outcome.rows[0]?.[0]) > 0;
}

async function load({ session, tableOptions, batchRows, insert }: DemoTarget): Promise<void> {
  const progress = new Progress({ label: 'main.feed', total: DEMO_ROWS });
  try {
    await run(session, 'DROP TABLE IF EXISTS main.feed_loading');
    const create = FEED_TABLE_SQL.replace('CREATE TABLE feed', 'CREATE TABLE main.feed_loading');
    await run(session, `${create}${tableOptions}`);
    let done = 0;
    // One batch is written while the next is made.
    let writing: Promise<unknown> = Promise.resolve();
    let rows: FeedRow[] = [];
    for (const row of feedRows(DEMO_ROWS)) {
      rows.push(row);
      if (rows.length < batchRows && done + rows.length < DEMO_ROWS) continue;
      await writing;
      writing = insert(rows);
      done += rows.length;
      rows = [];
      progress.update(done);
    }
    await writing;
    await run(session, 'RENAME TABLE main.feed_loading TO main.feed');
    progress.end();
  } finally {
    session.close();
  }
}

async function run(session: Session, text: string, parameters: readonly SlotValue[] = []): Promise<Outcome> {
  return session.execute({ kind: 'sql', text, parameters });
}
