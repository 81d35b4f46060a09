/** clients/python/sluice.py. What it checks is in python-client.py, which ends with the first failure; and the announcement's example. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROJECT_DIR } from '../structure/sources.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { runCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

const PYTHON = '/usr/bin/python3';

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest();
});
afterAll(() => server.stop());

async function run(script: string, ...given: string[]): Promise<string> {
  return (await runCommand(PYTHON, ['-B', '-W', 'error', script, ...given])).stdout;
}

it('DB-API 2.0', async () => {
  const store = IS_IN_FRONT ? 'source' : 'embedded';
  const printed = await run(join(import.meta.dirname, 'python-client.py'), `127.0.0.1:${server.httpPort}`, store);
  expect(printed).toMatch(/^all passed$/m);
});

it("the announcement's example, with sluice.py and with PyMySQL", async () => {
  const driver = await connectDriver(server);
  await driver.query('CREATE DATABASE mydb');
  await driver.query('CREATE TABLE mydb.mytable (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2))');
  const rows = ['Ana', 'Bo', 'Cy', 'Di', 'Ed', 'Flo'].map((name, i) => `(${i + 1}, '${name}', ${i}.50)`);
  await driver.query(`INSERT INTO mydb.mytable VALUES ${rows.join(', ')}`);
  await driver.end();
  const example = (name: string): string => join(PROJECT_DIR, 'examples', 'python', name);
  const fetched = [
    "(1, 'Ana', Decimal('0.50'))",
    "(2, 'Bo', Decimal('1.50'))",
    "(3, 'Cy', Decimal('2.50'))",
    "(4, 'Di', Decimal('3.50'))",
    "(5, 'Ed', Decimal('4.50'))",
    '5',
    '',
  ];
  const [description, ...printed] = (await run(example('announcement.py'), `127.0.0.1:${server.httpPort}`)).split('\n');
  expect(description).toBe(
    "(('id', 'INT', None, None, None, None, False), ('name', 'VARCHAR', None, 20, None, None, True), ('price', 'DECIMAL', None, None, 8, 2, True))",
  );
  expect(printed).toEqual(fetched);
  const [described, ...rows2] = (await run(example('announcement_pymysql.py'), String(server.mysqlPort))).split('\n');
  expect(described).toMatch(/^\(\('id', 3, .*\('name', 253, .*\('price', 246, /);
  expect(rows2).toEqual(fetched);
});
