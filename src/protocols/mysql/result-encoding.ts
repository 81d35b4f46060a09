/**
 * How a result with given columns is written. Made once for a ResultColumn[] and kept as long as it lives: a plan that is executed again
 * gives the same array, so its column definitions go out as ready bytes.
 */
import type { ResultColumn } from '../../sql/result-column.ts';
import type { StoreRow } from '../../stores/values.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { writeColumnDefinition } from './column-definition.ts';
import { binaryPayload, type PayloadOfRow, textPayload } from './row-payload.ts';

/** Writes one row as a packet. A value that cannot be shown throws and leaves the packet begun: abandon() it. */
export type RowWriter = (out: PacketWriter, row: StoreRow) => void;

export class ResultEncoding {
  readonly #columns: readonly ResultColumn[];
  /** The packet with the number of columns and their definitions, with sequence ids from 1 on. */
  readonly #header: Uint8Array;
  /** Where each of its packets starts. */
  readonly #starts: readonly number[];
  #textRow: RowWriter | null = null;
  #binaryRow: RowWriter | null = null;

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
    const out = new PacketWriter(new BufferPool());
    const starts = [0];
    out.sequence = 1;
    out.begin();
    out.lenencInteger(columns.length);
    out.end();
    for (const column of columns) {
      starts.push(out.length);
      writeColumnDefinition(out, column);
    }
    this.#header = Buffer.from(out.take());
    this.#starts = starts;
  }

  writeHeader(out: PacketWriter): void {
    out.packets(this.#header, this.#starts);
  }

  get textRow(): RowWriter {
    this.#textRow ??= packetOf(textPayload(this.#columns.map((column) => column.type)));
    return this.#textRow;
  }

  get binaryRow(): RowWriter {
    this.#binaryRow ??= packetOf(binaryPayload(this.#columns.map((column) => column.type)));
    return this.#binaryRow;
  }
}

const ENCODINGS = new WeakMap<readonly ResultColumn[], ResultEncoding>();

export function encodingOf(columns: readonly ResultColumn[]): ResultEncoding {
  let encoding = ENCODINGS.get(columns);
  if (encoding === undefined) {
    encoding = new ResultEncoding(columns);
    ENCODINGS.set(columns, encoding);
  }
  return encoding;
}

/** A payload as a packet. */
function packetOf(write: PayloadOfRow): RowWriter {
  return (out, row) => {
    out.begin();
    write(out, row);
    out.end();
  };
}
