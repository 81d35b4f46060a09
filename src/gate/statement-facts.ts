/**
 * What the gate knows of a statement, whichever store it goes to: all that rules, table access, limits, consolidation and statistics ask. A store's
 * planner makes the facts of a plan once; every statement adds its text, its values and who sent it.
 */
import type { SlotValue } from '../sql/slots.ts';

export const PLAN_KINDS = [
  'list',
  'unique-lookup',
  'scan',
  'dml-by-key',
  'dml-by-subquery',
  'insert',
  'upsert',
  'ddl',
  'set',
  'show',
  'other',
] as const;

/**
 * list: what kept lists may answer, and the list protocol's reads. unique-lookup: a read bounded by a unique key. scan: any other read.
 * dml-by-key: UPDATE or DELETE of one row by its primary key; dml-by-subquery: of whatever else. upsert: REPLACE too. other: transactions, KILL, USE ...
 */
export type PlanKind = (typeof PLAN_KINDS)[number];

/** read < write < admin (definitions): who may do the one may do those before it. */
export type Access = 'read' | 'write' | 'admin';

export interface TableUse {
  /** `*`: any, of a statement of which it is not known what it uses. */
  readonly database: string;
  /** `*`: the database as a whole. */
  readonly table: string;
  readonly access: Access;
}

/** The same for every statement of one plan. */
export interface PlanFacts {
  readonly kind: PlanKind;
  /** Why it is of that kind, in a few words; '' where the kind says it all. */
  readonly reason: string;
  readonly tables: readonly TableUse[];
  /** The text without its literals. */
  readonly fingerprint: string;
}

export interface StatementFacts extends PlanFacts {
  readonly text: string;
  /** In the order of the text: literals and parameters. */
  readonly values: readonly SlotValue[];
  readonly database: string | null;
  readonly user: string;
  /** Address without the port. */
  readonly host: string;
  readonly protocol: 'mysql' | 'http' | 'redis' | 'json' | 'embedded';
}
