/**
 * Vtocc's annotations: each statement that writes says at its end which rows it changes, by their primary keys, for whoever reads the binlog's
 * statements. A comment `_stream t (id ) (1 ) (2 ) `: a space behind each item, strings in base64 between quotes, an id that the source makes as null; where
 * the key changes, the new keys follow the old ones.
 */
import type { SourceColumn, SourceTable } from '../../stores/mysql/schema.ts';
import { backquoted } from '../../util/backquoted.ts';
import { encodeRawText, holdsRawBytes } from '../../util/raw-text.ts';
import type { ChangeText, InsertText, KeyValue } from './dml-text.ts';

export type KeyRow = readonly KeyValue[];

export function annotation(table: SourceTable, keys: readonly KeyRow[], newKeys: readonly KeyRow[] = []): string {
  const rows = [...keys, ...newKeys].map((key) => ` (${key.map((value) => `${shown(value)} `).join('')})`);
  return ` /* _stream ${table.name} (${table.primaryKey.map((name) => `${name} `).join('')})${rows.join('')} */`;
}

function shown({ kind, text }: KeyValue): string {
  if (kind === 'null') return 'null';
  if (kind === 'number') return text;
  // Bytes as the client wrote them, in its own character set.
  const bytes = holdsRawBytes(text) ? encodeRawText(text) : Buffer.from(text, 'utf8');
  return `'${Buffer.from(bytes).toString('base64')}'`;
}

const NULL: KeyValue = { sql: 'NULL', kind: 'null', text: '' };
const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const TEXTS = new Set(['char', 'varchar', 'enum', 'date', 'datetime', 'timestamp', 'time', 'text', 'tinytext', 'uuid']);

/** Of these types a key's value is told, and found again, by its literal. */
export function hasPlainKey(table: SourceTable): boolean {
  return table.primaryKey.length > 0 && table.primaryKey.every((name) => typeOf(table, name) !== null);
}

/** A whole day as `2020-01-02`, an hour as `13:00:00`: written in another way, a row would have two names. */
const CANONICAL: Readonly<Record<string, RegExp>> = {
  date: /^(\d{4}-\d\d-\d\d)(?: 00:00:00)?$/,
  datetime: /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.0*)?$/,
  timestamp: /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.0*)?$/,
  time: /^(-?\d{2,3}:\d\d:\d\d)(?:\.0*)?$/,
};
/** Drivers that send all values as strings: one that is an integer is taken for it by the source. Beyond, it compares them as floating point. */
const INTEGER_TEXT = /^(?:0|-?[1-9]\d{0,14})$/;

/** A literal as the key that it is in this column; null when it could be that of several rows, or of none that is known. */
function keyIn(table: SourceTable, column: string, value: KeyValue | null): KeyValue | null {
  const type = typeOf(table, column);
  if (value === null || type === null) return null;
  if (value.kind === 'number') return type === 'number' ? value : null;
  if (value.kind !== 'string') return null;
  if (type === 'number') return INTEGER_TEXT.test(value.text) ? { ...value, kind: 'number' } : null;
  const form = CANONICAL[columnOf(table, column)?.type ?? ''];
  if (form === undefined) return value;
  const text = form.exec(value.text)?.[1];
  return text === undefined ? null : { ...value, text };
}

function columnOf(table: SourceTable, column: string): SourceColumn | undefined {
  return table.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
}

/** What a literal of a key's column must be. */
export function typeOf(table: SourceTable, column: string): 'number' | 'string' | null {
  const type = columnOf(table, column)?.type ?? '';
  if (INTEGERS.has(type)) return 'number';
  return TEXTS.has(type) ? 'string' : null;
}

/** What fits, whatever the sign of the column's type allows. */
const MOST: Readonly<Record<string, number>> = {
  tinyint: 127,
  smallint: 32_767,
  mediumint: 8_388_607,
  int: 2_147_483_647,
  bigint: Number.MAX_SAFE_INTEGER,
};

/** As keyIn, of a value that is stored. Where the source is not strict it cuts what does not fit. */
function storedKeyIn(table: SourceTable, column: string, value: KeyValue | null, isStrict: boolean): KeyValue | null {
  const key = keyIn(table, column, value);
  if (isStrict || key === null) return key;
  const number = key.kind === 'number' ? Number(key.text) : Number.NaN;
  return number >= 0 && number <= (MOST[columnOf(table, column)?.type ?? ''] ?? -1) ? key : null;
}

/** The keys that an INSERT gives; null when they are not all known. */
export function insertedKeys(insert: InsertText, table: SourceTable, isStrict: boolean): KeyRow[] | null {
  // Another unique key may have it change another row than it names.
  const mayMeet = insert.replaces || insert.updates !== null;
  if (mayMeet && table.hasOtherUnique) return null;
  if (insert.updates?.some((column) => table.primaryKey.some((name) => name.toLowerCase() === column))) return null;
  const columns = (insert.columns ?? table.columns.map(({ name }) => name)).map((name) => name.toLowerCase());
  const keys: KeyRow[] = [];
  for (const row of insert.rows) {
    if (row.length !== columns.length) return null;
    const key: KeyValue[] = [];
    for (const name of table.primaryKey) {
      const value = insertedValue(row, columns.indexOf(name.toLowerCase()), table, name, isStrict);
      if (value === null) return null;
      key.push(value);
    }
    keys.push(key);
  }
  return keys;
}

function insertedValue(
  row: readonly (KeyValue | null)[],
  at: number,
  table: SourceTable,
  name: string,
  isStrict: boolean,
): KeyValue | null {
  const column = columnOf(table, name);
  const given = at < 0 ? NULL : row[at];
  if (given === null || given === undefined || column === undefined) return null;
  if (given.kind === 'null' || (column.autoIncrement && given.text === '0')) return column.autoIncrement ? NULL : null;
  return storedKeyIn(table, name, given, isStrict);
}

/** The keys that WHERE names, one by one; null when it names rows in another way. */
export function namedKeys({ equals }: ChangeText, table: SourceTable): KeyRow[] | null {
  if (equals === null || equals.size !== table.primaryKey.length) return null;
  let keys: KeyRow[] = [[]];
  for (const name of table.primaryKey) {
    const values = equals.get(name.toLowerCase())?.map((value) => keyIn(table, name, value));
    if (values === undefined || values.includes(null)) return null;
    keys = keys.flatMap((key) => (values as KeyValue[]).map((value) => [...key, value]));
  }
  return keys;
}

/** How many rows it can change at most, as WHERE gives values for all of the key; null: any number. */
export function mostRows({ equals }: ChangeText, table: SourceTable): number | null {
  if (equals === null) return null;
  let most = 1;
  for (const name of table.primaryKey) {
    const values = equals.get(name.toLowerCase());
    if (values === undefined) return null;
    most *= values.length;
  }
  return most;
}

/** The keys that rows have afterwards; the same where they do not change; null when nobody knows. */
export function changedKeys(
  { sets }: ChangeText,
  table: SourceTable,
  keys: readonly KeyRow[],
  isStrict: boolean,
): KeyRow[] | null {
  const given = table.primaryKey.map((name) => sets.get(name.toLowerCase()));
  if (given.every((value) => value === undefined)) return [];
  const set = given.map((value, i) =>
    value === undefined ? value : storedKeyIn(table, table.primaryKey[i] ?? '', value, isStrict),
  );
  if (set.includes(null)) return null;
  return keys.map((key) => key.map((value, i) => set[i] ?? value));
}

/** As a condition. */
export function keyCondition(table: SourceTable, keys: readonly KeyRow[]): string {
  const names = table.primaryKey.map(backquoted);
  if (names.length === 1) return `${names[0]} IN (${keys.map(([value]) => value?.sql).join(', ')})`;
  return `(${names.join(', ')}) IN (${keys.map((key) => `(${key.map(({ sql }) => sql).join(', ')})`).join(', ')})`;
}
