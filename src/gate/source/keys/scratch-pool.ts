/** Scratches that plans use one after the other. */
import { Scratch } from './scratch.ts';

/** Those of plans that run at the same time; each takes about 100 KiB. */
const IDLE_MAX = 8;

export class ScratchPool {
  readonly #idle: Scratch[] = [];
  #isClosed = false;

  /** `version`: what entries that are written get; 0 for a plan that only reads. */
  async with<Result>(version: number, work: (scratch: Scratch) => Promise<Result>): Promise<Result> {
    const scratch = this.#idle.pop() ?? new Scratch();
    try {
      scratch.begin(version);
      return await work(scratch);
    } finally {
      scratch.end();
      if (this.#isClosed || this.#idle.length >= IDLE_MAX) scratch.close();
      else this.#idle.push(scratch);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const scratch of this.#idle.splice(0)) scratch.close();
  }
}
