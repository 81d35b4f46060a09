/** DDL: each statement becomes schema changes for the store, or nothing and a note (IF EXISTS, IF NOT EXISTS). */
import { failure, type SluiceError } from '../../errors.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import type { SchemaChange } from '../../stores/schema-change.ts';
import type { Warning } from '../../stores/statement.ts';
import type { Statement, TableName, TableOptions } from '../ast.ts';
import { isVirtualDatabase } from '../information-schema/virtual-tables.ts';
import { planAlter } from './alter.ts';
import { storedText } from './assignment.ts';
import { definitionExecution } from './definition-execution.ts';
import type { SchemaPlan } from './plan.ts';
import { compactParameters, type PlanContext } from './plan-context.ts';
import { bindQuery } from './query.ts';
import { checkIdentifier, TableBuilder } from './table-definition.ts';

type Ddl<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

function plan(...changes: readonly SchemaChange[]): SchemaPlan {
  return { kind: 'schema', tables: [], statements: changes.map((change) => ({ kind: 'schema', change })), notes: [] };
}

function nothing(...errors: readonly SluiceError[]): SchemaPlan {
  const notes = errors.map((error): Warning => ({ level: 'Note', errno: error.errno, message: error.message }));
  return { kind: 'schema', tables: [], statements: [], notes };
}

function refuseVirtual(database: string): void {
  if (isVirtualDatabase(database)) throw failure('ER_DBACCESS_DENIED_ERROR', 'root', 'localhost', database);
}

function collationOf(options: TableOptions): { collation?: string } {
  if (options.collate !== undefined) return { collation: options.collate };
  return options.charset === 'binary' ? { collation: 'binary' } : {};
}

export function planCreateDatabase(context: PlanContext, ast: Ddl<'create-database'>): SchemaPlan {
  checkIdentifier(ast.name);
  refuseVirtual(ast.name);
  if (context.catalog.database(ast.name) !== undefined) {
    const error = failure('ER_DB_CREATE_EXISTS', ast.name);
    if (ast.ifNotExists) return nothing(error);
    throw error;
  }
  return plan({ kind: 'create-database', database: { name: ast.name, ...collationOf(ast.options) } });
}

export function planAlterDatabase(context: PlanContext, ast: Ddl<'alter-database'>): SchemaPlan {
  const name = context.requireDatabase(ast.name);
  const database = context.catalog.database(name);
  if (database === undefined) throw failure('ER_BAD_DB_ERROR', name);
  return plan({ kind: 'alter-database', database: { ...database, ...collationOf(ast.options) } });
}

export function planDropDatabase(context: PlanContext, ast: Ddl<'drop-database'>): SchemaPlan {
  refuseVirtual(ast.name);
  const database = context.catalog.database(ast.name);
  if (database === undefined) {
    const error = failure('ER_DB_DROP_EXISTS', ast.name);
    if (ast.ifExists) return nothing(error);
    throw error;
  }
  return plan({ kind: 'drop-database', name: database.name });
}

export function planCreateTable(context: PlanContext, ast: Ddl<'create-table'>): SchemaPlan {
  if (ast.temporary) throw failure('ER_NOT_SUPPORTED_YET', 'CREATE TEMPORARY TABLE');
  const databaseName = context.requireDatabase(ast.table.database);
  refuseVirtual(databaseName);
  const database = context.catalog.database(databaseName);
  if (database === undefined) throw failure('ER_BAD_DB_ERROR', databaseName);
  if (context.catalog.table(databaseName, ast.table.name) !== undefined) {
    const error = failure('ER_TABLE_EXISTS_ERROR', ast.table.name);
    if (ast.ifNotExists) return nothing(error);
    throw error;
  }
  if (ast.like !== undefined) {
    const like = context.requireTable(ast.like.database, ast.like.name);
    return plan({
      kind: 'create-table',
      table: {
        ...withoutSystem(like),
        database: database.name,
        name: ast.table.name,
        foreignKeys: [],
        createdAt: new Date().toISOString(),
      },
    });
  }
  const builder = TableBuilder.empty(context, database.name, ast.table.name);
  builder.collation = collationOf(ast.options).collation ?? database.collation;
  builder.options(ast.options);
  // Columns first: keys and checks may be written before the columns they name.
  for (const element of ast.elements) if (element.kind === 'column') builder.add(element);
  for (const element of ast.elements) if (element.kind !== 'column') builder.add(element);
  const start = ast.options.auto_increment === undefined ? {} : { autoIncrement: Number(ast.options.auto_increment) };
  if (ast.query === undefined) return plan({ kind: 'create-table', table: builder.finish(), ...start });
  return plan(createFromQuery(context, builder, ast.query));
}

/** A copy of a system table is an ordinary one. */
function withoutSystem({ system: _, ...table }: TableDefinition): TableDefinition {
  const columns = table.columns.map(({ setByStore, type: { asGiven, ...type }, ...column }) => ({ ...column, type }));
  return { ...table, columns };
}

/** CREATE TABLE ... AS SELECT: the query's columns follow those that the statement names itself, or fill those of the same name. */
function createFromQuery(
  context: PlanContext,
  builder: TableBuilder,
  query: Parameters<typeof bindQuery>[1],
): SchemaChange {
  const bound = bindQuery(context, query);
  for (const column of bound.columns) {
    if (builder.columns.some((own) => own.name.toLowerCase() === column.name.toLowerCase())) continue;
    const type =
      column.term.type.name === 'null' ? { name: 'binary' as const, length: 0 } : storableType(column.term.type);
    builder.columns.push({ name: column.name, type, nullable: column.term.nullable });
  }
  const table = builder.finish();
  const values = table.columns.map((column) =>
    sourceOf(
      context,
      column,
      bound.columns.map((candidate) => candidate.name),
      bound.columns.map((candidate) => candidate.term.type),
    ),
  );
  const names = bound.columns.map((_, i) => `c${i + 1}`).join(', ');
  const { sql, sources } = compactParameters(
    `WITH _q(${names}) AS (${bound.sql}) SELECT ${values.join(', ')} FROM _q`,
    context.parameters,
  );
  // DDL is planned for one execution: the slots are those of this statement.
  const execution = definitionExecution(context.allSlots(), context.catalog);
  return {
    kind: 'create-table',
    table,
    rows: { kind: 'read', sql, params: sources.map((source) => source(execution)) },
  };
}

function storableType({ asGiven: _, ...type }: ColumnDefinition['type']): ColumnDefinition['type'] {
  if (type.name === 'decimal' && (type.precision ?? 10) > 18)
    return { ...type, precision: 18, scale: Math.min(type.scale ?? 0, 18) };
  return type;
}

function sourceOf(
  context: PlanContext,
  column: ColumnDefinition,
  names: readonly string[],
  types: readonly ColumnDefinition['type'][],
): string {
  const place = names.findIndex((name) => name.toLowerCase() === column.name.toLowerCase());
  if (place < 0) return 'NULL';
  return storedText(context, column, {
    sql: `_q.c${place + 1}`,
    type: types[place] as ColumnDefinition['type'],
    nullable: true,
  });
}

export function planDropTable(context: PlanContext, ast: Ddl<'drop-table'>): SchemaPlan {
  const found: TableName[] = [];
  const missing: SluiceError[] = [];
  for (const name of ast.tables) {
    const database = context.requireDatabase(name.database);
    const table = context.catalog.table(database, name.name);
    if (table !== undefined) found.push({ database: table.database, name: table.name });
    else missing.push(failure('ER_BAD_TABLE_ERROR', `${database}.${name.name}`));
  }
  const first = missing[0];
  if (first !== undefined && !ast.ifExists) throw first;
  const notes = nothing(...missing).notes;
  if (found.length === 0) return { kind: 'schema', tables: [], statements: [], notes };
  return {
    ...plan({
      kind: 'drop-tables',
      tables: found.map((table) => ({ database: table.database ?? '', name: table.name })),
    }),
    notes,
  };
}

export function planRenameTable(context: PlanContext, ast: Ddl<'rename-table'>): SchemaPlan {
  const renames = ast.renames.map(({ from, to }) => {
    const table = context.requireTable(from.database, from.name);
    const database = context.requireDatabase(to.database);
    if (context.catalog.database(database) === undefined) throw failure('ER_BAD_DB_ERROR', database);
    checkIdentifier(to.name);
    return { from: { database: table.database, name: table.name }, to: { database, name: to.name } };
  });
  return plan({ kind: 'rename-tables', renames });
}

export function planTruncate(context: PlanContext, ast: Ddl<'truncate'>): SchemaPlan {
  const table = context.requireTable(ast.table.database, ast.table.name);
  return plan({ kind: 'truncate-table', table: { database: table.database, name: table.name } });
}

export function planAlterTable(context: PlanContext, ast: Ddl<'alter-table'>): SchemaPlan {
  return plan(...planAlter(context, context.requireTable(ast.table.database, ast.table.name), ast.actions));
}

export function planCreateIndex(context: PlanContext, ast: Ddl<'create-index'>): SchemaPlan {
  const table = context.requireTable(ast.table.database, ast.table.name);
  return plan(...planAlter(context, table, [{ kind: 'add-element', element: ast.index }]));
}

export function planDropIndex(context: PlanContext, ast: Ddl<'drop-index'>): SchemaPlan {
  const table: TableDefinition = context.requireTable(ast.table.database, ast.table.name);
  const primary = ast.name.toUpperCase() === 'PRIMARY';
  return plan(
    ...planAlter(context, table, [primary ? { kind: 'drop-primary-key' } : { kind: 'drop-index', name: ast.name }]),
  );
}
