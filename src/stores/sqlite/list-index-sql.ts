/**
 * A list index as SQLite's text: what the file keeps for it.
 *
 * - **lexical, decimal**: an ordinary index, descending, since lists are mostly asked for newest or highest first; ties are in the order of the
 *   primary key then. The other direction sorts the ties alone.
 * - **token, qgram**: `sluice_list_N`, an FTS5 table without content: for each term the rows that have it, found by rowid, or, in tables that have none,
 *   by the number that `sluice_list_N_keys` gives to a primary key. Triggers note the keys of changed rows in `sluice_list_N_changed`; before anyone
 *   can miss them, and before the commit, catchUpSql() takes them in. So the index is a part of the transaction, one insert into FTS5 serves all
 *   rows of a commit (half the cost of one for each), and the change feed, which has been read by then, does not see FTS5's own tables.
 *
 * What inverted indexes find are candidates, to be looked at by the operator itself: they may hold a row too many, never one too few. That is why terms
 * can be folded (FTS5's `ascii` tokenizer ignores ASCII case) and cut.
 */
import {
  type ColumnDefinition,
  HIDDEN_KEY_COLUMN,
  type ListIndexDefinition,
  type ListIndexKind,
  type TableDefinition,
} from '../schema.ts';
import { affinity, columnCollation, quotedTable, quoteName, rowidColumn, sameName } from './ddl.ts';
import { listExpressions, wholeText } from './list-expressions.ts';

/** No user table has such a name: theirs have a dot. A statement that reads a list index has it in its text. */
export const LIST_INDEX_PREFIX = 'sluice_list_';

export function storedListIndex(index: Pick<ListIndexDefinition, 'id'>): string {
  return `${LIST_INDEX_PREFIX}${index.id}`;
}

export function changedRowsTable(index: Pick<ListIndexDefinition, 'id'>): string {
  return `${storedListIndex(index)}_changed`;
}

export function keysTable(index: Pick<ListIndexDefinition, 'id'>): string {
  return `${storedListIndex(index)}_keys`;
}

export function isInverted(kind: ListIndexKind): boolean {
  return kind === 'token' || kind === 'qgram';
}

/** The number by which an inverted index knows a row, and the columns of its name, in tables that stand beside a user's own columns. */
export const DOC_COLUMN = '_sluice_doc';
const NAME_COLUMN = '_sluice_k';

/** The columns by which an inverted index names a row: the table's rowid, or its primary key. */
export interface RowNames {
  readonly isRowid: boolean;
  /** Names of the table's columns. */
  readonly columns: readonly string[];
}

export function rowNames(table: TableDefinition): RowNames {
  const rowid = rowidColumn(table);
  return rowid === null ? { isRowid: false, columns: table.primaryKey } : { isRowid: true, columns: [rowid] };
}

export function indexedColumn(table: TableDefinition, index: Pick<ListIndexDefinition, 'column'>): ColumnDefinition {
  const column = table.columns.find((candidate) => sameName(candidate.name, index.column));
  if (column === undefined)
    throw new TypeError(`a list index is on ${index.column}, which ${table.name} does not have`);
  return column;
}

function expressionsOf(table: TableDefinition, index: ListIndexDefinition) {
  const column = indexedColumn(table, index);
  return listExpressions(column, sameName(column.name, rowidColumn(table) ?? HIDDEN_KEY_COLUMN));
}

/** Statements that make the index, empty where it is inverted. */
export function createListIndexSql(table: TableDefinition, index: ListIndexDefinition): string[] {
  const name = quoteName(storedListIndex(index));
  if (!isInverted(index.kind)) {
    const { bytes, number } = expressionsOf(table, index);
    const expression = index.kind === 'lexical' ? bytes : number;
    return [`CREATE INDEX ${name} ON ${quotedTable(table)} (${expression} DESC)`];
  }
  const { isRowid } = rowNames(table);
  const keys = rowColumnsSql(table);
  return [
    createTermsSql(index.kind, name),
    `CREATE TABLE ${quoteName(changedRowsTable(index))} (${keys.join(', ')})`,
    ...(isRowid
      ? []
      : [
          `CREATE TABLE ${quoteName(keysTable(index))} (${DOC_COLUMN} INTEGER PRIMARY KEY, ${keys.join(', ')}, UNIQUE (${nameColumns(table).join(', ')}))`,
        ]),
  ];
}

/** An FTS5 table that holds nothing yet; `name` is quoted. */
export function createTermsSql(kind: ListIndexKind, name: string): string {
  const options = `content='', contentless_delete=1, detail=none, tokenize=${tokenizer(kind)}`;
  return `CREATE VIRTUAL TABLE ${name} USING fts5(terms, ${options})`;
}

/** Declares the columns that hold rows' names, comparing as the table's own do. */
function rowColumnsSql(table: TableDefinition): string[] {
  const { isRowid, columns } = rowNames(table);
  if (isRowid) return [`${NAME_COLUMN}0 INTEGER`];
  return columns.map((name, i) => {
    const { type } = indexedColumn(table, { column: name });
    return `${NAME_COLUMN}${i} ${affinity(type)} COLLATE ${columnCollation(type)}`;
  });
}

/** The same columns, of `_changed` and `_keys`. */
export function nameColumns(table: TableDefinition): string[] {
  return rowNames(table).columns.map((_, i) => `${NAME_COLUMN}${i}`);
}

/**
 * Terms are what stands between separators. token: bytes up to 0x20 and commas separate, as for the operators. qgram: sluice_grams() has written
 * the terms with blanks between them.
 */
function tokenizer(kind: ListIndexKind): string {
  const separators = kind === 'token' ? ',' : '';
  let characters = '';
  for (let code = 0x21; code < 0x80; code++) {
    const character = String.fromCharCode(code);
    if (!/[A-Za-z0-9]/.test(character) && !separators.includes(character)) characters += character;
  }
  const option = `ascii tokenchars '${characters.replaceAll("'", "''")}'`;
  return `"${option.replaceAll('"', '""')}"`;
}

/** Also after the table is gone, and its triggers and ordinary indexes with it. */
export function dropListIndexSql(index: ListIndexDefinition): string[] {
  const name = quoteName(storedListIndex(index));
  if (!isInverted(index.kind)) return [`DROP INDEX IF EXISTS ${name}`];
  const tables = [name, quoteName(changedRowsTable(index)), quoteName(keysTable(index))];
  return [...dropTriggersSql(index), ...tables.map((table) => `DROP TABLE IF EXISTS ${table}`)];
}

const EVENTS = ['insert', 'update', 'delete'] as const;

function triggerName(index: ListIndexDefinition, event: (typeof EVENTS)[number]): string {
  return quoteName(`${storedListIndex(index)}_${event}`);
}

export function dropTriggersSql(index: ListIndexDefinition): string[] {
  return isInverted(index.kind) ? EVENTS.map((event) => `DROP TRIGGER IF EXISTS ${triggerName(index, event)}`) : [];
}

/** The triggers that note the keys of changed rows, also those that cascades change. */
export function createTriggersSql(table: TableDefinition, index: ListIndexDefinition): string[] {
  if (!isInverted(index.kind)) return [];
  const { columns } = rowNames(table);
  const column = quoteName(indexedColumn(table, index).name);
  const changed = quoteName(changedRowsTable(index));
  const note = (row: 'old' | 'new'): string =>
    `INSERT INTO ${changed} VALUES (${columns.map((name) => `${row}.${quoteName(name)}`).join(', ')});`;
  // By bytes, whatever the collation.
  const watched = [...new Set([column, ...columns.map(quoteName)])];
  const differs = watched.map((name) => `old.${name} COLLATE BINARY IS NOT new.${name}`).join(' OR ');
  const trigger = (event: (typeof EVENTS)[number], of: string, when: string, body: string): string =>
    `CREATE TRIGGER ${triggerName(index, event)} AFTER ${event.toUpperCase()}${of} ON ${quotedTable(table)} WHEN ${when} BEGIN ${body} END`;
  return [
    trigger('insert', '', `new.${column} IS NOT NULL`, note('new')),
    trigger('update', ` OF ${watched.join(', ')}`, differs, `${note('old')} ${note('new')}`),
    trigger('delete', '', `old.${column} IS NOT NULL`, note('old')),
  ];
}

/** What a row's terms are made of. */
function termsSql(table: TableDefinition, index: ListIndexDefinition): string {
  const { text } = expressionsOf(table, index);
  return index.kind === 'token' ? text : `sluice_grams(${wholeText(text)})`;
}

/** Takes in the rows that the triggers have noted. */
export function catchUpSql(table: TableDefinition, index: ListIndexDefinition): string[] {
  const { isRowid, columns } = rowNames(table);
  const name = quoteName(storedListIndex(index));
  const changed = quoteName(changedRowsTable(index));
  const present = `${quoteName(indexedColumn(table, index).name)} IS NOT NULL`;
  const terms = termsSql(table, index);
  const done = `DELETE FROM ${changed}`;
  if (isRowid) {
    const row = quoteName(columns[0]!);
    const rows = `SELECT ${NAME_COLUMN}0 FROM ${changed}`;
    return [
      `DELETE FROM ${name} WHERE rowid IN (${rows})`,
      `INSERT INTO ${name} (rowid, terms) SELECT ${row}, ${terms} FROM ${quotedTable(table)} WHERE ${row} IN (${rows}) AND ${present}`,
      done,
    ];
  }
  const keys = quoteName(keysTable(index));
  const names = nameColumns(table).join(', ');
  const rows = `SELECT ${names} FROM ${changed}`;
  const ofTable = columns.map(quoteName).join(', ');
  return [
    `INSERT OR IGNORE INTO ${keys} (${names}) ${rows}`,
    `DELETE FROM ${name} WHERE rowid IN (SELECT ${DOC_COLUMN} FROM ${keys} WHERE (${names}) IN (${rows}))`,
    `DELETE FROM ${keys} WHERE (${names}) IN (${rows}) AND (${names}) NOT IN (SELECT ${ofTable} FROM ${quotedTable(table)} WHERE (${ofTable}) IN (${rows}) AND ${present})`,
    `INSERT INTO ${name} (rowid, terms) SELECT ${DOC_COLUMN}, ${terms} FROM ${keys}, ${quotedTable(table)} WHERE (${names}) IN (${rows}) AND ${nameJoin(table)}`,
    done,
  ];
}

/** Each row of the table with its number. */
function nameJoin(table: TableDefinition): string {
  return rowNames(table)
    .columns.map((name, i) => `${quoteName(name)} = ${NAME_COLUMN}${i}`)
    .join(' AND ');
}

/** Fills an index that holds nothing from the whole table. */
export function fillSql(table: TableDefinition, index: ListIndexDefinition): string[] {
  const { isRowid } = rowNames(table);
  const fill = `INSERT INTO ${quoteName(storedListIndex(index))} (rowid, terms) ${allTermsSql(table, index)}`;
  if (isRowid) return [fill];
  const names = nameColumns(table).join(', ');
  return [
    `INSERT INTO ${quoteName(keysTable(index))} (${names}) ${indexedRowsSql(table, index)} ORDER BY ${names}`,
    fill,
  ];
}

/** The names of the rows that the index knows, as columns of nameColumns(). */
export function indexedRowsSql(table: TableDefinition, index: ListIndexDefinition): string {
  const { columns } = rowNames(table);
  const names = nameColumns(table);
  const selected = columns.map((column, i) => `${quoteName(column)} AS ${names[i]}`).join(', ');
  const present = `${quoteName(indexedColumn(table, index).name)} IS NOT NULL`;
  return `SELECT ${selected} FROM ${quotedTable(table)} WHERE ${present}`;
}

/** Every row's number, and what its terms are made of. */
export function allTermsSql(table: TableDefinition, index: ListIndexDefinition): string {
  const { isRowid, columns } = rowNames(table);
  const terms = termsSql(table, index);
  if (!isRowid)
    return `SELECT ${DOC_COLUMN}, ${terms} FROM ${quoteName(keysTable(index))} CROSS JOIN ${quotedTable(table)} WHERE ${nameJoin(table)} ORDER BY ${DOC_COLUMN}`;
  const row = quoteName(columns[0]!);
  const present = `${quoteName(indexedColumn(table, index).name)} IS NOT NULL`;
  return `SELECT ${row}, ${terms} FROM ${quotedTable(table)} WHERE ${present} ORDER BY ${row}`;
}

/** Empties the index, with the table. */
export function emptySql(table: TableDefinition, index: ListIndexDefinition): string[] {
  const name = quoteName(storedListIndex(index));
  return [
    `INSERT INTO ${name} (${name}) VALUES ('delete-all')`,
    `DELETE FROM ${quoteName(changedRowsTable(index))}`,
    ...(rowNames(table).isRowid ? [] : [`DELETE FROM ${quoteName(keysTable(index))}`]),
  ];
}

export function optimiseSql(index: ListIndexDefinition): string {
  const name = quoteName(storedListIndex(index));
  return isInverted(index.kind) ? `INSERT INTO ${name} (${name}) VALUES ('optimize')` : `REINDEX ${name}`;
}
