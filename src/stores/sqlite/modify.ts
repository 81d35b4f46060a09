/** UPDATE and DELETE: one SQLite statement each, so atomic by itself. */
import type { TableDefinition } from '../schema.ts';
import type { ModifyStatement, WriteResult } from '../statement.ts';
import { translateFailure } from './constraint-errors.ts';
import { quoteName } from './ddl.ts';
import type { WriteContext } from './write-context.ts';

/** Throws a SluiceError; nothing of the statement is kept then. */
export function executeModify(context: WriteContext, table: TableDefinition, statement: ModifyStatement): WriteResult {
  const { connection, catalog, updates } = context;
  updates.reset();
  let matched: number;
  try {
    matched = connection.run(statement.sql, statement.params);
  } catch (error) {
    const { kind, sql, params } = statement;
    throw translateFailure(error, { connection, catalog, table, kind, sql, params });
  }
  if (statement.kind === 'update') noteKeyUpdate(context, table, statement.sql);
  const assigned = context.takeAssignedId();
  return {
    affected: updates.calls > 0 ? updates.changed : matched,
    matched,
    insertId: 0,
    warnings: [],
    ...(assigned === null ? {} : { lastId: assigned, assignedId: assigned }),
  };
}

/** An UPDATE that names the AUTO_INCREMENT column may have moved it past the counter. */
function noteKeyUpdate(context: WriteContext, table: TableDefinition, sql: string): void {
  const column = table.columns.find((candidate) => candidate.autoIncrement);
  if (column !== undefined && sql.includes(`${quoteName(column.name)} =`)) context.autoIncrement.recheck(table);
}
