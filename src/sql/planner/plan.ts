/** Plans: what the planner makes of a statement. A plan is used again for every statement of the same fingerprint, slot types and settings. */
import type { TableDefinition } from '../../stores/schema.ts';
import type { ReadStatement, Warning, WriteStatement } from '../../stores/statement.ts';
import type { Statement } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import type { ResultColumn } from '../result-column.ts';
import type { QueryShape } from './query.ts';
import type { ParameterSource } from './term.ts';

export type Warn = (warning: Warning) => void;

interface PlanBase {
  /** Base tables that the statement reads or writes. */
  readonly tables: readonly TableDefinition[];
}

export interface QueryPlan extends PlanBase {
  readonly kind: 'query';
  readonly sql: string;
  readonly parameters: readonly ParameterSource[];
  readonly columns: readonly ResultColumn[];
  readonly shape: QueryShape | null;
  /** Rows that the query can touch at most, where its keys and values tell; null: unknown. */
  readonly rowsBound: ((execution: ExecutionContext) => number | null) | null;
  /** Reads no stored table, only constants, virtual tables and functions that take no time. */
  readonly light: boolean;
  /** FOR UPDATE, FOR SHARE: `nowait` fails rather than wait for the writer. */
  readonly lock: { readonly nowait: boolean } | null;
  /** SELECT ... INTO @a, @b */
  readonly into: readonly string[] | null;
  readonly calcFoundRows: boolean;
}

export interface WritePlan extends PlanBase {
  readonly kind: 'write';
  readonly action: 'insert' | 'replace' | 'update' | 'delete';
  /** The table that is written; the others are read. */
  readonly target: TableDefinition;
  /** UPDATE, DELETE: of the row whose primary key is given, and nothing else decides. */
  readonly byKey?: boolean;
  readonly make: (execution: ExecutionContext, warn: Warn) => WriteStatement;
}

export interface SchemaPlan extends PlanBase {
  readonly kind: 'schema';
  /** Empty when there is nothing to do (IF EXISTS and the like): then the notes say why. */
  readonly statements: readonly WriteStatement[];
  readonly notes: readonly Warning[];
}

/** What the session does by itself: transactions, variables, SHOW. */
export interface CommandPlan extends PlanBase {
  readonly kind: 'command';
  readonly statement: Statement;
}

export type Plan = QueryPlan | WritePlan | SchemaPlan | CommandPlan;

export function readStatement(plan: Pick<QueryPlan, 'sql' | 'parameters'>, execution: ExecutionContext): ReadStatement {
  return { kind: 'read', sql: plan.sql, params: plan.parameters.map((source) => source(execution)) };
}
