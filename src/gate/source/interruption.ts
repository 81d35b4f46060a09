/** The end of a running statement before its time: KILL QUERY, and the connection's end if that does not help. */
import type { SluiceError } from '../../errors.ts';
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import type { Source } from '../../stores/mysql/source.ts';

/** How long a killed statement may take to end before its connection is cut off. */
export const KILL_GRACE_MS = 5_000;
const MAX_SETTLE_PINGS = 5;

export class Interruption {
  /** What the client is told; null: what it would be told anyway. */
  reason: SluiceError | null = null;
  readonly #source: Source;
  readonly #connection: SourceConnection;
  #killing: Promise<unknown> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(source: Source, connection: SourceConnection) {
    this.#source = source;
    this.#connection = connection;
  }

  get hasBegun(): boolean {
    return this.#killing !== null;
  }

  begin(reason: SluiceError | null): void {
    if (this.#killing !== null) return;
    if (reason !== null) this.#source.counts.statementsKilled++;
    this.reason = reason;
    this.#timer = setTimeout(() => this.#connection.destroy('the statement was killed and did not end'), KILL_GRACE_MS);
    this.#killing = this.#source.killQuery(this.#connection).then((isGiven) => {
      if (!isGiven) this.#connection.destroy('the statement was to be killed, and the source did not take the order');
    });
  }

  /** Resolves when the order has been carried out, or can do no harm any more. */
  async done(): Promise<void> {
    if (!this.#connection.isClosed) {
      await Promise.race([
        this.#killing,
        new Promise((resolve) => {
          setTimeout(resolve, KILL_GRACE_MS).unref();
        }),
      ]);
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /**
   * For a connection that will be used further: the order may come after its statement has ended, and must not hit the next one. Where that cannot be seen, the
   * connection is cut off.
   */
  async settle(): Promise<void> {
    if (!this.hasBegun) return;
    await this.done();
    for (let i = 0; i < MAX_SETTLE_PINGS && !this.#connection.isClosed; i++) {
      const isCalm = await this.#connection.ping().then(
        () => true,
        () => false,
      );
      if (isCalm) return;
    }
    this.#connection.destroy('its statement was killed');
  }
}
