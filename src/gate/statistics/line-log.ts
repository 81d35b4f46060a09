/** A file that takes a line of JSON for each of something: statements (query-log.ts), transactions. */
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

export interface LineLogOptions {
  /** null: there is none. */
  readonly file: string | null;
  /** It cannot be written, and is off until it is opened anew. */
  readonly onProblem: (error: Error) => void;
}

/** A disk that does not keep up must not fill the memory: lines beyond are dropped, and counted. */
const BEHIND_BYTES_MAX = 8 * 1024 * 1024;

export class LineLog {
  readonly #options: LineLogOptions;
  #stream: WriteStream | null = null;
  #dropped = 0;

  constructor(options: LineLogOptions) {
    this.#options = options;
    this.reopen();
  }

  get isOn(): boolean {
    return this.#stream !== null;
  }

  /** Lines that the disk was too slow for. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Resolves when the file can be written; rejects with why it cannot. */
  async opened(): Promise<void> {
    const stream = this.#stream;
    if (stream?.pending === true) await once(stream, 'open');
  }

  /** After the file was moved away. */
  reopen(): void {
    this.#stream?.end();
    this.#stream = null;
    const { file, onProblem } = this.#options;
    if (file === null) return;
    const stream = createWriteStream(file, { flags: 'a' });
    this.#stream = stream;
    stream.on('error', (error) => {
      if (this.#stream === stream) this.#stream = null;
      onProblem(error);
    });
  }

  write(entry: object): void {
    if (this.#stream === null) return;
    if (this.#stream.writableLength > BEHIND_BYTES_MAX) this.#dropped++;
    else this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    return stream === null ? Promise.resolve() : new Promise((resolve) => stream.end(resolve));
  }
}
