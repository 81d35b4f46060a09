/** select, count and explain over one table, with its shapes kept. */
import { failure } from '../errors.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import { explainRenderer } from './explain.ts';
import type { KeptState } from './kept/explain.ts';
import type { ListQuery } from './kept/list-query.ts';
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
  /** Rows that the store counts at most before it chooses one of several ways; null: there is one way. */
  readonly counted: number | null;
  readonly renderer: () => ListRenderer;
}

export class TableReads {
  readonly #table: ListTable;
  readonly #maxRows: () => number;
  readonly #shapes: TableShapes;
  readonly #row: RowJson;
  readonly #keptRow: RowEncoder<string>;
  readonly #keptStateOf: (query: ListQuery) => KeptState | null;

  constructor(
    table: ListTable,
    shapes: TableShapes,
    maxRows: () => number,
    keptStateOf: (query: ListQuery) => KeptState | null,
  ) {
    this.#table = table;
    this.#keptStateOf = keptStateOf;
    this.#shapes = shapes;
    this.#maxRows = maxRows;
    this.#row = rowJson(table.columns);
    this.#keptRow = keptRowJson(table.columns, this.#row);
  }

  select({ count, selection, explain }: SelectRequest): ListPlan {
    const shape = this.shapeOf(selection);
    return explain ? this.#explained(shape, selection, count) : this.selectShaped(shape, selection, count);
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
    return count ? this.#countRead(shape, selection) : this.#rowsRead(shape, selection);
  }

  #explained(shape: Shape, selection: Selection, count: boolean): ListReadPlan {
    const read = this.#read(shape, selection, count);
    const { sql, params, inline, counted } = read;
    const query = shape.query?.of(selection, { rows: !count, count }) ?? null;
    const renderer = explainRenderer(this.#table, {
      selection,
      columns: shape.selection.columns,
      sql,
      inline,
      counted,
      kept: query === null ? null : this.#keptStateOf(query),
    });
    return new ReadPlan(
      () => ({ ...read, sql: `EXPLAIN QUERY PLAN ${sql}`, params, inline: true, renderer }),
      null,
      null,
    );
  }

  #keptRead({ query }: Shape, selection: Selection, count: boolean): KeptRead | null {
    if (query === null) return null;
    const maxRows = this.#maxRows();
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
    const { write } = this.#row;
    const select = this.#row.select.join(', ');
    const maxRows = this.#maxRows();
    if (shape.selection.isSingle) {
      const window = selection.skip === 0 ? undefined : { skip: selection.skip, max: 1 };
      const inline = shape.selection.isSmall(selection, 1);
      const bound = shape.ways.all(select, selection, null);
      return { ...bound, counted: null, inline, renderer: () => rowsRenderer(write, maxRows, window) };
    }
    // One more than may be answered, to see that there are more.
    const limit = Math.min(selection.max ?? Number.MAX_SAFE_INTEGER, maxRows + 1);
    const window = { skip: selection.skip, limit };
    const inverted = this.#shapes.inverted(shape, selection);
    return {
      ...shape.ways.rows(select, selection, inverted, window),
      inline: shape.selection.isSmall(selection, limit),
      renderer: () => rowsRenderer(write, maxRows),
    };
  }

  /** As in SQL's SELECT COUNT(*), order and limits do not matter. */
  #countRead(shape: Shape, selection: Selection): Read {
    const inverted = this.#shapes.inverted(shape, selection);
    return {
      ...shape.ways.count(selection, inverted),
      inline: shape.selection.isSmall(selection, Number.POSITIVE_INFINITY),
      renderer: countRenderer,
    };
  }
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
