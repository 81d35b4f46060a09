/** The commands `tables` and `stat`: what there is. */
import type { Catalog } from '../stores/catalog.ts';
import type { ListTable } from './columns.ts';
import type { ListStatistics } from './kept/table-lists.ts';
import type { ListReadPlan, ListRenderer } from './plan.ts';
import { renderAll } from './render.ts';
import { INDEX_TYPES } from './set-index.ts';

/** `[{"table":"main.feed","kind":"schemaless","pkey":"pkey","fields":"26"}, ...]` in the order of the names. */
export function describeTables(catalog: Catalog): string {
  const tables = catalog.databases().flatMap((database) =>
    catalog.tables(database.name).map((table) => ({
      table: `${table.database}.${table.name}`,
      kind: table.kind,
      pkey: table.primaryKey.join(','),
      fields: String(table.columns.length),
    })),
  );
  return JSON.stringify(tables);
}

/** Rows (counted), fields and indexes of one table, and what is kept of it. */
export function planStat(table: ListTable, kept: readonly ListStatistics[]): ListReadPlan {
  const { definition } = table;
  const renderer = (): ListRenderer => {
    let rows = '0';
    return {
      add(chunk) {
        rows = String(chunk[0]?.[0] ?? rows);
      },
      finish: () =>
        JSON.stringify({
          table: `${definition.database}.${definition.name}`,
          kind: definition.kind,
          rows,
          fields: definition.columns.map((column) => column.name),
          indexes: [
            ...definition.indexes.map((index) => ({
              name: index.name,
              fields: index.parts.map((part) => part.column),
            })),
            ...(definition.listIndexes ?? []).map(({ column, kind }) => ({
              name: column,
              type: INDEX_TYPES[kind],
              fields: [column],
            })),
          ],
          kept: shownKept(kept),
        }),
    };
  };
  return {
    kind: 'read',
    kept: null,
    bind: () => ({ statement: { kind: 'read', sql: `SELECT count(*) FROM ${table.sql}`, params: [] }, inline: false }),
    footprint: null,
    render: (rows) => renderAll(renderer(), rows),
    renderer,
  };
}

/** What is kept of a table, as `stat` shows it: every value a string. */
export function shownKept(kept: readonly ListStatistics[]): object[] {
  return kept.map(({ kind, state, rows, bytes, hits, subscriptions }) => ({
    kind,
    state,
    rows: String(rows),
    bytes: String(bytes),
    hits: String(hits),
    subscriptions: String(subscriptions),
  }));
}
