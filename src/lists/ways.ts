/**
 * Ways to a selection's rows. Without list indexes there is one: the store's own choice among what it has. With them there are up to three: by an inverted
 * index (what it names, each row looked at), by the ordinary index of a condition, or along the index that gives the order.
 *
 * Which is short depends on the operands, so the statement itself counts first, up to a bound, how many rows the indexes name. The one with fewest is
 * taken if they are few. Otherwise the rows are walked in their order: where many are wanted ones, the page is soon full. The bound grows with the
 * square root of the page, so that in a table of a million rows neither way takes much longer than the other would have: a word that every row has
 * costs a page of ten a fraction of a millisecond, as does a word that ten have.
 */
import { quoteName } from '../stores/sqlite/ddl.ts';
import { DOC_COLUMN, keysTable, nameColumns, rowNames, storedListIndex } from '../stores/sqlite/list-index-sql.ts';
import type { StoreValue } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import type { InvertedSeek } from './inverted-seek.ts';
import { type OrderedSeek, type OrderWalk, orderedSeek, orderWalk } from './ordered-seek.ts';
import type { Selection } from './request.ts';
import { isDescending, type SelectionSql } from './selection-sql.ts';

export interface Bound {
  readonly sql: string;
  readonly params: StoreValue[];
}

/** A whole statement. */
export interface Selected extends Bound {
  /** Rows counted at most before one of several ways is taken; null: there is one way. */
  readonly counted: number | null;
}

/** From where to where. */
export interface Window {
  readonly skip: number;
  readonly limit: number;
}

/** Rows counted at most for a page of one row; more for longer ones. */
const COUNTED_ROWS = 1000;
/** The same where all rows are wanted, or must be sorted. Counting one takes a twentieth of looking at it. */
const COUNTED_ROWS_MAX = 100_000;

/** ` FROM ... WHERE ... ORDER BY ...` with its parameters. */
interface Way {
  readonly from: string;
  readonly order: string;
  readonly params: readonly StoreValue[];
  /** Surely many rows are sorted for the few of a page. */
  readonly sorts?: boolean;
}

/** An SQL expression that is the number of the way to take. */
interface Choice {
  readonly ways: readonly Way[];
  readonly number: Bound;
}

export class Ways {
  readonly #table: ListTable;
  readonly #sql: SelectionSql;
  readonly #seek: OrderedSeek | null;
  readonly #walk: OrderWalk | null;

  /** For all selections of one shape. */
  constructor(table: ListTable, sql: SelectionSql, shape: Selection) {
    this.#table = table;
    this.#sql = sql;
    this.#seek = sql.isPinned ? null : orderedSeek(table, shape.where, sql.columns);
    this.#walk = orderWalk(table, sql.sorts);
  }

  /** `SELECT ... LIMIT ?`. Throws ER_BAD_PARAMETER for an operand that cannot be read. */
  rows(select: string, selection: Selection, inverted: InvertedSeek | null, window: Window): Selected {
    const choice = this.#choiceOfRows(selection, inverted, window);
    if (choice.ways.length > 1)
      return { ...this.#chosenPage(select, choice, window), counted: this.#countedFor(window) };
    const way = choice.ways[0]!;
    const { skip, limit } = window;
    const params = [...way.params, limit, ...(skip === 0 ? [] : [skip])];
    return { sql: this.#page(select, way, skip === 0 ? '?' : '? OFFSET ?'), params, counted: null };
  }

  #countedFor({ skip, limit }: Window): number {
    if (this.#walk === null) return COUNTED_ROWS_MAX;
    return Math.min(COUNTED_ROWS_MAX, Math.ceil(COUNTED_ROWS * Math.sqrt(skip + limit)));
  }

  /** `SELECT count(*) ...` */
  count(selection: Selection, inverted: InvertedSeek | null): Selected {
    const { ways, number } = this.#choiceOfAll(selection, inverted);
    const [first, second] = ways.map((way) => whole('count(*)', way));
    if (second === undefined) return { ...first!, counted: null };
    return {
      sql: `SELECT CASE (${number.sql}) WHEN 0 THEN (${first!.sql}) ELSE (${second.sql}) END`,
      params: [...number.params, ...first!.params, ...second.params],
      counted: COUNTED_ROWS_MAX,
    };
  }

  /** All rows, in no order. */
  all(select: string, selection: Selection, inverted: InvertedSeek | null): Bound {
    const choice = this.#choiceOfAll(selection, inverted);
    const ways = choice.ways.map((way) => ({ ...way, order: '' }));
    return ways.length === 1
      ? whole(select, ways[0]!)
      : this.#chosenPage(select, { ...choice, ways }, { skip: 0, limit: -1 });
  }

  /** What is selected is made for the rows of the page only, not for all that are sorted. */
  #page(select: string, { from, order, sorts }: Way, limit: string): string {
    if (sorts !== true || order === '') return `SELECT ${select}${from}${order} LIMIT ${limit}`;
    const { sql: table, keySql } = this.#table;
    const keys = keySql.map((key) => `${table}.${key}`).join(', ');
    return `SELECT ${select} FROM ${table} WHERE (${keySql.join(', ')}) IN (SELECT ${keys}${from}${order} LIMIT ${limit})${this.#sql.order}`;
  }

  /** The choice stands in LIMIT, which SQLite reads before the first row: a way that is not taken costs nothing. */
  #chosenPage(select: string, { ways, number }: Choice, { skip, limit }: Window): Bound {
    const pages = ways.map((way, i) => {
      const bound = `iif((SELECT number FROM way) = ${i}, ?, 0) OFFSET ?`;
      return `SELECT * FROM (${this.#page(select, way, bound)})`;
    });
    return {
      sql: `WITH way(number) AS MATERIALIZED (${number.sql}) ${pages.join(' UNION ALL ')}`,
      params: [...number.params, ...ways.flatMap(({ params }) => [...params, limit, skip])],
    };
  }

  #choiceOfRows(selection: Selection, inverted: InvertedSeek | null, window: Window): Choice {
    const seek = this.#seek;
    const walk = this.#walk;
    const most = this.#countedFor(window);
    if (inverted === null) {
      if (seek === null || !seek.isListIndex || walk === null || isInOrder(seek, walk))
        return one(this.#plain(selection));
      const { sql, params } = this.#countOf(selection, seek, most);
      const number = { sql: `SELECT (${sql}) >= ?`, params: [...params, most] };
      return { ways: [this.#sought(selection, seek), this.#walked(selection, walk)], number };
    }
    const found = this.#found(selection, inverted);
    const many = walk?.kind === 'index' ? this.#walked(selection, walk) : null;
    if (seek === null) {
      // Rows are found in the order of their rowids: no walk along these is shorter.
      if (many === null) return one(found);
      const { sql, params } = countFound(inverted, most);
      return { ways: [found, many], number: { sql: `SELECT (${sql}) >= ?`, params: [...params, most] } };
    }
    const ways = [found, this.#sought(selection, seek), ...(many === null ? [] : [many])];
    return { ways, number: this.#fewest(selection, inverted, seek, most, many === null ? 0 : 2) };
  }

  #choiceOfAll(selection: Selection, inverted: InvertedSeek | null): Choice {
    const plain = this.#plain(selection);
    if (inverted === null) return one(plain);
    const found = this.#found(selection, inverted);
    if (this.#seek === null) return one(found);
    const number = this.#fewest(selection, inverted, this.#seek, COUNTED_ROWS_MAX, 0);
    return { ways: [found, plain], number };
  }

  /**
   * 0: the inverted index names fewer rows than the condition's own, which is 1. `many`: neither names few. Counts a little first, so that nothing is
   * counted far when the other is short.
   */
  #fewest(selection: Selection, inverted: InvertedSeek, seek: OrderedSeek, most: number, many: number): Bound {
    const bounds = most > COUNTED_ROWS ? [most, COUNTED_ROWS] : [most];
    let decision: Bound = { sql: String(many), params: [] };
    for (const bound of bounds) {
      const found = countFound(inverted, bound);
      const sought = this.#countOf(selection, seek, bound);
      decision = {
        sql:
          `WITH counted(n, m) AS MATERIALIZED (SELECT (${found.sql}), (${sought.sql})) ` +
          `SELECT CASE WHEN n < ? THEN n > m WHEN m < ? THEN 1 ELSE (${decision.sql}) END FROM counted`,
        params: [...found.params, ...sought.params, bound, bound, ...decision.params],
      };
    }
    return decision;
  }

  #countOf(selection: Selection, { place }: OrderedSeek, most: number): Bound {
    const form = this.#sql.forms[place]!;
    const rows = `SELECT 1 FROM ${this.#table.sql} WHERE ${form.sql} LIMIT ?`;
    return { sql: `SELECT count(*) FROM (${rows})`, params: [...form.bind(selection.where[place]!.operand), most] };
  }

  /** The store chooses. */
  #plain(selection: Selection): Way {
    const { where, order } = this.#sql;
    return { from: ` FROM ${this.#table.sql}${where}`, order, params: this.#sql.bind(selection) };
  }

  /** By an index, the primary key if it is null. */
  #by(selection: Selection, storedIndex: string | null): Way {
    const { where, order } = this.#sql;
    const by = storedIndex === null ? 'NOT INDEXED' : `INDEXED BY ${quoteName(storedIndex)}`;
    return { from: ` FROM ${this.#table.sql} ${by}${where}`, order, params: this.#sql.bind(selection) };
  }

  /** By the index of a condition. */
  #sought(selection: Selection, seek: OrderedSeek): Way {
    const sorts = this.#walk === null || !isInOrder(seek, this.#walk);
    return { ...this.#by(selection, seek.storedIndex), sorts };
  }

  /** In the order asked for. */
  #walked(selection: Selection, walk: OrderWalk): Way {
    return this.#by(selection, walk.kind === 'rowid' ? null : walk.storedIndex);
  }

  /** What the inverted index names, each row looked at. */
  #found(selection: Selection, { index, match }: InvertedSeek): Way {
    const { where, order, sorts } = this.#sql;
    const { definition, sql: table } = this.#table;
    const terms = quoteName(storedListIndex(index));
    const { isRowid, columns } = rowNames(definition);
    const names = isRowid ? [DOC_COLUMN] : nameColumns(definition);
    const docs = isRowid
      ? `SELECT rowid AS ${DOC_COLUMN} FROM ${terms}`
      : `SELECT ${names.join(', ')} FROM ${terms} CROSS JOIN ${quoteName(keysTable(index))} ON ${DOC_COLUMN} = ${terms}.rowid`;
    const isSame = columns.map((column, i) => `${table}.${quoteName(column)} = found.${names[i]}`).join(' AND ');
    const descending = sorts[0] !== undefined && isDescending(sorts[0].sort);
    const isInOrder = this.#walk?.kind === 'rowid';
    return {
      from: ` FROM (${docs} WHERE ${terms} MATCH ?) AS found CROSS JOIN ${table} ON ${isSame}${where}`,
      // FTS5 gives its rows in this order, which SQLite sees only when it is asked for by FTS5's own column.
      order: isInOrder ? ` ORDER BY found.${DOC_COLUMN}${descending ? ' DESC' : ''}` : order,
      params: [match, ...this.#sql.bind(selection)],
      sorts: !isInOrder,
    };
  }
}

/** An equality leaves its rows in the order of their keys, a range in the order of its own index. */
function isInOrder(seek: OrderedSeek, walk: OrderWalk): boolean {
  return walk.kind === 'rowid' ? seek.isEquality : walk.storedIndex === seek.storedIndex;
}

function countFound({ index, match }: InvertedSeek, most: number): Bound {
  const terms = quoteName(storedListIndex(index));
  return {
    sql: `SELECT count(*) FROM (SELECT 1 FROM ${terms} WHERE ${terms} MATCH ? LIMIT ?)`,
    params: [match, most],
  };
}

const NO_CHOICE: Bound = { sql: '', params: [] };

function one(way: Way): Choice {
  return { ways: [way], number: NO_CHOICE };
}

function whole(select: string, { from, params }: Way): Bound {
  return { sql: `SELECT ${select}${from}`, params: [...params] };
}
