/** Options of tables and databases: ENGINE, CHARSET, COMMENT ... (MySQL manual, "CREATE TABLE Statement"). */
import type { TableOptions } from '../ast.ts';
import { acceptCharacterSet } from './column-types.ts';
import { parseCharacterSet, parseCollationName, parseTableName } from './names.ts';
import type { TokenStream } from './token-stream.ts';

/** Options whose value is one word, number or string. */
const SIMPLE_OPTIONS: ReadonlySet<string> = new Set([
  'AUTOEXTEND_SIZE',
  'AUTO_INCREMENT',
  'AVG_ROW_LENGTH',
  'CHECKSUM',
  'COMMENT',
  'COMPRESSION',
  'CONNECTION',
  'DELAY_KEY_WRITE',
  'ENCRYPTION',
  'ENGINE',
  'ENGINE_ATTRIBUTE',
  'INSERT_METHOD',
  'KEY_BLOCK_SIZE',
  'MAX_ROWS',
  'MIN_ROWS',
  'PACK_KEYS',
  'PAGE_CHECKSUM',
  'PASSWORD',
  'ROW_FORMAT',
  'SECONDARY_ENGINE_ATTRIBUTE',
  'STATS_AUTO_RECALC',
  'STATS_PERSISTENT',
  'STATS_SAMPLE_PAGES',
  'TABLESPACE',
  'TRANSACTIONAL',
  'TYPE',
]);

/** Options up to the first word that is none, with or without commas between. `charset` and `collate` in lower case. */
export function parseTableOptions(tokens: TokenStream): TableOptions {
  const options: Record<string, string> = {};
  while (parseTableOption(tokens, options)) tokens.acceptOperator(',');
  return options;
}

/** One option, put into `options`; false where none stands. */
export function parseTableOption(tokens: TokenStream, options: Record<string, string>): boolean {
  if (parseCharacterOption(tokens, options)) return true;
  const { word } = tokens;
  if (SIMPLE_OPTIONS.has(word)) {
    tokens.advance();
    tokens.acceptOperator('=');
    options[word.toLowerCase()] = parseOptionValue(tokens);
    return true;
  }
  if (tokens.acceptWords('DATA', 'DIRECTORY') || tokens.acceptWords('INDEX', 'DIRECTORY')) {
    tokens.acceptOperator('=');
    options[`${word.toLowerCase()} directory`] = tokens.stringValue();
    return true;
  }
  if (tokens.acceptWord('UNION')) {
    tokens.acceptOperator('=');
    tokens.parenthesised(() => tokens.list(parseTableName));
    throw tokens.unsupported('ENGINE=MERGE');
  }
  return false;
}

/** [DEFAULT] CHARACTER SET [=] x, [DEFAULT] COLLATE [=] x, as databases have them too. */
export function parseCharacterOption(tokens: TokenStream, options: Record<string, string>): boolean {
  const mark = tokens.mark();
  tokens.acceptWord('DEFAULT');
  if (acceptCharacterSet(tokens)) {
    tokens.acceptOperator('=');
    options.charset = parseCharacterSet(tokens);
    return true;
  }
  if (tokens.acceptWord('COLLATE')) {
    tokens.acceptOperator('=');
    options.collate = parseCollationName(tokens);
    return true;
  }
  // DEFAULT ENCRYPTION = 'N' of databases
  if (tokens.acceptWord('ENCRYPTION')) {
    tokens.acceptOperator('=');
    options.encryption = tokens.stringValue();
    return true;
  }
  tokens.goBack(mark);
  return false;
}

function parseOptionValue(tokens: TokenStream): string {
  if (tokens.isString()) return tokens.stringValue();
  if (tokens.isInt()) return String(tokens.intValue());
  if (tokens.acceptWord('DEFAULT')) return 'default';
  return tokens.identifier();
}
