/** The shapes of one table's selections: what of them does not depend on their values is worked out once. */
import { isInverted } from '../stores/sqlite/list-index-sql.ts';
import type { ListTable } from './columns.ts';
import { type InvertedSeek, invertedSeek } from './inverted-seek.ts';
import type { Selection } from './request.ts';
import { type SelectionQuery, selectionQuery } from './selection-query.ts';
import { type SelectionSql, selectionSql, shapeKey } from './selection-sql.ts';
import { Ways } from './ways.ts';

const SHAPES_MAX = 1000;

export interface Shape {
  readonly selection: SelectionSql;
  readonly ways: Ways;
  /** null: not kept. */
  readonly query: SelectionQuery | null;
}

export class TableShapes {
  readonly #table: ListTable;
  readonly #hasInverted: boolean;
  readonly #shapes = new Map<string, Shape>();

  constructor(table: ListTable) {
    this.#table = table;
    this.#hasInverted = table.columns.some(({ listIndex }) => listIndex !== undefined && isInverted(listIndex.kind));
  }

  /** Throws what is wrong with the selection's fields. */
  of(selection: Selection): Shape {
    const key = shapeKey(selection);
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const made = selectionSql(this.#table, selection);
      shape = {
        selection: made,
        ways: new Ways(this.#table, made, selection),
        query: selectionQuery(this.#table, selection, key, made),
      };
      if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
      this.#shapes.set(key, shape);
    }
    return shape;
  }

  /** The inverted index by which this selection can be found: unlike its shape, that depends on its operands. */
  inverted({ selection: { columns, isPinned } }: Shape, { where }: Selection): InvertedSeek | null {
    return this.#hasInverted && !isPinned ? invertedSeek(where, columns) : null;
  }
}
