/** Statements of SQL over `/v1/sql` and `/v1/batch`. */
import { errorOf, isErrorBody, type SluiceError } from './failure.ts';

/** bigint: an exact integer. A number that is no whole one is a DECIMAL, or with an exponent a DOUBLE. */
export type ParameterValue = null | boolean | number | bigint | string | Uint8Array;

/** For `?` in their order, or for `:name`. */
export type Parameters = readonly ParameterValue[] | Readonly<Record<string, ParameterValue>>;

export interface Field {
  readonly name: string;
  /** As MySQL writes it: `varchar(40)`. */
  readonly type: string;
  readonly nullable: boolean;
}

export interface Result<Row> {
  readonly fields: readonly Field[];
  readonly rows: readonly Row[];
  readonly rowsAffected: number;
  /** Beyond 2^53 a string. */
  readonly insertId: number | string;
  readonly warnings: readonly { readonly level: string; readonly code: number; readonly message: string }[];
}

export type Statement = string | { readonly sql: string; readonly params?: Parameters };

export function statementJson(statement: Statement, database: string | undefined, session?: string): string {
  const place = session === undefined ? '' : `,"session":${JSON.stringify(session)}`;
  return `{${members(statement)}${databaseMember(database)}${place}}`;
}

export function batchJson(statements: readonly Statement[], atomic: boolean, database: string | undefined): string {
  const texts = statements.map((statement) => `{${members(statement)}}`);
  return `{"atomic":${atomic},"statements":[${texts.join(',')}]${databaseMember(database)}}`;
}

/** Each result, or its error, in its place. */
export function batchResults<Row>(body: { readonly results: readonly unknown[] }): (Result<Row> | SluiceError)[] {
  const isOk = 200;
  return body.results.map((result) => (isErrorBody(result) ? errorOf(result.error, isOk) : (result as Result<Row>)));
}

function members(statement: Statement): string {
  if (typeof statement === 'string') return `"sql":${JSON.stringify(statement)}`;
  const { sql, params } = statement;
  return `"sql":${JSON.stringify(sql)}${params === undefined ? '' : `,"params":${parametersJson(params)}`}`;
}

function databaseMember(database: string | undefined): string {
  return database === undefined ? '' : `,"database":${JSON.stringify(database)}`;
}

function isArray(params: Parameters): params is readonly ParameterValue[] {
  return Array.isArray(params);
}

/** Not JSON.stringify(): it knows no bigint. */
function parametersJson(params: Parameters): string {
  if (isArray(params)) return `[${params.map((value, index) => valueJson(value, String(index + 1))).join(',')}]`;
  const entries = Object.entries(params).map(([name, value]) => `${JSON.stringify(name)}:${valueJson(value, name)}`);
  return `{${entries.join(',')}}`;
}

function valueJson(value: ParameterValue, name: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`parameter ${name} is ${value}, which is no value of SQL`);
  }
  if (value instanceof Uint8Array) return `{"$bytes":"${base64(value)}"}`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  throw new TypeError(`parameter ${name} is an object, which is no value of SQL`);
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
