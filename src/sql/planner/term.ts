/**
 * A bound expression: its SQLite text together with everything that MySQL knows of it. The planner binds and emits in one pass: each
 * function here takes terms and gives a term.
 */

import type { ColumnType } from '../../stores/column-type.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { IntervalUnit } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import type { SlotValue } from '../slots.ts';

/** Where a parameter of the SQLite statement takes its value from at each execution. Integers must be bigint: SQLite's binding takes numbers for doubles. */
export type ParameterSource = (context: ExecutionContext) => StoreValue;

/** A value that is known before the statement runs: a literal, a parameter, NOW(), @@x, and what is computed from them here. */
export interface Constant {
  /** The value in MySQL's terms. */
  readonly evaluate: (context: ExecutionContext) => SlotValue;
}

/** A column of a table in FROM. */
export interface BoundColumn {
  readonly table: TableSource;
  readonly index: number;
  readonly definition: ColumnDefinition;
}

/** A base table in FROM. */
export interface TableSource {
  readonly alias: string;
  readonly definition: TableDefinition;
}

/** `column op constant`, in stored form: what indexes, row bounds and footprints are read from. */
export interface SimpleCondition {
  readonly column: BoundColumn;
  readonly op: '=' | '<' | '<=' | '>' | '>=' | 'in' | 'between' | 'is-null';
  readonly values: readonly ParameterSource[];
}

export interface Term {
  /** An SQLite expression that can stand as an operand: an atom, a call or parenthesised. */
  readonly sql: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Set when the term is a bare column of a base table. */
  readonly column?: BoundColumn;
  readonly constant?: Constant;
  /** The value, where the plan holds for this value only (see PlanContext.pin). */
  readonly pinned?: SlotValue;
  /** Set on conditions: the simple conditions that hold whenever this one does (its AND parts). */
  readonly conditions?: readonly SimpleCondition[];
  /** The conditions are all there is: nothing else is asked. */
  readonly onlyConditions?: boolean;
  /** An INTERVAL argument: its amount is the term, this its unit. */
  readonly interval?: IntervalUnit;
  /** A bare unit argument (EXTRACT, TIMESTAMPDIFF). */
  readonly unit?: IntervalUnit;
  /** Contains an aggregate function outside of a subquery. */
  readonly aggregate?: boolean;
  /** Contains a window function. */
  readonly windowed?: boolean;
  /** SQLite compares this text with this collation by itself (bare columns); otherwise COLLATE must be written. */
  readonly storedCollation?: 'nocase' | 'binary';
}

export function term(sql: string, type: ColumnType, nullable: boolean, parts: readonly Term[] = []): Term {
  const aggregate = parts.some((part) => part.aggregate);
  const windowed = parts.some((part) => part.windowed);
  return { sql, type, nullable, ...(aggregate && { aggregate }), ...(windowed && { windowed }) };
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
