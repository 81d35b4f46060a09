/** A read of a range of keys, part by part, so that no more than one part is in memory, and the front does other work in between. */
import { failure } from '../../../errors.ts';
import { afterKey, type KeyRange } from '../../../keys/paths.ts';
import type { KeySplit } from '../../../keys/plan.ts';
import { RESULT_BYTES } from '../../../limits.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import { textRows } from '../../../stores/mysql/rows.ts';
import type { StoreRow } from '../../../stores/values.ts';
import { rowBytes } from '../../outcomes.ts';
import type { Cancellation } from './cancellation.ts';
import * as tables from './key-tables.ts';
import { isByteLimit, PlanRun, ROWS_AT_ONCE } from './plan-run.ts';
import type { ScratchPool } from './scratch-pool.ts';

/** More than the largest value takes. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;

export interface PartsRead {
  readonly connection: SourceConnection;
  readonly scratches: ScratchPool;
  readonly cancellation: Cancellation;
  readonly now: number;
}

/** The rows of all parts. Throws SLUICE_BYTE_LIMIT. */
export async function allParts(read: PartsRead, split: KeySplit<unknown>): Promise<StoreRow[]> {
  const all: StoreRow[] = [];
  let bytes = 0;
  for await (const rows of partsOf(read, split)) {
    for (const row of rows) {
      bytes += rowBytes(row);
      all.push(row);
    }
    if (bytes > RESULT_BYTES) throw failure('SLUICE_BYTE_LIMIT', RESULT_BYTES);
    if (split.limit !== null && all.length >= split.limit) break;
  }
  return split.limit === null ? all : all.slice(0, split.limit);
}

export async function* partsOf(read: PartsRead, split: KeySplit<unknown>): AsyncGenerator<StoreRow[], void, undefined> {
  const { connection, scratches, cancellation, now } = read;
  const { reverse } = split;
  let rest: KeyRange = split.range;
  for (;;) {
    cancellation.check();
    const { rows, isLast } = await nextPart(read, rest, reverse);
    const last = rows.at(-1)?.[0] as string | undefined;
    const isWhole = isLast || last === undefined;
    const end = last === undefined ? null : afterKey(last);
    const part = isWhole ? rest : reverse ? { from: last, to: rest.to } : { from: rest.from, to: end };
    yield await scratches.with(0, async (scratch) =>
      new PlanRun(connection, scratch, { writes: false, now }).over(rows, split.statementOf(part)),
    );
    if (isWhole) return;
    rest = reverse ? { from: rest.from, to: last } : { from: end!, to: rest.to };
  }
}

/** The next part of a range, at most so many rows, smaller where values are large. */
async function nextPart(
  { connection, now }: PartsRead,
  range: KeyRange,
  reverse: boolean,
): Promise<{ rows: StoreRow[]; isLast: boolean }> {
  for (let limit = ROWS_AT_ONCE; ; limit = Math.max(1, limit >> 2)) {
    const where = tables.inRange(range);
    const text = tables.selectEntries({ where, liveAt: now, reverse, limit, forUpdate: false });
    const limits = { maxRows: 0, maxBytes: BYTES_AT_ONCE, onExceeded: () => undefined };
    try {
      const { results } = await connection.query(text, limits);
      const rows = Array.from(textRows(results[0]?.rows ?? [], tables.COLUMN_COUNT), tables.entryRow);
      return { rows, isLast: rows.length < limit };
    } catch (error) {
      if (limit === 1 || !isByteLimit(error)) throw error;
    }
  }
}
