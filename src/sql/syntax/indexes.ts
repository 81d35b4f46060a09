/** Keys and indexes: in CREATE TABLE, in ALTER TABLE, and by CREATE INDEX and DROP INDEX. */
import type { IndexPartSpec, Statement, TableElement } from '../ast.ts';
import { parseParenthesisedText } from './column-definitions.ts';
import { parseTableName } from './names.ts';
import { parseDirection } from './ordering.ts';
import { parseIndexName } from './table-references.ts';
import type { TokenStream } from './token-stream.ts';

export type IndexElement = Extract<TableElement, { kind: 'index' }>;

/** (a, b(10) DESC, (lower(c))) */
export function parseIndexParts(tokens: TokenStream): IndexPartSpec[] {
  return tokens.parenthesised(() => tokens.list(parseIndexPart));
}

function parseIndexPart(tokens: TokenStream): IndexPartSpec {
  if (tokens.isOperator('(')) {
    const { expression } = parseParenthesisedText(tokens);
    return { expression, descending: parseDirection(tokens) };
  }
  const column = tokens.identifier();
  const length = tokens.isOperator('(') ? tokens.parenthesised((inside) => inside.intValue()) : undefined;
  return { column, length, descending: parseDirection(tokens) };
}

export interface IndexOptions {
  readonly comment?: string;
}

/** What may stand behind an index's columns (and, USING only, before them). None of it changes a result but WITH PARSER. */
export function parseIndexOptions(tokens: TokenStream): IndexOptions {
  let comment: string | undefined;
  for (;;) {
    switch (tokens.word) {
      case 'COMMENT':
        tokens.advance();
        comment = tokens.stringValue();
        break;
      case 'USING':
      case 'TYPE':
        parseAlgorithm(tokens);
        break;
      case 'KEY_BLOCK_SIZE':
        tokens.advance();
        tokens.acceptOperator('=');
        tokens.intValue();
        break;
      case 'VISIBLE':
      case 'INVISIBLE':
        tokens.advance();
        break;
      case 'ENGINE_ATTRIBUTE':
      case 'SECONDARY_ENGINE_ATTRIBUTE':
        tokens.advance();
        tokens.acceptOperator('=');
        tokens.stringValue();
        break;
      case 'WITH':
        tokens.advance();
        tokens.expectWord('PARSER');
        throw tokens.unsupported(`FULLTEXT ... WITH PARSER ${tokens.word.toLowerCase()}`);
      default:
        return { comment };
    }
  }
}

/** USING BTREE, if it is there. */
export function parseAlgorithm(tokens: TokenStream): void {
  if (tokens.acceptAnyWord(['USING', 'TYPE']) === undefined) return;
  if (tokens.acceptAnyWord(['BTREE', 'HASH', 'RTREE']) === undefined) throw tokens.unexpected();
}

/** Behind INDEX, UNIQUE KEY and so on: [name] [USING x] (parts) [options] */
export function parseIndexBody(tokens: TokenStream, type: IndexElement['type'], constraint?: string): IndexElement {
  const name = tokens.isIdentifier() && !isAlgorithm(tokens) ? tokens.identifier() : constraint;
  parseAlgorithm(tokens);
  const parts = parseIndexParts(tokens);
  return { kind: 'index', name, type, parts, ...parseIndexOptions(tokens) };
}

/** TYPE BTREE; TYPE alone may be a name. */
function isAlgorithm(tokens: TokenStream): boolean {
  return tokens.areWords('TYPE', 'BTREE') || tokens.areWords('TYPE', 'HASH');
}

const INDEX_TYPES = { UNIQUE: 'unique', FULLTEXT: 'fulltext', SPATIAL: 'spatial' } as const;

/** From INDEX, KEY, UNIQUE, FULLTEXT or SPATIAL on, as CREATE and ALTER TABLE have it; undefined where none of these stands. */
export function parseIndexElement(tokens: TokenStream, constraint?: string): IndexElement | undefined {
  if (tokens.acceptAnyWord(['INDEX', 'KEY']) !== undefined) return parseIndexBody(tokens, 'index');
  const word = tokens.acceptAnyWord(['UNIQUE', 'FULLTEXT', 'SPATIAL'] as const);
  if (word === undefined) return undefined;
  tokens.acceptAnyWord(['INDEX', 'KEY']);
  return parseIndexBody(tokens, INDEX_TYPES[word], constraint);
}

/** Behind CREATE: [UNIQUE | FULLTEXT | SPATIAL] INDEX name [USING x] ON t (parts) [options] */
export function parseCreateIndex(tokens: TokenStream): Statement {
  const word = tokens.acceptAnyWord(['UNIQUE', 'FULLTEXT', 'SPATIAL'] as const);
  tokens.expectWord('INDEX');
  const name = tokens.identifier();
  parseAlgorithm(tokens);
  tokens.expectWord('ON');
  const table = parseTableName(tokens);
  const parts = parseIndexParts(tokens);
  const type = word === undefined ? 'index' : INDEX_TYPES[word];
  const options = parseIndexOptions(tokens);
  parseLockAndAlgorithm(tokens);
  return { kind: 'create-index', table, index: { kind: 'index', name, type, parts, ...options } };
}

/** Behind DROP INDEX: name ON t */
export function parseDropIndex(tokens: TokenStream): Statement {
  const name = parseIndexName(tokens);
  tokens.expectWord('ON');
  const table = parseTableName(tokens);
  parseLockAndAlgorithm(tokens);
  return { kind: 'drop-index', table, name };
}

/** ALGORITHM = INPLACE, LOCK = NONE: how a server does it, not what. */
function parseLockAndAlgorithm(tokens: TokenStream): void {
  while (tokens.acceptAnyWord(['ALGORITHM', 'LOCK']) !== undefined) {
    tokens.acceptOperator('=');
    if (!tokens.acceptWord('DEFAULT')) tokens.identifier();
  }
}
