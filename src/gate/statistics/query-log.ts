/** Statements that have ended: the slow ones in memory, and, where a file is named, each as a line of JSON. Values are told by their length unless `logValues`. */
import { createWriteStream, type WriteStream } from 'node:fs';
import type { SlotValue } from '../../sql/slots.ts';
import type { PlanKind } from '../statement-facts.ts';

export interface EndedStatement {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly session: number;
  readonly user: string;
  readonly host: string;
  readonly protocol: string;
  readonly database: string | null;
  readonly kind: PlanKind | null;
  /** The text without its literals; for what has none, what it is. */
  readonly statement: string;
  readonly values: readonly SlotValue[];
  readonly milliseconds: number;
  readonly rows: number;
  /** null: it succeeded. */
  readonly error: string | null;
}

export interface QueryLogOptions {
  readonly file: string | null;
  readonly logValues: boolean;
  readonly onProblem: (error: Error) => void;
}

const SLOW_KEPT = 200;
/** A disk that does not keep up must not fill the memory: lines beyond are dropped, and counted. */
const BEHIND_BYTES_MAX = 8 * 1024 * 1024;
const VALUE_CHARS_MAX = 1_000;

export class QueryLog {
  readonly #options: QueryLogOptions;
  readonly #slow: object[] = [];
  #stream: WriteStream | null = null;
  #dropped = 0;

  constructor(options: QueryLogOptions) {
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

  write(ended: EndedStatement, slowMs: number): void {
    const isSlow = slowMs > 0 && ended.milliseconds >= slowMs;
    if (!isSlow && this.#stream === null) return;
    const { at, values, milliseconds, ...rest } = ended;
    const entry = {
      at: new Date(at).toISOString(),
      ...rest,
      values: values.map(({ value }) => this.#shown(value)),
      milliseconds: Math.round(milliseconds * 1000) / 1000,
    };
    if (isSlow) {
      if (this.#slow.length >= SLOW_KEPT) this.#slow.shift();
      this.#slow.push(entry);
    }
    if (this.#stream === null) return;
    if (this.#stream.writableLength > BEHIND_BYTES_MAX) this.#dropped++;
    else this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** The newest first. */
  slow(): readonly object[] {
    return [...this.#slow].reverse();
  }

  close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    return stream === null ? Promise.resolve() : new Promise((resolve) => stream.end(resolve));
  }

  #shown(value: SlotValue['value']): string | number | null {
    if (value === null) return null;
    if (!this.#options.logValues) {
      const length = typeof value === 'string' || value instanceof Uint8Array ? value.length : String(value).length;
      return `length ${length}`;
    }
    if (typeof value === 'number') return value;
    const text = value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : String(value);
    return text.slice(0, VALUE_CHARS_MAX);
  }
}
