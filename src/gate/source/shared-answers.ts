/**
 * What consolidation.ts is for rows that come in pieces, for answers that come whole: one that is on its way is for all who ask the very same meanwhile.
 * Every read before a source goes through here, and mostly alone, so it must cost next to nothing then.
 */
import type { ConsolidationStatistics } from '../consolidation.ts';
import { SavedReads } from '../saved-reads.ts';

export interface SharedRun<Answer> {
  readonly answer: Promise<Answer>;
  /** Nobody waits for it any more. */
  cancel(reason: Error): void;
}

/** One who waits for an answer. */
export class Asker<Answer> {
  readonly answer: Promise<Answer>;
  resolve!: (answer: Answer) => void;
  reject!: (error: unknown) => void;
  readonly #running: Running<Answer>;

  constructor(running: Running<Answer>) {
    this.#running = running;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Waits no longer. The others still do. */
  leave(reason: Error): void {
    this.#running.askers.delete(this);
    this.reject(reason);
    if (this.#running.askers.size === 0) this.#running.run?.cancel(reason);
  }
}

interface Running<Answer> {
  /** How new its tables were when it began. */
  readonly version: number;
  readonly askers: Set<Asker<Answer>>;
  run: SharedRun<Answer> | null;
}

export class SharedAnswers<Answer> {
  readonly #running = new Map<string, Running<Answer>>();
  readonly #saved = new SavedReads();
  #refused = 0;
  /** Who waits for another's run. */
  #waiting = 0;
  /** How many may, all together. */
  readonly #waitersMax: () => number;

  constructor(waitersMax: () => number) {
    this.#waitersMax = waitersMax;
  }

  /** `key`: all that the answer depends on but the rows; `version`: of those; `statement`: the text without values, for the statistics. */
  ask(key: string, version: number, statement: string, start: () => SharedRun<Answer>): Asker<Answer> {
    const known = this.#running.get(key);
    // One that everybody has left is being ended.
    if (known !== undefined && known.version === version && known.askers.size > 0) {
      if (this.#waiting < this.#waitersMax()) return this.#join(known, statement);
      this.#refused++;
    }
    const running: Running<Answer> = { version, askers: new Set(), run: null };
    const asker = new Asker(running);
    running.askers.add(asker);
    this.#running.set(key, running);
    running.run = start();
    running.run.answer.then(
      (answer) => {
        this.#forget(key, running);
        for (const each of running.askers) each.resolve(answer);
      },
      (error: unknown) => {
        this.#forget(key, running);
        for (const each of running.askers) each.reject(error);
      },
    );
    return asker;
  }

  statistics(): ConsolidationStatistics {
    return {
      saved: this.#saved.count,
      waiting: this.#waiting,
      refused: this.#refused,
      keptBytes: 0,
      top: this.#saved.top(),
    };
  }

  #join(running: Running<Answer>, statement: string): Asker<Answer> {
    const asker = new Asker(running);
    running.askers.add(asker);
    this.#waiting++;
    asker.answer.then(
      () => {
        this.#waiting--;
        this.#saved.add(statement);
      },
      () => {
        this.#waiting--;
      },
    );
    return asker;
  }

  #forget(key: string, running: Running<Answer>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}
