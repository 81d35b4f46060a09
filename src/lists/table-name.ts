/** How a request names a table. */
import { failure } from '../errors.ts';
import { MAX_IDENTIFIER_CHARS } from '../limits.ts';
import type { TableName } from '../stores/schema-change.ts';

/** `db.t`, or `t` in the default database. Throws ER_BAD_PARAMETER, ER_TOO_LONG_IDENT. */
export function readTableName(text: string, defaultDatabase: string): TableName {
  const parts = text.split('.');
  const [database, name] = parts.length === 1 ? [defaultDatabase, text] : parts;
  if (!database || !name || parts.length > 2)
    throw failure('ER_BAD_PARAMETER', `table: '${text.slice(0, 130)}' is not db.table`);
  for (const part of [database, name])
    if (part.length > MAX_IDENTIFIER_CHARS) throw failure('ER_TOO_LONG_IDENT', part.slice(0, 100));
  return { database, name };
}

/** Of the option `tcsql_table`. Throws ER_BAD_PARAMETER. */
export function readDefaultTable(text: string): TableName {
  const [database, name] = text.split('.');
  if (!database || !name) throw failure('ER_BAD_PARAMETER', `tcsql_table: '${text}' is not db.table`);
  return { database, name };
}
