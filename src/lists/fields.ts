/** Which column of a table a field names: by its name in any case, and by `pkey` the single primary key's, whatever that is called. */
import { failure } from '../errors.ts';

export interface Fields<Column> {
  /** Throws 1054. */
  column(field: string, clause: string): Column;
  findColumn(field: string): Column | undefined;
}

export const PKEY = 'pkey';

/** `key`: the single primary key's column, if there is one. */
export function fieldsOf<Column extends { readonly definition: { readonly name: string } }>(
  columns: readonly Column[],
  key: Column | undefined,
): Fields<Column> {
  const byName = new Map(columns.map((column) => [column.definition.name.toLowerCase(), column]));
  if (key !== undefined && !byName.has(PKEY)) byName.set(PKEY, key);
  const findColumn = (field: string): Column | undefined => byName.get(field.toLowerCase());
  return {
    findColumn,
    column(field, clause) {
      const found = findColumn(field);
      if (found === undefined) throw failure('ER_BAD_FIELD_ERROR', field.slice(0, 100), clause);
      return found;
    },
  };
}
