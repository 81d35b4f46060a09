/** User variables: what SELECT ... INTO and SET @x keep. */
import { failure } from '../errors.ts';
import { slotOf } from '../sql/functions/conversions.ts';
import type { ResultColumn } from '../sql/result-column.ts';
import type { StoreRow } from '../stores/values.ts';
import { OK } from './outcomes.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';

/** SELECT ... INTO @a, @b: exactly one row; none leaves the variables as they are, with a warning. */
export function intoVariables(
  session: GateSession,
  names: readonly string[],
  outcome: Outcome,
): Outcome | Promise<Outcome> {
  if (outcome.kind === 'rows') return assign(session, names, outcome.columns, outcome.rows);
  if (outcome.kind === 'stream')
    return firstRows(outcome.chunks).then((rows) => assign(session, names, outcome.columns, rows));
  return outcome;
}

async function firstRows(chunks: AsyncIterable<readonly StoreRow[]>): Promise<StoreRow[]> {
  const rows: StoreRow[] = [];
  for await (const chunk of chunks) {
    rows.push(...chunk);
    if (rows.length > 1) break;
  }
  return rows;
}

function assign(
  session: GateSession,
  names: readonly string[],
  columns: readonly ResultColumn[],
  rows: readonly StoreRow[],
): Outcome {
  if (names.length !== columns.length) throw failure('ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT');
  if (rows.length > 1) throw failure('ER_BAD_PARAMETER', 'Result consisted of more than one row');
  const row = rows[0];
  if (row === undefined) {
    session.warnings = [
      { level: 'Warning', errno: 1329, message: 'No data - zero rows fetched, selected, or processed' },
    ];
    return { ...OK, warningCount: 1 };
  }
  names.forEach((name, i) => {
    const column = columns[i] as ResultColumn;
    session.userVariables.set(name.toLowerCase(), slotOf(row[i] ?? null, column.type));
  });
  return { ...OK, affectedRows: 1 };
}
