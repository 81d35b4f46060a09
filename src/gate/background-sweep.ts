/** Tidying up in the background, some at a time: again soon while there is more, otherwise after a pause. */
export interface BackgroundSweepOptions {
  readonly pauseMs: number;
  /** While there is more. */
  readonly shortPauseMs: number;
  /** A step that has tidied up so much may have left more. */
  readonly atOnce: number;
  /** A step has failed: the next one comes all the same. */
  onFailure(error: unknown): void;
}

export class BackgroundSweep {
  readonly #step: () => Promise<number>;
  readonly #options: BackgroundSweepOptions;
  #timer: NodeJS.Timeout | null = null;
  #hasStarted = false;
  #isClosed = false;

  /** `step` gives how much it has tidied up. */
  constructor(step: () => Promise<number>, options: BackgroundSweepOptions) {
    this.#step = step;
    this.#options = options;
  }

  /** May be called again. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#wait(this.#options.pauseMs);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#sweep(), ms);
    this.#timer.unref();
  }

  async #sweep(): Promise<void> {
    const { atOnce, pauseMs, shortPauseMs } = this.#options;
    let swept = 0;
    try {
      swept = await this.#step();
    } catch (error) {
      if (!this.#isClosed) this.#options.onFailure(error);
    }
    this.#wait(swept < atOnce ? pauseMs : shortPauseMs);
  }
}
