/** Commits that reads of the store see already while their report is still on its way: no list may be older than what somebody has seen. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReadStatement, WriteOptions, WriteResult, WriteStatement } from '../stores/statement.ts';
import type { Commit, RowStream, Snapshot, Store, WriterLease } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import type { Outcome } from './request.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

/** Holds reports back until deliver(). */
class LateStore implements Store {
  readonly #store: Store;
  #held: Commit[] = [];
  #listener: (commit: Commit) => void = () => undefined;
  #reported: number;
  isLate = false;
  /** Called when a commit is in the file and its report is held back. */
  onHeld: () => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#reported = store.sequence;
  }

  get catalog() {
    return this.#store.catalog;
  }

  get sequence(): number {
    return this.#reported;
  }

  unreported(): number | null {
    return this.#held.length > 0 ? this.#store.sequence : null;
  }

  readInline(statement: ReadStatement) {
    return this.#store.readInline(statement);
  }

  read(statement: ReadStatement): RowStream {
    return this.#store.read(statement);
  }

  openSnapshot(): Snapshot {
    return this.#store.openSnapshot();
  }

  async write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult> {
    const result = await this.#store.write(statement, options);
    while (this.#held.length > 0) await turn();
    return result;
  }

  acquireWriter(timeoutMs: number, options: Pick<WriteOptions, 'foreignKeyChecks'>): Promise<WriterLease> {
    return this.#store.acquireWriter(timeoutMs, options);
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listener = listener;
    return this.#store.onCommit((commit) => {
      this.#held.push(commit);
      if (this.isLate) this.onHeld();
      else this.deliver();
    });
  }

  /** `isKnown`: otherwise the writer died before it could tell what it had committed. */
  deliver(isKnown = true): void {
    this.isLate = false;
    for (const commit of this.#held.splice(0)) {
      this.#reported = commit.sequence;
      const changes = isKnown ? commit.changes : commit.changes.map((change) => ({ ...change, rows: null }));
      this.#listener({ ...commit, changes });
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

let late: LateStore;
let gate: TestGate;
let session: TestSession;

beforeEach(async () => {
  gate = new TestGate({}, (store) => {
    late = new LateStore(store);
    return late;
  });
  session = gate.session();
  await session.execute('CREATE TABLE t (id INT PRIMARY KEY, n INT)');
  await session.execute('INSERT INTO t VALUES (1, 10), (2, 20)');
  for (let i = 0; i < 3; i++) {
    for (const [, ask] of ASKS) await ask();
    await gate.gate.kept.settled();
  }
});

afterEach(() => gate.close());

const execute = (text: string): Outcome | Promise<Outcome> => session.session.execute({ kind: 'sql', text });

const byUrl = (kind: 'list' | 'page'): Outcome | Promise<Outcome> => {
  const query = `${kind === 'list' ? 'command=select&type=*&' : ''}table=main.t&where=n:NUMGE:0&order_by=n&order_sort=NUMDESC&limit_max=5`;
  const parameters = query.split('&').map((part) => part.split('=', 2) as [string, string]);
  return session.session.execute({
    kind,
    command: { parameters, ...(kind === 'list' && { query }), body: '', formEncoded: false },
  });
};

/** All are kept: they are answered at once, and from memory. */
const LISTS = {
  'a SELECT': () => execute('SELECT n FROM t WHERE n >= 0 ORDER BY n DESC LIMIT 5'),
  'a SELECT by key': () => execute('SELECT n FROM t WHERE id = 2'),
  'a list command': () => byUrl('list'),
  'a page': () => byUrl('page'),
};
const ASKS = Object.entries(LISTS);

/** One row by its key, of a shape that is not kept: read in the store, at once. */
const stored = (): unknown => (execute("SELECT n FROM t WHERE id = 2 AND LENGTH('x') = 1") as { rows: unknown }).rows;

function textOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'rows':
      return JSON.stringify(outcome.rows);
    case 'list':
      return outcome.json;
    case 'page':
      return outcome.rowsJson;
    default:
      return outcome.kind;
  }
}

async function rowsOf(chunks: AsyncIterable<readonly StoreRow[]>): Promise<string> {
  const rows: StoreRow[] = [];
  for await (const chunk of chunks) rows.push(...chunk);
  return JSON.stringify(rows);
}

it.each(ASKS)('%s waits for the report of a commit that is there to be seen', async (_name, ask) => {
  expect(ask()).not.toBeInstanceOf(Promise);
  late.isLate = true;
  const held = new Promise<void>((resolve) => {
    late.onHeld = resolve;
  });
  const writing = gate.session().execute('UPDATE t SET n = 30 WHERE id = 2');
  await held;
  expect(stored()).toEqual([[30]]);
  const asked = ask();
  expect(asked).toBeInstanceOf(Promise);
  late.deliver();
  expect(textOf(await asked)).toContain('30');
  await writing;
  expect(textOf(await ask())).toContain('30');
});

it.each(ASKS)('%s waits even in the turn in which it was up to date', async (_name, ask) => {
  late.isLate = true;
  let asked: Outcome | Promise<Outcome> | undefined;
  late.onHeld = () => {
    expect(stored()).toEqual([[30]]);
    asked = ask();
  };
  // The writer of this store works in the same turn, after this.
  let before: Outcome | Promise<Outcome> | undefined;
  setImmediate(() => {
    before = ask();
  });
  const writing = gate.session().session.execute({ kind: 'sql', text: 'UPDATE t SET n = 30 WHERE id = 2' });
  while (asked === undefined) await turn();
  expect(before).not.toBeInstanceOf(Promise);
  expect(textOf(before as Outcome)).toContain('20');
  expect(asked).toBeInstanceOf(Promise);
  late.deliver();
  expect(textOf(await asked)).toContain('30');
  await writing;
});

it.each(ASKS)('%s is answered by the store when the report never comes', async (_name, ask) => {
  late.isLate = true;
  const held = new Promise<void>((resolve) => {
    late.onHeld = resolve;
  });
  const writing = gate.session().execute('UPDATE t SET n = 30 WHERE id = 2');
  await held;
  const outcome = await ask();
  expect(outcome.kind === 'stream' ? await rowsOf(outcome.chunks) : textOf(outcome)).toContain('30');
  late.deliver();
  await writing;
});

it.each(ASKS)('%s is right after a commit of which only the number is known', async (_name, ask) => {
  late.isLate = true;
  const held = new Promise<void>((resolve) => {
    late.onHeld = resolve;
  });
  const writing = gate.session().execute('UPDATE t SET n = 30 WHERE id = 2');
  await held;
  const asked = ask();
  late.deliver(false);
  await writing;
  for (const outcome of [await asked, await ask()])
    expect(outcome.kind === 'stream' ? await rowsOf(outcome.chunks) : textOf(outcome)).toContain('30');
});

it('who has subscribed is told to begin anew then', async () => {
  const parameters = [
    ['table', 'main.t'],
    ['order_by', 'n'],
    ['limit_max', '5'],
  ] as const;
  const command = { parameters, body: '', formEncoded: false };
  const messages = session.session.subscribe(command, null);
  await gate.gate.kept.settled();
  const first = messages.take();
  expect(first).toMatchObject({ event: 'snapshot', data: expect.stringContaining('"n":20') });
  const ended = new Promise<Error>((resolve) => {
    messages.onEnd = resolve;
  });
  late.isLate = true;
  const writing = gate.session().execute('UPDATE t SET n = 30 WHERE id = 2');
  while (late.unreported() === null) await turn();
  late.deliver(false);
  await writing;
  expect(await ended).toMatchObject({ retryable: true });
  expect(messages.take()).toBeNull();
  messages.close();
  // With the id that the client has: what was missed is not known, so all of it is sent.
  const again = session.session.subscribe(command, first?.id ?? '');
  await gate.gate.kept.settled();
  expect(again.take()).toMatchObject({ event: 'snapshot', data: expect.stringContaining('"n":30') });
  again.close();
});
