/** Looks again and again at what the writer does, as long as it does anything. */

/** What is over its time is ended within this, and then some for the end of the process. */
const LOOK_EVERY_MS = 40;

export class WriteOversight {
  readonly #look: () => boolean;
  #timer: NodeJS.Timeout | null = null;

  /** `look`: false when there is nothing left to look at. */
  constructor(look: () => boolean) {
    this.#look = look;
  }

  /** The writer has something to do. Costs nothing where it had before. */
  begin(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#look()) this.begin();
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }
}
