/**
 * The answer to a statement: results one after the other, each an OK, or definitions of columns and rows. Rows are not looked at: this finds where
 * packets end, counts them, and keeps whole stretches of them, or hands these on as they come (a stream).
 *
 * The connection is one of the classic protocol: an EOF packet ends definitions and rows, and no packet tells of changes in the session.
 */
import { failure, type SluiceError, type SourceError } from '../../errors.ts';
import { EOF_HEADER, ERR_HEADER, HEADER_BYTES, OK_HEADER, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import { packetEnd } from '../../util/mysql-packets/packet-end.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { type Reply, readSourceError } from './replies.ts';
import { type ResultEnd, readEof, readOk, type SourceAnswer, type SourceResult } from './result.ts';

/** A packet of this length goes on in the next one. */
const FULL_PACKET_BYTES = HEADER_BYTES + 0xffffff;
/** An EOF is shorter; a row may begin with the same byte. */
const EOF_BYTES_MAX = HEADER_BYTES + 9;
const LOCAL_INFILE = 0xfb;

export interface ResultLimits {
  /** 0: any number. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** There are more: what is still to come is passed over, and may be cut short. Called once. */
  onExceeded(): void;
}

/** Who takes a stream's rows. */
export interface RowSink {
  /** The definitions of the columns are there, rows will come. */
  onColumns(columnCount: number, columns: readonly Buffer[]): void;
  /** Whole packets of rows. */
  onRows(rows: Buffer): void;
}

export const NO_LIMITS: ResultLimits = { maxRows: 0, maxBytes: Number.MAX_SAFE_INTEGER, onExceeded: () => undefined };

const FIRST = 0;
const COLUMNS = 1;
const COLUMNS_END = 2;
const ROWS = 3;

export class ResultReply implements Reply {
  readonly promise: Promise<SourceAnswer>;
  isDone = false;
  #resolve!: (answer: SourceAnswer) => void;
  #reject!: (error: Error) => void;
  readonly #limits: ResultLimits;
  readonly #sink: RowSink | null;
  readonly #results: SourceResult[] = [];
  #state = FIRST;
  #columnCount = 0;
  #columns: Buffer[] = [];
  #rows: Buffer[] = [];
  #rowCount = 0;
  #bytes = 0;
  /** The packet before was full, so the next one is no row of its own. */
  #continues = false;
  #exceeded: SluiceError | null = null;

  constructor(limits: ResultLimits = NO_LIMITS, sink: RowSink | null = null) {
    this.#limits = limits;
    this.#sink = sink;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => undefined);
  }

  /** Something of the answer has come: trying again elsewhere would give it twice. */
  get hasBegun(): boolean {
    return this.#bytes > 0;
  }

  fail(error: Error): void {
    this.isDone = true;
    this.#reject(error);
  }

  take(chunk: Buffer, from: number, end: number): number {
    let at = from;
    while (!this.isDone) {
      if (this.#state === ROWS) {
        const next = this.#takeRows(chunk, at, end);
        if (this.#state === ROWS) return next;
        at = next;
        continue;
      }
      const next = packetEnd(chunk, at, end);
      if (next > end) return at;
      this.#bytes += next - at;
      this.#takeOther(chunk, at, next);
      at = next;
    }
    return at;
  }

  /** Hot path: a loop over headers. Returns the position behind the last packet taken. */
  #takeRows(chunk: Buffer, from: number, end: number): number {
    let at = from;
    let count = this.#rowCount;
    let continues = this.#continues;
    for (let next = packetEnd(chunk, at, end); next <= end; next = packetEnd(chunk, at, end)) {
      const first = chunk[at + HEADER_BYTES];
      if (!continues && (first === EOF_HEADER || first === ERR_HEADER) && next > at + HEADER_BYTES) {
        if (first === ERR_HEADER || next - at < EOF_BYTES_MAX) {
          this.#rowCount = count;
          this.#continues = false;
          this.#keepRows(chunk, from, at);
          this.#bytes += next - at;
          this.#endRows(new Payload(chunk, at + HEADER_BYTES, next), first);
          return next;
        }
      }
      if (!continues) count++;
      continues = next - at === FULL_PACKET_BYTES;
      at = next;
    }
    this.#rowCount = count;
    this.#continues = continues;
    this.#keepRows(chunk, from, at);
    return at;
  }

  #keepRows(chunk: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#bytes += to - from;
    const { maxRows, maxBytes } = this.#limits;
    if (this.#exceeded === null) {
      if (maxRows > 0 && this.#rowCount > maxRows) this.#exceed(failure('SLUICE_ROW_LIMIT', maxRows));
      else if (this.#sink === null && this.#bytes > maxBytes) this.#exceed(failure('SLUICE_BYTE_LIMIT', maxBytes));
    }
    if (this.#exceeded !== null) return;
    const rows = chunk.subarray(from, to);
    if (this.#sink !== null) this.#sink.onRows(rows);
    else this.#rows.push(rows);
  }

  #exceed(error: SluiceError): void {
    this.#exceeded = error;
    this.#rows = [];
    this.#limits.onExceeded();
  }

  #takeOther(chunk: Buffer, at: number, next: number): void {
    const packet = new Payload(chunk, at + HEADER_BYTES, next);
    if (this.#state === COLUMNS) {
      this.#columns.push(chunk.subarray(at, next));
      if (this.#columns.length === this.#columnCount) this.#state = COLUMNS_END;
      return;
    }
    if (this.#state === COLUMNS_END) {
      this.#state = ROWS;
      this.#sink?.onColumns(this.#columnCount, this.#columns);
      return;
    }
    const first = packet.u8();
    if (first === OK_HEADER) this.#endResult(readOk(packet));
    else if (first === ERR_HEADER) this.#settle(readSourceError(packet));
    else if (first === LOCAL_INFILE) this.fail(failure('ER_NOT_SUPPORTED_YET', 'LOAD DATA LOCAL'));
    else {
      this.#columnCount = new Payload(chunk, at + HEADER_BYTES, next).lenencInteger();
      this.#state = COLUMNS;
    }
  }

  #endRows(packet: Payload, header: number): void {
    packet.skip(1);
    if (header === ERR_HEADER) this.#settle(readSourceError(packet));
    else this.#endResult(readEof(packet));
  }

  #endResult(end: ResultEnd): void {
    this.#results.push({
      columnCount: this.#columnCount,
      columns: this.#columns,
      rows: this.#rows,
      rowCount: this.#rowCount,
      end,
    });
    this.#state = FIRST;
    this.#columnCount = 0;
    this.#columns = [];
    this.#rows = [];
    this.#rowCount = 0;
    if ((end.status & SERVER_STATUS.MORE_RESULTS_EXISTS) === 0) this.#settle(null);
  }

  #settle(error: SourceError | null): void {
    this.isDone = true;
    if (this.#exceeded !== null) this.#reject(this.#exceeded);
    else if (error !== null && this.#results.length === 0) this.#reject(error);
    else this.#resolve({ results: this.#results, failure: error, bytes: this.#bytes });
  }
}
