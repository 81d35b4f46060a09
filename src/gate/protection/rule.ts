/** One rule: what it is about and what it does. Everything that it names must hold for a statement; what it does not name, any statement has. */
import type { SlotValue } from '../../sql/slots.ts';
import type { AddressRanges } from '../../util/address-range.ts';
import type { PlanKind, StatementFacts } from '../statement-facts.ts';
import type { TablePattern } from './table-pattern.ts';
import type { ValueCondition } from './value-condition.ts';

/** fail, fail-retry: refused, the latter as something that may be tried again. delay: waits first. hint: runs with more hints. log: is told of. */
export const RULE_ACTIONS = ['fail', 'fail-retry', 'delay', 'hint', 'log'] as const;

export type RuleAction = (typeof RULE_ACTIONS)[number];

export interface Rule {
  readonly name: string;
  readonly users: ReadonlySet<string> | null;
  readonly addresses: AddressRanges | null;
  readonly kinds: ReadonlySet<PlanKind> | null;
  /** One of the statement's tables is one of these. */
  readonly tables: readonly TablePattern[] | null;
  /** Tried on the text without its literals. */
  readonly pattern: RegExp | null;
  readonly values: readonly ValueCondition[];
  readonly action: RuleAction;
  /** fail, fail-retry: what the client is told. */
  readonly message: string;
  readonly delayMs: number;
  /** As within an optimizer hint: `max_rows(100)`. */
  readonly hint: string;
}

export function matchesRule(rule: Rule, facts: StatementFacts): boolean {
  return (
    (rule.users === null || rule.users.has(facts.user)) &&
    (rule.kinds === null || rule.kinds.has(facts.kind)) &&
    (rule.tables === null ||
      facts.tables.some(({ database, table }) => rule.tables?.some((pattern) => pattern.matches(database, table)))) &&
    (rule.addresses === null || rule.addresses.has(facts.host)) &&
    (rule.pattern === null || rule.pattern.test(facts.fingerprint)) &&
    rule.values.every((condition) => holds(condition, facts.values))
  );
}

function holds(condition: ValueCondition, values: readonly SlotValue[]): boolean {
  if (condition.place !== null) return condition.test(values[condition.place - 1]);
  return values.some((value) => condition.test(value));
}
