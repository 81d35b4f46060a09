import type { ColumnType } from '../../stores/column-type.ts';
import { parseCharacterAttributes, parseFractionDigits, parseLength, parsePrecision } from './column-types.ts';
import type { TokenStream } from './token-stream.ts';

/**
 * A type as CAST and CONVERT take it (MySQL manual, "Cast Functions and Operators"). CHAR and BINARY without a length have none: the value
 * keeps its own.
 */
export function parseCastType(tokens: TokenStream): ColumnType {
  const type = parseType(tokens);
  if (tokens.isWord('ARRAY')) throw tokens.unsupported('CAST(... AS ... ARRAY)');
  return type;
}

function parseType(tokens: TokenStream): ColumnType {
  const { word } = tokens;
  tokens.advance();
  switch (word) {
    case 'SIGNED':
    case 'UNSIGNED':
      tokens.acceptAnyWord(['INTEGER', 'INT']);
      return word === 'SIGNED' ? { name: 'bigint' } : { name: 'bigint', unsigned: true };
    case 'CHAR':
    case 'CHARACTER':
      return characterType(tokens);
    case 'NCHAR':
      return { name: 'char', length: parseLength(tokens) };
    case 'NATIONAL':
      if (tokens.acceptAnyWord(['CHAR', 'CHARACTER']) === undefined) throw tokens.unexpected();
      return { name: 'char', length: parseLength(tokens) };
    case 'BINARY':
      return { name: 'binary', length: parseLength(tokens) };
    case 'DECIMAL':
    case 'DEC':
      return { name: 'decimal', ...parsePrecision(tokens) };
    case 'FLOAT':
      return { name: (parseLength(tokens) ?? 0) > 24 ? 'double' : 'float' };
    case 'DOUBLE':
      tokens.acceptWord('PRECISION');
      return { name: 'double' };
    case 'REAL':
      return { name: tokens.options.realAsFloat === true ? 'float' : 'double' };
    case 'DATE':
    case 'YEAR':
    case 'JSON':
      return { name: word.toLowerCase() as 'date' | 'year' | 'json' };
    case 'TIME':
    case 'DATETIME':
      return { name: word.toLowerCase() as 'time' | 'datetime', scale: parseFractionDigits(tokens) };
    default:
      throw tokens.unexpectedPrevious();
  }
}

function characterType(tokens: TokenStream): ColumnType {
  const length = parseLength(tokens);
  const { collation } = parseCharacterAttributes(tokens);
  return collation === 'binary' ? { name: 'binary', length } : { name: 'char', length, collation };
}
