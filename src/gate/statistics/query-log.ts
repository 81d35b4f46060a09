/** Statements that have ended: the slow ones in memory, and, where a file is named, each as a line of JSON. Values are told by their length unless `logValues`. */
import type { SlotValue } from '../../sql/slots.ts';
import type { PlanKind } from '../statement-facts.ts';
import { LineLog, type LineLogOptions } from './line-log.ts';

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

export interface QueryLogOptions extends LineLogOptions {
  readonly logValues: boolean;
}

const SLOW_KEPT = 200;
const VALUE_CHARS_MAX = 1_000;
/** Of a bulk insert the first ones. */
const VALUES_TOLD_MAX = 1_000;

export class QueryLog {
  readonly #logValues: boolean;
  readonly #lines: LineLog;
  readonly #slow: object[] = [];

  constructor(options: QueryLogOptions) {
    this.#logValues = options.logValues;
    this.#lines = new LineLog(options);
  }

  get isOn(): boolean {
    return this.#lines.isOn;
  }

  /** Lines that the disk was too slow for. */
  get dropped(): number {
    return this.#lines.dropped;
  }

  /** As of LineLog. */
  opened(): Promise<void> {
    return this.#lines.opened();
  }

  /** After the file was moved away. */
  reopen(): void {
    this.#lines.reopen();
  }

  write(ended: EndedStatement, slowMs: number): void {
    const isSlow = slowMs > 0 && ended.milliseconds >= slowMs;
    if (!isSlow && !this.isOn) return;
    const { at, values, milliseconds, ...rest } = ended;
    const entry = {
      at: new Date(at).toISOString(),
      ...rest,
      values: values.slice(0, VALUES_TOLD_MAX).map(({ value }) => this.#shown(value)),
      milliseconds: Math.round(milliseconds * 1000) / 1000,
    };
    if (isSlow) {
      if (this.#slow.length >= SLOW_KEPT) this.#slow.shift();
      this.#slow.push(entry);
    }
    this.#lines.write(entry);
  }

  /** The newest first. */
  slow(): readonly object[] {
    return [...this.#slow].reverse();
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  #shown(value: SlotValue['value']): string | number | null {
    if (value === null) return null;
    if (!this.#logValues) {
      const length = typeof value === 'string' || value instanceof Uint8Array ? value.length : String(value).length;
      return `length ${length}`;
    }
    if (typeof value === 'number') return value;
    const text = value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : String(value);
    return text.slice(0, VALUE_CHARS_MAX);
  }
}
