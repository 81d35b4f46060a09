/** What the gate takes from optimizer hints (MySQL manual, "Optimizer Hints"): `max_rows(50)` and the like. MySQL's others are let by, as MySQL does with unknown ones. */

export interface StatementHints {
  /** Rows that the result may have; 0: any number. null: not said, as below. */
  readonly maxRows: number | null;
  readonly maxExecutionTimeMs: number | null;
  /** `consolidate()`: may be shared though it gives another answer each time. `no_consolidate()`: runs by itself. */
  readonly consolidate: boolean | null;
}

export const NO_HINTS: StatementHints = { maxRows: null, maxExecutionTimeMs: null, consolidate: null };

const NUMBER_MAX = 4_294_967_295;

/** `text`: what stands between the comment's marks. Throws an Error where one of the gate's own hints is written wrongly. */
export function readHints(text: string): StatementHints {
  let hints = NO_HINTS;
  for (const [, word = '', argument = ''] of text.matchAll(/([a-z_]+)\s*\(([^)]*)\)/gi)) {
    switch (word.toLowerCase()) {
      case 'max_rows':
        hints = { ...hints, maxRows: numberIn(word, argument) };
        break;
      case 'max_execution_time':
        hints = { ...hints, maxExecutionTimeMs: numberIn(word, argument) };
        break;
      case 'consolidate':
        hints = { ...hints, consolidate: true };
        break;
      case 'no_consolidate':
        hints = { ...hints, consolidate: false };
        break;
    }
  }
  return hints;
}

function numberIn(word: string, argument: string): number {
  const text = argument.trim();
  if (!/^\d{1,10}$/.test(text) || Number(text) > NUMBER_MAX)
    throw new Error(`${word}(${text}): needs a whole number from 0 to ${NUMBER_MAX}`);
  return Number(text);
}

/** What `more` says wins. */
export function joinHints(hints: StatementHints, more: StatementHints): StatementHints {
  return {
    maxRows: more.maxRows ?? hints.maxRows,
    maxExecutionTimeMs: more.maxExecutionTimeMs ?? hints.maxExecutionTimeMs,
    consolidate: more.consolidate ?? hints.consolidate,
  };
}
