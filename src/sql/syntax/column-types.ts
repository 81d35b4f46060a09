/** Column types in all of MySQL's spellings (its manual, "Data Types" and "Using Data Types from Other Database Engines"). */
import { SluiceError } from '../../errors.ts';
import type { ColumnType, TypeName } from '../../stores/column-type.ts';
import { binaryCollation, defaultCollation } from './character-sets.ts';
import { parseCharacterSet, parseCollationName } from './names.ts';
import type { TokenStream } from './token-stream.ts';

const FRACTION_DIGITS_MAX = 6;
/** Bytes that a character may take: TEXT(n) counts characters, its limits are bytes. */
const BYTES_PER_CHARACTER = 4;
/** As long as a key may be. */
const KEY_CHARACTERS = 255;
const NATIONAL_COLLATION = 'utf8mb3_general_ci';

const INTEGERS: Readonly<Record<string, TypeName>> = {
  TINYINT: 'tinyint',
  INT1: 'tinyint',
  SMALLINT: 'smallint',
  INT2: 'smallint',
  MEDIUMINT: 'mediumint',
  MIDDLEINT: 'mediumint',
  INT3: 'mediumint',
  INT: 'int',
  INTEGER: 'int',
  INT4: 'int',
  BIGINT: 'bigint',
  INT8: 'bigint',
};

const TEXTS: Readonly<Record<string, TypeName>> = {
  TINYTEXT: 'tinytext',
  MEDIUMTEXT: 'mediumtext',
  LONGTEXT: 'longtext',
};

const BLOBS: Readonly<Record<string, TypeName>> = {
  TINYBLOB: 'tinyblob',
  MEDIUMBLOB: 'mediumblob',
  LONGBLOB: 'longblob',
};

const GEOMETRIES: ReadonlySet<string> = new Set([
  'GEOMETRY',
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
  'GEOMCOLLECTION',
]);

/** A type with its attributes (UNSIGNED, CHARACTER SET ...). SERIAL is not one of them: see column-definitions.ts. */
export function parseColumnType(tokens: TokenStream): ColumnType {
  const { word } = tokens;
  if (GEOMETRIES.has(word)) throw tokens.unsupported(`type ${word}`);
  tokens.advance();
  const integer = INTEGERS[word];
  if (integer !== undefined) {
    const length = parseLength(tokens);
    return { name: integer, length, unsigned: parseSign(tokens) };
  }
  const text = TEXTS[word];
  if (text !== undefined) return characters(tokens, text, undefined);
  const blob = BLOBS[word];
  if (blob !== undefined) return { name: blob };
  return parseOther(tokens, word);
}

function parseOther(tokens: TokenStream, word: string): ColumnType {
  switch (word) {
    case 'BOOL':
    case 'BOOLEAN':
      return { name: 'tinyint', length: 1 };
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
    case 'FIXED':
      return { name: 'decimal', ...parsePrecision(tokens), unsigned: parseSign(tokens) };
    case 'FLOAT':
    case 'FLOAT4':
      return parseFloating(tokens, 'float');
    case 'DOUBLE':
      tokens.acceptWord('PRECISION');
      return parseFloating(tokens, 'double');
    case 'FLOAT8':
      return parseFloating(tokens, 'double');
    case 'REAL':
      return parseFloating(tokens, tokens.options.realAsFloat === true ? 'float' : 'double');
    case 'BIT':
      return { name: 'bit', length: parseLength(tokens) ?? 1 };
    case 'YEAR':
      return parseYear(tokens);
    case 'DATE':
    case 'JSON':
      return { name: word.toLowerCase() as 'date' | 'json' };
    case 'TIME':
    case 'DATETIME':
    case 'TIMESTAMP':
      return { name: word.toLowerCase() as 'time' | 'datetime' | 'timestamp', scale: parseFractionDigits(tokens) };
    case 'ENUM':
    case 'SET':
      return parseValues(tokens, word === 'ENUM' ? 'enum' : 'set');
    default:
      return parseCharacterType(tokens, word);
  }
}

function parseCharacterType(tokens: TokenStream, word: string): ColumnType {
  switch (word) {
    case 'CHAR':
    case 'CHARACTER':
      return tokens.acceptWord('VARYING') ? varying(tokens) : characters(tokens, 'char', parseLength(tokens) ?? 1);
    case 'VARCHAR':
    case 'VARCHARACTER':
      return varying(tokens);
    case 'NATIONAL':
      return parseNational(tokens);
    case 'NCHAR': {
      const isVarying = tokens.acceptAnyWord(['VARYING', 'VARCHAR', 'VARCHARACTER']) !== undefined;
      return isVarying ? national(tokens, 'varchar') : national(tokens, 'char');
    }
    case 'NVARCHAR':
      return national(tokens, 'varchar');
    case 'TEXT': {
      const length = parseLength(tokens);
      return characters(tokens, length === undefined ? 'text' : textFor(length * BYTES_PER_CHARACTER), undefined);
    }
    case 'BLOB': {
      const length = parseLength(tokens);
      return { name: length === undefined ? 'blob' : blobFor(length) };
    }
    case 'BINARY':
      return { name: 'binary', length: parseLength(tokens) ?? 1 };
    case 'VARBINARY':
      return { name: 'varbinary', length: expectLength(tokens) };
    case 'LONG':
      return parseLong(tokens);
    default:
      return parseAvenirType(tokens, word);
  }
}

function varying(tokens: TokenStream): ColumnType {
  const length = tokens.options.avenirTypes === true ? (parseLength(tokens) ?? KEY_CHARACTERS) : expectLength(tokens);
  return characters(tokens, 'varchar', length);
}

/** AvenirSQL's numbers are JavaScript's, its texts need no length; a `string` may be a key. Its `int` and `varchar` are MySQL's. */
function parseAvenirType(tokens: TokenStream, word: string): ColumnType {
  if (tokens.options.avenirTypes !== true) throw tokens.unexpectedPrevious();
  switch (word) {
    case 'NUMBER':
      return { name: 'double' };
    case 'BIGNUMBER':
      return { name: 'bigint' };
    case 'STRING':
      return varying(tokens);
    case 'BIGSTRING':
      return characters(tokens, 'longtext', undefined);
    default:
      throw tokens.unexpectedPrevious();
  }
}

/** NATIONAL CHAR, NATIONAL VARCHAR, NATIONAL CHAR VARYING. */
function parseNational(tokens: TokenStream): ColumnType {
  const word = tokens.acceptAnyWord(['CHAR', 'CHARACTER', 'VARCHAR', 'VARCHARACTER'] as const);
  if (word === undefined) throw tokens.unexpected();
  const isVarying = word.startsWith('VAR') || tokens.acceptWord('VARYING');
  return national(tokens, isVarying ? 'varchar' : 'char');
}

function national(tokens: TokenStream, name: 'char' | 'varchar'): ColumnType {
  const length = name === 'char' ? (parseLength(tokens) ?? 1) : expectLength(tokens);
  const binary = tokens.acceptWord('BINARY');
  return { name, length, collation: binary ? binaryCollation('utf8mb3') : NATIONAL_COLLATION };
}

/** LONG, LONG VARCHAR, LONG CHAR VARYING, LONG VARBINARY. */
function parseLong(tokens: TokenStream): ColumnType {
  if (tokens.acceptWord('VARBINARY')) return { name: 'mediumblob' };
  if (tokens.acceptAnyWord(['CHAR', 'CHARACTER']) !== undefined) tokens.expectWord('VARYING');
  else tokens.acceptAnyWord(['VARCHAR', 'VARCHARACTER']);
  return characters(tokens, 'mediumtext', undefined);
}

const BINARY_COUNTERPARTS: Readonly<Partial<Record<TypeName, TypeName>>> = {
  char: 'binary',
  varchar: 'varbinary',
  tinytext: 'tinyblob',
  text: 'blob',
  mediumtext: 'mediumblob',
  longtext: 'longblob',
};

/** A character type with what follows it. CHARACTER SET binary makes it a binary type. */
function characters(tokens: TokenStream, name: TypeName, length: number | undefined): ColumnType {
  const { characterSet, collation } = parseCharacterAttributes(tokens);
  if (characterSet === 'binary') return { name: BINARY_COUNTERPARTS[name] ?? name, length };
  return { name, length, collation };
}

export interface CharacterAttributes {
  readonly characterSet?: string;
  readonly collation?: string;
}

/** CHARACTER SET x, BINARY, ASCII, UNICODE, BYTE, COLLATE x, in any order; `collation` is what they come to, absent where there are none. */
export function parseCharacterAttributes(tokens: TokenStream): CharacterAttributes {
  let characterSet: string | undefined;
  let binary = false;
  let collation: string | undefined;
  for (;;) {
    if (acceptCharacterSet(tokens)) characterSet = parseCharacterSet(tokens);
    else if (tokens.acceptWord('BINARY')) binary = true;
    else if (tokens.acceptWord('ASCII')) characterSet = 'latin1';
    else if (tokens.acceptWord('UNICODE')) characterSet = 'ucs2';
    else if (tokens.acceptWord('BYTE')) characterSet = 'binary';
    else if (tokens.acceptWord('COLLATE')) collation = parseCollationName(tokens);
    else break;
  }
  if (collation === undefined && binary) collation = binaryCollation(characterSet ?? 'utf8mb4');
  if (collation === undefined && characterSet !== undefined) collation = defaultCollation(characterSet);
  return { characterSet, collation };
}

/** CHARACTER SET, CHAR SET or CHARSET. */
export function acceptCharacterSet(tokens: TokenStream): boolean {
  return tokens.acceptWord('CHARSET') || tokens.acceptWords('CHARACTER', 'SET') || tokens.acceptWords('CHAR', 'SET');
}

/** (n), if it is there. */
export function parseLength(tokens: TokenStream): number | undefined {
  return tokens.isOperator('(') ? expectLength(tokens) : undefined;
}

function expectLength(tokens: TokenStream): number {
  return tokens.parenthesised((inside) => inside.intValue());
}

/** (precision, scale), (precision), or (10,0) where nothing is written. */
export function parsePrecision(tokens: TokenStream): { precision: number; scale: number } {
  if (!tokens.acceptOperator('(')) return { precision: 10, scale: 0 };
  const precision = tokens.intValue();
  const scale = tokens.acceptOperator(',') ? tokens.intValue() : 0;
  tokens.expectOperator(')');
  return { precision: precision === 0 ? 10 : precision, scale };
}

/** FLOAT(p) with more than 24 bits is DOUBLE; FLOAT(M,D) rounds to D digits. */
function parseFloating(tokens: TokenStream, name: 'float' | 'double'): ColumnType {
  if (!tokens.acceptOperator('(')) return { name, unsigned: parseSign(tokens) };
  const precision = tokens.intValue();
  const scale = tokens.acceptOperator(',') ? tokens.intValue() : undefined;
  tokens.expectOperator(')');
  const unsigned = parseSign(tokens);
  if (scale !== undefined) return { name, precision, scale, unsigned };
  return { name: precision > 24 ? 'double' : name, unsigned };
}

function parseYear(tokens: TokenStream): ColumnType {
  const length = parseLength(tokens);
  if (length !== undefined && length !== 4) throw tokens.unsupported(`YEAR(${length})`);
  parseSign(tokens);
  return { name: 'year' };
}

/** Fractional second digits: (n) or 0. */
export function parseFractionDigits(tokens: TokenStream): number {
  const digits = parseLength(tokens) ?? 0;
  if (digits > FRACTION_DIGITS_MAX) {
    const message = `Too-big precision ${digits} specified. Maximum is ${FRACTION_DIGITS_MAX}.`;
    throw new SluiceError('ER_PARSE_ERROR', message);
  }
  return digits;
}

/** true for UNSIGNED, else undefined. */
function parseSign(tokens: TokenStream): true | undefined {
  let unsigned: true | undefined;
  for (;;) {
    const word = tokens.acceptAnyWord(['SIGNED', 'UNSIGNED', 'ZEROFILL']);
    if (word === undefined) return unsigned;
    // It changes what clients are shown, and a type has no place for it.
    if (word === 'ZEROFILL') throw tokens.unsupported('ZEROFILL');
    if (word === 'UNSIGNED') unsigned = true;
  }
}

/** Spaces at the end of a value are not kept (MySQL manual, "The ENUM Type"). */
function parseValues(tokens: TokenStream, name: 'enum' | 'set'): ColumnType {
  const values = tokens.parenthesised(() => tokens.list((inside) => inside.stringValue().replace(/ +$/, '')));
  return { name, values, collation: parseCharacterAttributes(tokens).collation };
}

function textFor(bytes: number): TypeName {
  if (bytes < 2 ** 8) return 'tinytext';
  if (bytes < 2 ** 16) return 'text';
  return bytes < 2 ** 24 ? 'mediumtext' : 'longtext';
}

function blobFor(bytes: number): TypeName {
  if (bytes < 2 ** 8) return 'tinyblob';
  if (bytes < 2 ** 16) return 'blob';
  return bytes < 2 ** 24 ? 'mediumblob' : 'longblob';
}
