/**
 * `mariadb-dump`, which is also `mysqldump`: what it writes can be loaded here and into MariaDB. LOCK TABLES is not there, so it needs
 * --skip-lock-tables for writing a dump and --skip-add-locks for one that can be loaded here; --single-transaction gives one state of all tables.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHINOOK_DATABASE, CHINOOK_ROWS, chinookScript } from '../support/chinook.ts';
import { mysqlClient, mysqlClientArgs, startMariadb } from '../support/mariadb-server.ts';
import { runCommand, tryCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

const ONE_STATE = [
  '--single-transaction',
  '--skip-lock-tables',
  '--skip-add-locks',
  '--skip-dump-date',
  '--skip-comments',
];

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest();
  await runCommand('mariadb', mysqlClientArgs({ port: server.mysqlPort }), { input: readFileSync(chinookScript()) });
});

afterAll(() => server.stop());

function dumpArgs(port: number, ...args: string[]): string[] {
  return [...mysqlClientArgs({ port }).filter((arg) => arg !== '--batch'), ...args];
}

async function dump(...args: string[]): Promise<string> {
  return (await runCommand('mariadb-dump', dumpArgs(server.mysqlPort, ...ONE_STATE, ...args))).stdout;
}

function tablesIn(text: string): string[] {
  return [...text.matchAll(/^CREATE TABLE `(\w+)`/gm)].map((match) => match[1] ?? '');
}

describe('mariadb-dump', () => {
  it('loads into another database here, which then gives the same dump', async () => {
    const first = await dump(CHINOOK_DATABASE);
    expect(tablesIn(first)).toEqual(Object.keys(CHINOOK_ROWS));
    const target = { port: server.mysqlPort };
    await mysqlClient(target, 'CREATE DATABASE copy');
    await mysqlClient({ ...target, database: 'copy' }, first);
    expect((await dump('copy')) === first, 'the same dump').toBe(true);
  });

  it('loads into MariaDB, which then has the same rows', async () => {
    // MariaDB does not have MySQL 8's default collation.
    const text = (await dump(CHINOOK_DATABASE)).replaceAll('utf8mb4_0900_ai_ci', 'utf8mb4_general_ci');
    const mariadb = await startMariadb();
    try {
      await mysqlClient(mariadb, 'CREATE DATABASE copy');
      await mysqlClient({ ...mariadb, database: 'copy' }, text);
      for (const table of Object.keys(CHINOOK_ROWS)) {
        const sql = `SELECT * FROM ${table} ORDER BY 1, 2`;
        const here = await mysqlClient({ port: server.mysqlPort, database: CHINOOK_DATABASE }, sql);
        const there = await mysqlClient({ ...mariadb, database: 'copy' }, sql);
        expect(there === here, `the same rows in ${table}`).toBe(true);
      }
    } finally {
      await mariadb.stop();
    }
  });

  it('takes what it is asked for: rows only, tables only, some rows, all databases, XML', async () => {
    const rowsOnly = await dump(
      '--no-create-info',
      '--skip-extended-insert',
      '--complete-insert',
      CHINOOK_DATABASE,
      'Genre',
    );
    expect(rowsOnly.match(/^INSERT INTO `Genre` \(`GenreId`, `Name`\) VALUES /gm)).toHaveLength(25);
    const tablesOnly = await dump('--no-data', CHINOOK_DATABASE);
    expect(tablesOnly).not.toMatch(/INSERT INTO/);
    expect(tablesOnly).toMatch(/CONSTRAINT `FK_AlbumArtistId` FOREIGN KEY/);
    const someRows = await dump('--where=GenreId < 3', '--no-create-info', CHINOOK_DATABASE, 'Genre');
    expect(someRows).toMatch(/VALUES\s+\(1,'Rock'\),\s+\(2,'Jazz'\);/);
    expect(tablesIn(await dump('--all-databases'))).toEqual(expect.arrayContaining(Object.keys(CHINOOK_ROWS)));
    const everything = await dump('--routines', '--events', '--triggers', '--databases', CHINOOK_DATABASE);
    expect(tablesIn(everything)).toEqual(Object.keys(CHINOOK_ROWS));
    expect(await dump('--xml', CHINOOK_DATABASE, 'Genre')).toContain('<field name="Name">Rock</field>');
    expect(tablesIn(await dump('--hex-blob', '--skip-opt', '--create-options', CHINOOK_DATABASE, 'Genre'))).toEqual([
      'Genre',
    ]);
  });

  // In front of a MySQL server nothing is missing: LOCK TABLES is the source's.
  it.skipIf(IS_IN_FRONT)('says what is missing when it is not told to go without locks', async () => {
    const { code, stderr } = await tryCommand('mariadb-dump', dumpArgs(server.mysqlPort, CHINOOK_DATABASE));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/1235.*LOCK TABLES/);
  });
});
