/** Facts of statements by their texts without literals, so that what is asked again and again is looked at once. */
import { PLAN_CACHE_ENTRIES } from '../../limits.ts';
import { fingerprint } from '../../sql/syntax/fingerprint.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import { hasExecutableComments } from './executable-comments.ts';
import { PlacedFacts } from './plan-facts.ts';
import { factsOf, type TokenFacts } from './token-facts.ts';

/** Longer texts are mostly bulk inserts, no two of which are alike. */
const MAX_KEY_CHARS = 8 * 1024;

export interface SourcePlan {
  /** The text without literals. */
  readonly fingerprint: string;
  readonly facts: TokenFacts;
  /** What it is to the gate's protections. */
  readonly placed: PlacedFacts;
  hits: number;
  /** Of all executions. */
  timeMs: number;
  rows: number;
  errors: number;
}

export class SourcePlanCache {
  readonly #plans = new Map<string, SourcePlan>();
  hits = 0;
  misses = 0;

  get size(): number {
    return this.#plans.size;
  }

  get plans(): Iterable<SourcePlan> {
    return this.#plans.values();
  }

  /** Throws what the lexer throws for what is no text of SQL. */
  find(text: string, syntax: SyntaxOptions): SourcePlan {
    // What is in such comments is for some servers only, and is not in the fingerprint of ours.
    if (hasExecutableComments(text)) return made(text, text, syntax);
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

  /** The oldest goes; one that is asked often is soon back. */
  #keep(place: string, plan: SourcePlan): void {
    this.#plans.set(place, plan);
    if (this.#plans.size <= PLAN_CACHE_ENTRIES) return;
    for (const oldest of this.#plans.keys()) {
      this.#plans.delete(oldest);
      return;
    }
  }
}

function made(key: string, text: string, syntax: SyntaxOptions): SourcePlan {
  const facts = factsOf(text, syntax);
  const placed = new PlacedFacts(facts, key, text, syntax);
  return { fingerprint: key, facts, placed, hits: 0, timeMs: 0, rows: 0, errors: 0 };
}
