/** What a progress bar is drawn on: `process.stderr`, or a stand-in. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

interface ProgressOptions {
  /** What is being done, in a word or two. */
  readonly label: string;
  /** How many steps there will be. */
  readonly total: number;
  readonly output?: ProgressOutput;
}

const BAR_WIDTH = 30;
const REDRAW_MS_MIN = 100;
/** Without a terminal nothing can be redrawn, so only this many lines are written, and a log stays readable. */
const LINES_WITHOUT_TERMINAL = 4;

/** Shows how far something is: a bar that fills on a terminal, a line now and then anywhere else. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #output: ProgressOutput;
  readonly #startedAt = performance.now();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #linesWritten = 0;

  constructor({ label, total, output = process.stderr }: ProgressOptions) {
    this.#label = label;
    this.#total = total;
    this.#output = output;
  }

  /** `done` of the total steps are done. Cheap enough to call for every batch, too dear for every row. */
  update(done: number): void {
    const share = this.#total === 0 ? 1 : Math.min(1, done / this.#total);
    if (this.#output.isTTY === true) this.#redraw(share, done);
    else this.#writeLine(share, done);
  }

  /** Done: leaves the full bar standing and goes to the next line. */
  end(): void {
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.update(this.#total);
    if (this.#output.isTTY === true) this.#output.write('\n');
  }

  #redraw(share: number, done: number): void {
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MS_MIN) return;
    this.#drawnAt = now;
    const filled = Math.round(share * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    // To the line's start and, after the text, clear what an earlier, longer text left.
    this.#output.write(`\r${this.#label} ${bar} ${this.#figures(share, done)}\x1b[K`);
  }

  #writeLine(share: number, done: number): void {
    const due = Math.floor(share * LINES_WITHOUT_TERMINAL);
    if (due <= this.#linesWritten) return;
    this.#linesWritten = due;
    this.#output.write(`${this.#label}: ${this.#figures(share, done)}\n`);
  }

  #figures(share: number, done: number): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const count = `${done.toLocaleString('en-US')} of ${this.#total.toLocaleString('en-US')}`;
    return `${Math.floor(share * 100)} % (${count}) ${seconds.toFixed(1)} s`;
  }
}
