/** ALTER TABLE (MySQL manual, "ALTER TABLE Statement"). */
import type { AlterAction, ColumnPlace, Statement } from '../ast.ts';
import { parseColumnDefinition, parseColumnDefinitionFor, parseParenthesisedText } from './column-definitions.ts';
import { acceptCharacterSet } from './column-types.ts';
import { parseCharacterSet, parseCollationName, parseTableName } from './names.ts';
import { parseOperand } from './operands.ts';
import { parseOrderBy } from './ordering.ts';
import { parseConstraint } from './table-definitions.ts';
import { parseTableOption } from './table-options.ts';
import { parseIndexName } from './table-references.ts';
import type { TokenStream } from './token-stream.ts';

/** Behind ALTER TABLE. */
export function parseAlterTable(tokens: TokenStream): Statement {
  const table = parseTableName(tokens);
  const actions: AlterAction[] = [];
  if (!tokens.atStatementEnd) {
    do actions.push(...parseActions(tokens));
    while (tokens.acceptOperator(','));
  }
  return { kind: 'alter-table', table, actions };
}

/** One action as it is written; ADD (a INT, b INT) is several. */
function parseActions(tokens: TokenStream): AlterAction[] {
  const { start } = tokens;
  switch (tokens.word) {
    case 'ADD':
      tokens.advance();
      return parseAdd(tokens);
    case 'DROP':
      tokens.advance();
      return [parseDrop(tokens)];
    case 'MODIFY': {
      tokens.advance();
      tokens.acceptWord('COLUMN');
      const column = parseColumnDefinition(tokens);
      return [{ kind: 'change-column', name: column.name, column, place: parsePlace(tokens) }];
    }
    case 'CHANGE': {
      tokens.advance();
      tokens.acceptWord('COLUMN');
      const name = tokens.identifier();
      const column = parseColumnDefinition(tokens);
      return [{ kind: 'change-column', name, column, place: parsePlace(tokens) }];
    }
    case 'ALTER':
      tokens.advance();
      return [parseAlter(tokens, start)];
    case 'RENAME':
      tokens.advance();
      return [parseRename(tokens)];
    case 'CONVERT':
      tokens.advance();
      return [parseConvert(tokens)];
    default:
      return [parseNoEffect(tokens, start) ?? parseOptions(tokens)];
  }
}

function parseAdd(tokens: TokenStream): AlterAction[] {
  if (tokens.isWord('PARTITION')) throw tokens.unsupported('ALTER TABLE ... ADD PARTITION');
  const element = parseConstraint(tokens);
  if (element !== undefined) return [{ kind: 'add-element', element }];
  tokens.acceptWord('COLUMN');
  if (tokens.acceptOperator('(')) {
    const actions = tokens.list(parseParenthesisedColumn);
    tokens.expectOperator(')');
    return actions;
  }
  const column = parseColumnDefinition(tokens);
  return [{ kind: 'add-column', column, place: parsePlace(tokens) }];
}

function parseParenthesisedColumn(tokens: TokenStream): AlterAction {
  const element = parseConstraint(tokens);
  if (element !== undefined) return { kind: 'add-element', element };
  return { kind: 'add-column', column: parseColumnDefinitionFor(tokens, tokens.identifier()) };
}

/** FIRST or AFTER column, if it is there. */
function parsePlace(tokens: TokenStream): ColumnPlace | undefined {
  if (tokens.acceptWord('FIRST')) return { kind: 'first' };
  return tokens.acceptWord('AFTER') ? { kind: 'after', column: tokens.identifier() } : undefined;
}

function parseDrop(tokens: TokenStream): AlterAction {
  if (tokens.isWord('PARTITION')) throw tokens.unsupported('ALTER TABLE ... DROP PARTITION');
  if (tokens.acceptWords('PRIMARY', 'KEY')) return { kind: 'drop-primary-key' };
  if (tokens.acceptWords('FOREIGN', 'KEY')) return { kind: 'drop-foreign-key', name: tokens.identifier() };
  if (tokens.acceptAnyWord(['INDEX', 'KEY']) !== undefined) return { kind: 'drop-index', name: parseIndexName(tokens) };
  if (tokens.acceptWord('CHECK')) return { kind: 'drop-check', name: tokens.identifier() };
  if (tokens.acceptWord('CONSTRAINT')) return { kind: 'drop-constraint', name: parseIndexName(tokens) };
  tokens.acceptWord('COLUMN');
  const name = tokens.identifier();
  tokens.acceptAnyWord(['RESTRICT', 'CASCADE']);
  return { kind: 'drop-column', name };
}

/** Behind ALTER: a column's default, or whether an index or a check is used. */
function parseAlter(tokens: TokenStream, start: number): AlterAction {
  if (tokens.acceptWord('INDEX')) {
    tokens.identifier();
    if (tokens.acceptAnyWord(['VISIBLE', 'INVISIBLE']) === undefined) throw tokens.unexpected();
    return { kind: 'no-effect', text: tokens.textFrom(start) };
  }
  if (tokens.isWord('CHECK') || tokens.isWord('CONSTRAINT'))
    throw tokens.unsupported(`ALTER TABLE ... ALTER ${tokens.word}`);
  tokens.acceptWord('COLUMN');
  const name = tokens.identifier();
  if (tokens.acceptWords('DROP', 'DEFAULT')) return { kind: 'set-default', name };
  tokens.expectWord('SET');
  if (tokens.isWord('INVISIBLE') || tokens.isWord('VISIBLE')) throw tokens.unsupported('INVISIBLE columns');
  tokens.expectWord('DEFAULT');
  const value = tokens.isOperator('(') ? parseParenthesisedText(tokens).expression : parseOperand(tokens);
  return { kind: 'set-default', name, value };
}

function parseRename(tokens: TokenStream): AlterAction {
  if (tokens.acceptWord('COLUMN')) {
    const from = tokens.identifier();
    tokens.expectWord('TO');
    return { kind: 'rename-column', from, to: tokens.identifier() };
  }
  if (tokens.acceptAnyWord(['INDEX', 'KEY']) !== undefined) {
    const from = tokens.identifier();
    tokens.expectWord('TO');
    return { kind: 'rename-index', from, to: tokens.identifier() };
  }
  if (tokens.acceptAnyWord(['TO', 'AS']) === undefined) tokens.acceptOperator('=');
  return { kind: 'rename-table', to: parseTableName(tokens) };
}

function parseConvert(tokens: TokenStream): AlterAction {
  tokens.expectWord('TO');
  if (!acceptCharacterSet(tokens)) throw tokens.unexpected();
  if (tokens.isWord('DEFAULT')) throw tokens.unsupported('CONVERT TO CHARACTER SET DEFAULT');
  const charset = parseCharacterSet(tokens);
  const collation = tokens.acceptWord('COLLATE') ? parseCollationName(tokens) : undefined;
  return { kind: 'convert-charset', charset, collation };
}

/** What says how to do it, not what to do. */
function parseNoEffect(tokens: TokenStream, start: number): AlterAction | undefined {
  switch (tokens.word) {
    case 'DISABLE':
    case 'ENABLE':
      tokens.advance();
      tokens.expectWord('KEYS');
      break;
    case 'ALGORITHM':
    case 'LOCK':
      tokens.advance();
      tokens.acceptOperator('=');
      if (!tokens.acceptWord('DEFAULT')) tokens.identifier();
      break;
    case 'FORCE':
      tokens.advance();
      break;
    case 'WITH':
    case 'WITHOUT':
      tokens.advance();
      tokens.expectWord('VALIDATION');
      break;
    case 'ORDER':
      parseOrderBy(tokens);
      break;
    default:
      return undefined;
  }
  return { kind: 'no-effect', text: tokens.textFrom(start) };
}

const REFUSED: ReadonlySet<string> = new Set([
  'ANALYZE',
  'CHECK',
  'COALESCE',
  'DISCARD',
  'EXCHANGE',
  'IMPORT',
  'OPTIMIZE',
  'PARTITION',
  'REBUILD',
  'REMOVE',
  'REORGANIZE',
  'REPAIR',
  'SECONDARY_LOAD',
  'SECONDARY_UNLOAD',
  'TRUNCATE',
]);

/** Options without commas between are one action. */
function parseOptions(tokens: TokenStream): AlterAction {
  if (REFUSED.has(tokens.word)) throw tokens.unsupported(`ALTER TABLE ... ${tokens.word}`);
  const options: Record<string, string> = {};
  if (!parseTableOption(tokens, options)) throw tokens.unexpected();
  while (parseTableOption(tokens, options));
  return { kind: 'options', options };
}
