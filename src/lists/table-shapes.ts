/** The shapes of one table's selections: what of them does not depend on their values is worked out once. */
import type { ListTable } from './columns.ts';
import type { Selection } from './request.ts';
import { type SelectionQuery, selectionQuery } from './selection-query.ts';
import { type SelectionSql, selectionSql, shapeKey } from './selection-sql.ts';

const SHAPES_MAX = 1000;

export interface Shape {
  readonly selection: SelectionSql;
  /** ` FROM ... WHERE ...` */
  readonly from: string;
  /** null: not kept. */
  readonly query: SelectionQuery | null;
}

export class TableShapes {
  readonly #table: ListTable;
  readonly #shapes = new Map<string, Shape>();

  constructor(table: ListTable) {
    this.#table = table;
  }

  /** Throws what is wrong with the selection's fields. */
  of(selection: Selection): Shape {
    const key = shapeKey(selection);
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const made = selectionSql(this.#table, selection);
      shape = {
        selection: made,
        from: ` FROM ${this.#table.sql}${made.where}`,
        query: selectionQuery(this.#table, selection, key, made),
      };
      if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
      this.#shapes.set(key, shape);
    }
    return shape;
  }
}
