import type { SeededRandom } from '../../src/util/random.ts';

/** As TCSQL's protocol gives a row: every value a string, fields in the order of the columns. */
export type TextRecord = Readonly<Record<string, string>>;

/** A list or a count, as a URL and as SQL, whose answers are known. */
export interface KnownQuery {
  readonly name: string;
  /** Path and query, a template, see template.ts. */
  readonly path: string;
  /** A template with the same places. */
  readonly sql: string;
  /** Values for the places whose answer is known. */
  draw(random: SeededRandom): string[];
  /** That answer: rows, or a number of them. */
  expected(values: readonly string[]): readonly TextRecord[] | number;
}
