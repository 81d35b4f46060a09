/** `/v1/lists` gives the rows that SQL over HTTP gives: the same values of every type, in the same order, with the same count. */
import type { Connection } from 'mysql2/promise';
import { type AnyRow, type Client, type Condition, connect, type Sort } from 'sluice/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDriver } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

let server: SluiceServer;
let connection: Connection;
let db: Client;

beforeAll(async () => {
  server = await startSluice();
  connection = await connectDriver(server, { database: 'main' });
  db = connect(server.httpUrl);
});
afterAll(async () => {
  await connection.end();
  await server.stop();
});

const TYPES = [
  'tiny TINYINT',
  'big BIGINT UNSIGNED',
  'flag BOOLEAN',
  'bits BIT(9)',
  'price DECIMAL(18,4)',
  'ratio DOUBLE',
  'short_ratio FLOAT',
  'name VARCHAR(40)',
  'code CHAR(4) COLLATE utf8mb4_bin',
  'note LONGTEXT',
  "kind ENUM('a','b','c')",
  "tags SET('x','y','z')",
  'day DATE',
  'made DATETIME(3)',
  'stamp TIMESTAMP NULL',
  'span TIME(2)',
  'year_of YEAR',
  'raw VARBINARY(20)',
  'doc JSON',
];

const ROWS = [
  'DEFAULT, -5, 18446744073709551615, TRUE, 257, 12.5000, 0.1, 1.5, "tea", "ab", "long", "b", "x,z", "2026-01-02", "2026-01-02 03:04:05.678", "2026-01-02 03:04:05", "-12:30:00.5", 2026, x\'00ff41\', JSON_OBJECT("a", JSON_ARRAY(1, 2.50, NULL), "江", TRUE)',
  'DEFAULT, 5, 9007199254740993, FALSE, 0, -0.0001, 1e300, -0.25, "江湖 😀 \\"quoted\\" \\\\ |:", "AB", "", "a", "", "1000-01-01", "9999-12-31 23:59:59.999", NULL, "838:59:59", 1901, "", JSON_QUOTE("text")',
  `DEFAULT${', NULL'.repeat(TYPES.length)}`,
  'DEFAULT, 0, 0, NULL, 1, 99999999999999.9999, -0.0, 0, "Tea", "b", "line\\nbreak", "c", "y", NULL, NULL, NULL, "00:00:00", NULL, x\'80\', CAST("[]" AS JSON)',
];

describe('a table of every type', () => {
  beforeAll(async () => {
    await connection.query(`CREATE TABLE things (id INT AUTO_INCREMENT PRIMARY KEY, ${TYPES.join(', ')})`);
    for (const row of ROWS) await connection.query(`INSERT INTO things VALUES (${row})`);
  });

  const columns = ['id', ...TYPES.map((type) => type.split(' ')[0] ?? '')];

  it('has the same values as in SQL', async () => {
    const { rows } = await db.sql('SELECT * FROM main.things ORDER BY id + 0');
    for (let time = 0; time < 5; time++) {
      expect((await db.list('main.things').get()).rows).toEqual(rows);
      expect((await db.list('main.things', { orderBy: ['id', 'NUMDESC'], limit: 2 }).get()).rows).toEqual([
        rows[3],
        rows[2],
      ]);
    }
  });

  it.each(columns)('is ordered by %s as it is without a kept list, and the same rows come', async (column) => {
    const { rows } = await db.sql<AnyRow>('SELECT * FROM main.things ORDER BY id + 0');
    for (const sort of ['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC'] as Sort[]) {
      const plain = await listOf(`order_by=${column}&order_sort=${sort}`);
      const ids = (await tcsql(`order_by=${column}&order_sort=${sort}`)).map(({ id }) => Number(id));
      expect(
        plain.map(({ id }) => id),
        sort,
      ).toEqual(ids);
      expect(plain).toEqual(ids.map((id) => rows.find((row) => row.id === id)));
    }
  });

  it('sends to its subscribers what its pages hold', async () => {
    const list = db.list('main.things', { orderBy: ['id', 'NUMDESC'], limit: 10 });
    const live = list.subscribe();
    await live.ready;
    expect(live.rows).toEqual((await list.get()).rows);
    for (const row of ROWS) {
      const changed = new Promise<void>((resolve) => live.onChange(() => resolve()));
      await connection.query(`INSERT INTO things VALUES (${row})`);
      await changed;
      expect(live.rows).toEqual((await list.get()).rows);
    }
    live.close();
  });

  async function listOf(query: string): Promise<AnyRow[]> {
    const response = await fetch(`${server.httpUrl}/v1/lists/main.things?${query}`);
    return ((await response.json()) as { rows: AnyRow[] }).rows;
  }

  async function tcsql(query: string): Promise<Record<string, string>[]> {
    const response = await fetch(`${server.httpUrl}/?command=select&type=*&table=main.things&${query}`);
    return (await response.json()) as Record<string, string>[];
  }
});

describe('a table without a schema', () => {
  it('has texts, and leaves out what a row does not have', async () => {
    const insert = (body: unknown) =>
      fetch(`${server.httpUrl}/?command=insert&table=main.loose`, { method: 'POST', body: JSON.stringify(body) });
    await insert([{ a: 1, b: 'x' }, { a: '2.50' }, { c: '江' }]);
    const list = db.list('main.loose', { where: [['a', 'NUMGE', 1]], limit: 10, count: true });
    const live = list.subscribe();
    await live.ready;
    const expected = [
      { pkey: 1, a: '1', b: 'x' },
      { pkey: 2, a: '2.50' },
    ];
    expect([(await list.get()).rows, live.rows, live.count]).toEqual([expected, expected, 2]);
    // A field that nobody had yet makes a column: a live list goes on all the same.
    await insert({ a: '7', d: 'new' });
    for await (const { rows } of live) if (rows.length === 3) break;
    expect(live.rows[2]).toEqual({ pkey: 4, a: '7', d: 'new' });
  });

  it('and one that is not there is an error, also when it is the default one', async () => {
    await expect(db.list('main.feed').get()).rejects.toMatchObject({ code: 'ER_NO_SUCH_TABLE', status: 404 });
  });
});

describe('conditions', () => {
  beforeAll(async () => {
    await connection.query('CREATE TABLE goods (id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_bin, price INT)');
    for (let id = 1; id <= 40; id++) {
      await connection.query('INSERT INTO goods VALUES (?, ?, ?)', [
        id,
        id % 7 === 0 ? null : `a${id % 4}|${id % 3}`,
        id % 5 === 0 ? null : id * 3,
      ]);
    }
  });

  it.each<[Condition[], string]>([
    [[['price', 'NUMGT', 30]], 'price > 30'],
    [[['price', 'NUMBT', [90, 30]]], 'price BETWEEN 30 AND 90'],
    [[['price', '!NUMBT', [90, 30]]], '(price NOT BETWEEN 30 AND 90 OR price IS NULL)'],
    [[['name', 'STREQ', 'a1|2']], "name = 'a1|2'"],
    [[['name', 'STRBW', 'a1|']], "name LIKE 'a1|%'"],
    [[['name', 'STREW', '|2']], "name LIKE '%|2'"],
    [[['name', 'STROREQ', ['a1|2', 'a3|0']]], "name IN ('a1|2', 'a3|0')"],
    [
      [
        ['name', '!STREQ', 'a1|2'],
        ['price', 'NUMLE', 60],
      ],
      "(name <> 'a1|2' OR name IS NULL) AND price <= 60",
    ],
    [[['id', 'NUMOREQ', [3, 1, 2, 99]]], 'id IN (1, 2, 3)'],
    [[['name', 'STRRX', '^a[12]']], "(name LIKE 'a1%' OR name LIKE 'a2%')"],
  ])('%j are %s', async (where, sql) => {
    for (let time = 0; time < 4; time++) {
      const page = await db
        .list('main.goods', { where, orderBy: ['price', 'NUMDESC'], skip: 1, limit: 6, count: true })
        .get();
      const { rows } = await db.sql(
        `SELECT * FROM main.goods WHERE ${sql} ORDER BY price IS NULL, price DESC, id LIMIT 6 OFFSET 1`,
      );
      const { rows: counts } = await db.sql<{ n: number }>(`SELECT COUNT(*) AS n FROM main.goods WHERE ${sql}`);
      expect(page.rows).toEqual(rows);
      expect(page.count).toBe(counts[0]?.n);
    }
  });
});
