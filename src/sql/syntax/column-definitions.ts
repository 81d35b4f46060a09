/** A column of CREATE TABLE or ALTER TABLE: name, type, attributes. */
import type { ColumnSpec, Expression, ReferencesSpec } from '../ast.ts';
import { parseColumnType } from './column-types.ts';
import { parseExpression } from './expressions.ts';
import { parseCollationName, parseTableName } from './names.ts';
import { parseBareOperand } from './operands.ts';
import { parseColumnNames } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export function parseColumnDefinition(tokens: TokenStream): ColumnSpec {
  return parseColumnDefinitionFor(tokens, tokens.identifier());
}

/** Behind the name. */
export function parseColumnDefinitionFor(tokens: TokenStream, name: string): ColumnSpec {
  const column: Writable<ColumnSpec> = tokens.acceptWord('SERIAL')
    ? { name, type: { name: 'bigint', unsigned: true }, nullable: false, autoIncrement: true, unique: true }
    : { name, type: parseColumnType(tokens) };
  while (parseAttribute(tokens, column));
  return column;
}

/** One attribute; false where there is none. */
function parseAttribute(tokens: TokenStream, column: Writable<ColumnSpec>): boolean {
  switch (tokens.word) {
    case 'NOT':
      tokens.advance();
      if (tokens.isWord('SECONDARY')) throw tokens.unsupported('NOT SECONDARY');
      tokens.expectWord('NULL');
      column.nullable = false;
      return true;
    case 'NULL':
      tokens.advance();
      column.nullable = true;
      return true;
    case 'DEFAULT':
      tokens.advance();
      parseDefault(tokens, column);
      return true;
    case 'ON':
      tokens.advance();
      tokens.expectWord('UPDATE');
      column.onUpdate = parseBareOperand(tokens);
      return true;
    case 'AUTO_INCREMENT':
      tokens.advance();
      column.autoIncrement = true;
      return true;
    case 'SERIAL':
      tokens.advance();
      tokens.expectWord('DEFAULT');
      tokens.expectWord('VALUE');
      Object.assign(column, { nullable: false, autoIncrement: true, unique: true });
      return true;
    case 'PRIMARY':
    case 'KEY':
      tokens.acceptWord('PRIMARY');
      tokens.expectWord('KEY');
      column.primaryKey = true;
      return true;
    case 'UNIQUE':
      tokens.advance();
      tokens.acceptWord('KEY');
      column.unique = true;
      return true;
    default:
      return parseRarerAttribute(tokens, column);
  }
}

function parseRarerAttribute(tokens: TokenStream, column: Writable<ColumnSpec>): boolean {
  switch (tokens.word) {
    case 'COMMENT':
      tokens.advance();
      column.comment = tokens.stringValue();
      return true;
    case 'COLLATE':
      tokens.advance();
      column.type = { ...column.type, collation: parseCollationName(tokens) };
      return true;
    case 'GENERATED':
      tokens.advance();
      tokens.expectWord('ALWAYS');
      column.generated = parseGenerated(tokens);
      return true;
    case 'AS':
      column.generated = parseGenerated(tokens);
      return true;
    case 'CONSTRAINT': {
      tokens.advance();
      const name = tokens.isWord('CHECK') ? undefined : tokens.identifier();
      return parseColumnCheck(tokens, column, name);
    }
    case 'CHECK':
      return parseColumnCheck(tokens, column, undefined);
    case 'REFERENCES':
      column.references = parseReferences(tokens);
      return true;
    case 'VISIBLE':
      tokens.advance();
      return true;
    case 'INVISIBLE':
      throw tokens.unsupported('INVISIBLE columns');
    case 'SRID':
      throw tokens.unsupported('SRID');
    case 'COLUMN_FORMAT':
    case 'STORAGE':
      // How a column is laid out; no result depends on it.
      tokens.advance();
      tokens.advance();
      return true;
    case 'ENGINE_ATTRIBUTE':
    case 'SECONDARY_ENGINE_ATTRIBUTE':
      tokens.advance();
      tokens.acceptOperator('=');
      tokens.stringValue();
      return true;
    default:
      return false;
  }
}

function parseColumnCheck(tokens: TokenStream, column: Writable<ColumnSpec>, name: string | undefined): true {
  if (column.check !== undefined) throw tokens.unsupported('several CHECK at one column');
  column.check = { name, ...parseCheck(tokens) };
  return true;
}

function parseDefault(tokens: TokenStream, column: Writable<ColumnSpec>): void {
  if (!tokens.isOperator('(')) {
    column.default = parseBareOperand(tokens);
    return;
  }
  const { expression, text } = parseParenthesisedText(tokens);
  column.default = expression;
  column.defaultText = text;
}

/** AS (expression) [VIRTUAL | STORED] */
function parseGenerated(tokens: TokenStream): NonNullable<ColumnSpec['generated']> {
  tokens.expectWord('AS');
  const { expression, text } = parseParenthesisedText(tokens);
  // PERSISTENT is MariaDB's word, which its dumps have.
  const storage = tokens.acceptAnyWord(['VIRTUAL', 'STORED', 'PERSISTENT']);
  return { expression, text, stored: storage === 'STORED' || storage === 'PERSISTENT' };
}

/** CHECK (expression) [ENFORCED] */
export function parseCheck(tokens: TokenStream): { expression: Expression; text: string } {
  tokens.expectWord('CHECK');
  const check = parseParenthesisedText(tokens);
  if (tokens.areWords('NOT', 'ENFORCED')) throw tokens.unsupported('CHECK ... NOT ENFORCED');
  tokens.acceptWord('ENFORCED');
  return check;
}

/** (expression), and what is between the parentheses as it is written. */
export function parseParenthesisedText(tokens: TokenStream): { expression: Expression; text: string } {
  tokens.expectOperator('(');
  const { start } = tokens;
  const expression = parseExpression(tokens);
  const text = tokens.textFrom(start);
  tokens.expectOperator(')');
  return { expression, text };
}

/** REFERENCES t (a, b) [MATCH SIMPLE] [ON DELETE ...] [ON UPDATE ...] */
export function parseReferences(tokens: TokenStream): ReferencesSpec {
  tokens.expectWord('REFERENCES');
  const table = parseTableName(tokens);
  const columns = parseColumnNames(tokens) ?? [];
  if (tokens.acceptWord('MATCH') && !tokens.acceptWord('SIMPLE')) throw tokens.unsupported(`MATCH ${tokens.word}`);
  const actions: { onDelete?: ReferenceAction; onUpdate?: ReferenceAction } = {};
  while (tokens.areWords('ON', 'DELETE') || tokens.areWords('ON', 'UPDATE')) {
    tokens.advance();
    const event = tokens.isWord('DELETE') ? 'onDelete' : 'onUpdate';
    tokens.advance();
    actions[event] = parseReferenceAction(tokens);
  }
  return { table, columns, ...actions };
}

type ReferenceAction = NonNullable<ReferencesSpec['onDelete']>;

function parseReferenceAction(tokens: TokenStream): ReferenceAction {
  if (tokens.acceptWord('RESTRICT')) return 'restrict';
  if (tokens.acceptWord('CASCADE')) return 'cascade';
  if (tokens.acceptWords('NO', 'ACTION')) return 'no action';
  tokens.expectWord('SET');
  if (tokens.acceptWord('NULL')) return 'set null';
  tokens.expectWord('DEFAULT');
  return 'set default';
}
