/** A statement's outcome as JSON text, written piece by piece so that a large result never exists as objects. */
import type { Outcome, RowsOutcome, StreamOutcome } from '../../gate/request.ts';
import { columnTypeText } from '../../sql/information-schema/column-type-text.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import { type JsonFormatter, jsonFormatter } from '../../sql/values/format.ts';
import type { StoreRow } from '../../stores/values.ts';
import { jsonString, jsonText } from '../../util/json-text.ts';

export type RowShape = 'object' | 'array';

export interface WarningJson {
  readonly level: string;
  readonly code: number;
  readonly message: string;
}

export function fieldsJson(columns: readonly ResultColumn[]): string {
  return JSON.stringify(columns.map(fieldOf));
}

function fieldOf(column: ResultColumn): Record<string, unknown> {
  const { name, type, nullable, database, table, originalTable, originalName } = column;
  return {
    name,
    type: columnTypeText(type),
    nullable,
    ...(originalName === '' ? {} : { database, table, originalTable, originalName }),
  };
}

/** Rows one by one as JSON text, objects by column name or arrays. */
export function rowJsonWriter(columns: readonly ResultColumn[], shape: RowShape): (row: StoreRow) => string {
  const formats: JsonFormatter[] = columns.map((column) => jsonFormatter(column.type));
  const keys = columns.map((column) => (shape === 'object' ? `${jsonString(column.name)}:` : ''));
  const [open, close] = shape === 'object' ? ['{', '}'] : ['[', ']'];
  return (row) => {
    let out = open;
    for (let i = 0; i < formats.length; i++) {
      out += (i === 0 ? '' : ',') + keys[i] + jsonText(formats[i]!(row[i] ?? null));
    }
    return out + close;
  };
}

/** Everything of the outcome after its rows: `"rowsAffected":...,"insertId":...,"warnings":[...]`. */
export function tailJson(outcome: Outcome, warnings: readonly WarningJson[]): string {
  const affected = outcome.kind === 'ok' ? outcome.affectedRows : 0;
  const insertId = outcome.kind === 'ok' ? outcome.insertId : 0;
  return `"rowsAffected":${affected},"insertId":${idJson(insertId)},"warnings":${JSON.stringify(warnings)}`;
}

/** Beyond 2^53 as text, as every integer. */
function idJson(id: number | bigint): string {
  return typeof id === 'number' || Number.isSafeInteger(Number(id)) ? String(id) : `"${id}"`;
}

/** The members of a whole answer, without the braces. Reads a stream to its end. */
export async function resultMembers(
  outcome: Outcome,
  shape: RowShape,
  warningsOf: (outcome: Outcome) => Promise<WarningJson[]>,
): Promise<string> {
  if (outcome.kind === 'ok') return `"fields":[],"rows":[],${tailJson(outcome, await warningsOf(outcome))}`;
  if (outcome.kind !== 'rows' && outcome.kind !== 'stream')
    throw new Error(`a statement of SQL gave '${outcome.kind}', which was not asked for`);
  const write = rowJsonWriter(outcome.columns, shape);
  let rows = '';
  let count = 0;
  for await (const chunk of chunksOf(outcome)) {
    for (const row of chunk) rows += count++ === 0 ? write(row) : `,${write(row)}`;
  }
  const tail = tailJson(outcome, await warningsOf(outcome));
  return `"fields":${fieldsJson(outcome.columns)},"rows":[${rows}],${tail}`;
}

/** Rows that are there already come as one chunk. */
export function chunksOf(
  outcome: RowsOutcome | StreamOutcome,
): AsyncIterable<readonly StoreRow[]> | Iterable<readonly StoreRow[]> {
  return outcome.kind === 'rows' ? [outcome.rows] : outcome.chunks;
}
