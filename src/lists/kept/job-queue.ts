/** Work in the background, so many jobs at a time, first come, first served. */
export class JobQueue {
  readonly #atOnce: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  /** The job must not reject. */
  add(job: () => Promise<void>): void {
    this.#waiting.push(job);
    this.#pump();
  }

  whenIdle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  #pump(): void {
    while (this.#running < this.#atOnce) {
      const job = this.#waiting.shift();
      if (job === undefined) break;
      this.#running++;
      void job().finally(() => {
        this.#running--;
        this.#pump();
      });
    }
    if (!this.isIdle) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
