/** A statement with its bind variables written into it as literals: for a server that takes text alone. */
import { listValues, type Parameters, singleValue } from '../bind-values.ts';
import type { SlotValue } from '../slots.ts';
import { replaceParameters } from './replace-parameters.ts';
import type { SyntaxOptions } from './sql-mode.ts';

/** `options`: the sql_mode under which the server will read the text. Throws ER_BAD_PARAMETER and ER_PARSE_ERROR. */
export function bindText(sql: string, options: SyntaxOptions, parameters: Parameters): string {
  return replaceParameters(sql, options, ({ parameter, list, beforeString }) => {
    if (list)
      return `(${listValues(parameters, String(parameter))
        .map((value) => literalOf(value, options))
        .join(', ')})`;
    const literal = literalOf(singleValue(parameters, parameter), options);
    return beforeString && literal.endsWith("'") ? `(${literal})` : literal;
  });
}

/** A literal of the value's own type (MySQL manual, "Literal Values"). */
export function literalOf({ type, value }: SlotValue, options: SyntaxOptions): string {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  const text = String(value);
  switch (type.kind) {
    case 'double':
      return signed(/[eE]/.test(text) ? text : `${text}e0`);
    case 'int':
    case 'decimal':
      return signed(text);
    case 'date':
      return typedText('DATE', text, options);
    case 'time':
      return typedText('TIME', text, options);
    case 'datetime':
      return typedText('TIMESTAMP', text, options);
    default:
      return quoted(text, options);
  }
}

/** `1 - -2` must not become a comment, nor `1 --2`. */
function signed(number: string): string {
  return number.startsWith('-') ? `(${number})` : number;
}

/** Dates with a zero part have no literal of their type. */
function typedText(type: string, text: string, options: SyntaxOptions): string {
  return /-00\b/.test(text) ? quoted(text, options) : `${type}${quoted(text, options)}`;
}

function quoted(text: string, { noBackslashEscapes }: SyntaxOptions): string {
  const doubled = text.replaceAll("'", "''");
  return `'${noBackslashEscapes === true ? doubled : doubled.replaceAll('\\', '\\\\')}'`;
}
