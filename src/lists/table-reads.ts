/** select, count and explain over one table, with its shapes kept. */
import { failure } from '../errors.ts';
import type { StoreValue } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import type { RowEncoder } from './kept/row-encoder.ts';
import type { KeptRead, ListPlan, ListReadPlan, ListRenderer } from './plan.ts';
import { countRenderer, renderAll, rowsRenderer } from './render.ts';
import type { Selection } from './request.ts';
import { keptRowJson, type RowJson, rowJson } from './row-json.ts';
import type { Shape, TableShapes } from './table-shapes.ts';

export interface SelectRequest {
  readonly count: boolean;
  readonly selection: Selection;
  readonly explain: boolean;
}

/** A statement with what becomes of its rows. */
interface Read {
  readonly sql: string;
  readonly params: readonly StoreValue[];
  readonly inline: boolean;
  readonly renderer: () => ListRenderer;
}

export class TableReads {
  readonly #table: ListTable;
  readonly #maxRows: number;
  readonly #shapes: TableShapes;
  readonly #row: RowJson;
  readonly #keptRow: RowEncoder<string>;

  constructor(table: ListTable, shapes: TableShapes, maxRows: number) {
    this.#table = table;
    this.#shapes = shapes;
    this.#maxRows = maxRows;
    this.#row = rowJson(table.columns);
    this.#keptRow = keptRowJson(table.columns, this.#row);
  }

  select({ count, selection, explain }: SelectRequest): ListPlan {
    const shape = this.#shapes.of(selection);
    if (selection.max === 0 && !count && !explain) {
      // Also for its errors.
      shape.selection.bind(selection);
      return { kind: 'answer', json: '[]' };
    }
    const read = (): Read => (count ? countRead(shape, selection) : this.#rowsRead(shape, selection));
    if (explain) return explainPlan(read());
    const kept = this.#keptRead(shape, selection, count);
    return readPlan(read, kept, { table: this.#table, selection });
  }

  #keptRead({ query }: Shape, selection: Selection, count: boolean): KeptRead | null {
    if (query === null) return null;
    const maxRows = this.#maxRows;
    return {
      query: query.of(selection, { rows: !count, count }),
      encoder: this.#keptRow,
      render({ rows, count: counted }) {
        if (rows === null) return String(counted);
        if (rows.length > maxRows) throw failure('SLUICE_ROW_LIMIT', maxRows);
        return `[${rows.join()}]`;
      },
    };
  }

  #rowsRead(shape: Shape, selection: Selection): Read {
    const params = shape.selection.bind(selection);
    const { write } = this.#row;
    const maxRows = this.#maxRows;
    if (shape.selection.isSingle) {
      const window = selection.skip === 0 ? undefined : { skip: selection.skip, max: 1 };
      const inline = shape.selection.isSmall(selection, 1);
      const sql = `SELECT ${this.#row.select.join(', ')}${shape.from}`;
      return { sql, params, inline, renderer: () => rowsRenderer(write, maxRows, window) };
    }
    // One more than may be answered, to see that there are more.
    const limit = Math.min(selection.max ?? Number.POSITIVE_INFINITY, maxRows + 1);
    params.push(limit);
    let sql = `SELECT ${this.#row.select.join(', ')}${shape.from}${shape.selection.order} LIMIT ?`;
    if (selection.skip > 0) {
      sql += ' OFFSET ?';
      params.push(selection.skip);
    }
    const inline = shape.selection.isSmall(selection, limit);
    return { sql, params, inline, renderer: () => rowsRenderer(write, maxRows) };
  }
}

/** As in SQL's SELECT COUNT(*), order and limits do not matter. */
function countRead(shape: Shape, selection: Selection): Read {
  const inline = shape.selection.isSmall(selection, Number.POSITIVE_INFINITY);
  return {
    sql: `SELECT count(*)${shape.from}`,
    params: shape.selection.bind(selection),
    inline,
    renderer: countRenderer,
  };
}

function readPlan(read: () => Read, kept: KeptRead | null, footprint: ListReadPlan['footprint']): ListReadPlan {
  let bound: Read | null = null;
  const renderer = (): ListRenderer => {
    bound ??= read();
    return bound.renderer();
  };
  return {
    kind: 'read',
    kept,
    bind() {
      bound ??= read();
      const { sql, params, inline } = bound;
      return { statement: { kind: 'read', sql, params }, inline };
    },
    footprint,
    render: (rows) => renderAll(renderer(), rows),
    renderer,
  };
}

/** How the store would find the rows: its own words, the text that it is given, and where that would run. */
function explainPlan(read: Read): ListReadPlan {
  const renderer = (): ListRenderer => {
    const steps: string[] = [];
    return {
      add(rows) {
        for (const row of rows) steps.push(String(row[3]));
      },
      finish: () =>
        JSON.stringify({
          plan: steps,
          sort: steps.some((step) => step.startsWith('USE TEMP B-TREE')),
          runs: read.inline ? 'inline' : 'reader',
          sql: read.sql,
        }),
    };
  };
  const sql = `EXPLAIN QUERY PLAN ${read.sql}`;
  return readPlan(() => ({ ...read, sql, inline: true, renderer }), null, null);
}
