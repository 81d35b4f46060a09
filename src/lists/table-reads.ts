/** select, count and explain over one table, with its shapes kept. */
import type { StoreValue } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import type { ListPlan, ListReadPlan, ListRenderer } from './plan.ts';
import { countRenderer, renderAll, rowsRenderer } from './render.ts';
import type { Selection } from './request.ts';
import { type RowJson, rowJson } from './row-json.ts';
import { type SelectionSql, selectionSql, shapeKey } from './selection-sql.ts';

const SHAPES_MAX = 1000;

/** The statements of one shape, without their parameters. */
interface Shape {
  readonly selection: SelectionSql;
  readonly rowsSql: string;
  readonly countSql: string;
}

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
  readonly #shapes = new Map<string, Shape>();
  readonly #row: RowJson;

  constructor(table: ListTable, maxRows: number) {
    this.#table = table;
    this.#maxRows = maxRows;
    this.#row = rowJson(table.columns);
  }

  select({ count, selection, explain }: SelectRequest): ListPlan {
    const shape = this.#shape(selection);
    if (selection.max === 0 && !count && !explain) {
      // Also for its errors.
      shape.selection.bind(selection);
      return { kind: 'answer', json: '[]' };
    }
    const read = count ? countRead(shape, selection) : this.#rowsRead(shape, selection);
    return explain ? explainPlan(read) : readPlan(read, { table: this.#table, selection });
  }

  #rowsRead(shape: Shape, selection: Selection): Read {
    const params = shape.selection.bind(selection);
    const { write } = this.#row;
    const maxRows = this.#maxRows;
    if (shape.selection.isSingle) {
      const window = selection.skip === 0 ? undefined : { skip: selection.skip, max: 1 };
      const inline = shape.selection.isSmall(selection, 1);
      return { sql: shape.rowsSql, params, inline, renderer: () => rowsRenderer(write, maxRows, window) };
    }
    // One more than may be answered, to see that there are more.
    const limit = Math.min(selection.max ?? Number.POSITIVE_INFINITY, maxRows + 1);
    params.push(limit);
    let sql = shape.rowsSql;
    if (selection.skip > 0) {
      sql += ' OFFSET ?';
      params.push(selection.skip);
    }
    const inline = shape.selection.isSmall(selection, limit);
    return { sql, params, inline, renderer: () => rowsRenderer(write, maxRows) };
  }

  #shape(selection: Selection): Shape {
    const key = shapeKey(selection);
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const made = selectionSql(this.#table, selection);
      const from = ` FROM ${this.#table.sql}${made.where}`;
      shape = {
        selection: made,
        rowsSql: `SELECT ${this.#row.selectSql}${from}${made.isSingle ? '' : `${made.order} LIMIT ?`}`,
        countSql: `SELECT count(*)${from}`,
      };
      if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
      this.#shapes.set(key, shape);
    }
    return shape;
  }
}

/** As in SQL's SELECT COUNT(*), order and limits do not matter. */
function countRead(shape: Shape, selection: Selection): Read {
  const inline = shape.selection.isSmall(selection, Number.POSITIVE_INFINITY);
  return { sql: shape.countSql, params: shape.selection.bind(selection), inline, renderer: countRenderer };
}

function readPlan(read: Read, footprint: ListReadPlan['footprint']): ListReadPlan {
  const { sql, params, inline, renderer } = read;
  return {
    kind: 'read',
    statement: { kind: 'read', sql, params },
    inline,
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
  return readPlan({ ...read, sql: `EXPLAIN QUERY PLAN ${read.sql}`, inline: true, renderer }, null);
}
