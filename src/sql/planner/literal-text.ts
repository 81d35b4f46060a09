/** SQLite text without parameters: what a CHECK or a rebuilt table's column source needs. */
import type { StoreValue } from '../../stores/values.ts';
import { KEPT_TEXT_EXECUTION } from './definition-execution.ts';
import { type ParameterSource, quoteText } from './term.ts';

/** Writes the values of `sources` (registered after `offset` others) into `sql` in the place of their parameters. */
export function literalText(sql: string, sources: readonly ParameterSource[], offset: number): string {
  return sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\?(\d+)/g, (token, digits: string | undefined) => {
    if (digits === undefined) return token;
    const source = sources[Number(digits) - 1 - offset];
    if (source === undefined) throw new Error(`the stored expression has no parameter ${digits}`);
    return storeLiteral(source(KEPT_TEXT_EXECUTION));
  });
}

export function storeLiteral(value: StoreValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value);
  return value.toString();
}
