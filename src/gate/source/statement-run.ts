/** One statement while it runs on its connection: its limits, and its end before its time. Hot path: one object, which makes others only when something goes wrong. */
import { failure, type SluiceError } from '../../errors.ts';
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import type { ResultLimits } from '../../stores/mysql/result-reply.ts';
import type { Source } from '../../stores/mysql/source.ts';
import { Deadlines, type Timed } from './deadlines.ts';
import { Interruption } from './interruption.ts';
import type { Job } from './job.ts';

const DEADLINES = new Deadlines();

export class StatementRun implements ResultLimits, Timed {
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly deadline: number;
  /** null: nothing has ended it yet. */
  interruption: Interruption | null = null;
  readonly #source: Source;
  readonly #connection: SourceConnection;
  readonly #isLimited: boolean;

  /** To be ended by end(). */
  constructor(source: Source, connection: SourceConnection, { maxRows, maxBytes, isLimited, timeoutMs }: Job) {
    this.#source = source;
    this.#connection = connection;
    this.maxRows = maxRows;
    this.maxBytes = maxBytes;
    this.#isLimited = isLimited;
    this.deadline = timeoutMs > 0 ? performance.now() + timeoutMs : 0;
    if (timeoutMs > 0) DEADLINES.add(this);
  }

  /** `reason`: what the client is told; null: what it would be told anyway. */
  interrupt(reason: SluiceError | null): void {
    if (this.interruption !== null) return;
    this.interruption = new Interruption(this.#source, this.#connection);
    this.interruption.begin(reason);
  }

  onDeadline(): void {
    this.interrupt(failure('ER_QUERY_TIMEOUT'));
  }

  /** The rest would only be thrown away. Of a statement with a LIMIT of ours there is none. */
  onExceeded(): void {
    if (!this.#isLimited) this.interrupt(null);
  }

  end(): void {
    if (this.deadline > 0) DEADLINES.delete(this);
  }
}
