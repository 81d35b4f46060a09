/** Rows of the source as JSON: with every value a string, as the list protocol has it, or typed. */

import type { ResultColumn } from '../../../sql/result-column.ts';
import { jsonFormatter } from '../../../sql/values/format.ts';
import type { ColumnType } from '../../../stores/column-type.ts';
import { binaryText } from '../../../util/binary-text.ts';
import { jsonString, jsonText } from '../../../util/json-text.ts';
import { valueReader } from '../typed-rows.ts';
import type { RawRow } from './raw-rows.ts';

/** The text that lists show: the source's own, but BIT as a number and bytes in base64. */
export function rawText({ name }: ColumnType): (value: Buffer) => string {
  switch (name) {
    case 'bit':
      return (value) => String(BigInt(`0x${value.toString('hex')}`));
    case 'binary':
    case 'varbinary':
    case 'blob':
      return (value) => value.toString('base64');
    default:
      return (value) => value.toString('utf8');
  }
}

/** `{"pkey":"1",...}` as binary text; fields that a row does not have are left out. */
export function textRowWriter(columns: readonly ResultColumn[]): (row: RawRow) => string {
  return rowWriter(columns, (column) => {
    const read = rawText(column.type);
    return (value) => (value === null ? null : jsonString(read(value)));
  });
}

/** `{"pkey":1,...}` as binary text, with values as SQL over HTTP writes them. */
export function typedRowWriter(columns: readonly ResultColumn[]): (row: RawRow) => string {
  return rowWriter(columns, ({ type }) => {
    const read = valueReader(type);
    const format = jsonFormatter(type);
    return (value) => jsonText(format(value === null ? null : read(value)));
  });
}

/** `memberOf`: writes a value; null: it is left out. */
function rowWriter(
  columns: readonly ResultColumn[],
  memberOf: (column: ResultColumn) => (value: Buffer | null) => string | null,
): (row: RawRow) => string {
  const keys = columns.map(({ name }) => `${jsonString(name)}:`);
  const members = columns.map(memberOf);
  return (row) => {
    let out = '';
    for (let i = 0; i < keys.length; i++) {
      const member = members[i]!(row[i] ?? null);
      if (member !== null) out += `${out === '' ? '' : ','}${keys[i]}${member}`;
    }
    return binaryText(`{${out}}`);
  };
}
