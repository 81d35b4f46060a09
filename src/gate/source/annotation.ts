/**
 * Vtocc's annotations: each statement that writes says at its end which rows it changes, by their primary keys, for whoever reads the binlog's
 * statements. A comment `_stream t (id ) (1 ) (2 ) `: a space behind each item, strings in base64 between quotes, an id that the source makes as null; where
 * the key changes, the new keys follow the old ones.
 */
import type { SourceTable } from '../../stores/mysql/schema.ts';
import type { ChangeText, InsertText, KeyValue } from './dml-text.ts';

export type KeyRow = readonly KeyValue[];

export function annotation(table: SourceTable, keys: readonly KeyRow[], newKeys: readonly KeyRow[] = []): string {
  const rows = [...keys, ...newKeys].map((key) => ` (${key.map((value) => `${shown(value)} `).join('')})`);
  return ` /* _stream ${table.name} (${table.primaryKey.map((name) => `${name} `).join('')})${rows.join('')} */`;
}

function shown({ kind, text }: KeyValue): string {
  if (kind === 'null') return 'null';
  return kind === 'number' ? text : `'${Buffer.from(text, 'utf8').toString('base64')}'`;
}

const NULL: KeyValue = { sql: 'NULL', kind: 'null', text: '' };
const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const TEXTS = new Set(['char', 'varchar', 'enum', 'date', 'datetime', 'timestamp', 'time', 'text', 'tinytext', 'uuid']);

/** Of these types a key's value is told, and found again, by its literal. */
export function hasPlainKey(table: SourceTable): boolean {
  return table.primaryKey.length > 0 && table.primaryKey.every((name) => typeOf(table, name) !== null);
}

/** What a literal of a key's column must be. */
export function typeOf(table: SourceTable, column: string): 'number' | 'string' | null {
  const type = table.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.type ?? '';
  if (INTEGERS.has(type)) return 'number';
  return TEXTS.has(type) ? 'string' : null;
}

/** The keys that an INSERT gives; null when they are not all known. */
export function insertedKeys(insert: InsertText, table: SourceTable): KeyRow[] | null {
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
      const value = insertedValue(row, columns.indexOf(name.toLowerCase()), table, name);
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
): KeyValue | null {
  const column = table.columns.find((candidate) => candidate.name === name);
  const given = at < 0 ? NULL : row[at];
  if (given === null || given === undefined || column === undefined) return null;
  if (given.kind === 'null' || (column.autoIncrement && given.text === '0')) return column.autoIncrement ? NULL : null;
  return given.kind === typeOf(table, name) ? given : null;
}

/** The keys that WHERE names, one by one; null when it names rows in another way. */
export function namedKeys({ equals }: ChangeText, table: SourceTable): KeyRow[] | null {
  if (equals === null || equals.size !== table.primaryKey.length) return null;
  let keys: KeyRow[] = [[]];
  for (const name of table.primaryKey) {
    const values = equals.get(name.toLowerCase());
    if (values === undefined || values.some(({ kind }) => kind !== typeOf(table, name))) return null;
    keys = keys.flatMap((key) => values.map((value) => [...key, value]));
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
export function changedKeys({ sets }: ChangeText, table: SourceTable, keys: readonly KeyRow[]): KeyRow[] | null {
  const set = table.primaryKey.map((name) => sets.get(name.toLowerCase()));
  if (set.every((value) => value === undefined)) return [];
  if (
    set.some(
      (value, i) => value === null || (value !== undefined && value.kind !== typeOf(table, table.primaryKey[i] ?? '')),
    )
  )
    return null;
  return keys.map((key) => key.map((value, i) => set[i] ?? value));
}

/** As a condition. */
export function keyCondition(table: SourceTable, keys: readonly KeyRow[]): string {
  const names = table.primaryKey.map((name) => `\`${name.replaceAll('`', '``')}\``);
  if (names.length === 1) return `${names[0]} IN (${keys.map(([value]) => value?.sql).join(', ')})`;
  return `(${names.join(', ')}) IN (${keys.map((key) => `(${key.map(({ sql }) => sql).join(', ')})`).join(', ')})`;
}
