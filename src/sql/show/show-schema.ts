/** SHOW of databases, tables, columns, keys and how they were created. */
import { failure } from '../../errors.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { ShowAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import {
  COLUMN_PRIVILEGES,
  columnCollation,
  columnExtra,
  columnKeys,
  defaultText,
} from '../information-schema/column-facts.ts';
import { columnTypeText } from '../information-schema/column-type-text.ts';
import {
  bigint,
  bigintUnsigned,
  datetime,
  int,
  intUnsigned,
  longText,
  type NamedRow,
  nullable,
  text,
  timestamp,
} from '../information-schema/define.ts';
import { asDefinition, type SchemaObject } from '../information-schema/schema-objects.ts';
import { databaseCollation } from '../information-schema/schemata-table.ts';
import { keyPartRows } from '../information-schema/statistics-table.ts';
import { tableRow } from '../information-schema/tables-table.ts';
import { databasesOf, isVirtualDatabase, VIRTUAL_TABLES } from '../information-schema/virtual-tables.ts';
import { characterSetOf, DEFAULT_COLLATION, findCollation } from '../variables/character-sets.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { createTableText } from './create-table-text.ts';
import { quotingOf } from './quoting.ts';
import { likePattern, requireDatabase, requireTable, showResult } from './show-result.ts';

export function showDatabases(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const pattern = likePattern(ast, context);
  const name = withPattern('Database', pattern);
  const rows = databasesOf(context.catalog).map((database) => ({ [name]: database.name }));
  return showResult([text(name)], rows, { column: name, pattern });
}

export function showTables(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const database = requireDatabase(ast.database, context);
  const pattern = likePattern(ast, context);
  const name = withPattern(`Tables_in_${database}`, pattern);
  const rows = tablesOf(database, context).map(({ definition, type }) => ({
    [name]: definition.name,
    Table_type: type,
  }));
  return showResult([text(name), ...(ast.full ? [text('Table_type', 11)] : [])], rows, { column: name, pattern });
}

function withPattern(name: string, pattern: string | null): string {
  return pattern === null ? name : `${name} (${pattern})`;
}

function tablesOf(database: string, { catalog }: ExecutionContext): SchemaObject[] {
  const real = catalog.tables(database).map((definition): SchemaObject => ({ definition, type: 'BASE TABLE' }));
  const virtual = VIRTUAL_TABLES.filter((table) => table.database === database);
  return [...real, ...virtual.map((table): SchemaObject => ({ definition: asDefinition(table), type: 'SYSTEM VIEW' }))];
}

export function showTableStatus(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const columns = [
    text('Name'),
    nullable(text('Engine')),
    nullable(int('Version')),
    nullable(text('Row_format', 10)),
    nullable(bigintUnsigned('Rows')),
    nullable(bigintUnsigned('Avg_row_length')),
    nullable(bigintUnsigned('Data_length')),
    nullable(bigintUnsigned('Max_data_length')),
    nullable(bigintUnsigned('Index_length')),
    nullable(bigintUnsigned('Data_free')),
    nullable(bigintUnsigned('Auto_increment')),
    timestamp('Create_time'),
    nullable(datetime('Update_time')),
    nullable(datetime('Check_time')),
    nullable(text('Collation')),
    nullable(bigint('Checksum')),
    nullable(text('Create_options', 256)),
    nullable(longText('Comment')),
  ];
  const database = requireDatabase(ast.database, context);
  const rows = tablesOf(database, context).map((object) => {
    const row = tableRow(object);
    const named = Object.entries(row).map(([name, value]) => [statusName(name), value] as const);
    return Object.fromEntries(named);
  });
  return showResult(columns, rows, { column: 'Name', pattern: likePattern(ast, context) });
}

/** TABLE_ROWS of information_schema is Rows here, CREATE_TIME is Create_time. */
function statusName(name: string): string {
  const short = name === 'CREATE_OPTIONS' ? name : name.replace(/^TABLE_/, '');
  return short.charAt(0) + short.slice(1).toLowerCase();
}

export function showColumns(ast: ShowAst, context: ExecutionContext): VirtualTable {
  return columnsOf(requireTable(ast, context), ast.full, likePattern(ast, context));
}

/** DESCRIBE t [column or pattern]. Throws 1046, 1049, 1146. */
export function describeTable(
  ast: { readonly table: { readonly database?: string; readonly name: string }; readonly column?: string },
  context: ExecutionContext,
): VirtualTable {
  return columnsOf(requireTable(ast, context), false, ast.column ?? null);
}

function columnsOf(definition: TableDefinition, full: boolean, pattern: string | null): VirtualTable {
  const columns = [
    text('Field'),
    { name: 'Type', type: { name: 'mediumtext' }, nullable: false } as const,
    ...(full ? [nullable(text('Collation'))] : []),
    text('Null', 3),
    text('Key', 3),
    nullable(longText('Default')),
    nullable(text('Extra', 256)),
    ...(full ? [nullable(text('Privileges', 154)), longText('Comment')] : []),
  ];
  const key = columnKeys(definition);
  const rows = definition.columns.map((column) => ({
    Field: column.name,
    Type: columnTypeText(column.type),
    Collation: columnCollation(column),
    Null: column.nullable ? 'YES' : 'NO',
    Key: key(column.name),
    Default: defaultText(column),
    Extra: columnExtra(column),
    Privileges: isVirtualDatabase(definition.database) ? 'select' : COLUMN_PRIVILEGES,
    Comment: column.comment ?? '',
  }));
  return showResult(columns, rows, { column: 'Field', pattern });
}

export function showIndex(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const columns = [
    text('Table'),
    int('Non_unique'),
    text('Key_name'),
    intUnsigned('Seq_in_index'),
    nullable(text('Column_name')),
    nullable(text('Collation', 1)),
    nullable(bigint('Cardinality')),
    nullable(bigint('Sub_part')),
    nullable(text('Packed', 10)),
    text('Null', 3),
    text('Index_type', 11),
    text('Comment', 8),
    text('Index_comment', 2048),
    text('Visible', 3),
    nullable(longText('Expression')),
  ];
  const rows = Array.from(keyPartRows(requireTable(ast, context)), (row: NamedRow) => ({
    Table: row.TABLE_NAME ?? null,
    Non_unique: row.NON_UNIQUE ?? null,
    Key_name: row.INDEX_NAME ?? null,
    Seq_in_index: row.SEQ_IN_INDEX ?? null,
    Column_name: row.COLUMN_NAME ?? null,
    Collation: row.COLLATION ?? null,
    Sub_part: row.SUB_PART ?? null,
    Null: row.NULLABLE ?? null,
    Index_type: row.INDEX_TYPE ?? null,
    Comment: row.COMMENT ?? null,
    Index_comment: row.INDEX_COMMENT ?? null,
    Visible: row.IS_VISIBLE ?? null,
  }));
  return showResult(columns, rows, { column: 'Key_name', pattern: null });
}

export function showCreateTable(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const definition = requireTable(ast, context);
  if (isVirtualDatabase(definition.database) && context.catalog.database(definition.database) === undefined) {
    throw failure('ER_NOT_SUPPORTED_YET', `SHOW CREATE TABLE ${definition.database}.${definition.name}`);
  }
  const created = createTableText(definition, quotingOf(context));
  return showResult([text('Table'), text('Create Table', 1024)], [{ Table: definition.name, 'Create Table': created }]);
}

/** ShowAst.rest of SHOW CREATE DATABASE IF NOT EXISTS, which mysqldump sends and whose answer it writes into its dump. */
const IF_NOT_EXISTS = 'if not exists';

export function showCreateDatabase(ast: ShowAst, context: ExecutionContext): VirtualTable {
  const name = requireDatabase(ast.database ?? ast.table?.name, context);
  const collation = databaseCollation(context.catalog.database(name) ?? { name });
  const told = findCollation(collation)?.default !== true || collation === DEFAULT_COLLATION;
  const created =
    `CREATE DATABASE ${ast.rest === IF_NOT_EXISTS ? '/*!32312 IF NOT EXISTS*/ ' : ''}${quotingOf(context).name(name)} ` +
    `/*!40100 DEFAULT CHARACTER SET ${characterSetOf(collation)}${told ? ` COLLATE ${collation}` : ''} */ ` +
    `/*!80016 DEFAULT ENCRYPTION='N' */`;
  return showResult(
    [text('Database'), text('Create Database', 1024)],
    [{ Database: name, 'Create Database': created }],
  );
}
