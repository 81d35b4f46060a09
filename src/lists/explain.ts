/** explain=1: how the store would find the rows. */
import type { ListIndexDefinition } from '../stores/schema.ts';
import { sameName, storedIndexName } from '../stores/sqlite/ddl.ts';
import { isInverted, storedListIndex } from '../stores/sqlite/list-index-sql.ts';
import type { ListColumn, ListTable } from './columns.ts';
import type { Condition } from './condition.ts';
import type { KeptState } from './kept/explain.ts';
import { isOrdered } from './ordered-seek.ts';
import type { ListRenderer } from './plan.ts';
import type { Selection } from './request.ts';
import { INDEX_TYPES } from './set-index.ts';

export interface Explained {
  readonly selection: Selection;
  /** Of each condition. */
  readonly columns: readonly ListColumn[];
  readonly sql: string;
  readonly inline: boolean;
  /** Rows that are counted before one of several ways is taken. */
  readonly counted: number | null;
  /** What answers before the store is asked, once it is ready; null: nothing. */
  readonly kept: KeptState | null;
}

/** The label of the primary key, which goes last: mostly it gets the rows that another index has named. */
const PRIMARY = 'PRIMARY';

/** Takes the rows of EXPLAIN QUERY PLAN. */
export function explainRenderer(table: ListTable, explained: Explained): () => ListRenderer {
  return () => {
    const steps: string[] = [];
    return {
      add(rows) {
        for (const row of rows) steps.push(String(row[3]));
      },
      finish: () => JSON.stringify(explanation(table, explained, steps)),
    };
  };
}

function explanation(table: ListTable, explained: Explained, steps: readonly string[]) {
  const { selection, columns, counted } = explained;
  const used = steps.map((step) => indexOf(table, step)).filter((index) => index !== null);
  // Of rows that an inverted index names, and where a way is yet to be chosen, every condition is.
  const isOneSearch = counted === null && !used.some(({ isInverted: inverted }) => inverted);
  const labels = new Set(used.map(({ label }) => label));
  const searched = isOneSearch ? used.flatMap((index) => index.searched) : [];
  const checked = selection.where.filter((condition, i) => !isAnswered(columns[i]!, condition, searched));
  return {
    plan: steps,
    index: [...labels].sort((a, b) => Number(a === PRIMARY) - Number(b === PRIMARY)),
    checked: checked.map(({ field, operator, negated }) => `${field}:${negated ? '!' : ''}${operator}`),
    sort: steps.some((step) => step.startsWith('USE TEMP B-TREE')),
    ...(counted !== null && { counts: counted }),
    kept: explained.kept,
    runs: explained.inline ? 'inline' : 'reader',
    sql: explained.sql,
  };
}

/** Being searched for says all of the condition. Text compared without case is looked at again. */
function isAnswered(column: ListColumn, { operator, negated }: Condition, searched: readonly string[]): boolean {
  if (negated || !isOrdered(operator) || !searched.some((name) => sameName(name, column.definition.name))) return false;
  return !operator.startsWith('STR') || !column.nocase || column.listIndex?.kind === 'lexical';
}

interface UsedIndex {
  /** As users know it: an index's name, `field TDBIT...`, PRIMARY. */
  readonly label: string;
  readonly isInverted: boolean;
  /** The columns by which it is searched. */
  readonly searched: readonly string[];
}

const INDEX_STEP = /^(SEARCH|SCAN) .* USING (?:COVERING )?(?:INDEX (.+?)|(?:INTEGER )?PRIMARY KEY)(?: \((.*)\))?$/;

/** The index that a step of SQLite's plan uses. */
function indexOf({ definition }: ListTable, step: string): UsedIndex | null {
  const lists = definition.listIndexes ?? [];
  const terms = lists.find((index) => isInverted(index.kind) && step.startsWith(`SCAN ${storedListIndex(index)} `));
  if (terms !== undefined) return { label: labelOf(terms), isInverted: true, searched: [] };
  const [, how, name, constraints = ''] = INDEX_STEP.exec(step) ?? [];
  if (how === undefined) return null;
  const searched = constraints === '' ? [] : constraints.split(' AND ').map((part) => part.replace(/[<>=]+\?$/, ''));
  if (name === undefined) {
    const columns = searched.map((column) => (column === 'rowid' ? (definition.primaryKey[0] ?? column) : column));
    return { label: PRIMARY, isInverted: false, searched: columns };
  }
  const list = lists.find((index) => storedListIndex(index) === name);
  // Where it is on an expression of the column, SQLite does not say which.
  if (list !== undefined)
    return { label: labelOf(list), isInverted: false, searched: searched.length > 0 ? [list.column] : [] };
  const index = definition.indexes.find((candidate) => storedIndexName(definition, candidate.name) === name);
  return index === undefined ? null : { label: index.name, isInverted: false, searched };
}

/** `tags TDBITTOKEN` */
function labelOf({ column, kind }: ListIndexDefinition): string {
  return `${column} ${INDEX_TYPES[kind]}`;
}
