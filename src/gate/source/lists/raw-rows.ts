/** Rows of an answer of the source, one by one, however they come. */
import type { ResultColumn } from '../../../sql/result-column.ts';
import { columnDefinitions, textRows } from '../../../stores/mysql/rows.ts';
import type { Outcome } from '../../request.ts';
import { resultColumn } from '../typed-rows.ts';

/** The source's texts; null for NULL. The bytes are views of what the source sent. */
export type RawRow = readonly (Buffer | null)[];

export interface RawRows {
  readonly columns: readonly ResultColumn[];
  readonly rows: AsyncIterable<RawRow> | Iterable<RawRow>;
}

/** Throws what the source said. Leaving the loop early ends a statement that is still running. */
export function rawRows(outcome: Outcome): RawRows {
  if (outcome.kind === 'packet-stream') {
    return { columns: columnDefinitions(outcome).map(resultColumn), rows: streamed(outcome.rows, outcome.columnCount) };
  }
  if (outcome.kind !== 'packets') throw new TypeError(`a query gave '${outcome.kind}'`);
  const { failure, results } = outcome.answer;
  if (failure !== null) throw failure;
  const [result] = results;
  if (result === undefined) throw new TypeError('a query gave nothing');
  return { columns: columnDefinitions(result).map(resultColumn), rows: textRows(result.rows, result.columnCount) };
}

async function* streamed(chunks: AsyncIterable<Buffer>, columnCount: number): AsyncGenerator<RawRow> {
  for await (const chunk of chunks) yield* textRows([chunk], columnCount);
}

/** How long rows may be worked on before others have their turn. */
const TURN_MS = 2;
const ROWS_PER_LOOK = 32;

/** To be awaited between rows: from time to time it lets the event loop go round. */
export class Turns {
  #rows = 0;
  #began = performance.now();

  /** null: go on at once. */
  next(): Promise<void> | null {
    if (++this.#rows % ROWS_PER_LOOK !== 0 || performance.now() - this.#began < TURN_MS) return null;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#began = performance.now();
        resolve();
      });
    });
  }
}
