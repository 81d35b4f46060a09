/** Every column type, from JavaScript's value to the table and back, through the text protocol and the binary one. */
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, connectDriver } from '../support/mysql-driver.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

type Given = string | number | Buffer | Date | null;

interface Sample {
  readonly type: string;
  /** Pairs of a value as it is sent and as it comes back with dateStrings and big numbers as text; equal when there is one only. */
  readonly values: readonly (readonly [sent: Given, back?: unknown])[];
}

const at = (...bytes: number[]): Buffer => Buffer.from(bytes);

const SAMPLES: readonly Sample[] = [
  { type: 'TINYINT', values: [[-128], [127], [0]] },
  { type: 'TINYINT UNSIGNED', values: [[255]] },
  { type: 'BOOLEAN', values: [[1], [0]] },
  { type: 'SMALLINT', values: [[-32_768], [32_767]] },
  { type: 'SMALLINT UNSIGNED', values: [[65_535]] },
  { type: 'MEDIUMINT', values: [[-8_388_608], [8_388_607]] },
  { type: 'MEDIUMINT UNSIGNED', values: [[16_777_215]] },
  { type: 'INT', values: [[-2_147_483_648], [2_147_483_647]] },
  { type: 'INT UNSIGNED', values: [[4_294_967_295]] },
  {
    type: 'BIGINT',
    values: [['9007199254740993'], ['-9223372036854775808'], ['9223372036854775807'], [7, 7]],
  },
  {
    type: 'BIGINT UNSIGNED',
    values: [['18446744073709551615'], ['9223372036854775808'], ['0', 0]],
  },
  { type: 'DECIMAL(18,6)', values: [['123456789012.123456'], ['-0.000001'], ['1.5', '1.500000']] },
  { type: 'DECIMAL(18,0)', values: [['999999999999999999'], ['-7']] },
  { type: 'FLOAT', values: [[1.5], [-0.25]] },
  { type: 'DOUBLE', values: [[0.1], [1.7976931348623157e308], [-2.5e-300], [123_456_789.123_456_79]] },
  {
    type: 'BIT(1)',
    values: [
      [1, at(1)],
      [0, at(0)],
    ],
  },
  { type: 'BIT(12)', values: [[0xabc, at(0x0a, 0xbc)]] },
  { type: 'YEAR', values: [[1901], [2155]] },
  { type: 'DATE', values: [['2024-02-29'], ['1000-01-01'], ['9999-12-31']] },
  { type: 'TIME', values: [['23:59:59'], ['-838:59:59'], ['100:00:00']] },
  { type: 'TIME(6)', values: [['00:00:00.000001'], ['-00:00:01.500001']] },
  { type: 'DATETIME', values: [['2024-02-29 12:34:56'], ['1000-01-01 00:00:00']] },
  { type: 'DATETIME(3)', values: [['2024-02-29 12:34:56.789']] },
  { type: 'DATETIME(6)', values: [['2024-02-29 12:34:56.789012'], ['2024-02-29 00:00:00.000001']] },
  { type: 'TIMESTAMP NULL', values: [['2024-02-29 12:34:56'], ['2038-01-19 03:14:07']] },
  { type: 'TIMESTAMP(6) NULL', values: [['2001-09-09 01:46:40.123456']] },
  { type: 'CHAR(10)', values: [['江湖'], ['ab  ', 'ab'], ['']] },
  { type: 'VARCHAR(200)', values: [['ÄÖß 😀'], [' ab '], ['it\'s "so" \\ \n\t%_'], ['x'.repeat(200)]] },
  { type: 'TINYTEXT', values: [['tiny']] },
  { type: 'TEXT', values: [['t'.repeat(65_535)]] },
  { type: 'MEDIUMTEXT', values: [['m'.repeat(70_000)]] },
  { type: 'LONGTEXT', values: [['l'.repeat(300_000)], ['a\0b']] },
  { type: 'BINARY(4)', values: [[at(1, 2, 3, 4)], [at(1), at(1, 0, 0, 0)]] },
  { type: 'VARBINARY(20)', values: [[at(0, 255, 128, 39, 92)], [at()]] },
  { type: 'TINYBLOB', values: [[at(0, 1, 2)]] },
  { type: 'BLOB', values: [[Buffer.alloc(65_535, 7)]] },
  { type: 'MEDIUMBLOB', values: [[Buffer.alloc(70_000, 7)]] },
  { type: 'LONGBLOB', values: [[Buffer.from(Array.from({ length: 256 }, (_, i) => i))]] },
  { type: "ENUM('x','ü','z z')", values: [['ü'], ['z z'], [1, 'x']] },
  { type: "SET('a','b','c')", values: [['a,c'], ['', ''], ['c,a', 'a,c']] },
  {
    type: 'JSON',
    values: [
      ['{"b": [1, 2.5, null, true], "a": "ü"}', { a: 'ü', b: [1, 2.5, null, true] }],
      ['"text"', 'text'],
      ['[]', []],
    ],
  },
];

const AS_TEXT: ConnectionOptions = { dateStrings: true, supportBigNumbers: true };

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startStoreUnderTest();
  connection = await connectDriver(server, AS_TEXT);
  await connection.query('CREATE DATABASE types');
  await connection.query('USE types');
});

afterAll(async () => {
  await connection.end();
  await server.stop();
});

async function read(from: Connection, method: 'query' | 'execute', table: string): Promise<unknown[]> {
  const [rows] = await ask<RowDataPacket[]>(from, method, `SELECT v FROM types.${table} ORDER BY id`);
  return rows.map((row) => row.v);
}

describe('every type comes back as it was sent', () => {
  it.each(SAMPLES.map((sample, i) => ({ ...sample, table: `t${i}` })))('$type', async ({ type, values, table }) => {
    await connection.query(`CREATE TABLE ${table} (id INT PRIMARY KEY AUTO_INCREMENT, v ${type})`);
    const expected: unknown[] = [];
    for (const method of ['query', 'execute'] as const) {
      for (const [sent, back] of [...values, [null] as const]) {
        await ask(connection, method, `INSERT INTO ${table} (v) VALUES (?)`, [sent]);
        // MariaDB's JSON is text.
        expected.push(back === undefined || (IS_IN_FRONT && type === 'JSON') ? sent : back);
      }
    }
    expect(await read(connection, 'query', table), 'text protocol').toEqual(expected);
    expect(await read(connection, 'execute', table), 'binary protocol').toEqual(expected);
  });

  it.each(SAMPLES.filter(({ type }) => /DATE|TIMESTAMP/.test(type)))('$type as Date', async ({ type }) => {
    const dates = await connectDriver(server, { database: 'types', timezone: 'Z' });
    await dates.query("SET time_zone = '+00:00'");
    const table = `d${type.replaceAll(/\W/g, '')}`;
    await dates.query(`CREATE TABLE ${table} (id INT PRIMARY KEY AUTO_INCREMENT, v ${type})`);
    const sent = new Date('2024-02-29T00:00:00Z');
    await dates.query(`INSERT INTO ${table} (v) VALUES (?)`, [sent]);
    await dates.execute(`INSERT INTO ${table} (v) VALUES (?)`, [sent]);
    for (const method of ['query', 'execute'] as const) expect(await read(dates, method, table)).toEqual([sent, sent]);
    await dates.end();
  });
});

describe('numbers beyond 2^53', () => {
  it('as text when asked for, all or only those that need it', async () => {
    await connection.query('CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, v BIGINT UNSIGNED)');
    await connection.query('INSERT INTO big (v) VALUES (1), (9007199254740993), (18446744073709551615)');
    const always = await connectDriver(server, { supportBigNumbers: true, bigNumberStrings: true });
    for (const method of ['query', 'execute'] as const) {
      expect(await read(connection, method, 'big')).toEqual([1, '9007199254740993', '18446744073709551615']);
      expect(await read(always, method, 'big')).toEqual(['1', '9007199254740993', '18446744073709551615']);
    }
    await always.end();
  });

  it('ids that are given back', async () => {
    await connection.query('CREATE TABLE far (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT)');
    await connection.query('INSERT INTO far VALUES (9007199254740992)');
    const [result] = await connection.query('INSERT INTO far () VALUES ()');
    expect(result).toMatchObject({ insertId: '9007199254740993' });
  });
});

describe('what a column says of itself', () => {
  it('its type, flags and table', async () => {
    await connection.query(`CREATE TABLE described (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) NOT NULL,
      money DECIMAL(10,2), made DATETIME(3), raw VARBINARY(9), UNIQUE KEY (name))`);
    const [, fields] = await connection.query(
      'SELECT id, d.name AS n, money, made, raw, 1 + 1 AS two FROM types.described AS d',
    );
    const told = fields.map(({ name, orgName, table, orgTable, db, type, columnLength, decimals }) => ({
      name,
      orgName,
      table,
      orgTable,
      db,
      type,
      columnLength,
      decimals,
    }));
    const origin = { table: 'd', orgTable: 'described', db: 'types' };
    expect(told).toMatchObject([
      { name: 'id', orgName: 'id', type: 3, ...origin },
      { name: 'n', orgName: 'name', type: 253, columnLength: 80, ...origin },
      { name: 'money', orgName: 'money', type: 246, decimals: 2, ...origin },
      { name: 'made', orgName: 'made', type: 12, decimals: 3, ...origin },
      { name: 'raw', orgName: 'raw', type: 253, columnLength: 9, ...origin },
      // MySQL 8 says BIGINT here, MariaDB INT.
      { name: 'two', orgName: '', type: IS_IN_FRONT ? 3 : 8, table: '', orgTable: '', db: '' },
    ]);
  });
});
