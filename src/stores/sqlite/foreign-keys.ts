/**
 * SQLite says only "FOREIGN KEY constraint failed". MySQL's clients expect to be told which one (errors 1451 and 1452), so after a failure
 * the keys of the table are tried one by one. All of this runs on the failing path only.
 */
import { failure, type SluiceError } from '../../errors.ts';
import { backquoted } from '../../util/backquoted.ts';
import type { Catalog } from '../catalog.ts';
import { type ForeignKeyDefinition, storedName, type TableDefinition } from '../schema.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import type { Connection } from './connection.ts';
import { quotedTable, quoteName, sameName } from './ddl.ts';

export interface Reference {
  readonly child: TableDefinition;
  readonly key: ForeignKeyDefinition;
}

/** The foreign keys that reference `table`, in the order of their tables' names. */
export function referencesTo(
  catalog: Catalog,
  table: { readonly database: string; readonly name: string },
): Reference[] {
  const references: Reference[] = [];
  for (const database of catalog.databases()) {
    for (const child of catalog.tables(database.name)) {
      for (const key of child.foreignKeys) {
        if (sameName(key.referencedDatabase, table.database) && sameName(key.referencedTable, table.name)) {
          references.push({ child, key });
        }
      }
    }
  }
  return references;
}

/** Error 1452. */
export function noParentRow(child: TableDefinition, key: ForeignKeyDefinition): SluiceError {
  return failure('ER_NO_REFERENCED_ROW_2', describe(child, key));
}

/** Error 1451. */
export function parentRowInUse(reference: Reference): SluiceError {
  return failure('ER_ROW_IS_REFERENCED_2', describe(reference.child, reference.key));
}

/** As InnoDB prints it: `db`.`t`, CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `p` (`id`) */
function describe(child: TableDefinition, key: ForeignKeyDefinition): string {
  const list = (names: readonly string[]) => names.map(backquoted).join(', ');
  const parent = sameName(key.referencedDatabase, child.database)
    ? backquoted(key.referencedTable)
    : `${backquoted(key.referencedDatabase)}.${backquoted(key.referencedTable)}`;
  const actions =
    (key.onDelete === 'no action' ? '' : ` ON DELETE ${key.onDelete.toUpperCase()}`) +
    (key.onUpdate === 'no action' ? '' : ` ON UPDATE ${key.onUpdate.toUpperCase()}`);
  return `${backquoted(child.database)}.${backquoted(child.name)}, CONSTRAINT ${backquoted(key.name)} FOREIGN KEY (${list(key.columns)}) REFERENCES ${parent} (${list(key.referencedColumns)})${actions}`;
}

/** The key of `table` for which `row` (all columns) has no parent; the first one when none can be made out. */
export function keyWithoutParent(
  connection: Connection,
  catalog: Catalog,
  table: TableDefinition,
  row: StoreRow,
): ForeignKeyDefinition | undefined {
  for (const key of table.foreignKeys) {
    const values = key.columns.map((name) => row[columnIndex(table, name)] ?? null);
    if (values.includes(null)) continue;
    if (!hasParent(connection, catalog, key, values)) return key;
  }
  return table.foreignKeys[0];
}

function hasParent(connection: Connection, catalog: Catalog, key: ForeignKeyDefinition, values: StoreValue[]): boolean {
  if (catalog.table(key.referencedDatabase, key.referencedTable) === undefined) return false;
  const parent = quoteName(storedName(key.referencedDatabase, key.referencedTable));
  const condition = key.referencedColumns.map((name) => `${quoteName(name)} = ?`).join(' AND ');
  return connection.get(`SELECT 1 FROM ${parent} WHERE ${condition} LIMIT 1`, values) !== undefined;
}

/**
 * The key of `table` that an UPDATE violated: the statement is run once more with checks put off until the end, its new values are
 * looked up, and everything is rolled back.
 */
export function keyViolatedByUpdate(
  connection: Connection,
  catalog: Catalog,
  table: TableDefinition,
  sql: string,
  params: readonly StoreValue[],
): ForeignKeyDefinition | undefined {
  if (table.foreignKeys.length < 2) return table.foreignKeys[0];
  const columns = table.columns.map((column) => quoteName(column.name)).join(', ');
  return undone(connection, () => {
    connection.exec('PRAGMA defer_foreign_keys = ON');
    for (const row of connection.all(`${sql} RETURNING ${columns}`, params)) {
      for (const key of table.foreignKeys) {
        const values = key.columns.map((name) => row[columnIndex(table, name)] ?? null);
        if (!values.includes(null) && !hasParent(connection, catalog, key, values)) return key;
      }
    }
    return table.foreignKeys[0];
  });
}

/** Runs `work` inside a savepoint that is always rolled back. A failure inside counts as not knowing. */
export function undone<T>(connection: Connection, work: () => T): T | undefined {
  connection.exec('SAVEPOINT sluice_diagnosis');
  try {
    return work();
  } catch {
    // The statement has failed already and its failure is what the client gets; this was only to say more about it.
    return undefined;
  } finally {
    connection.exec('ROLLBACK TO sluice_diagnosis; RELEASE sluice_diagnosis; PRAGMA defer_foreign_keys = OFF');
  }
}

/** The reference that forbids deleting from, or changing keys of, `table`: a direct one with rows first, then those behind a cascade. */
export function restrictingReference(
  connection: Connection,
  catalog: Catalog,
  table: TableDefinition,
  statement: { readonly kind: string; readonly sql: string; readonly params: readonly StoreValue[] } | null,
): Reference | undefined {
  const seen = new Set<string>([storedName(table.database, table.name)]);
  let level: TableDefinition[] = [table];
  let fallback: Reference | undefined;
  while (level.length > 0) {
    const next: TableDefinition[] = [];
    for (const parent of level) {
      for (const reference of referencesTo(catalog, parent)) {
        const action = statement?.kind === 'update' ? reference.key.onUpdate : reference.key.onDelete;
        if (action === 'restrict' || action === 'no action') {
          fallback ??= reference;
          if (isUsed(connection, parent, reference, parent === table ? statement : null)) return reference;
        } else if (!seen.has(storedName(reference.child.database, reference.child.name))) {
          seen.add(storedName(reference.child.database, reference.child.name));
          next.push(reference.child);
        }
      }
    }
    level = next;
  }
  return fallback;
}

/** Whether rows that a DELETE is about to remove (or any rows, when that cannot be asked) are referenced. */
function isUsed(
  connection: Connection,
  parent: TableDefinition,
  { child, key }: Reference,
  statement: { readonly kind: string; readonly sql: string; readonly params: readonly StoreValue[] } | null,
): boolean {
  const columns = key.columns.map((name) => `c.${quoteName(name)}`).join(', ');
  const referenced = key.referencedColumns.map(quoteName).join(', ');
  const deleted = statement?.kind === 'delete' ? /^\s*DELETE\s+FROM\s/i.exec(statement.sql) : null;
  const rows = deleted
    ? `SELECT ${referenced} FROM ${statement!.sql.slice(deleted[0].length)}`
    : `SELECT ${referenced} FROM ${quotedTable(parent)}`;
  const sql = `SELECT 1 FROM ${quotedTable(child)} AS c WHERE (${columns}) IN (${rows}) LIMIT 1`;
  try {
    return connection.get(sql, deleted ? statement!.params : []) !== undefined;
  } catch {
    // Only a guess at a better message: the caller falls back to another reference.
    return false;
  }
}

export function columnIndex(table: TableDefinition, name: string): number {
  return table.columns.findIndex((column) => sameName(column.name, name));
}

/**
 * Whether the foreign keys of a new definition can be: each parent exists (unless checks are off) and has a unique key on exactly the
 * referenced columns. InnoDB is content with any index there; SQLite, like MySQL 8.4 by default, is not.
 */
export function checkForeignKeys(catalog: Catalog, table: TableDefinition, foreignKeyChecks: boolean): void {
  for (const key of table.foreignKeys) {
    const itself = sameName(key.referencedDatabase, table.database) && sameName(key.referencedTable, table.name);
    const parent = itself ? table : catalog.table(key.referencedDatabase, key.referencedTable);
    if (parent === undefined) {
      if (!foreignKeyChecks) continue;
      throw failure('ER_CANNOT_ADD_FOREIGN', `failed to open the referenced table '${key.referencedTable}'`);
    }
    checkReference(parent, key);
  }
}

/** The same from the parent's side: children may have been made first, with checks off. */
export function checkReferencesTo(catalog: Catalog, parent: TableDefinition): void {
  for (const { key } of referencesTo(catalog, parent)) checkReference(parent, key);
}

function checkReference(parent: TableDefinition, key: ForeignKeyDefinition): void {
  const missing = key.referencedColumns.find((name) => columnIndex(parent, name) < 0);
  if (missing !== undefined) {
    throw failure(
      'ER_CANNOT_ADD_FOREIGN',
      `missing column '${missing}' for constraint '${key.name}' in the referenced table '${parent.name}'`,
    );
  }
  const equal = (names: readonly string[]) =>
    names.length === key.referencedColumns.length &&
    names.every((name) => key.referencedColumns.some((other) => sameName(name, other)));
  const unique = parent.indexes.some(
    (index) =>
      index.unique &&
      index.parts.every((part) => part.length === undefined) &&
      equal(index.parts.map((part) => part.column)),
  );
  if (unique || equal(parent.primaryKey)) return;
  throw failure(
    'ER_CANNOT_ADD_FOREIGN',
    `missing unique key for constraint '${key.name}' in the referenced table '${parent.name}'`,
  );
}

/** After a table was rebuilt or its keys changed: throws 1452 for the first row without a parent. */
export function checkRows(connection: Connection, table: TableDefinition): void {
  if (table.foreignKeys.length === 0) return;
  const name = quotedTable(table);
  const violation = connection.get(`PRAGMA foreign_key_check(${name})`);
  if (violation === undefined) return;
  const columns = connection
    .all(`PRAGMA foreign_key_list(${name})`)
    .filter((row) => row[0] === violation[3])
    .map((row) => String(row[3]));
  const key = table.foreignKeys.find(
    (candidate) =>
      candidate.columns.length === columns.length &&
      candidate.columns.every((column, i) => sameName(column, columns[i]!)),
  );
  throw noParentRow(table, key ?? table.foreignKeys[0]!);
}
