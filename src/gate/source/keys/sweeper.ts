/** Takes expired keys out of the source, a few at a time, once keys have been used through this server. No read sees them in any case. */
import type { Logger } from 'pino';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import { textTable } from '../../../stores/mysql/rows.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import { BackgroundSweep } from '../../background-sweep.ts';
import { giveBack, takeClean } from './clean-connections.ts';
import { deleteEntries, deleteSets, selectExpired } from './key-tables.ts';
import type { WriteLine } from './write-line.ts';

const KEYS_AT_ONCE = 200;

export class SourceSweeper {
  readonly #source: Source;
  readonly #writers: WriteLine;
  readonly #sweep: BackgroundSweep;

  constructor(source: Source, writers: WriteLine, log: Pick<Logger, 'warn'>) {
    this.#source = source;
    this.#writers = writers;
    this.#sweep = new BackgroundSweep(() => this.#removeSome(), {
      pauseMs: 1_000,
      shortPauseMs: 20,
      atOnce: KEYS_AT_ONCE,
      onFailure: (error) => log.warn({ err: error }, 'expired keys could not be removed from the source'),
    });
  }

  start(): void {
    this.#sweep.start();
  }

  close(): void {
    this.#sweep.close();
  }

  async #removeSome(): Promise<number> {
    const now = Date.now();
    // Nobody who writes waits for a look at nothing.
    if (!(await this.#hasExpired(now))) return 0;
    return this.#writers.alone((connection) => remove(connection, now));
  }

  async #hasExpired(now: number): Promise<boolean> {
    const { reads } = this.#source;
    const connection = await takeClean(reads);
    try {
      return (await expired(connection, now, 1)).length > 0;
    } catch (error) {
      connection.isTainted = true;
      throw error;
    } finally {
      giveBack(reads, connection);
    }
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
