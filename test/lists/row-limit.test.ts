/** http_max_result_rows holds for lists too, whichever store: an error beyond it, never a part of the rows. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectDriver } from '../support/mysql-driver.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startStoreUnderTest();
  connection = await connectDriver(server, { database: 'main' });
  await connection.query('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))');
  await connection.query("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'a'), (5, 'b'), (6, 'c')");
});
afterAll(async () => {
  await connection.end();
  await server.stop();
});

/** The status, and the number of rows. */
async function asked(path: string): Promise<[status: number, rows: number]> {
  const response = await fetch(`${server.httpUrl}${path}`);
  const answer = (await response.json()) as unknown[] | { rows?: unknown[]; error?: { code: string } };
  if (!Array.isArray(answer) && answer.error !== undefined) expect(answer.error.code).toBe('SLUICE_ROW_LIMIT');
  return [response.status, (Array.isArray(answer) ? answer : (answer.rows ?? [])).length];
}

const LISTS = [
  '/?command=select&type=*&table=t',
  '/?command=select&type=*&table=t&limit_max=6',
  '/?command=select&type=*&table=t&where=v:STRRX:[abc]',
  '/?command=select&type=*&table=t&order_by=v&order_sort=NUMASC',
  '/v1/lists/main.t',
  '/v1/lists/main.t?count=true',
];

it.each(LISTS)('%s', async (path) => {
  for (const [limit, expected] of [
    [6, [200, 6]],
    [5, [413, 0]],
    [7, [200, 6]],
  ] as const) {
    await connection.query(`SET GLOBAL sluice_http_max_result_rows = ${limit}`);
    // Again and again: answers may be kept.
    for (let i = 0; i < 4; i++) expect(await asked(path), `at most ${limit}`).toEqual(expected);
  }
});

it('a page within it, of more rows, and their number', async () => {
  await connection.query('SET GLOBAL sluice_http_max_result_rows = 2');
  expect(await asked('/?command=select&type=*&table=t&limit_skip=3&limit_max=2')).toEqual([200, 2]);
  expect(await (await fetch(`${server.httpUrl}/?command=count&table=t`)).text()).toBe('6');
});
