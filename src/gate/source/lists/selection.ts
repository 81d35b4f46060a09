/** Which rows a list names, and in which order: what the source is asked, and what is left to do here. */
import { type Condition, matcherOf } from '../../../lists/condition.ts';
import type { Selection } from '../../../lists/request.ts';
import { sourceCondition } from './condition-sql.ts';
import type { SourceListColumn, SourceListTable } from './list-table.ts';
import { type SourceOrder, sourceOrder } from './order.ts';

export interface Check {
  readonly condition: Condition;
  readonly column: SourceListColumn;
  readonly matches: (value: string | null) => boolean;
}

export interface SourceSelection {
  /** ` WHERE ...`, or empty; with `?` for each of `params`. */
  readonly where: string;
  readonly params: readonly string[];
  readonly order: SourceOrder;
  /** What SQL does not say: of the rows that it names, those are wanted that fulfil these. */
  readonly checks: readonly Check[];
}

/** Throws 1054 for a field that is not there, ER_BAD_PARAMETER for an operand that cannot be read. */
export function sourceSelection(table: SourceListTable, selection: Selection): SourceSelection {
  const texts: string[] = [];
  const params: string[] = [];
  const checks: Check[] = [];
  for (const condition of selection.where) {
    const column = table.column(condition.field, 'where');
    const form = sourceCondition(column, condition);
    if (form.sql !== null) texts.push(form.sql);
    params.push(...form.params);
    if (!form.isExact) checks.push({ condition, column, matches: matcherOf(condition) });
  }
  return {
    where: texts.length === 0 ? '' : ` WHERE ${texts.join(' AND ')}`,
    params,
    order: sourceOrder(table, selection),
    checks,
  };
}
