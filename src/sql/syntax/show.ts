/** SHOW (MySQL manual, "SHOW Statements"). Words are brought to one form: `what` is 'index' for INDEX, INDEXES and KEYS. */
import type { ShowAst, TableName } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import { parseIfNotExists, parseTableName } from './names.ts';
import { parseLimit } from './ordering.ts';
import type { TokenStream } from './token-stream.ts';

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Show = Writable<ShowAst>;

/** Behind SHOW. */
export function parseShow(tokens: TokenStream): ShowAst {
  const show: Show = { kind: 'show', what: '', full: false };
  tokens.acceptWord('EXTENDED');
  if (tokens.acceptWord('FULL')) show.full = true;
  const scope = tokens.acceptAnyWord(['GLOBAL', 'SESSION', 'LOCAL'] as const);
  if (scope !== undefined) show.scope = scope === 'GLOBAL' ? 'global' : 'session';
  parseSubject(tokens, show);
  return show;
}

/** What stands alone, with LIKE or WHERE behind it perhaps. */
const PLAIN: Readonly<Record<string, string>> = {
  DATABASES: 'databases',
  SCHEMAS: 'databases',
  VARIABLES: 'variables',
  STATUS: 'status',
  PROCESSLIST: 'processlist',
  ENGINES: 'engines',
  PLUGINS: 'plugins',
  PRIVILEGES: 'privileges',
  COLLATION: 'collation',
  CHARSET: 'character set',
  PROFILES: 'profiles',
  AUTHORS: 'authors',
  CONTRIBUTORS: 'contributors',
};

/** What may have FROM database behind it. */
const IN_DATABASE: Readonly<Record<string, string>> = {
  TABLES: 'tables',
  TRIGGERS: 'triggers',
  EVENTS: 'events',
};

/** What has FROM table [FROM database] behind it. */
const IN_TABLE: Readonly<Record<string, string>> = {
  COLUMNS: 'columns',
  FIELDS: 'columns',
  INDEX: 'index',
  INDEXES: 'index',
  KEYS: 'index',
};

function parseSubject(tokens: TokenStream, show: Show): void {
  const { word } = tokens;
  if (word === '') throw tokens.unexpected();
  const plain = PLAIN[word];
  if (plain !== undefined) {
    tokens.advance();
    show.what = plain;
    parseFilter(tokens, show);
  } else if (IN_DATABASE[word] !== undefined) {
    tokens.advance();
    show.what = IN_DATABASE[word];
    parseDatabase(tokens, show);
    parseFilter(tokens, show);
  } else if (IN_TABLE[word] !== undefined) {
    tokens.advance();
    show.what = IN_TABLE[word];
    show.table = parseTableOf(tokens);
    parseFilter(tokens, show);
  } else {
    parseRarer(tokens, show, word);
  }
}

function parseRarer(tokens: TokenStream, show: Show, word: string): void {
  tokens.advance();
  switch (word) {
    case 'TABLE':
    case 'OPEN':
      tokens.expectWord(word === 'TABLE' ? 'STATUS' : 'TABLES');
      show.what = word === 'TABLE' ? 'table status' : 'open tables';
      parseDatabase(tokens, show);
      parseFilter(tokens, show);
      break;
    case 'CREATE':
      parseShowCreate(tokens, show);
      break;
    case 'WARNINGS':
    case 'ERRORS':
      show.what = word.toLowerCase();
      show.limit = parseLimit(tokens);
      break;
    case 'COUNT':
      parseShowCount(tokens, show);
      break;
    case 'CHARACTER':
    case 'CHAR':
      tokens.expectWord('SET');
      show.what = 'character set';
      parseFilter(tokens, show);
      break;
    case 'STORAGE':
      tokens.expectWord('ENGINES');
      show.what = 'engines';
      break;
    case 'PROCEDURE':
    case 'FUNCTION':
      show.what = `${word.toLowerCase()} ${parseStatusOrCode(tokens)}`;
      if (show.what.endsWith('code')) show.rest = parseRest(tokens);
      else parseFilter(tokens, show);
      break;
    case 'GRANTS':
    case 'ENGINE':
    case 'PROFILE':
      show.what = word.toLowerCase();
      tokens.acceptWord('FOR');
      show.rest = parseRest(tokens);
      break;
    case 'MASTER':
    case 'SLAVE':
    case 'REPLICA':
    case 'REPLICAS':
    case 'BINARY':
    case 'BINLOG':
    case 'RELAYLOG':
      parseReplication(tokens, show, word);
      break;
    default:
      throw tokens.unexpectedPrevious();
  }
}

function parseShowCount(tokens: TokenStream, show: Show): void {
  tokens.expectOperator('(');
  tokens.expectOperator('*');
  tokens.expectOperator(')');
  const word = tokens.acceptAnyWord(['WARNINGS', 'ERRORS'] as const);
  if (word === undefined) throw tokens.unexpected();
  show.what = `count ${word.toLowerCase()}`;
}

function parseStatusOrCode(tokens: TokenStream): string {
  const word = tokens.acceptAnyWord(['STATUS', 'CODE'] as const);
  if (word === undefined) throw tokens.unexpected();
  return word.toLowerCase();
}

/** SHOW MASTER STATUS, BINARY LOGS, BINLOG EVENTS IN 'x' ...: `what` is the first words, `rest` the others. */
function parseReplication(tokens: TokenStream, show: Show, word: string): void {
  show.what = word.toLowerCase();
  const second = tokens.acceptAnyWord(['STATUS', 'LOGS', 'LOG', 'HOSTS', 'EVENTS']);
  if (second !== undefined) show.what += ` ${second.toLowerCase()}`;
  if (second === 'LOG') {
    tokens.expectWord('STATUS');
    show.what += ' status';
  }
  show.rest = parseRest(tokens);
}

/** SHOW CREATE TABLE t, SHOW CREATE DATABASE IF NOT EXISTS d, SHOW CREATE USER u, and others with a name. */
function parseShowCreate(tokens: TokenStream, show: Show): void {
  const word = tokens.word === 'SCHEMA' ? 'DATABASE' : tokens.word;
  tokens.advance();
  show.what = `create ${word.toLowerCase()}`;
  switch (word) {
    case 'TABLE':
    case 'VIEW':
    case 'TRIGGER':
    case 'PROCEDURE':
    case 'FUNCTION':
    case 'EVENT':
      show.table = parseTableName(tokens);
      break;
    case 'DATABASE':
      parseIfNotExists(tokens);
      show.database = tokens.identifier();
      break;
    case 'USER':
      show.rest = parseRest(tokens);
      break;
    default:
      throw tokens.unexpectedPrevious();
  }
}

/** FROM t [FROM db], FROM db.t; IN is the same as FROM. */
function parseTableOf(tokens: TokenStream): TableName {
  if (tokens.acceptAnyWord(['FROM', 'IN']) === undefined) throw tokens.unexpected();
  const table = parseTableName(tokens);
  if (tokens.acceptAnyWord(['FROM', 'IN']) === undefined) return table;
  return { database: tokens.identifier(), name: table.name };
}

function parseDatabase(tokens: TokenStream, show: Show): void {
  if (tokens.acceptAnyWord(['FROM', 'IN']) !== undefined) show.database = tokens.identifier();
}

function parseFilter(tokens: TokenStream, show: Show): void {
  if (tokens.acceptWord('LIKE')) {
    if (!tokens.isSlot()) throw tokens.unexpected();
    show.like = tokens.slot();
  } else if (tokens.acceptWord('WHERE')) {
    show.where = parseExpression(tokens);
  }
}

/** The rest of the statement as written; undefined where there is none. */
function parseRest(tokens: TokenStream): string | undefined {
  const { start } = tokens;
  tokens.skipStatement();
  return tokens.textFrom(start) || undefined;
}
