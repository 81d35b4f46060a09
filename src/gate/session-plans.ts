/** A session's plans: found in the cache that all share, or made for the session's settings. What was derived from the settings is kept until they change. */
import type { ExecutionContext } from '../sql/context.ts';
import { type PlanInput, type PlannedStatement, planStatement } from '../sql/planner/planner.ts';
import type { SlotValue } from '../sql/slots.ts';
import { parse } from '../sql/syntax/parser.ts';
import { type GatePlan, planFacts } from './plan-facts.ts';
import { type PlanEnvironment, planEnvironment } from './plan-settings.ts';
import type { GateSession } from './session.ts';
import type { StatementSlots } from './statement-text.ts';

export class SessionPlans {
  readonly #session: GateSession;
  #environment: PlanEnvironment | null = null;
  #environmentOffset = 0;

  constructor(session: GateSession) {
    this.#session = session;
  }

  /** Drops what was derived from the settings. */
  settingsChanged(): void {
    this.#environment = null;
  }

  environment(): PlanEnvironment {
    const { variables, nowMicros, database, client } = this.#session;
    const { settings } = variables;
    const offset = settings.timeZone.offsetMinutes ?? settings.timeZone.offsetMinutesAt(nowMicros);
    if (this.#environment === null || offset !== this.#environmentOffset) {
      this.#environment = planEnvironment(settings, database, offset, client.protocol);
      this.#environmentOffset = offset;
    }
    return this.#environment;
  }

  input({ slots, literals }: StatementSlots): PlanInput {
    const session = this.#session;
    return {
      catalog: session.gate.store.catalog,
      settings: this.environment().settings,
      slots,
      literals,
      variable: (name, scope) => session.variable(name, scope),
    };
  }

  make(statement: Parameters<typeof planStatement>[0], filled: StatementSlots): PlannedStatement {
    return this.unlessHidden(statement, () => planStatement(statement, this.input(filled)));
  }

  /** What `plan` gives. Where it fails, whether a table exists is told to those alone who may read it. `tree`: what is planned. */
  unlessHidden<T>(tree: object, plan: () => T): T {
    try {
      return plan();
    } catch (error) {
      this.#session.checkNamed(tree);
      throw error;
    }
  }

  /** `key`: the text without its literals. */
  find(text: string, key: string, filled: StatementSlots): GatePlan {
    const { plans, store, protection } = this.#session.gate;
    const { version } = store.catalog;
    const environment = this.environment();
    const kept = plans.find(version, environment.key, key, filled);
    if (kept !== null) return kept;
    const { statement, pinnedSlots } = parse(text, environment.syntax);
    const { plan, pins } = this.make(statement, filled);
    // Some literals are in the tree itself (CAST(x AS CHAR(5))): the plan holds for them only.
    const pinned = new Map(pins);
    for (const index of pinnedSlots) pinned.set(index, filled.slots[index] as SlotValue);
    const known = planFacts(statement, plan, key, this.#session.database);
    const planned: GatePlan = { ...known, plan, counters: protection.statistics.countersOf(known.facts) };
    plans.keep(version, environment.key, key, filled, planned, pinned);
    return planned;
  }

  executionOf(slots: readonly SlotValue[]): ExecutionContext {
    const session = this.#session;
    return { slots, session, catalog: session.visibleCatalog(), nowMicros: session.nowMicros };
  }
}
