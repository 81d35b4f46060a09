/**
 * The rules that statements meet, in their order: the first that refuses ends it; delays add up; of hints the later win. They are replaced as a whole, and only by
 * rules that are all right. No rules cost nothing: who asks looks at `isEmpty` first.
 */
import { failure, type SluiceError } from '../../errors.ts';
import { MAX_RULE_DELAY_MS } from '../../limits.ts';
import type { StatementFacts } from '../statement-facts.ts';
import { joinHints, NO_HINTS, readHints, type StatementHints } from './hints.ts';
import { readRules } from './read-rules.ts';
import { matchesRule, type Rule } from './rule.ts';

export interface RuleVerdict {
  readonly refused: SluiceError | null;
  readonly delayMs: number;
  readonly hints: StatementHints;
  /** Texts of those hints, for a store that has statements rewritten. */
  readonly hintTexts: readonly string[];
}

const NOTHING: RuleVerdict = { refused: null, delayMs: 0, hints: NO_HINTS, hintTexts: [] };

interface Counted {
  readonly rule: Rule;
  readonly hints: StatementHints;
  matched: number;
}

export class Rules {
  readonly #onLog: (rule: string, facts: StatementFacts) => void;
  #rules: Counted[] = [];

  /** `onLog`: a statement met a rule whose action is `log`. */
  constructor(onLog: (rule: string, facts: StatementFacts) => void) {
    this.#onLog = onLog;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Throws SettingsError, and then nothing has changed. A rule that stays goes on counting. */
  replace(given: unknown): void {
    const before = new Map(this.#rules.map((counted) => [counted.rule.name, counted.matched]));
    this.#rules = readRules(given).map((rule) => ({
      rule,
      hints: readHints(rule.hint),
      matched: before.get(rule.name) ?? 0,
    }));
  }

  check(facts: StatementFacts): RuleVerdict {
    let verdict = NOTHING;
    for (const counted of this.#rules) {
      const { rule } = counted;
      if (!matchesRule(rule, facts)) continue;
      counted.matched++;
      switch (rule.action) {
        case 'fail':
          return { ...verdict, refused: failure('SLUICE_RULE', rule.name, rule.message || 'it is not allowed') };
        case 'fail-retry':
          return { ...verdict, refused: failure('SLUICE_RULE_RETRY', rule.name, rule.message || 'try again later') };
        case 'delay':
          verdict = { ...verdict, delayMs: Math.min(MAX_RULE_DELAY_MS, verdict.delayMs + rule.delayMs) };
          break;
        case 'hint':
          verdict = {
            ...verdict,
            hints: joinHints(verdict.hints, counted.hints),
            hintTexts: [...verdict.hintTexts, rule.hint],
          };
          break;
        case 'log':
          this.#onLog(rule.name, facts);
          break;
      }
    }
    return verdict;
  }

  statistics(): { name: string; action: string; matched: number }[] {
    return this.#rules.map(({ rule, matched }) => ({ name: rule.name, action: rule.action, matched }));
  }
}
