/** CREATE TABLE and the elements that ALTER TABLE shares with it, DROP, RENAME, TRUNCATE. */
import type { Query, Statement, TableElement, TableName } from '../ast.ts';
import { parseCheck, parseColumnDefinition, parseReferences } from './column-definitions.ts';
import { parseAlgorithm, parseIndexElement, parseIndexOptions, parseIndexParts } from './indexes.ts';
import { parseIfExists, parseIfNotExists, parseTableName } from './names.ts';
import { parseColumnNames, parseQuery, startsQuery } from './queries.ts';
import { parseTableOptions } from './table-options.ts';
import type { TokenStream } from './token-stream.ts';

/** Behind CREATE [TEMPORARY] TABLE. */
export function parseCreateTable(tokens: TokenStream, temporary: boolean): Statement {
  const ifNotExists = parseIfNotExists(tokens);
  const table = parseTableName(tokens);
  const head = { kind: 'create-table', table, temporary, ifNotExists } as const;
  const like = parseLike(tokens);
  if (like !== undefined) return { ...head, elements: [], options: {}, like };
  const elements = parseElements(tokens);
  const options = parseTableOptions(tokens);
  if (tokens.isWord('PARTITION')) throw tokens.unsupported('PARTITION BY');
  const query = parseSourceQuery(tokens);
  if (elements.length === 0 && query === undefined) throw tokens.unexpected();
  return { ...head, elements, options, query };
}

/** LIKE t or (LIKE t) */
function parseLike(tokens: TokenStream): TableName | undefined {
  if (tokens.acceptWord('LIKE')) return parseTableName(tokens);
  if (!tokens.isOperator('(')) return undefined;
  const mark = tokens.mark();
  tokens.advance();
  if (!tokens.acceptWord('LIKE')) {
    tokens.goBack(mark);
    return undefined;
  }
  const like = parseTableName(tokens);
  tokens.expectOperator(')');
  return like;
}

function parseElements(tokens: TokenStream): TableElement[] {
  if (!tokens.isOperator('(')) return [];
  const mark = tokens.mark();
  tokens.advance();
  // CREATE TABLE t (SELECT ...): what is in the parentheses is no list of columns.
  if (startsQuery(tokens) || tokens.isOperator('(')) {
    tokens.goBack(mark);
    return [];
  }
  const elements = tokens.list(parseTableElement);
  tokens.expectOperator(')');
  return elements;
}

/** [IGNORE | REPLACE] [AS] SELECT ... */
function parseSourceQuery(tokens: TokenStream): Query | undefined {
  const duplicates = tokens.acceptAnyWord(['IGNORE', 'REPLACE']);
  if (duplicates !== undefined) throw tokens.unsupported(`CREATE TABLE ... ${duplicates} SELECT`);
  const as = tokens.acceptWord('AS');
  return as || startsQuery(tokens) || tokens.isOperator('(') ? parseQuery(tokens) : undefined;
}

function parseTableElement(tokens: TokenStream): TableElement {
  return parseConstraint(tokens) ?? { kind: 'column', column: parseColumnDefinition(tokens) };
}

/** A key, an index, a foreign key or a check; undefined where none stands. */
export function parseConstraint(tokens: TokenStream): Exclude<TableElement, { kind: 'column' }> | undefined {
  const constraint = tokens.acceptWord('CONSTRAINT');
  const name = constraint && tokens.isIdentifier() ? tokens.identifier() : undefined;
  switch (tokens.word) {
    case 'PRIMARY':
      return parsePrimaryKey(tokens);
    case 'FOREIGN':
      return parseForeignKey(tokens, name);
    case 'CHECK':
      return { kind: 'check', name, ...parseCheck(tokens) };
    default: {
      const index = parseIndexElement(tokens, name);
      if (constraint && index?.type !== 'unique') throw tokens.unexpected();
      return index;
    }
  }
}

function parsePrimaryKey(tokens: TokenStream): TableElement & { kind: 'primary-key' } {
  tokens.expectWord('PRIMARY');
  tokens.expectWord('KEY');
  // A name may stand here and is not kept: the key's name is PRIMARY.
  if (tokens.isIdentifier()) tokens.identifier();
  parseAlgorithm(tokens);
  const parts = parseIndexParts(tokens);
  parseIndexOptions(tokens);
  return { kind: 'primary-key', parts };
}

function parseForeignKey(tokens: TokenStream, name: string | undefined): TableElement & { kind: 'foreign-key' } {
  tokens.expectWord('FOREIGN');
  tokens.expectWord('KEY');
  // The index's name; the constraint's is `name`.
  if (tokens.isIdentifier()) tokens.identifier();
  const columns = parseColumnNames(tokens);
  if (columns === undefined) throw tokens.unexpected();
  return { kind: 'foreign-key', name, columns, references: parseReferences(tokens) };
}

/** Behind DROP [TEMPORARY] TABLE. */
export function parseDropTable(tokens: TokenStream, temporary: boolean): Statement {
  const ifExists = parseIfExists(tokens);
  const tables = tokens.list(parseTableName);
  // Both are accepted by MySQL and do nothing.
  tokens.acceptAnyWord(['RESTRICT', 'CASCADE']);
  return { kind: 'drop-table', tables, temporary, ifExists };
}

/** Behind RENAME TABLE. */
export function parseRenameTable(tokens: TokenStream): Statement {
  const renames = tokens.list((inside) => {
    const from = parseTableName(inside);
    inside.expectWord('TO');
    return { from, to: parseTableName(inside) };
  });
  return { kind: 'rename-table', renames };
}

/** Behind TRUNCATE. */
export function parseTruncate(tokens: TokenStream): Statement {
  tokens.acceptWord('TABLE');
  return { kind: 'truncate', table: parseTableName(tokens) };
}
