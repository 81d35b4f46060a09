/**
 * Finds and counts over many keys, split by ranges of keys over the readers: all on one snapshot (Store.shareReads), each taking the next part when it is
 * done with one, the rows in the order of the keys. A reader that ends loses nothing: another goes on with the rest of its part. Leaving the loop over the
 * rows ends everything.
 */
import { failure, SluiceError } from '../errors.ts';
import { KEYS_SQL } from '../keys/key-table.ts';
import type { KeyRange } from '../keys/paths.ts';
import type { KeySplit } from '../keys/plan.ts';
import { splitRange } from '../keys/split-range.ts';
import { INLINE_ROWS, RESULT_BYTES } from '../limits.ts';
import type { SharedReads } from '../stores/shared-reads.ts';
import type { ReadStatement } from '../stores/statement.ts';
import type { RowStream, Store } from '../stores/store.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { rowBytes } from './outcomes.ts';
import type { GateSession } from './session.ts';

const MAX_WIDTH = 8;
const PARTS_PER_READER = 8;
/** Fewer keys than this are read by one reader sooner than they are split. */
const WORTH_SPLITTING = 5_000;
/** Begun again from the start, when all its readers have ended. */
const ATTEMPTS = 3;

type Chunks = AsyncGenerator<readonly StoreRow[], void, undefined>;

/** How many keys the range has, as far as that decides where they are read: looking at them takes microseconds. */
export function sizeOf(read: (statement: ReadStatement) => StoreRow[], range: KeyRange): 'few' | 'some' | 'many' {
  const { sql, params } = rangeSql(range);
  const counted = `SELECT count(*) FROM (SELECT 1 FROM ${KEYS_SQL} WHERE ${sql} LIMIT ${WORTH_SPLITTING})`;
  const keys = Number(read({ kind: 'read', sql: counted, params })[0]?.[0]);
  return keys < INLINE_ROWS ? 'few' : keys < WORTH_SPLITTING ? 'some' : 'many';
}

/** The whole result. */
export async function collectSplit<Result>(session: GateSession, split: KeySplit<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      const rows: StoreRow[] = [];
      let bytes = 0;
      for await (const chunk of scanSplit(session, split)) {
        for (const row of chunk) {
          bytes += rowBytes(row);
          rows.push(row);
        }
        if (bytes > RESULT_BYTES) throw failure('SLUICE_BYTE_LIMIT', RESULT_BYTES);
      }
      return split.resultOf(split.limit === null ? rows : rows.slice(0, split.limit));
    } catch (error) {
      if (!isReaderLost(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The rows as they come: no more of them than `limit`, but for the last chunk. */
export async function* scanSplit(session: GateSession, split: KeySplit<unknown>): Chunks {
  const { store, kept } = session.gate;
  if (store.shareReads === undefined) throw failure('ER_NOT_SUPPORTED_YET', 'finds over many keys on this store');
  const scan = new Scan(store, await whileWanted(session, store.shareReads(MAX_WIDTH)), split);
  session.reads.track(scan);
  let given = 0;
  try {
    for await (const chunk of scan.chunks()) {
      kept.storeWasRead();
      yield chunk;
      given += chunk.length;
      if (split.limit !== null && given >= split.limit) return;
    }
  } finally {
    scan.cancel(failure('ER_QUERY_INTERRUPTED'));
  }
}

/** The wait for readers ends when the session's statement does; readers that come later go back. */
function whileWanted(session: GateSession, opening: Promise<SharedReads>): Promise<SharedReads> {
  return new Promise((resolve, reject) => {
    let isWanted = true;
    session.reads.track({
      cancel: (reason) => {
        isWanted = false;
        reject(reason);
      },
    });
    opening.then((shared) => (isWanted ? resolve(shared) : shared.close()), reject);
  });
}

interface Part {
  readonly range: KeyRange;
  readonly stream: RowStream;
}

class Scan {
  readonly #shared: SharedReads;
  readonly #split: KeySplit<unknown>;
  readonly #ranges: readonly KeyRange[];
  /** Begun, in their order: as many as keep all readers busy while the first one is taken. */
  #parts: Part[] = [];
  #next = 0;
  #reading: RowStream | null = null;
  #cancelled: Error | null = null;

  constructor(store: Store, shared: SharedReads, split: KeySplit<unknown>) {
    this.#shared = shared;
    this.#split = split;
    const parts = shared.width === 1 ? 1 : shared.width * PARTS_PER_READER;
    const ranges = splitRange(split.range, parts, (range) => endsOf(store, range));
    this.#ranges = split.reverse ? ranges.reverse() : ranges;
  }

  async *chunks(): Chunks {
    for (;;) {
      this.#beginParts();
      const part = this.#parts.shift();
      if (part === undefined) return;
      yield* this.#chunksOf(part);
    }
  }

  /** For KILL, a timeout, a client that is gone. Safe to call twice, and at the end. */
  cancel(reason: Error): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = reason;
    this.#shared.close();
    this.#reading?.cancel(reason);
    for (const { stream } of this.#parts) stream.cancel(reason);
  }

  #beginParts(): void {
    while (this.#parts.length <= this.#shared.width && this.#next < this.#ranges.length) {
      const range = this.#ranges[this.#next++]!;
      this.#parts.push({ range, stream: this.#shared.read(this.#split.statementOf(range)) });
    }
  }

  async *#chunksOf(part: Part): Chunks {
    let { range, stream } = part;
    for (;;) {
      if (this.#cancelled !== null) throw this.#cancelled;
      this.#reading = stream;
      let last: StoreRow | undefined;
      try {
        for await (const chunk of stream.chunks) {
          last = chunk.at(-1) ?? last;
          yield chunk;
          this.#beginParts();
        }
        return;
      } catch (error) {
        // With no reader left there is none that sees this snapshot.
        if (!isReaderLost(error) || this.#shared.width === 0) throw error;
        if (last !== undefined) range = this.#split.after(range, last);
        stream = this.#shared.read(this.#split.statementOf(range));
      } finally {
        this.#reading = null;
      }
    }
  }
}

function endsOf(store: Store, range: KeyRange): { first: string; last: string } | null {
  const { sql, params } = rangeSql(range);
  const one = (order: string): ReadStatement => ({
    kind: 'read',
    sql: `SELECT path FROM ${KEYS_SQL} WHERE ${sql} ORDER BY path${order} LIMIT 1`,
    params,
  });
  const first = store.readInline(one(''))[0]?.[0];
  const last = store.readInline(one(' DESC'))[0]?.[0];
  return typeof first === 'string' && typeof last === 'string' ? { first, last } : null;
}

function rangeSql({ from, to }: KeyRange): { sql: string; params: readonly StoreValue[] } {
  return to === null ? { sql: 'path >= ?', params: [from] } : { sql: 'path >= ? AND path < ?', params: [from, to] };
}

function isReaderLost(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLUICE_READER_LOST';
}
