/** The tree of keys: operations by themselves, transactions, watches. */
import { KeyOperations } from './key-operations.ts';
import { isLost, KeyTransaction } from './key-transaction.ts';
import { KeyWatch, type WatchOptions } from './key-watch.ts';
import type { Transport } from './transport.ts';

export interface TransactionOptions {
  /** How often it is tried in all, when others change what it has read; 10 without it. */
  readonly attempts?: number;
}

const ATTEMPTS = 10;
const PAUSE_MS = 10;
const PAUSE_MAX_MS = 640;

export class Keys extends KeyOperations {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    super(async (operation) => {
      const { result } = await transport.json<{ result: never }>('/v1/keys', { method: 'POST', body: operation });
      return result;
    }, transport);
    this.#transport = transport;
  }

  /**
   * Runs `work` in a serializable transaction: committed when it resolves, rolled back when it rejects. When others changed what it has read (error 1213), all
   * of it is run again, after a pause that grows: `work` must do nothing else that counts.
   */
  async transaction<Result>(
    work: (tx: KeyTransaction) => Promise<Result>,
    { attempts = ATTEMPTS }: TransactionOptions = {},
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const tx = await this.begin();
      try {
        const result = await work(tx);
        await tx.commit();
        return result;
      } catch (error) {
        // It may be gone already; what went wrong first is what counts.
        await tx.rollback().catch(() => undefined);
        if (!isLost(error) || attempt >= attempts) throw error;
      }
      const longest = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, longest * Math.random()));
    }
  }

  /** A transaction that is ended by its commit() or rollback(). */
  begin(): Promise<KeyTransaction> {
    return KeyTransaction.begin(this.#transport);
  }

  /** The changes to the keys of a pattern, in order, for `for await`. */
  watch(pattern: string, options: WatchOptions = {}): KeyWatch {
    return new KeyWatch(this.#transport, pattern, options);
  }
}
