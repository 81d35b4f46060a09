/**
 * Removes expired keys in the background: a few at a time, as an ordinary write in which others share, so that watchers are told of each, and nobody waits for
 * a large removal.
 */
import type { Logger } from 'pino';
import { keysCall } from '../keys/procedure.ts';
import { HAS_EXPIRED } from '../keys/sweep-plan.ts';
import { LOCK_WAIT_TIMEOUT_MS } from '../limits.ts';
import type { Store } from '../stores/store.ts';

const PAUSE_MS = 500;
/** While there is more. */
const SHORT_PAUSE_MS = 10;
const KEYS_AT_ONCE = 200;

export class KeySweeper {
  readonly #store: Store;
  readonly #log: Pick<Logger, 'warn'>;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(store: Store, log: Pick<Logger, 'warn'>) {
    this.#store = store;
    this.#log = log;
    if (store.procedures !== undefined) this.#wait(PAUSE_MS);
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
      removed = await this.#removeSome();
    } catch (error) {
      // The writer may be gone or the disk full: it is tried again, and until then nobody sees the keys anyway.
      if (!this.#closed) this.#log.warn({ err: error }, 'expired keys could not be removed');
    }
    this.#wait(removed < KEYS_AT_ONCE ? PAUSE_MS : SHORT_PAUSE_MS);
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
