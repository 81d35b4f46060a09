/** Results and errors as Vitess' HTTP API gives them (its proto/query.proto, as JSON): values as text, in base64, rows as lengths. */
import type { SluiceError } from '../../errors.ts';
import type { Outcome, RowsOutcome, StreamOutcome } from '../../gate/request.ts';
import { columnTypeText } from '../../sql/information-schema/column-type-text.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import { textFormatter } from '../../sql/values/format.ts';
import type { ColumnType, TypeName } from '../../stores/column-type.ts';
import type { StoreRow } from '../../stores/values.ts';
import { FIELD_FLAG } from '../../util/mysql-packets/constants.ts';
import { chunksOf } from './results.ts';

/** Vitess' names of the integers; those without a sign have a U in front. */
const INTEGERS: Readonly<Partial<Record<TypeName, string>>> = {
  tinyint: 'INT8',
  smallint: 'INT16',
  mediumint: 'INT24',
  int: 'INT32',
  bigint: 'INT64',
};
const OTHERS: Readonly<Partial<Record<TypeName, string>>> = {
  float: 'FLOAT32',
  double: 'FLOAT64',
  tinytext: 'TEXT',
  mediumtext: 'TEXT',
  longtext: 'TEXT',
  tinyblob: 'BLOB',
  mediumblob: 'BLOB',
  longblob: 'BLOB',
  null: 'NULL_TYPE',
};
const TEXTS: ReadonlySet<TypeName> = new Set([
  ...(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'] as const),
]);
const UTF8MB4 = 255;
const BINARY = 63;

function typeName({ name, unsigned }: ColumnType): string {
  const integer = INTEGERS[name];
  if (integer !== undefined) return unsigned === true ? `U${integer}` : integer;
  return OTHERS[name] ?? name.toUpperCase();
}

function fieldOf(column: ResultColumn): Record<string, unknown> {
  const { name, type, database, table, originalTable, originalName } = column;
  const isText = TEXTS.has(type.name);
  const flags =
    (column.nullable ? 0 : FIELD_FLAG.NOT_NULL) |
    (column.primaryKey ? FIELD_FLAG.PRI_KEY : 0) |
    (column.uniqueKey ? FIELD_FLAG.UNIQUE_KEY : 0) |
    (column.multipleKey ? FIELD_FLAG.MULTIPLE_KEY : 0) |
    (type.unsigned === true ? FIELD_FLAG.UNSIGNED : 0) |
    (column.autoIncrement ? FIELD_FLAG.AUTO_INCREMENT : 0) |
    (isText ? 0 : FIELD_FLAG.BINARY);
  return {
    name,
    type: typeName(type),
    ...(originalName === '' ? {} : { table, orgTable: originalTable, database, orgName: originalName }),
    charset: isText ? UTF8MB4 : BINARY,
    ...(flags === 0 ? {} : { flags }),
    ...(type.scale === undefined || type.scale === 0 ? {} : { decimals: type.scale }),
    columnType: columnTypeText(type),
  };
}

/** The JSON of `result`. Reads a stream to its end. */
export async function psdbResult(outcome: Outcome): Promise<string> {
  switch (outcome.kind) {
    case 'ok':
      return JSON.stringify({
        ...(outcome.affectedRows === 0 ? {} : { rowsAffected: String(outcome.affectedRows) }),
        ...(outcome.insertId === 0 ? {} : { insertId: String(outcome.insertId) }),
      });
    case 'rows':
    case 'stream':
      return `{"fields":${JSON.stringify(outcome.columns.map(fieldOf))},"rows":[${await rowsJson(outcome)}]}`;
    default:
      throw new Error(`a statement of SQL gave '${outcome.kind}', which was not asked for`);
  }
}

async function rowsJson(outcome: RowsOutcome | StreamOutcome): Promise<string> {
  const write = rowWriter(outcome.columns);
  let rows = '';
  for await (const chunk of chunksOf(outcome)) {
    for (const row of chunk) rows += rows === '' ? write(row) : `,${write(row)}`;
  }
  return rows;
}

/** `{"lengths":["1","-1"],"values":"MQ=="}`: lengths in bytes, -1 for NULL. */
function rowWriter(columns: readonly ResultColumn[]): (row: StoreRow) => string {
  const formats = columns.map(({ type }) => textFormatter(type));
  return (row) => {
    const pieces: Buffer[] = [];
    const lengths = formats.map((format, i) => {
      const value = format(row[i] ?? null);
      if (value === null) return '"-1"';
      const bytes = Buffer.from(value as string);
      pieces.push(bytes);
      return `"${bytes.length}"`;
    });
    return `{"lengths":[${lengths.join(',')}],"values":"${Buffer.concat(pieces).toString('base64')}"}`;
  };
}

/** gRPC's names of what went wrong, as Vitess' errors have them, by HTTP status. */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  413: 'RESOURCE_EXHAUSTED',
  422: 'INVALID_ARGUMENT',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  507: 'RESOURCE_EXHAUSTED',
};
const DEADLOCK = 1213;

/** Libraries on top of the driver look for `(errno n) (sqlstate s)` in the message. */
export function psdbError({ errno, sqlstate, message, httpStatus }: SluiceError): Record<string, string> {
  const code = errno === DEADLOCK ? 'ABORTED' : (CODES[httpStatus] ?? 'UNKNOWN');
  const camel = code.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return {
    code,
    message: `rpc error: code = ${camel} desc = ${message} (errno ${errno}) (sqlstate ${sqlstate})`,
  };
}
