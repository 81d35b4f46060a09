/** Facts of statements by their texts without literals, so that what is asked again and again is looked at once. */
import { PLAN_CACHE_ENTRIES } from '../../limits.ts';
import { fingerprint } from '../../sql/syntax/fingerprint.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import type { SourceSchema } from '../../stores/mysql/schema.ts';
import type { PlanFacts } from '../statement-facts.ts';
import { type PlanCounters, Statistics } from '../statistics/statistics.ts';
import { hasExecutableComments } from './executable-comments.ts';
import { PlacedFacts } from './plan-facts.ts';
import { factsOf, type TokenFacts } from './token-facts.ts';

/** Longer texts are mostly bulk inserts, no two of which are alike. */
const MAX_KEY_CHARS = 8 * 1024;

export interface SourcePlan {
  /** The text without literals, to be shown. */
  readonly fingerprint: string;
  readonly facts: TokenFacts;
  /** What it is to the gate's protections. */
  readonly placed: PlacedFacts;
  /** As it was counted last; mostly that is how it is counted again. */
  counted: { readonly facts: PlanFacts; readonly counters: PlanCounters } | null;
}

export class SourcePlanCache {
  readonly #statistics: Statistics;
  readonly #entries: () => number;
  readonly #plans = new Map<string, SourcePlan>();
  hits = 0;
  misses = 0;

  /** `statistics`: where plans are counted; `entries`: how many plans are kept, asked each time. */
  constructor(statistics = new Statistics(), entries: () => number = () => PLAN_CACHE_ENTRIES) {
    this.#statistics = statistics;
    this.#entries = entries;
  }

  get size(): number {
    return this.#plans.size;
  }

  /** Throws what the lexer throws for what is no text of SQL. */
  find(text: string, syntax: SyntaxOptions): SourcePlan {
    // What is in such comments is for some servers only, and is not in the fingerprint of ours.
    if (hasExecutableComments(text)) return made(text, text, syntax, fingerprint(text, syntax).fingerprint);
    const key = fingerprint(text, syntax).fingerprint;
    const place = syntax.ansiQuotes ? `a${key}` : key;
    const known = this.#plans.get(place);
    if (known !== undefined) {
      this.hits++;
      return known;
    }
    this.misses++;
    const plan = made(key, text, syntax);
    if (key.length <= MAX_KEY_CHARS) this.#keep(place, plan);
    return plan;
  }

  /** In what a plan is counted in that database. */
  countersOf(plan: SourcePlan, database: string | null, schema: SourceSchema): PlanCounters {
    const facts = plan.placed.in(database, schema);
    if (plan.counted?.facts === facts) return plan.counted.counters;
    const isShown = facts.fingerprint === plan.fingerprint;
    const counters = this.#statistics.countersOf(isShown ? facts : { ...facts, fingerprint: plan.fingerprint });
    plan.counted = { facts, counters };
    return counters;
  }

  /** The oldest goes; one that is asked often is soon back. */
  #keep(place: string, plan: SourcePlan): void {
    this.#plans.set(place, plan);
    const entries = this.#entries();
    for (const oldest of this.#plans.keys()) {
      if (this.#plans.size <= entries) return;
      this.#plans.delete(oldest);
    }
  }
}

/** `key`: what rules are to see of the text. */
function made(key: string, text: string, syntax: SyntaxOptions, shown = key): SourcePlan {
  const facts = factsOf(text, syntax);
  const placed = new PlacedFacts(facts, key, text, syntax);
  return { fingerprint: shown, facts, placed, counted: null };
}
