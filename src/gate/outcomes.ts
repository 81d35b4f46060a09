/** Results in the form that protocols take. */
import { failure } from '../errors.ts';
import type { ResultColumn } from '../sql/result-column.ts';
import type { ColumnType } from '../stores/column-type.ts';
import type { RowStream } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import type { OkOutcome, Outcome, RowsOutcome } from './request.ts';

export const OK: OkOutcome = { kind: 'ok', affectedRows: 0, insertId: 0, warningCount: 0, info: '' };

export function ok(parts: Partial<OkOutcome>): OkOutcome {
  return { ...OK, ...parts };
}

/** A column that comes from no table. */
export function plainColumn(name: string, type: ColumnType, nullable: boolean): ResultColumn {
  return {
    name,
    type,
    nullable,
    database: '',
    table: '',
    originalTable: '',
    originalName: name,
    primaryKey: false,
    uniqueKey: false,
    multipleKey: false,
    autoIncrement: false,
  };
}

export function rowsOutcome(columns: readonly ResultColumn[], rows: readonly StoreRow[]): RowsOutcome {
  return { kind: 'rows', columns, rows, warningCount: 0 };
}

export interface ResultLimits {
  /** 0: any number, as for bytes. */
  readonly rows: number;
  readonly bytes: number;
}

/** What a row takes, about. */
export function rowBytes(row: StoreRow): number {
  let bytes = 0;
  for (const value of row) bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  return bytes;
}

/** A result beyond a limit fails rather than being cut. */
export function checkLimits(rows: readonly StoreRow[], limits: ResultLimits): void {
  if (limits.rows > 0 && rows.length > limits.rows) throw failure('SLUICE_ROW_LIMIT', limits.rows);
  if (limits.bytes === 0) return;
  let bytes = 0;
  for (const row of rows) bytes += rowBytes(row);
  if (bytes > limits.bytes) throw failure('SLUICE_BYTE_LIMIT', limits.bytes);
}

/** A stream that fails, rather than being cut, when it is beyond a limit. `ended` is told the rows at its end, and what ended it. */
export function streamOutcome(
  columns: readonly ResultColumn[],
  stream: RowStream,
  limits: ResultLimits,
  ended: StreamEnd,
): Outcome {
  return { kind: 'stream', columns, chunks: counted(stream, limits, ended) };
}

/** Gives the failure that the stream's reader is to see. */
export type StreamEnd = (rows: number, failed: { readonly error: unknown } | null) => Error | null;

async function* counted(
  stream: RowStream,
  limits: ResultLimits,
  ended: StreamEnd,
): AsyncGenerator<readonly StoreRow[]> {
  let rows = 0;
  let bytes = 0;
  let failed: { readonly error: unknown } | null = null;
  try {
    for await (const chunk of stream.chunks) {
      rows += chunk.length;
      if (limits.rows > 0 && rows > limits.rows) throw failure('SLUICE_ROW_LIMIT', limits.rows);
      if (limits.bytes > 0) {
        for (const row of chunk) bytes += rowBytes(row);
        if (bytes > limits.bytes) throw failure('SLUICE_BYTE_LIMIT', limits.bytes);
      }
      yield chunk;
    }
  } catch (error) {
    failed = { error };
  } finally {
    const told = ended(rows, failed);
    if (told !== null) failed = { error: told };
  }
  if (failed !== null) throw failed.error;
}
