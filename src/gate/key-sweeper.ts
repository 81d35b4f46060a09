/**
 * Removes expired keys in the background: a few at a time, as an ordinary write in which others share, so that watchers are told of each, and nobody waits for
 * a large removal.
 */
import type { Logger } from 'pino';
import { keysCall } from '../keys/procedure.ts';
import { HAS_EXPIRED } from '../keys/sweep-plan.ts';
import { LOCK_WAIT_TIMEOUT_MS } from '../limits.ts';
import type { Store } from '../stores/store.ts';
import { BackgroundSweep } from './background-sweep.ts';

const KEYS_AT_ONCE = 200;

export class KeySweeper {
  readonly #store: Store;
  readonly #sweep: BackgroundSweep;

  constructor(store: Store, log: Pick<Logger, 'warn'>) {
    this.#store = store;
    this.#sweep = new BackgroundSweep(() => this.#removeSome(), {
      pauseMs: 500,
      shortPauseMs: 10,
      atOnce: KEYS_AT_ONCE,
      // The writer may be gone or the disk full: it is tried again, and until then nobody sees the keys anyway.
      onFailure: (error) => log.warn({ err: error }, 'expired keys could not be removed'),
    });
    if (store.procedures !== undefined) this.#sweep.start();
  }

  close(): void {
    this.#sweep.close();
  }

  async #removeSome(): Promise<number> {
    const now = Date.now();
    // A few microseconds, so that the writer is not asked for nothing.
    if (this.#store.readInline({ kind: 'read', sql: HAS_EXPIRED, params: [now] }).length === 0) return 0;
    const call = keysCall({ op: 'sweep', limit: KEYS_AT_ONCE }, now);
    const options = { foreignKeyChecks: true, lockWaitTimeoutMs: LOCK_WAIT_TIMEOUT_MS };
    return Number(await this.#store.procedures?.write(call, options));
  }
}
