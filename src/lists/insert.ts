/**
 * insert: whole rows, replacing those with the same pkey. A table without a schema takes any field: the first insert makes it, unknown fields
 * widen it. In a table with SQL's types the row goes through SQL's REPLACE.
 */
import { failure } from '../errors.ts';
import { MAX_COLUMNS_PER_TABLE, MAX_IDENTIFIER_CHARS } from '../limits.ts';
import { type ColumnDefinition, HIDDEN_KEY_COLUMN, type TableDefinition } from '../stores/schema.ts';
import type { StoreRow } from '../stores/values.ts';
import { backquoted } from '../util/backquoted.ts';
import { jsonString } from '../util/json-text.ts';
import type { ListTable } from './columns.ts';
import type { ListObject } from './objects.ts';
import type { ListPlan, ListSchemaPlan } from './plan.ts';

interface InsertRequest {
  readonly objects: readonly ListObject[];
  readonly many: boolean;
}

type Key = number | bigint;

/** `isNew`: the table is not in the catalog yet. */
export function planInsert(table: ListTable, request: InsertRequest, isNew = false): ListPlan {
  const { objects, many } = request;
  if (objects.length === 0) return { kind: 'answer', json: '{"ok":true,"affected":0,"pkey":[]}' };
  if (table.definition.kind !== 'schemaless') return planSqlInsert(table, request);
  const keys = objects.map((object, index) => explicitKey(table, object, many ? index : null));
  const change = planNewFields(table, objects, isNew);
  if (change !== null) return change;
  const { database, name } = table.definition;
  const rows = objects.map((object, index) => schemalessRow(table, object, keys[index] ?? null));
  return {
    kind: 'write',
    statement: { kind: 'insert', database, table: name, mode: 'replace', rows, zeroIsValue: true },
    render: (result) => insertAnswer(keys, many, result.insertId),
  };
}

/** The schema change that gives every field a column; null when all have one. */
export function planNewFields(table: ListTable, objects: readonly ListObject[], isNew = false): ListSchemaPlan | null {
  const { definition } = table;
  const added = new Map<string, string>();
  for (const object of objects) {
    for (const [field, value] of object) {
      const key = field.toLowerCase();
      // null is a field that is absent: no column is made for it.
      if (value === null || added.has(key) || table.findColumn(field) !== undefined) continue;
      checkFieldName(field);
      added.set(key, field);
    }
  }
  if (added.size === 0 && !isNew) return null;
  // Before the table is widened: what is wrong with an object must not leave that behind.
  for (const object of objects) checkTwice(table, object);
  if (definition.columns.length + added.size > MAX_COLUMNS_PER_TABLE) {
    throw failure('ER_BAD_PARAMETER', `body: the table would have more than ${MAX_COLUMNS_PER_TABLE} fields`);
  }
  const columns = [...definition.columns, ...Array.from(added.values(), fieldColumn)];
  const widened: TableDefinition = { ...definition, columns };
  if (isNew) return { kind: 'schema', statement: { kind: 'schema', change: { kind: 'create-table', table: widened } } };
  return {
    kind: 'schema',
    statement: {
      kind: 'schema',
      change: {
        kind: 'alter-table',
        table: { database: definition.database, name: definition.name },
        definition: widened,
        sources: columns.map((column, index) =>
          index < definition.columns.length ? { kind: 'column', name: column.name } : { kind: 'value', value: null },
        ),
      },
    },
  };
}

function fieldColumn(name: string): ColumnDefinition {
  return { name, type: { name: 'longtext', collation: 'utf8mb4_bin' }, nullable: true };
}

function checkFieldName(field: string): void {
  if (field === '') throw failure('ER_BAD_PARAMETER', 'body: a field has an empty name');
  if (field.length > MAX_IDENTIFIER_CHARS || isUnusableName(field) || field.toLowerCase() === HIDDEN_KEY_COLUMN) {
    throw failure('ER_BAD_PARAMETER', `body: ${jsonString(field.slice(0, 100))} cannot be the name of a field`);
  }
}

/** Of a table or a field: names with control characters cannot be asked for, and MySQL has none that end in a blank. */
export function isUnusableName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  return /[\u0000-\u001f\u007f]| $/.test(name);
}

/** A field by two names that mean the same column. */
function checkTwice(table: ListTable, object: ListObject): void {
  const names = new Set<string>();
  for (const field of object.keys()) {
    const name = (table.findColumn(field)?.definition.name ?? field).toLowerCase();
    if (names.has(name)) throw givenTwice(field);
    names.add(name);
  }
}

export function givenTwice(field: string): Error {
  return failure('ER_BAD_PARAMETER', `body: '${field.slice(0, 100)}' is given twice in one object`);
}

function schemalessRow(table: ListTable, object: ListObject, key: Key | null): StoreRow {
  const row: StoreRow = new Array<null>(table.columns.length).fill(null);
  for (const [field, value] of object) {
    if (value === null) continue;
    const column = table.column(field, 'body');
    if (row[column.position] !== null) throw givenTwice(field);
    row[column.position] = column === table.key ? key : value;
  }
  return row;
}

/** The object's pkey; null when it has none and one is to be given. `element` is its place in the body's array. */
function explicitKey(table: ListTable, object: ListObject, element: number | null): Key | null {
  let key: Key | null = null;
  for (const [field, value] of object) {
    if (value !== null && table.findColumn(field) === table.key) key = readKey(value, element);
  }
  return key;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

function readKey(text: string, element: number | null): Key {
  const place = element === null ? 'body' : `body: element ${element}`;
  if (!/^[+-]?[0-9]{1,400}$/.test(text))
    throw failure('ER_BAD_PARAMETER', `${place}: pkey ${jsonString(text.slice(0, 100))} is not an integer`);
  const exact = BigInt(text);
  if (exact < INT64_MIN || exact > INT64_MAX) {
    throw failure('ER_BAD_PARAMETER', `${place}: pkey ${text.slice(0, 100)} is outside -2^63 .. 2^63-1`);
  }
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/**
 * `pkey` as text, as every value; for an array of objects, the array of their keys. Generated keys follow from the first one: the store
 * goes through the rows in order, and a key that was given moves the next one up.
 */
function insertAnswer(keys: readonly (Key | null)[], many: boolean, firstGenerated: Key): string {
  const all: string[] = [];
  let next: bigint | null = null;
  for (const key of keys) {
    if (key === null) {
      next ??= BigInt(firstGenerated);
      all.push(`"${next++}"`);
    } else {
      all.push(`"${key}"`);
      if (next !== null && BigInt(key) >= next) next = BigInt(key) + 1n;
    }
  }
  return `{"ok":true,"affected":${keys.length},"pkey":${many ? `[${all.join(',')}]` : all[0]}}`;
}

function planSqlInsert(table: ListTable, { objects, many }: InsertRequest): ListPlan {
  const { definition, key } = table;
  const fields = new Map<number, string>();
  for (const object of objects) {
    for (const field of object.keys()) {
      const column = table.column(field, 'body');
      fields.set(column.position, column.definition.name);
    }
  }
  const positions = [...fields.keys()].sort((a, b) => a - b);
  const parameters: string[] = [];
  const rows = objects.map((object) => {
    const values = new Map<number, string | null>();
    for (const [field, value] of object) {
      const { position } = table.column(field, 'body');
      if (values.has(position)) throw givenTwice(field);
      values.set(position, value);
    }
    return `(${positions.map((position) => sqlValue(values.get(position), parameters)).join(', ')})`;
  });
  const target = `${backquoted(definition.database)}.${backquoted(definition.name)}`;
  const names = positions.map((position) => backquoted(fields.get(position) ?? '')).join(', ');
  const given = objects.map((object) => givenText(table, object));
  return {
    kind: 'sql',
    text: `REPLACE INTO ${target} (${names}) VALUES ${rows.join(', ')}`,
    parameters,
    render: (result) => sqlInsertAnswer(given, many, key?.definition.autoIncrement === true, result.insertId),
  };
}

function sqlValue(value: string | null | undefined, parameters: string[]): string {
  if (value === null || value === undefined) return 'DEFAULT';
  parameters.push(value);
  return '?';
}

function givenText(table: ListTable, object: ListObject): string | null {
  for (const [field, value] of object) if (table.findColumn(field) === table.key) return value;
  return null;
}

function sqlInsertAnswer(given: readonly (string | null)[], many: boolean, generates: boolean, insertId: Key): string {
  if (generates && given.every((text) => text === null || /^[1-9][0-9]{0,18}$/.test(text))) {
    const keys = given.map((text) => (text === null ? null : BigInt(text)));
    return insertAnswer(keys, many, insertId);
  }
  const all = given.map((text) => (text === null ? 'null' : jsonString(text)));
  return `{"ok":true,"affected":${given.length},"pkey":${many ? `[${all.join(',')}]` : all[0]}}`;
}
