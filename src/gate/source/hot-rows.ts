/**
 * Statements that change the same row by its key wait for one another here, before they take a connection, instead of each holding one while they wait in
 * the source for the row's lock (Vitess' hot row protection). Others pass by. The line is bounded.
 */
import { failure } from '../../errors.ts';

interface Line {
  waiting: number;
  /** Settles when the one before is through. */
  last: Promise<void>;
}

export class HotRows {
  readonly #lines = new Map<string, Line>();
  #waited = 0;
  #refused = 0;

  get statistics(): { readonly rows: number; readonly waited: number; readonly refused: number } {
    return { rows: this.#lines.size, waited: this.#waited, refused: this.#refused };
  }

  /** `row` names it; `table` is for the message. Rejects with SLUICE_HOT_ROW when `most` wait already. 0: nobody waits. */
  async run<T>(row: string, table: string, most: number, work: () => Promise<T>): Promise<T> {
    if (most === 0) return work();
    const line = this.#lines.get(row) ?? { waiting: 0, last: Promise.resolve() };
    if (line.waiting > most) {
      this.#refused++;
      throw failure('SLUICE_HOT_ROW', most, table);
    }
    this.#lines.set(row, line);
    if (line.waiting > 0) this.#waited++;
    line.waiting++;
    const before = line.last;
    let leave!: () => void;
    line.last = new Promise((resolve) => {
      leave = resolve;
    });
    try {
      await before;
      return await work();
    } finally {
      line.waiting--;
      if (line.waiting === 0) this.#lines.delete(row);
      leave();
    }
  }
}
