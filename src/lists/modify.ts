/** update and delete: the rows that a selection names, changed by one statement. */
import { failure } from '../errors.ts';
import { affinity } from '../stores/sqlite/ddl.ts';
import type { StoreValue } from '../stores/values.ts';
import type { ListColumn, ListTable } from './columns.ts';
import { givenTwice, planNewFields } from './insert.ts';
import type { ListObject } from './objects.ts';
import type { ListPlan } from './plan.ts';
import type { Selection } from './request.ts';
import type { TableShapes } from './table-shapes.ts';
import type { ValueForms } from './value-forms.ts';

/** A limit that none is. */
const ALL_ROWS = Number.MAX_SAFE_INTEGER;

/** The body's fields replace those of each matching row; its pkey does not. null takes the field away. */
export function planUpdate(
  table: ListTable,
  shapes: TableShapes,
  { selection, values }: { readonly selection: Selection; readonly values: ListObject },
  forms: ValueForms,
): ListPlan {
  const rows = selectedRows(table, shapes, selection);
  if (table.definition.kind === 'schemaless') {
    const change = planNewFields(table, [values]);
    if (change !== null) return change;
  }
  const assignments = assignmentsOf(table, values, forms);
  if (assignments.length === 0) throw failure('ER_BAD_PARAMETER', 'body: there is no field to update');
  if (selection.max === 0) return { kind: 'answer', json: '{"ok":true,"affected":0}' };
  const touched = [...assignments, ...timestamps(table, assignments, forms)];
  const set = touched.map(({ sql }) => `${sql.column} = ${sql.value}`).join(', ');
  // By bytes: a change of case is a change, whatever the collation.
  const changed = assignments.map(({ sql }) => `${sql.column} COLLATE BINARY IS NOT ?`).join(' OR ');
  const where = rows.sql === '' ? ' WHERE' : `${rows.sql} AND`;
  return {
    kind: 'write',
    statement: {
      kind: 'update',
      database: table.definition.database,
      table: table.definition.name,
      sql: `UPDATE ${table.sql} SET ${set}${where} sluice_changed(${changed})`,
      params: [...touched.flatMap(({ params }) => params), ...rows.params, ...assignments.map(({ value }) => value)],
    },
    render: (result) => `{"ok":true,"affected":${result.matched}}`,
  };
}

export function planDelete(
  table: ListTable,
  shapes: TableShapes,
  { selection }: { readonly selection: Selection },
): ListPlan {
  const rows = selectedRows(table, shapes, selection);
  if (selection.max === 0) return { kind: 'answer', json: '{"ok":true,"affected":0}' };
  return {
    kind: 'write',
    statement: {
      kind: 'delete',
      database: table.definition.database,
      table: table.definition.name,
      sql: `DELETE FROM ${table.sql}${rows.sql}`,
      params: rows.params,
    },
    render: (result) => `{"ok":true,"affected":${result.affected}}`,
  };
}

/**
 * ` WHERE ...` for exactly the rows of the selection, or empty for all. With limits, or where an inverted index can find them, they are found first, by
 * their keys.
 */
function selectedRows(
  table: ListTable,
  shapes: TableShapes,
  selection: Selection,
): { sql: string; params: StoreValue[] } {
  const shape = shapes.of(selection);
  const inverted = shapes.inverted(shape, selection);
  const isAll = selection.skip === 0 && selection.max === null;
  if (isAll && inverted === null) return { sql: shape.selection.where, params: shape.selection.bind(selection) };
  // The inverted index's side has keys of its own.
  const select = table.keySql.map((key) => `${table.sql}.${key}`).join(', ');
  const window = { skip: selection.skip, limit: selection.max ?? ALL_ROWS };
  const chosen = isAll
    ? shape.ways.all(select, selection, inverted)
    : shape.ways.rows(select, selection, inverted, window);
  const key = table.keySql.length === 1 ? table.keySql[0]! : `(${table.keySql.join(', ')})`;
  return { sql: ` WHERE ${key} IN (${chosen.sql})`, params: chosen.params };
}

interface Assignment {
  readonly column: ListColumn;
  readonly value: StoreValue;
  readonly sql: { readonly column: string; readonly value: string };
  readonly params: readonly StoreValue[];
}

function assignmentsOf(table: ListTable, values: ListObject, forms: ValueForms): Assignment[] {
  const assignments = new Map<ListColumn, Assignment>();
  for (const [field, text] of values) {
    const isAbsent = text === null && table.definition.kind === 'schemaless' && table.findColumn(field) === undefined;
    if (isAbsent) continue;
    const column = table.column(field, 'body');
    if (column === table.key) continue;
    if (assignments.has(column)) throw givenTwice(field);
    const value = storedValue(table, column, text, forms);
    assignments.set(column, { column, value, sql: { column: column.sql, value: '?' }, params: [value] });
  }
  return [...assignments.values()];
}

function storedValue(table: ListTable, column: ListColumn, text: string | null, forms: ValueForms): StoreValue {
  const { definition } = column;
  if (text === null) {
    if (!definition.nullable) throw failure('ER_BAD_NULL_ERROR', definition.name);
    return null;
  }
  if (table.definition.kind === 'schemaless') return text;
  const value = forms.toStored(definition, text, 1);
  // A column without affinity would keep JavaScript's number as REAL.
  const isPlainInteger = typeof value === 'number' && Number.isInteger(value);
  return isPlainInteger && affinity(definition.type) === 'BLOB' ? BigInt(value) : value;
}

/** ON UPDATE CURRENT_TIMESTAMP, for rows that really change. */
function timestamps(table: ListTable, assignments: readonly Assignment[], forms: ValueForms): Assignment[] {
  const changed = assignments.map(({ sql }) => `${sql.column} COLLATE BINARY IS NOT ?`).join(' OR ');
  return table.columns.flatMap((column) => {
    const { onUpdateNow } = column.definition;
    if (onUpdateNow === undefined || assignments.some((assignment) => assignment.column === column)) return [];
    const value = forms.currentTimestamp(column.definition, onUpdateNow.fsp);
    const when = `CASE WHEN ${changed} THEN ? ELSE ${column.sql} END`;
    return [
      {
        column,
        value,
        sql: { column: column.sql, value: when },
        params: [...assignments.map((one) => one.value), value],
      },
    ];
  });
}
