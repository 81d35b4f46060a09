/**
 * Text with a NUL character in it. The driver binds text as a C string, so SQLite would get only what is before the NUL; MySQL's columns hold
 * the whole. Such a value is bound as bytes and made text again in the statement: `?` becomes `CAST(? AS TEXT)`.
 */
import type { StoreValue } from '../values.ts';

export function holdsNul(params: readonly StoreValue[]): boolean {
  for (const value of params) if (typeof value === 'string' && value.includes('\0')) return true;
  return false;
}

/** The same statement, with parameters that the driver hands over whole. */
export function castNulText(sql: string, params: readonly StoreValue[]): { sql: string; params: StoreValue[] } {
  const cast = params.map((value) => typeof value === 'string' && value.includes('\0'));
  return {
    sql: replaceParameters(sql, (text, index) => (cast[index] ? `CAST(${text} AS TEXT)` : text)),
    params: params.map((value, i) => (cast[i] ? new Uint8Array(Buffer.from(value as string)) : value)),
  };
}

/** String literals, quoted names and comments, in which `?` is no parameter; or a parameter, with its number if it has one. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d*)/g;

function replaceParameters(sql: string, replace: (text: string, index: number) => string): string {
  let last = -1;
  return sql.replace(TOKENS, (token: string, number: string | undefined) => {
    if (number === undefined) return token;
    // Without a number a parameter is the one after the largest so far (sqlite.org/lang_expr.html, "Parameters").
    const index = number === '' ? last + 1 : Number(number) - 1;
    last = Math.max(last, index);
    return replace(`?${index + 1}`, index);
  });
}
