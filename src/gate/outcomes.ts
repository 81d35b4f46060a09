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

/** A stream that fails, rather than being cut, when it has more than `maxRows` rows (0: any number). Counts them at its end. */
export function streamOutcome(
  columns: readonly ResultColumn[],
  stream: RowStream,
  maxRows: number,
  ended: (rows: number) => void,
): Outcome {
  return { kind: 'stream', columns, chunks: counted(stream, maxRows, ended) };
}

async function* counted(
  stream: RowStream,
  maxRows: number,
  ended: (rows: number) => void,
): AsyncGenerator<readonly StoreRow[]> {
  let rows = 0;
  try {
    for await (const chunk of stream.chunks) {
      rows += chunk.length;
      if (maxRows > 0 && rows > maxRows) throw failure('SLUICE_ROW_LIMIT', maxRows);
      yield chunk;
    }
  } finally {
    ended(rows);
  }
}
