/** Values of the text protocol: each as its text with its length before it. */
import { textFormatter } from '../../sql/values/format.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';

export type PresentValue = Exclude<StoreValue, null>;
/** Writes one value that is not NULL. */
export type ValueWriter = (out: PacketWriter, value: PresentValue) => void;

export function textValueWriter(type: ColumnType): ValueWriter {
  const format = textFormatter(type);
  const formatted: ValueWriter = (out, value) => writeText(out, format(value));
  switch (type.name) {
    // Hot paths: what most columns are, without a string or a call in between.
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      return (out, value) => {
        if (Number.isSafeInteger(value)) out.lenencIntegerText(value as number);
        else formatted(out, value);
      };
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
    case 'date':
    case 'datetime':
    case 'timestamp':
    case 'json':
      return (out, value) => {
        if (typeof value === 'string') out.lenencText(value);
        else formatted(out, value);
      };
    default:
      return formatted;
  }
}

function writeText(out: PacketWriter, text: string | Uint8Array | null): void {
  if (text === null) out.lenencNull();
  else if (typeof text === 'string') out.lenencText(text);
  else out.lenencBytes(text);
}
