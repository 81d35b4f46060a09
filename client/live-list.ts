/**
 * A list that keeps itself current: it subscribes, applies what the server tells, and goes on where it was when the connection was lost. It ends by
 * close(), or by an error after which trying again is of no use; no other error reaches its user.
 */
import type { ServerEvent } from './event-stream.ts';
import { applyDifference, DesyncError, type Difference, differenceOf, keyOf, type Page } from './page.ts';
import { ReconnectingEvents, type ReconnectingOptions } from './reconnecting-events.ts';
import type { Transport } from './transport.ts';

export interface Change<Row> extends Difference<Row> {
  /** The page with the change made. */
  readonly page: Page<Row>;
}

/** connecting: also again, when the connection was lost. */
export type Status = 'connecting' | 'live' | 'closed';

type StatusListener = (status: Status, error: Error | null) => void;

interface SnapshotData<Row> extends Page<Row> {
  readonly key: string;
}

interface ChangeData<Row> extends Difference<Row> {
  readonly count: number | null;
  readonly seq: number;
}

export class LiveList<Row> implements AsyncIterable<Page<Row>> {
  /** Resolves when the first page is there; rejects when it will never be. */
  readonly ready: Promise<void>;
  readonly #events: ReconnectingEvents;
  readonly #changeListeners = new Set<(change: Change<Row>) => void>();
  readonly #statusListeners = new Set<StatusListener>();
  /** Wake those who wait for a page, or for the end. */
  readonly #waiting = new Set<() => void>();
  #page: Page<Row> | null = null;
  #key = '';
  #status: Status = 'connecting';
  #error: Error | null = null;

  constructor(transport: Transport, path: string, options: ReconnectingOptions) {
    this.ready = this.#firstPage();
    // Those who do not ask for it learn of the error elsewhere.
    this.ready.catch(() => undefined);
    this.#events = new ReconnectingEvents(transport, path, options, {
      onEvent: (event) => this.#take(event),
      onConnected: () => {
        // Who goes on where it was hears nothing as long as nothing changes.
        if (this.#page !== null) this.#setStatus('live', null);
      },
      onLost: (reason) => this.#setStatus('connecting', reason),
      onRefused: (reason) => this.#end(reason),
    });
    void this.#events.run();
  }

  /** The rows now; none before the first page has come. */
  get rows(): readonly Row[] {
    return this.#page?.rows ?? [];
  }

  /** Rows on all pages; null unless asked for, and before the first page. */
  get count(): number | null {
    return this.#page?.count ?? null;
  }

  /** The commit that the page is as new as; 0 before the first page. */
  get seq(): number {
    return this.#page?.seq ?? 0;
  }

  get status(): Status {
    return this.#status;
  }

  /** Why it is not live: what ended it, or the connection before. */
  get error(): Error | null {
    return this.#error;
  }

  /**
   * Calls `listener` with each change, the first page as an insert of all its rows. After a lost connection there may be one change for all that was
   * missed. Gives the function that stops it.
   */
  onChange(listener: (change: Change<Row>) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Gives the function that stops it. */
  onStatus(listener: StatusListener): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Ends it. Safe to call twice. */
  close(): void {
    this.#end(null);
  }

  /**
   * The newest page each time: pages that came while the loop's body ran are skipped, except the last. Ends when the list is closed, throws what
   * ended it otherwise. Leaving the loop closes the list.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Page<Row>, void, undefined> {
    let seen: Page<Row> | null = null;
    try {
      for (;;) {
        if (this.#page !== null && this.#page !== seen) {
          seen = this.#page;
          yield seen;
        } else if (this.#status !== 'closed') {
          await this.#somethingNew();
        } else if (this.#error !== null) {
          throw this.#error;
        } else {
          return;
        }
      }
    } finally {
      this.close();
    }
  }

  async #firstPage(): Promise<void> {
    while (this.#page === null) {
      if (this.#status === 'closed') throw this.#error ?? new Error('the list was closed before its first page came');
      await this.#somethingNew();
    }
  }

  #somethingNew(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #take({ event, data }: ServerEvent): void {
    if (event === 'snapshot') this.#takeSnapshot(JSON.parse(data) as SnapshotData<Row>);
    else if (event === 'change') this.#takeChange(JSON.parse(data) as ChangeData<Row>);
    // A later server may tell more, which is none of this one's concern.
  }

  #takeSnapshot({ key, rows, count, seq }: SnapshotData<Row>): void {
    const before = this.rows;
    if (this.#key !== '' && this.#key !== key) {
      // The table is another one than it was: no row of before is one of now.
      const remove = before.map((row) => keyOf(row, this.#key));
      this.#key = key;
      this.#turn({ insert: rows.map((row, at) => ({ row, at })), update: [], remove }, { rows, count, seq });
      return;
    }
    this.#key = key;
    const difference = differenceOf(before, rows, key);
    // Applied, so that rows that stay are the same objects.
    this.#turn(difference, { rows: applyDifference(before, difference, key), count, seq });
  }

  #takeChange({ insert, update, remove, count, seq }: ChangeData<Row>): void {
    if (this.#page === null) throw new DesyncError('a change came before the first page');
    const difference = { insert, update, remove };
    this.#turn(difference, { rows: applyDifference(this.rows, difference, this.#key), count, seq });
  }

  #turn(difference: Difference<Row>, page: Page<Row>): void {
    const before = this.#page;
    this.#page = page;
    this.#setStatus('live', null);
    this.#wake();
    const { insert, update, remove } = difference;
    if (before?.count === page.count && insert.length + update.length + remove.length === 0) return;
    for (const listener of [...this.#changeListeners]) tell(() => listener({ ...difference, page }));
  }

  #end(error: Error | null): void {
    if (this.#status === 'closed') return;
    this.#setStatus('closed', error);
    this.#events.close();
    this.#wake();
  }

  #setStatus(status: Status, error: Error | null): void {
    if (this.#status === 'closed' || (this.#status === status && this.#error === error)) return;
    this.#status = status;
    this.#error = error;
    for (const listener of [...this.#statusListeners]) tell(() => listener(status, error));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** What a listener throws is its own affair, and is reported as any uncaught error; the list goes on. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
