/** `serve --demo`: main.feed, made once and then kept. */
import type { Gate, Session } from '../gate/request.ts';
import type { WriteResult, WriteStatement } from '../stores/statement.ts';
import { FEED_TABLE_SQL, feedRows } from './feed.ts';
import { Progress } from './progress.ts';

const DEMO_ROWS = 100_000;
const BATCH_ROWS = 2_000;

/** A session that takes rows as values: loading them through SQL's text would only cost time. */
type LoadingSession = Session & { write(statement: WriteStatement): Promise<WriteResult> };
interface LoadingGate extends Gate {
  openSession(client: Parameters<Gate['openSession']>[0]): LoadingSession;
  readonly store: { readonly catalog: { table(database: string, name: string): unknown } };
}

/** Loads the demo's table unless it is there. A load that was interrupted left no table: it becomes visible only when it is whole. */
export async function loadDemo(gate: LoadingGate): Promise<void> {
  if (gate.store.catalog.table('main', 'feed') !== undefined) return;
  const session = gate.openSession({ user: 'root', host: 'localhost', protocol: 'embedded', database: 'main' });
  const progress = new Progress({ label: 'main.feed', total: DEMO_ROWS });
  try {
    await session.execute({ kind: 'sql', text: 'DROP TABLE IF EXISTS feed_loading' });
    await session.execute({
      kind: 'sql',
      text: FEED_TABLE_SQL.replace('CREATE TABLE feed', 'CREATE TABLE feed_loading'),
    });
    let done = 0;
    // One batch is written while the next is made.
    let writing: Promise<unknown> = Promise.resolve();
    let rows: (number | string)[][] = [];
    for (const row of feedRows(DEMO_ROWS)) {
      rows.push([...row]);
      if (rows.length < BATCH_ROWS && done + rows.length < DEMO_ROWS) continue;
      await writing;
      writing = session.write({ kind: 'insert', database: 'main', table: 'feed_loading', mode: 'insert', rows });
      done += rows.length;
      rows = [];
      progress.update(done);
    }
    await writing;
    await session.execute({ kind: 'sql', text: 'RENAME TABLE feed_loading TO feed' });
    progress.end();
  } finally {
    session.close();
  }
}
