/** What is answered: one line, `{"code":0,"message":"success","data":...}`, or the failure's code and message. */
import { asFailure } from '../../errors.ts';
import type { Outcome, RowsOutcome, StreamOutcome } from '../../gate/request.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import { textFormatter } from '../../sql/values/format.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { jsonString } from '../../util/json-text.ts';
import { errorName } from './error-table.ts';

/** `data`: JSON. */
export function successAnswer(data: string, more = ''): string {
  return `{"code":0,"message":"success","data":${data}${more}}\n`;
}

export function failureAnswer(thrown: unknown): string {
  const failure = asFailure(thrown);
  const { errno, message, retryable } = failure;
  return `${JSON.stringify({ code: errno, message, name: errorName(failure.code), retryable })}\n`;
}

/** Reads a stream to its end. */
export async function outcomeAnswer(outcome: Outcome): Promise<string> {
  switch (outcome.kind) {
    case 'ok':
      return successAnswer('[]', `,"rowsAffected":${outcome.affectedRows},"insertId":"${outcome.insertId}"`);
    case 'rows':
    case 'stream':
      return successAnswer(`[${await rowsJson(outcome)}]`);
    default:
      throw new Error(`a statement of SQL gave '${outcome.kind}', which was not asked for`);
  }
}

async function rowsJson(outcome: RowsOutcome | StreamOutcome): Promise<string> {
  const write = rowWriter(outcome.columns);
  const chunks = outcome.kind === 'rows' ? [outcome.rows] : outcome.chunks;
  let rows = '';
  for await (const chunk of chunks) for (const row of chunk) rows += rows === '' ? write(row) : `,${write(row)}`;
  return rows;
}

/** An object by column names. Every value is a string, as the original has them; NULL is null. */
function rowWriter(columns: readonly ResultColumn[]): (row: StoreRow) => string {
  const keys = columns.map(({ name }, i) => `${i === 0 ? '{' : ','}${jsonString(name)}:`);
  const formats = columns.map(valueWriter);
  return (row) => {
    let out = '';
    for (let i = 0; i < keys.length; i++) out += (keys[i] as string) + formats[i]?.(row[i] ?? null);
    return `${out}}`;
  };
}

function valueWriter({ type }: ResultColumn): (value: StoreValue) => string {
  // As a number's digits: its bytes would be no text.
  if (type.name === 'bit') return (value) => (value === null ? 'null' : `"${value}"`);
  const format = textFormatter(type);
  return (value) => {
    const text = format(value);
    if (text === null) return 'null';
    return typeof text === 'string' ? jsonString(text) : `"${Buffer.from(text).toString('base64')}"`;
  };
}
