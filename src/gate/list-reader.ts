/**
 * What lists need of a gate and of a session to be read from a store that is here: the embedded one, or in front of a MySQL server the mirror of some of its
 * tables. The same code (list-reads.ts, list-pages.ts, live-lists.ts) answers from both.
 */
import { ListPlanner } from '../lists/planner.ts';
import type { Store } from '../stores/store.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { listValueForms } from './list-values.ts';
import type { Protection } from './protection/protection.ts';
import type { SessionReads } from './reads.ts';
import type { RunningStatement } from './running-statement.ts';

export interface ListGate {
  readonly store: Store;
  readonly lists: ListPlanner;
  readonly kept: KeptAnswers;
  /** Where reads of lists are counted. */
  readonly protection: Protection;
}

export interface ListReader {
  readonly gate: ListGate;
  readonly reads: Pick<SessionReads, 'rows' | 'autocommitRows'>;
  readonly running: RunningStatement | null;
  /** null: it sees what everybody sees, and kept lists may answer. */
  currentTransaction(): object | null;
}

/** `maxRows`: of a result over HTTP, asked each time; 0: any number. */
export function listPlanner(kept: KeptAnswers, defaultTable: string, maxRows: () => number): ListPlanner {
  return new ListPlanner({
    forms: listValueForms(),
    defaultTable,
    maxRows: () => maxRows() || Number.POSITIVE_INFINITY,
    explainKept: (query) => kept.explain(query),
    keptOf: ({ database, name }) => kept.statistics().lists.filter((list) => list.table === `${database}.${name}`),
  });
}
