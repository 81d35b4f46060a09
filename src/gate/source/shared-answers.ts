/**
 * What consolidation.ts is for rows that come in pieces, for answers that come whole: one that is on its way is for all who ask the very same meanwhile.
 * Every read before a source goes through here, and mostly alone, so it must cost next to nothing then.
 */
import type { ConsolidationStatistics } from '../consolidation.ts';

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

const STATEMENTS_COUNTED_MAX = 1_000;
const TOP_SHOWN = 20;

export class SharedAnswers<Answer> {
  readonly #running = new Map<string, Running<Answer>>();
  readonly #savedOf = new Map<string, number>();
  #saved = 0;
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
    const top = [...this.#savedOf].sort(([, a], [, b]) => b - a).slice(0, TOP_SHOWN);
    return {
      saved: this.#saved,
      waiting: this.#waiting,
      refused: this.#refused,
      keptBytes: 0,
      top: top.map(([statement, saved]) => ({ statement, saved })),
    };
  }

  #join(running: Running<Answer>, statement: string): Asker<Answer> {
    const asker = new Asker(running);
    running.askers.add(asker);
    this.#waiting++;
    asker.answer.then(
      () => {
        this.#waiting--;
        this.#count(statement);
      },
      () => {
        this.#waiting--;
      },
    );
    return asker;
  }

  #count(statement: string): void {
    this.#saved++;
    const before = this.#savedOf.get(statement);
    if (before === undefined && this.#savedOf.size >= STATEMENTS_COUNTED_MAX) this.#savedOf.clear();
    this.#savedOf.set(statement, (before ?? 0) + 1);
  }

  #forget(key: string, running: Running<Answer>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}
