/** The answers of select: rows, or a count. */
import { failure } from '../errors.ts';
import type { StoreRow } from '../stores/values.ts';
import type { ListRenderer } from './plan.ts';

/** Rows that a statement gave too many are left out by `skip` and `max`. */
export interface Window {
  readonly skip: number;
  readonly max: number;
}

export function rowsRenderer(write: (row: StoreRow) => string, maxRows: number, window?: Window): ListRenderer {
  let json = '[';
  let count = 0;
  return {
    add(given) {
      const rows = window === undefined ? given : given.slice(window.skip, window.skip + window.max);
      if (count + rows.length > maxRows) throw failure('SLUICE_ROW_LIMIT', maxRows);
      for (const row of rows) json += count++ === 0 ? write(row) : `,${write(row)}`;
    },
    finish: () => `${json}]`,
  };
}

/** The bare number. */
export function countRenderer(): ListRenderer {
  let count = '0';
  return {
    add(rows) {
      const value = rows[0]?.[0];
      if (value !== undefined && value !== null) count = String(value);
    },
    finish: () => count,
  };
}

export function renderAll(renderer: ListRenderer, rows: readonly StoreRow[]): string {
  renderer.add(rows);
  return renderer.finish();
}
