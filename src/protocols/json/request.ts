/** A document as a request: `{user, password, type: "login"}` or `{sign, type: "sql", data: "select ..."}`. */
import { isUtf8 } from 'node:buffer';
import { failure } from '../../errors.ts';
import { JsonScanner, JsonSyntaxError } from '../../util/json-scanner.ts';
import { type JsonObject, type JsonValue, readJsonValue } from '../../util/json-value.ts';

export type JsonRequest =
  | { readonly type: 'login'; readonly user: string; readonly password: string; readonly database: string }
  | { readonly type: 'sql'; readonly sign: string; readonly text: string };

const DEFAULT_DATABASE = 'main';
const MEMBERS = {
  login: ['type', 'user', 'password', 'database'],
  sql: ['type', 'sign', 'data'],
} as const;

/** Throws SLUICE_JSON_DOCUMENT for what is no JSON, ER_BAD_PARAMETER for a member that is wrong, ER_PARSE_ERROR for no statement. */
export function readRequest(bytes: Buffer): JsonRequest {
  const object = readObject(bytes);
  const type = object.get('type');
  if (type !== 'login' && type !== 'sql')
    throw failure('ER_BAD_PARAMETER', `type is ${shown(type)}; there are "login" and "sql"`);
  for (const name of object.keys()) {
    if (!(MEMBERS[type] as readonly string[]).includes(name))
      throw failure('ER_BAD_PARAMETER', `unknown member ${shown(name)}; ${type} has ${MEMBERS[type].join(', ')}`);
  }
  if (type === 'login') {
    return {
      type,
      user: text(object, 'user'),
      password: text(object, 'password', ''),
      database: text(object, 'database', DEFAULT_DATABASE),
    };
  }
  const statement = text(object, 'data', '');
  // As the original answers no statement.
  if (statement.trim() === '') throw failure('ER_PARSE_ERROR', '', 1);
  return { type, sign: text(object, 'sign'), text: asSql(statement) };
}

/** `set` by itself shows the configuration, as the original's does. */
function asSql(statement: string): string {
  return /^\s*set\s*;?\s*$/i.test(statement) ? "SHOW VARIABLES LIKE 'sluice\\_%'" : statement;
}

function readObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw failure('SLUICE_JSON_DOCUMENT', 'it holds bytes that are no UTF-8');
  const scanner = new JsonScanner(bytes.toString('utf8'));
  try {
    const value = readJsonValue(scanner);
    scanner.end();
    if (value instanceof Map) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw failure('SLUICE_JSON_DOCUMENT', error.message);
  }
  throw failure('SLUICE_JSON_DOCUMENT', 'it is no object');
}

function text(object: JsonObject, name: string, otherwise?: string): string {
  const value = object.get(name) ?? otherwise;
  if (typeof value !== 'string') {
    throw failure('ER_BAD_PARAMETER', value === undefined ? `${name} is missing` : `${name} is not a string`);
  }
  return value;
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 50)) : 'no string';
}
