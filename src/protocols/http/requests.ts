/** The bodies of POST /v1/sql and /v1/batch, read and checked. */
import { failure } from '../../errors.ts';
import type { Parameters } from '../../gate/request.ts';
import { JsonScanner, JsonSyntaxError } from '../../util/json-scanner.ts';
import { type JsonObject, type JsonValue, readJsonValue } from '../../util/json-value.ts';
import { HttpFailure } from './failures.ts';
import { readParameters } from './parameters.ts';
import type { RowShape } from './results.ts';
import { utf8Text } from './utf8-text.ts';

export interface StatementRequest {
  readonly sql: string;
  readonly parameters: Parameters | undefined;
  readonly shape: RowShape;
}

/** Where statements run. `session`: a token, or true to open a session and get its token, or absent for none. */
export interface Place {
  readonly session: string | true | undefined;
  readonly database: string | undefined;
}

export interface SqlRequest extends StatementRequest, Place {}

export interface BatchRequest extends Place {
  readonly statements: readonly StatementRequest[];
  readonly atomic: boolean;
  /** Statements behind one that fails are not run. */
  readonly stopsOnError: boolean;
}

const BATCH_STATEMENTS_MAX = 10_000;

export function readSqlRequest(body: Buffer): SqlRequest {
  const object = readObject(body, ['sql', 'params', 'as', 'session', 'database']);
  return { ...readStatement(object, 'object'), ...readPlace(object) };
}

export function readBatchRequest(body: Buffer): BatchRequest {
  const object = readObject(body, ['statements', 'atomic', 'stop_on_error', 'as', 'session', 'database']);
  const statements = object.get('statements');
  if (!Array.isArray(statements)) throw bad('statements is missing: an array of {sql, params}');
  if (statements.length > BATCH_STATEMENTS_MAX) throw bad(`statements: more than ${BATCH_STATEMENTS_MAX}`);
  const shape = readShape(object.get('as'), 'object');
  return {
    statements: statements.map((statement, index) => readBatchStatement(statement, index, shape)),
    atomic: readFlag(object, 'atomic'),
    stopsOnError: readFlag(object, 'stop_on_error'),
    ...readPlace(object),
  };
}

function readBatchStatement(statement: JsonValue, index: number, shape: RowShape): StatementRequest {
  if (typeof statement === 'string') return { sql: statement, parameters: undefined, shape };
  if (!(statement instanceof Map)) throw bad(`statements[${index}] is not an object`);
  checkNames(statement, ['sql', 'params', 'as'], `statements[${index}]: `);
  return readStatement(statement, shape, `statements[${index}]: `);
}

function readObject(body: Buffer, names: readonly string[]): JsonObject {
  const scanner = new JsonScanner(utf8Text(body, 'body'));
  let value: JsonValue;
  try {
    value = readJsonValue(scanner);
    scanner.end();
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new HttpFailure(400, 'HTTP_BAD_JSON', `the body is no JSON: ${error.message}`);
  }
  if (!(value instanceof Map)) throw new HttpFailure(400, 'HTTP_BAD_JSON', 'the body is not a JSON object');
  checkNames(value, names, '');
  return value;
}

function checkNames(object: JsonObject, names: readonly string[], place: string): void {
  for (const name of object.keys()) {
    if (!names.includes(name))
      throw bad(`${place}unknown member '${name.slice(0, 100)}'; there are ${names.join(', ')}`);
  }
}

function readStatement(object: JsonObject, shape: RowShape, place = ''): StatementRequest {
  const sql = object.get('sql');
  if (typeof sql !== 'string') throw bad(`${place}sql is missing: the statement's text`);
  return { sql, parameters: readParameters(object.get('params')), shape: readShape(object.get('as'), shape) };
}

function readShape(value: JsonValue | undefined, otherwise: RowShape): RowShape {
  if (value === undefined || value === null) return otherwise;
  if (value !== 'array' && value !== 'object') throw bad("as is neither 'object' nor 'array'");
  return value;
}

function readPlace(object: JsonObject): Place {
  const session = object.get('session') ?? undefined;
  const database = object.get('database') ?? undefined;
  if (database !== undefined && typeof database !== 'string') throw bad('database is not a string');
  if (session === undefined || session === false) return { session: undefined, database };
  if (session !== true && typeof session !== 'string') throw bad('session is neither true nor the token of a session');
  return { session, database };
}

function readFlag(object: JsonObject, name: string): boolean {
  const value = object.get(name) ?? false;
  if (typeof value !== 'boolean') throw bad(`${name} is neither true nor false`);
  return value;
}

function bad(message: string): Error {
  return failure('ER_BAD_PARAMETER', message);
}
