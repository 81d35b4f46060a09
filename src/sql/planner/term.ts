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
import { digits, SAFE_DIGITS } from '../types.ts';

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
  readonly op: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'in' | 'between' | 'is-null' | 'is-not-null';
  readonly values: readonly ParameterSource[];
  /** How texts are compared, which a COLLATE may have decided; `number`: they are none. */
  readonly collation: 'nocase' | 'binary' | 'number';
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
  /** The collation was asked for by COLLATE or BINARY. */
  readonly explicitCollation?: boolean;
  /** DECIMAL: digits after the point that the stored form has, where they are more than the type shows (results of a division). */
  readonly heldScale?: number;
  /** The same value by SQLite's own operators, which give a REAL where the result does not fit 64 bits: for aggregates. */
  readonly native?: string;
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

/** The scale of the stored form: 0 for integers. */
export function heldScaleOf(value: Term): number {
  return value.type.name === 'decimal' ? (value.heldScale ?? value.type.scale ?? 0) : 0;
}

/** Digits that the stored integer of an exact number can have. */
export function heldDigits(value: Term): number {
  const { precision, scale } = digits(value.type);
  return precision - scale + (value.type.name === 'decimal' ? heldScaleOf(value) : 0);
}

/**
 * The stored form may be text, since it may not fit 64 bits: 20 digits for the upper half of BIGINT UNSIGNED, plain digits for a DECIMAL. SQLite's
 * own operators would misread such values.
 */
export function isWide(value: Term): boolean {
  if (value.type.name === 'bigint') return value.type.unsigned === true && heldDigits(value) > SAFE_DIGITS;
  return value.type.name === 'decimal' && heldDigits(value) > SAFE_DIGITS;
}
