/** select, count and explain over one table, with its shapes kept. */
import { failure } from '../errors.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import type { RowEncoder } from './kept/row-encoder.ts';
import type { BoundRead, KeptRead, ListPlan, ListReadPlan, ListRenderer } from './plan.ts';
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
    const shape = this.shapeOf(selection);
    return explain ? explainPlan(this.#read(shape, selection, count)) : this.selectShaped(shape, selection, count);
  }

  /** Throws what is wrong with the selection's fields. */
  shapeOf(selection: Selection): Shape {
    return this.#shapes.of(selection);
  }

  /** `shape` is the selection's. */
  selectShaped(shape: Shape, selection: Selection, count: boolean): ListPlan {
    if (selection.max === 0 && !count) {
      // Also for its errors.
      shape.selection.bind(selection);
      return { kind: 'answer', json: '[]' };
    }
    const kept = this.#keptRead(shape, selection, count);
    return new ReadPlan(() => this.#read(shape, selection, count), kept, { table: this.#table, selection });
  }

  #read(shape: Shape, selection: Selection, count: boolean): Read {
    return count ? countRead(shape, selection) : this.#rowsRead(shape, selection);
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

/** The store's part is worked out when it is asked for: mostly the kept lists answer. */
class ReadPlan implements ListReadPlan {
  readonly kind = 'read';
  readonly kept: KeptRead | null;
  readonly footprint: ListReadPlan['footprint'];
  readonly #makeRead: () => Read;
  #made: Read | null = null;

  constructor(read: () => Read, kept: KeptRead | null, footprint: ListReadPlan['footprint']) {
    this.#makeRead = read;
    this.kept = kept;
    this.footprint = footprint;
  }

  get #read(): Read {
    this.#made ??= this.#makeRead();
    return this.#made;
  }

  bind(): BoundRead {
    const { sql, params, inline } = this.#read;
    return { statement: { kind: 'read', sql, params }, inline };
  }

  render(rows: readonly StoreRow[]): string {
    return renderAll(this.renderer(), rows);
  }

  renderer(): ListRenderer {
    return this.#read.renderer();
  }
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
  return new ReadPlan(() => ({ ...read, sql, inline: true, renderer }), null, null);
}
