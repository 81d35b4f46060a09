/** The command-line client of MariaDB, unmodified. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHINOOK_DATABASE, CHINOOK_ROWS, chinookScript } from '../support/chinook.ts';
import { mysqlClientArgs } from '../support/mariadb-server.ts';
import { type CommandResult, tryCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest();
});

afterAll(() => server.stop());

function client(args: readonly string[], input?: string | Buffer): Promise<CommandResult> {
  // Without --batch, which mysqlClientArgs() adds: the tests here say themselves what output they want.
  const common = mysqlClientArgs({ port: server.mysqlPort }).filter((arg) => arg !== '--batch');
  return tryCommand('mariadb', [...common, ...args], { input });
}

describe('the Chinook script', () => {
  it('loads, and every table has its rows', async () => {
    expect(await client([], readFileSync(chinookScript()))).toMatchObject({ code: 0, stderr: '' });
    const tables = Object.keys(CHINOOK_ROWS);
    const counts = tables.map((table) => `SELECT '${table}', COUNT(*) FROM ${table};`).join('\n');
    const { stdout } = await client(['-N', '-B', CHINOOK_DATABASE], counts);
    const expected = Object.entries(CHINOOK_ROWS).map(([table, rows]) => `${table}\t${rows}\n`);
    expect(stdout).toBe(expected.join(''));
  });

  it('loads again: it drops its database first', async () => {
    expect(await client([], readFileSync(chinookScript()))).toMatchObject({ code: 0, stderr: '' });
    expect((await client(['-N', '-B', '-e', 'SELECT COUNT(*) FROM Track', CHINOOK_DATABASE])).stdout).toBe('3503\n');
  });

  it('keeps its foreign keys', async () => {
    const { code, stderr } = await client(['-e', 'DELETE FROM Artist WHERE ArtistId = 1', CHINOOK_DATABASE]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR 1451 \(23000\) at line 1: Cannot delete or update a parent row/m);
  });
});

describe('what one types', () => {
  beforeAll(async () => {
    const setUp = `CREATE DATABASE cli; USE cli;
      CREATE TABLE people (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) NOT NULL DEFAULT '-', born DATE);
      INSERT INTO people (name, born) VALUES ('Li', '1990-02-03'), ('Ana', NULL);`;
    expect(await client([], setUp)).toMatchObject({ code: 0, stderr: '' });
  });

  it('a table with lines around it', async () => {
    const { stdout } = await client(['--table', '-e', 'SELECT * FROM people', 'cli']);
    expect(stdout).toBe(
      [
        '+----+------+------------+',
        '| id | name | born       |',
        '+----+------+------------+',
        '|  1 | Li   | 1990-02-03 |',
        '|  2 | Ana  | NULL       |',
        '+----+------+------------+',
        '',
      ].join('\n'),
    );
  });

  it('columns with tabs between them', async () => {
    const { stdout } = await client(['--batch', '-e', 'SELECT * FROM people', 'cli']);
    expect(stdout).toBe('id\tname\tborn\n1\tLi\t1990-02-03\n2\tAna\tNULL\n');
  });

  it('rows one below the other, XML, HTML', async () => {
    const row = 'SELECT id, name FROM people WHERE id = 1';
    expect((await client(['-e', `${row}\\G`, 'cli'])).stdout).toBe(
      '*************************** 1. row ***************************\n  id: 1\nname: Li\n',
    );
    expect((await client(['--xml', '-e', row, 'cli'])).stdout).toContain('<field name="name">Li</field>');
    expect((await client(['--html', '-e', row, 'cli'])).stdout).toContain('<TD>Li</TD>');
  });

  it('types and lengths of columns', async () => {
    const { stdout } = await client([
      '--table',
      '--column-type-info',
      '-e',
      'SELECT id, name FROM people WHERE id = 1',
      'cli',
    ]);
    expect(stdout).toMatch(/Field\s+1:\s+`id`\nOrg_field:\s+`id`\nCatalog:\s+`def`\nDatabase:\s+`cli`/);
    expect(stdout).toMatch(/Type:\s+LONG\n/);
    expect(stdout).toMatch(/Flags:\s+NOT_NULL PRI_KEY AUTO_INCREMENT/);
    expect(stdout).toMatch(/Type:\s+VAR_STRING\n/);
  });

  it('status', async () => {
    const { code, stdout } = await client(['-e', '\\s', 'cli']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Current database:\s+cli/);
    expect(stdout).toMatch(/Current user:\s+root@127\.0\.0\.1/);
    expect(stdout).toMatch(/Server version:\s+\S+-Sluice/);
    // In front of a MySQL server it is what the client has asked for, which depends on its locale.
    expect(stdout).toMatch(
      IS_IN_FRONT ? /Client characterset:\s+(?:utf8mb\d|latin1)/ : /Client characterset:\s+utf8mb4/,
    );
    expect(stdout).toMatch(/Threads: \d+ {2}Questions: \d+/);
  });

  it('what there is', async () => {
    const lines = async (sql: string): Promise<string[]> =>
      (await client(['-N', '-B', '-e', sql, 'cli'])).stdout.replace(/\n$/, '').split('\n');
    expect(await lines('SHOW DATABASES')).toEqual(expect.arrayContaining(['cli', 'information_schema']));
    expect(await lines('SHOW TABLES')).toEqual(['people']);
    expect(await lines('SHOW FULL TABLES')).toEqual(['people\tBASE TABLE']);
    expect(await lines('DESCRIBE people')).toEqual([
      `id\t${IS_IN_FRONT ? 'int(11)' : 'int'}\tNO\tPRI\tNULL\tauto_increment`,
      'name\tvarchar(20)\tNO\t\t-\t',
      'born\tdate\tYES\t\tNULL\t',
    ]);
    expect(await lines("SHOW VARIABLES LIKE 'version_comment'")).toEqual([expect.stringMatching(/^version_comment\t/)]);
    expect((await lines('SHOW CREATE TABLE people'))[0]).toMatch(/^people\tCREATE TABLE `people` \(/);
    expect((await lines('SHOW INDEX FROM people'))[0]).toMatch(/^people\t0\tPRIMARY\t1\tid\tA\t/);
    for (const sql of ['SHOW STATUS', 'SHOW ENGINES', 'SHOW COLLATION', 'SHOW CHARACTER SET', 'SHOW PROCESSLIST']) {
      expect((await lines(sql)).length, sql).toBeGreaterThan(0);
    }
  });

  it('several statements, other delimiters, a change of database', async () => {
    const text =
      'SELECT 1;SELECT 2;\nUSE cli\nDELIMITER //\nSELECT 3; SELECT 4//\nDELIMITER ;\nSELECT DATABASE(); -- end\n# comment\n';
    expect((await client(['-N', '-B'], text)).stdout).toBe('1\n2\n3\n4\ncli\n');
  });

  it('the line of a mistake, and what came before it was done', async () => {
    const text = "SELECT 'one';\n\nSELECT 'two';\nSELEC 3;\nSELECT 'four';\n";
    const { code, stdout, stderr } = await client(['-N', '-B'], text);
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'one\ntwo\n' });
    expect(stderr).toMatch(/^ERROR 1064 \(42000\) at line 4: You have an error in your SQL syntax/m);
  });

  it('goes on after mistakes when told to', async () => {
    const { code, stdout, stderr } = await client(['-N', '-B', '--force'], 'SELEC 1;\nSELECT nothing;\nSELECT 3;\n');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '3\n' });
    expect(stderr).toMatch(
      /ERROR 1064 \(42000\) at line 1:[\s\S]*ERROR 1054 \(42S22\) at line 2: Unknown column 'nothing'/,
    );
  });

  it('counts and warnings after each statement', async () => {
    const text = `CREATE TEMPORARY TABLE IF NOT EXISTS people (id INT);`;
    expect((await client(['-vvv', '-e', 'INSERT INTO people (name) VALUES ("a"), ("b")', 'cli'])).stdout).toMatch(
      /Query OK, 2 rows affected.*\nRecords: 2 {2}Duplicates: 0 {2}Warnings: 0/,
    );
    expect((await client(['-vvv', '-e', 'UPDATE people SET name = "b" WHERE id > 2', 'cli'])).stdout).toMatch(
      /Query OK, 1 row affected.*\nRows matched: 2 {2}Changed: 1 {2}Warnings: 0/,
    );
    expect((await client(['-e', text, 'cli'])).stderr).toMatch(/^(?:ERROR 1235 .*|)$/m);
    const shown = await client(['--show-warnings', '-N', '-B', '-e', 'DROP TABLE IF EXISTS missing', 'cli']);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/Note \(Code 1051\): Unknown table/) });
  });

  it('text of any language, quotes, zero bytes and long values come back as sent', async () => {
    const values = ['江湖 ÄÖß 😀', "it''s \\\\ \\n \\t", 'x'.repeat(100_000)];
    for (const value of values) {
      const { stdout } = await client(['-N', '-B', '--raw', '-e', `SELECT '${value}' AS v`]);
      const plain = value
        .replaceAll("''", "'")
        .replaceAll('\\n', '\n')
        .replaceAll('\\t', '\t')
        .replaceAll('\\\\', '\\');
      expect(stdout).toBe(`${plain}\n`);
    }
    expect((await client(['-N', '-B', '-e', "SELECT HEX('a\\0b')"])).stdout).toBe('610062\n');
  });

  it('is told who may not come in', async () => {
    const refused = await tryCommand('mariadb', [
      ...mysqlClientArgs({ port: server.mysqlPort }).map((arg) => (arg === 'root' ? 'nobody' : arg)),
      '-e',
      'SELECT 1',
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^ERROR 1045 \(28000\): Access denied for user 'nobody'@/m);
    expect((await client(['-e', 'SELECT 1', 'missing'])).stderr).toMatch(/^ERROR 1049 \(42000\): Unknown database/m);
  });

  it('reaches the server through compression when it asks for it, or goes without', async () => {
    expect((await client(['--compress', '-N', '-B', '-e', 'SELECT 1'])).stdout).toBe('1\n');
  });
});
