/** What ordinary indexes can do for a selection: find the rows of a condition, or give rows in the order asked for. */
import type { IndexDefinition } from '../stores/schema.ts';
import { rowidColumn, sameName, storedIndexName } from '../stores/sqlite/ddl.ts';
import { storedListIndex } from '../stores/sqlite/list-index-sql.ts';
import type { ListColumn, ListTable } from './columns.ts';
import type { Condition } from './condition.ts';
import { OPERATORS, type OperatorName } from './operators/operators.ts';
import { isNumeric, type SortColumn } from './selection-sql.ts';

/** How much an operator is likely to leave: less first. Undefined: an ordinary index says nothing. */
const WIDTHS: Readonly<Partial<Record<OperatorName, number>>> = {
  STREQ: 0,
  NUMEQ: 0,
  STROREQ: 1,
  NUMOREQ: 1,
  STRBW: 2,
  NUMBT: 2,
  NUMGT: 3,
  NUMGE: 3,
  NUMLT: 3,
  NUMLE: 3,
};

/** Can an ordinary index find the rows of such a condition? */
export function isOrdered(operator: OperatorName): boolean {
  return WIDTHS[operator] !== undefined;
}

export interface OrderedSeek {
  /** Of the condition in `where`. */
  readonly place: number;
  readonly isEquality: boolean;
  /** As the store calls it; null: the primary key. */
  readonly storedIndex: string | null;
  /** It is a list index. */
  readonly isListIndex: boolean;
}

/** The condition that an ordinary index seeks and that is likely to leave fewest rows. */
export function orderedSeek(
  table: ListTable,
  where: readonly Condition[],
  columns: readonly ListColumn[],
): OrderedSeek | null {
  let best: OrderedSeek | null = null;
  let bestWidth = Number.POSITIVE_INFINITY;
  for (let place = 0; place < where.length; place++) {
    const { operator, negated } = where[place]!;
    const width = WIDTHS[operator];
    if (negated || width === undefined || width >= bestWidth) continue;
    const found = indexFor(table, columns[place]!, operator);
    if (found === undefined) continue;
    best = { place, isEquality: width === 0, ...found };
    bestWidth = width;
  }
  return best;
}

type FoundIndex = Pick<OrderedSeek, 'storedIndex' | 'isListIndex'>;

function indexFor(table: ListTable, column: ListColumn, operator: OperatorName): FoundIndex | undefined {
  const isNumber = OPERATORS[operator].kind === 'number';
  const { listIndex } = column;
  if (listIndex?.kind === (isNumber ? 'decimal' : 'lexical'))
    return { storedIndex: storedListIndex(listIndex), isListIndex: true };
  const isPlain = isNumber ? column.numbers !== 'text' : column.isText || (operator === 'STREQ' && isInteger(column));
  if (!isPlain) return undefined;
  if (column.isKey) return { storedIndex: null, isListIndex: false };
  const storedIndex = indexLedBy(table, column);
  return storedIndex === undefined ? undefined : { storedIndex, isListIndex: false };
}

function isInteger(column: ListColumn): boolean {
  return column.numbers === 'integer' && column.definition.type.name !== 'year';
}

/** An index of SQL's that begins with the column. */
function indexLedBy({ definition }: ListTable, column: ListColumn): string | undefined {
  const leads = (index: IndexDefinition): boolean => {
    const first = index.parts[0];
    const isWhole = first !== undefined && !(index.unique && first.length !== undefined);
    return isWhole && sameName(first.column, column.definition.name);
  };
  const index = definition.indexes.find(leads);
  return index === undefined ? undefined : storedIndexName(definition, index.name);
}

/** Walking along what gives the order, so that a page costs the rows on it. null: rows must be sorted. */
export type OrderWalk = { readonly kind: 'rowid' } | { readonly kind: 'index'; readonly storedIndex: string | null };

export function orderWalk(table: ListTable, order: readonly SortColumn[]): OrderWalk | null {
  const [first] = order;
  if (first === undefined)
    return rowidColumn(table.definition) === null ? { kind: 'index', storedIndex: null } : { kind: 'rowid' };
  const { column, sort } = first;
  if (column.isRowid) return { kind: 'rowid' };
  const byNumber = isNumeric(column, sort);
  if (column.listIndex?.kind === (byNumber ? 'decimal' : 'lexical'))
    return { kind: 'index', storedIndex: storedListIndex(column.listIndex) };
  const isPlain = byNumber ? column.numbers !== 'text' : column.isText && !column.nocase;
  if (!isPlain) return null;
  if (column.isKey) return { kind: 'index', storedIndex: null };
  const storedIndex = indexLedBy(table, column);
  return storedIndex === undefined ? null : { kind: 'index', storedIndex };
}
