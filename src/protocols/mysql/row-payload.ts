/** A row's payload, without the packet around it, in the text and in the binary protocol. */
import type { RowForm } from '../../gate/request.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreRow } from '../../stores/values.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { OK_HEADER } from '../../util/mysql-packets/constants.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { binaryValueWriter } from './binary-row.ts';
import { textValueWriter, type ValueWriter } from './text-row.ts';

export type PayloadOfRow = (out: PacketWriter, row: StoreRow) => void;

export function textPayload(types: readonly ColumnType[]): PayloadOfRow {
  const writers = types.map(textValueWriter);
  const count = writers.length;
  return (out, row) => {
    for (let i = 0; i < count; i++) {
      const value = row[i] as StoreRow[number];
      if (value === null) out.lenencNull();
      else (writers[i] as ValueWriter)(out, value);
    }
  };
}

/** The first two bits of a row's NULL bitmap are not used. */
const BITMAP_OFFSET = 2;

export function binaryPayload(types: readonly ColumnType[]): PayloadOfRow {
  const writers = types.map(binaryValueWriter);
  const count = writers.length;
  const bitmapBytes = (count + 7 + BITMAP_OFFSET) >> 3;
  return (out, row) => {
    out.u8(OK_HEADER);
    const bitmap = out.position;
    out.zeros(bitmapBytes);
    for (let i = 0; i < count; i++) {
      const value = row[i] as StoreRow[number];
      if (value === null) out.setBits(bitmap + ((i + BITMAP_OFFSET) >> 3), 1 << ((i + BITMAP_OFFSET) & 7));
      else (writers[i] as ValueWriter)(out, value);
    }
  };
}

/** Rows that kept lists hold ready for the text protocol, and for the binary one. */
export const TEXT_FORM: RowForm = { name: 'mysql text', writerOf: (types) => readyPayload(textPayload(types)) };
export const BINARY_FORM: RowForm = { name: 'mysql binary', writerOf: (types) => readyPayload(binaryPayload(types)) };

const scratch = new PacketWriter(new BufferPool());

function readyPayload(write: PayloadOfRow): (row: StoreRow) => string {
  return (row) => {
    write(scratch, row);
    const payload = scratch.take().toString('latin1');
    scratch.release(true);
    return payload;
  };
}

/** Writes such a row as a packet. */
export function writeReadyRow(out: PacketWriter, payload: string): void {
  out.begin();
  out.binaryText(payload);
  out.end();
}
