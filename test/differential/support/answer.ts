/** What a statement came to, in a form that two servers can be compared by: texts as MySQL's text protocol gives them. */
export type Answer =
  | { readonly kind: 'rows'; readonly columns: readonly AnswerColumn[]; readonly rows: readonly AnswerRow[] }
  | { readonly kind: 'ok'; readonly affected: number; readonly insertId: string }
  | { readonly kind: 'error'; readonly errno: number; readonly message: string };

export interface AnswerColumn {
  readonly name: string;
  /** What a client makes of the values: int, decimal(2), double, text, bytes, date, time, datetime, bit, null. */
  readonly type: string;
}

export type AnswerRow = readonly (string | null)[];

export type ParameterValue = string | number | null;

/** A server, or the same thing in this process. */
export interface Side {
  readonly name: string;
  /** `parameters`: for a prepared statement. */
  run(sql: string, parameters?: readonly ParameterValue[]): Promise<Answer>;
  close(): Promise<void>;
}

/** Bytes that are not UTF-8 are shown in hexadecimal. */
export function cellText(value: string | Uint8Array | null): string | null {
  if (value === null || typeof value === 'string') return value;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return `0x${Buffer.from(value).toString('hex')}`;
  }
}

/** One line for each row, cells between bars. */
export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'rows':
      return [
        answer.columns.map((column) => column.name).join(' | '),
        ...answer.rows.map((row) => row.map((cell) => cell ?? 'NULL').join(' | ')),
      ].join('\n');
    case 'ok':
      return `ok: ${answer.affected} affected, insert id ${answer.insertId}`;
    case 'error':
      return `error ${answer.errno}: ${answer.message}`;
  }
}
