/**
 * A prepared statement that writes is sent to the source as a text with its values in it. Nothing of that may show: here each type of value goes into each type of
 * column, through Sluice and to MariaDB itself, and what is answered and what is stored must be the same.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../../src/errors.ts';
import { SourceConnection } from '../../src/stores/mysql/connection.ts';
import type { SourceResult } from '../../src/stores/mysql/result.ts';
import { textTable } from '../../src/stores/mysql/rows.ts';
import { FIELD_TYPE } from '../../src/util/mysql-packets/constants.ts';
import { parseSourceAddress } from '../../src/util/source-address.ts';
import { type InFront, startInFront } from '../support/in-front.ts';

interface Value {
  readonly type: number;
  /** null: NULL. */
  readonly bytes: Buffer | null;
}

const UNSIGNED = 0x8000;

function number(type: number, value: number | bigint): Value {
  const bytes = Buffer.alloc(8);
  switch (type & 0xff) {
    case FIELD_TYPE.TINY:
      return { type, bytes: Buffer.of(Number(value) & 0xff) };
    case FIELD_TYPE.SHORT:
      bytes.writeUInt16LE(Number(value) & 0xffff);
      return { type, bytes: bytes.subarray(0, 2) };
    case FIELD_TYPE.LONG:
      bytes.writeInt32LE(Number(value));
      return { type, bytes: bytes.subarray(0, 4) };
    case FIELD_TYPE.FLOAT:
      bytes.writeFloatLE(Number(value));
      return { type, bytes: bytes.subarray(0, 4) };
    case FIELD_TYPE.DOUBLE:
      bytes.writeDoubleLE(Number(value));
      return { type, bytes };
    default:
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return { type, bytes };
  }
}

function text(type: number, content: string | Buffer): Value {
  const bytes = Buffer.from(content);
  return { type, bytes: Buffer.concat([Buffer.of(0xfc, bytes.length & 0xff, bytes.length >> 8), bytes]) };
}

function moment(type: number, ...parts: readonly number[]): Value {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0] = parts;
  const length = parts.length <= 3 ? 4 : parts.length <= 6 ? 7 : 11;
  const bytes = Buffer.alloc(12);
  bytes[0] = length;
  bytes.writeUInt16LE(year, 1);
  bytes.set([month, day, hour, minute, second], 3);
  bytes.writeUInt32LE(micros, 8);
  return { type, bytes: bytes.subarray(0, length + 1) };
}

function time(isNegative: boolean, days: number, hours: number, minutes: number, micros: number): Value {
  const bytes = Buffer.alloc(13);
  bytes.set([12, isNegative ? 1 : 0]);
  bytes.writeUInt32LE(days, 2);
  bytes.set([hours, minutes, 7], 6);
  bytes.writeUInt32LE(micros, 9);
  return { type: FIELD_TYPE.TIME, bytes };
}

const VALUES: Readonly<Record<string, Value>> = {
  null: { type: FIELD_TYPE.VAR_STRING, bytes: null },
  tiny: number(FIELD_TYPE.TINY, -5),
  'unsigned tiny': number(FIELD_TYPE.TINY | UNSIGNED, 200),
  short: number(FIELD_TYPE.SHORT, -300),
  long: number(FIELD_TYPE.LONG, 20_200_102),
  longlong: number(FIELD_TYPE.LONGLONG, -9_223_372_036_854_775_808n),
  'unsigned longlong': number(FIELD_TYPE.LONGLONG | UNSIGNED, 18_446_744_073_709_551_615n),
  float: number(FIELD_TYPE.FLOAT, 0.1),
  double: number(FIELD_TYPE.DOUBLE, 1.5),
  'integral double': number(FIELD_TYPE.DOUBLE, 7),
  'negative zero': number(FIELD_TYPE.DOUBLE, -0),
  'huge double': number(FIELD_TYPE.DOUBLE, 1e300),
  'small double': number(FIELD_TYPE.DOUBLE, -1.25e-7),
  decimal: text(FIELD_TYPE.NEWDECIMAL, '-12.50'),
  'whole decimal': text(FIELD_TYPE.NEWDECIMAL, '12'),
  'long decimal': text(FIELD_TYPE.NEWDECIMAL, '123456789012345678901234567890.12345'),
  string: text(FIELD_TYPE.VAR_STRING, 'abc'),
  quotes: text(FIELD_TYPE.VAR_STRING, `it's "a" \\ 100% \\' \n\0?`),
  empty: text(FIELD_TYPE.STRING, ''),
  'digits in a string': text(FIELD_TYPE.VAR_STRING, '12.50'),
  'a number and more': text(FIELD_TYPE.VAR_STRING, '12abc'),
  'a day in a string': text(FIELD_TYPE.VARCHAR, '2020-02-29 12:00:00.5'),
  'not latin': text(FIELD_TYPE.VAR_STRING, 'üж漢😀'),
  'not UTF-8': text(FIELD_TYPE.VAR_STRING, Buffer.of(0x61, 0xff, 0x62)),
  blob: text(FIELD_TYPE.BLOB, Buffer.of(0x00, 0x27, 0x5c, 0xe4, 0xff)),
  'ASCII in a blob': text(FIELD_TYPE.BLOB, '77'),
  'empty blob': text(FIELD_TYPE.LONG_BLOB, ''),
  'long string': text(FIELD_TYPE.VAR_STRING, 'x'.repeat(50)),
  day: moment(FIELD_TYPE.DATE, 2024, 2, 29),
  'a day that is none': moment(FIELD_TYPE.DATE, 2023, 2, 29),
  'no day': moment(FIELD_TYPE.DATETIME, 0, 0, 0),
  datetime: moment(FIELD_TYPE.DATETIME, 2020, 1, 2, 3, 4, 5),
  'datetime at midnight': moment(FIELD_TYPE.DATETIME, 2020, 1, 2),
  'datetime with a fraction': moment(FIELD_TYPE.DATETIME, 2020, 1, 2, 3, 4, 5, 670_000),
  timestamp: moment(FIELD_TYPE.TIMESTAMP, 1999, 12, 31, 23, 59, 59, 999_999),
  time: time(false, 0, 12, 30, 0),
  'long time': time(true, 3, 5, 6, 120_000),
};

const COLUMNS: Readonly<Record<string, string>> = {
  i: 'INT',
  u: 'BIGINT UNSIGNED',
  d: 'DECIMAL(12,3)',
  f: 'DOUBLE',
  v: 'VARCHAR(24)',
  l: 'VARCHAR(24) CHARACTER SET latin1',
  b: 'VARBINARY(24)',
  dt: 'DATETIME(3)',
  da: 'DATE',
  t: 'TIME(3)',
  j: 'JSON',
  e: "ENUM('abc', '7', '')",
};

let inFront: InFront;
let through: SourceConnection;
let direct: SourceConnection;

beforeAll(async () => {
  inFront = await startInFront();
  through = await SourceConnection.open(parseSourceAddress(`mysql://root@127.0.0.1:${inFront.sluice.mysqlPort}/`));
  direct = await SourceConnection.open(parseSourceAddress(`mysql://root@127.0.0.1:${inFront.mariadb.port}/`));
  const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
  for (const [connection, database] of [
    [through, 'one'],
    [direct, 'two'],
  ] as const) {
    await connection.query(`CREATE DATABASE ${database}`);
    await connection.useDatabase(database);
    await connection.query(`CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, ${columns.join(', ')})`);
    await connection.query("INSERT INTO t (v) VALUES ('first')");
  }
});

afterAll(async () => {
  through.end();
  direct.end();
  await inFront.stop();
});

function boundOf(values: readonly Value[]): { bytes: Buffer; longData: null } {
  const nulls = Buffer.alloc((values.length + 7) >> 3);
  const types = Buffer.alloc(values.length * 2);
  for (const [i, { type, bytes }] of values.entries()) {
    if (bytes === null) nulls[i >> 3] = (nulls[i >> 3] as number) | (1 << (i & 7));
    types.writeUInt16LE(type, 2 * i);
  }
  const given = values.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  return { bytes: Buffer.concat([nulls, Buffer.of(1), types, ...given]), longData: null };
}

/** The answer, and what the table and the warnings are afterwards. */
async function outcomeOf(connection: SourceConnection, sql: string, values: readonly Value[]): Promise<string> {
  const answered = await answerOf(connection, sql, values);
  const table = async (text: string) => textTable((await connection.query(text)).results[0] as SourceResult);
  // Of a statement that failed Sluice tells the error alone.
  const told = Array.isArray(answered) ? await table('SHOW WARNINGS') : [];
  const rows = await table(`SELECT id, ${Object.keys(COLUMNS).map((name) => `HEX(${name})`)} FROM t ORDER BY id`);
  await connection.query('DELETE FROM t WHERE id <> 1');
  await connection.query("REPLACE INTO t (id, v) VALUES (1, 'first')");
  // Where a condition can never be met the source may say nothing, rather than that no rows were met.
  return JSON.stringify([answered, told, rows], null, 1)
    .replace('Rows matched: 0  Changed: 0  Warnings: 0', '')
    .replaceAll(/`(?:one|two)`\./g, '');
}

async function answerOf(connection: SourceConnection, sql: string, values: readonly Value[]): Promise<unknown> {
  try {
    const statement = await connection.prepared(sql);
    const { results } = await connection.execute(statement, boundOf(values));
    return results.map(({ end: { status: _, ...end } }) => ({ ...end, insertId: String(end.insertId) }));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { errno: error.errno, sqlstate: error.sqlstate, message: error.message };
  }
}

async function compare(sql: string, values: readonly Value[]): Promise<void> {
  const [own, expected] = await Promise.all([through, direct].map((connection) => outcomeOf(connection, sql, values)));
  expect(own, sql).toEqual(expected);
}

const id = number(FIELD_TYPE.LONG, 1);

describe.each(Object.entries(VALUES))('%s', (_, value) => {
  it.each(Object.keys(COLUMNS))('into %s', async (column) => {
    await compare(`INSERT INTO t (${column}) VALUES (?), (?)`, [value, value]);
    await compare(`UPDATE t SET ${column} = ? WHERE id = ?`, [value, id]);
  });

  it('in expressions', async () => {
    await compare('UPDATE t SET v = CONCAT(?, HEX(?)), f = ? / 3, d = -? WHERE id = ?', [
      value,
      value,
      value,
      value,
      id,
    ]);
    await compare('UPDATE t SET f = 1 - ?, d = ? + ?, b = ? WHERE id = ?', [value, value, value, value, id]);
    await compare('UPDATE t SET v = IF(? IS NULL, ?, COERCIBILITY(?)) WHERE id = ?', [value, value, value, id]);
  });

  it('as a key, and in conditions', async () => {
    await compare("UPDATE t SET v = 'x' WHERE id = ?", [value]);
    await compare("UPDATE t SET v = 'x' WHERE v <> ? OR v IS NULL ORDER BY ? LIMIT 1", [value, value]);
    await compare('DELETE FROM t WHERE id >= 1 LIMIT ?', [value]);
    await compare("INSERT INTO t (id, v) VALUES (?, 'x')", [value]);
    await compare("INSERT INTO t (id, v) VALUES (1, 'x') ON DUPLICATE KEY UPDATE v = ?, f = id + ?", [value, value]);
  });
});

it('of other sql_modes and character sets', async () => {
  for (const set of [
    "SET sql_mode = ''",
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
    'SET NAMES latin1',
    'SET NAMES utf8mb3',
  ]) {
    for (const connection of [through, direct]) {
      await connection.query('SET NAMES utf8mb4 COLLATE utf8mb4_general_ci');
      await connection.query('SET sql_mode = DEFAULT');
      await connection.query(set);
    }
    // A statement that is prepared already keeps the settings of that moment.
    const now = `/* ${set} */`;
    for (const value of Object.values(VALUES)) {
      await compare(`INSERT ${now} INTO t (v, l) VALUES (?, ?)`, [value, value]);
      await compare(`UPDATE ${now} t SET v = ?, i = ?, dt = ? WHERE id = ?`, [value, value, value, id]);
      await compare(`UPDATE ${now} t SET v = CONCAT('ü', ?, CHARSET(?)), f = 1 - ? WHERE id = ?`, [
        value,
        value,
        value,
        id,
      ]);
    }
  }
});
