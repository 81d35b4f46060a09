/** Takes expired keys out of the source, a few at a time, once keys have been used through this server. No read sees them in any case. */
import type { Logger } from 'pino';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import { textTable } from '../../../stores/mysql/rows.ts';
import { deleteEntries, deleteSets, selectExpired } from './key-tables.ts';

const PAUSE_MS = 1_000;
/** While there is more. */
const SHORT_PAUSE_MS = 20;
const KEYS_AT_ONCE = 200;

export type Writing = <Result>(work: (connection: SourceConnection) => Promise<Result>) => Promise<Result>;

export class SourceSweeper {
  readonly #look: Writing;
  readonly #write: Writing;
  readonly #log: Pick<Logger, 'warn'>;
  #timer: NodeJS.Timeout | null = null;
  #hasStarted = false;
  #closed = false;

  /** `look`: on a connection, outside of a transaction. `write`: in one, as the only writer of keys. */
  constructor(look: Writing, write: Writing, log: Pick<Logger, 'warn'>) {
    this.#look = look;
    this.#write = write;
    this.#log = log;
  }

  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#wait(PAUSE_MS);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#sweep(), ms);
    this.#timer.unref();
  }

  async #sweep(): Promise<void> {
    let removed = 0;
    try {
      const now = Date.now();
      const waiting = await this.#look((connection) => expired(connection, now, 1));
      // Nobody who writes waits for a look at nothing.
      if (waiting.length > 0) removed = await this.#write((connection) => remove(connection, now));
    } catch (error) {
      if (!this.#closed) this.#log.warn({ err: error }, 'expired keys could not be removed from the source');
    }
    this.#wait(removed < KEYS_AT_ONCE ? PAUSE_MS : SHORT_PAUSE_MS);
  }
}

async function expired(connection: SourceConnection, now: number, limit: number): Promise<string[]> {
  const { results } = await connection.query(selectExpired(now, limit));
  return results[0] === undefined ? [] : textTable(results[0]).map(([path]) => path!);
}

async function remove(connection: SourceConnection, now: number): Promise<number> {
  const paths = await expired(connection, now, KEYS_AT_ONCE);
  for (const text of [...deleteEntries(paths), ...deleteSets(paths)]) await connection.query(text);
  return paths.length;
}
