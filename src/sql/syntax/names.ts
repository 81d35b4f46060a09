/** Names of tables, character sets and collations, and IF EXISTS in front of them. */
import type { TableName } from '../ast.ts';
import { characterSetName } from './character-sets.ts';
import type { TokenStream } from './token-stream.ts';

/** t or db.t */
export function parseTableName(tokens: TokenStream): TableName {
  const first = tokens.identifier();
  if (!tokens.acceptOperator('.')) return { name: first };
  return { database: first, name: tokens.identifierBehindPoint() };
}

/** IF EXISTS, if it is there. */
export function parseIfExists(tokens: TokenStream): boolean {
  return tokens.acceptWords('IF', 'EXISTS');
}

/** IF NOT EXISTS, if it is there. */
export function parseIfNotExists(tokens: TokenStream): boolean {
  return tokens.acceptWords('IF', 'NOT', 'EXISTS');
}

/** In lower case, `utf8` as `utf8mb3`. */
export function parseCharacterSet(tokens: TokenStream): string {
  if (tokens.acceptWord('BINARY')) return 'binary';
  return characterSetName(tokens.identifierOrString());
}

/** In lower case. */
export function parseCollationName(tokens: TokenStream): string {
  if (tokens.acceptWord('BINARY')) return 'binary';
  return tokens.identifierOrString().toLowerCase();
}
