/** Values as literals of MySQL's text, for clients that give parameters by another protocol than MySQL's. */
import { failure } from '../../errors.ts';
import type { SlotValue } from '../../sql/slots.ts';
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';
import type { Parameters } from '../request.ts';

/** Throws 1210 when a parameter is missing (it is named) or one too many was given. */
export function withParameters(text: string, syntax: SyntaxOptions, parameters: Parameters): string {
  const lexer = new Lexer();
  lexer.reset(text, syntax);
  let out = '';
  let from = 0;
  let positions = 0;
  while (lexer.next() !== token.TOKEN_END) {
    if (lexer.kind !== token.TOKEN_PARAMETER) continue;
    if (lexer.isListParameter()) throw failure('ER_NOT_SUPPORTED_YET', 'list parameters (::name)');
    const { parameter } = lexer.parameter();
    if (typeof parameter === 'number') positions++;
    out += text.slice(from, lexer.start) + literal(valueOf(parameters, parameter), syntax);
    from = lexer.end;
  }
  if (Array.isArray(parameters) && parameters.length > positions)
    throw failure('ER_BAD_PARAMETER', `${parameters.length} parameters were given for a statement that has ${positions}`);
  return out + text.slice(from);
}

function valueOf(parameters: Parameters, place: number | string): SlotValue {
  const value =
    typeof place === 'string'
      ? parameters instanceof Map
        ? (parameters.get(place) as SlotValue | undefined)
        : undefined
      : Array.isArray(parameters)
        ? (parameters[place] as SlotValue | undefined)
        : undefined;
  if (value !== undefined) return value;
  const name = typeof place === 'string' ? `:${place}` : String(place + 1);
  throw failure('ER_BAD_PARAMETER', `No value was given for parameter ${name}`);
}

function literal({ type, value }: SlotValue, syntax: SyntaxOptions): string {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`;
  switch (type.kind) {
    case 'int':
    case 'decimal':
      return String(value);
    case 'double':
      return Number(value).toExponential();
    default:
      return quoted(String(value), syntax);
  }
}

/** A string's literal, whatever the string holds. */
export function quoted(text: string, { noBackslashEscapes }: SyntaxOptions): string {
  const escaped = noBackslashEscapes === true ? text : text.replaceAll('\\', '\\\\');
  return `'${escaped.replaceAll("'", "''")}'`;
}
