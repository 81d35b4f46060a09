/** CREATE, ALTER and DROP DATABASE (SCHEMA), USE. */
import type { Statement, TableOptions } from '../ast.ts';
import { parseIfExists, parseIfNotExists } from './names.ts';
import { parseCharacterOption } from './table-options.ts';
import type { TokenStream } from './token-stream.ts';

/** Behind CREATE DATABASE. */
export function parseCreateDatabase(tokens: TokenStream): Statement {
  const ifNotExists = parseIfNotExists(tokens);
  return { kind: 'create-database', ifNotExists, name: tokens.identifier(), options: parseDatabaseOptions(tokens) };
}

/** Behind ALTER DATABASE: the name may be missing. */
export function parseAlterDatabase(tokens: TokenStream): Statement {
  const isOption = ['CHARSET', 'ENCRYPTION', 'READ'].includes(tokens.word);
  const name = tokens.isIdentifier() && !isOption ? tokens.identifier() : undefined;
  if (tokens.isWord('READ')) throw tokens.unsupported('ALTER DATABASE ... READ ONLY');
  const options = parseDatabaseOptions(tokens);
  if (Object.keys(options).length === 0) throw tokens.unexpected();
  return { kind: 'alter-database', name, options };
}

/** Behind DROP DATABASE. */
export function parseDropDatabase(tokens: TokenStream): Statement {
  const ifExists = parseIfExists(tokens);
  return { kind: 'drop-database', ifExists, name: tokens.identifier() };
}

/** Behind USE. */
export function parseUse(tokens: TokenStream): Statement {
  return { kind: 'use', database: tokens.identifier() };
}

function parseDatabaseOptions(tokens: TokenStream): TableOptions {
  const options: Record<string, string> = {};
  while (parseCharacterOption(tokens, options));
  return options;
}
