/**
 * Rows as the JSON that TCSQL prescribes: every value a string, keys in column order, missing fields left out.
 *
 * Two ways lead to the same bytes. Where every column's text is native to SQLite, SQLite builds the object: one value a row crosses into
 * JavaScript instead of one a column, which for the feed's 26 columns halves the cost of a row, and in a reader process leaves the front
 * nothing to do. Elsewhere, and for rows that the change feed brings, JavaScript writes it.
 */
import type { StoreRow } from '../stores/values.ts';
import { binaryText } from '../util/binary-text.ts';
import { jsonString } from '../util/json-text.ts';
import type { ListColumn } from './columns.ts';
import type { RowEncoder } from './kept/row-encoder.ts';

export interface RowJson {
  /** What is selected for a row. */
  readonly select: readonly string[];
  /** A selected row's JSON object. */
  write(row: StoreRow): string;
}

/** SQLite's limit on a function's arguments is 127 at the least. */
const MAX_JSON_OBJECT_COLUMNS = 60;

export function rowJson(columns: readonly ListColumn[]): RowJson {
  const isNative = columns.every((column) => column.isNativeText);
  return isNative && columns.length <= MAX_JSON_OBJECT_COLUMNS ? builtBySqlite(columns) : builtHere(columns);
}

function builtBySqlite(columns: readonly ListColumn[]): RowJson {
  const members = columns.map((column) => `${quoteText(column.definition.name)}, ${column.textSql}`);
  const nullable = columns.some((column) => column.definition.nullable);
  return {
    select: [`json_object(${members.join(', ')})`],
    write(row) {
      const json = row[0] as string;
      return nullable && json.includes(':null') ? withoutNulls(json) : json;
    },
  };
}

function builtHere(columns: readonly ListColumn[]): RowJson {
  return { select: columns.map((column) => column.sql), write: rowWriter(columns) };
}

/** Writes a whole row, in the table's order of columns. */
export function rowWriter(columns: readonly ListColumn[]): (row: StoreRow) => string {
  const keys = columns.map((column) => `${jsonString(column.definition.name)}:`);
  const texts = columns.map((column) => column.text);
  return (row) => {
    let out = '';
    for (let i = 0; i < keys.length; i++) {
      const value = texts[i]!(row[i]!);
      if (value === null) continue;
      out += `${out === '' ? '' : ','}${keys[i]}${jsonString(value)}`;
    }
    return `{${out}}`;
  };
}

/** Rows as kept lists hold them: the same bytes. */
export function keptRowJson(columns: readonly ListColumn[], json: RowJson): RowEncoder<string> {
  const writeWhole = rowWriter(columns);
  return {
    select: json.select,
    decode: (values) => binaryText(json.write(values)),
    encode: (row) => binaryText(writeWhole(row)),
    bytesOf: (encoded) => encoded.length,
  };
}

/** Leaves out the members of a flat object that are null. */
function withoutNulls(json: string): string {
  const members = json.match(/"(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|null)/gs) ?? [];
  return `{${members.filter((member) => !member.endsWith(':null')).join(',')}}`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
