/** The shapes of one table's selections: what of them does not depend on their values is worked out once. */
import { isInverted } from '../stores/sqlite/list-index-sql.ts';
import type { ListTable } from './columns.ts';
import { type InvertedSeek, invertedSeek } from './inverted-seek.ts';
import type { Selection } from './request.ts';
import { type FoundBy, type SelectionQuery, selectionQuery } from './selection-query.ts';
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
      const ways = new Ways(this.#table, made, selection);
      const query = selectionQuery(this.#table, selection, key, made, (given) => this.#foundBy(ways, made, given));
      shape = { selection: made, ways, query };
      if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
      this.#shapes.set(key, shape);
    }
    return shape;
  }

  /** The inverted index by which this selection can be found: unlike its shape, that depends on its operands. */
  inverted({ selection }: Pick<Shape, 'selection'>, { where }: Selection): InvertedSeek | null {
    return this.#hasInverted && !selection.isPinned ? invertedSeek(where, selection.columns) : null;
  }

  #foundBy(ways: Ways, sql: SelectionSql, selection: Selection): ReturnType<FoundBy> {
    if (!this.#hasInverted) return undefined;
    return (select, limit) => {
      const inverted = this.inverted({ selection: sql }, selection);
      return {
        rows: ways.rows(select, selection, inverted, { skip: 0, limit }),
        count: ways.count(selection, inverted),
      };
    };
  }
}
