/**
 * information_schema in front of a source, for users with roles on some databases: what Sluice shows of it is what MariaDB shows to a user of its own who has the same
 * databases, in every form in which drivers and tools ask. What is not surely understood is refused.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const USERS = `
[[users]]
name = "root"
password = ""

[[users]]
name = "owner"
password = "o"
databases = { shop = "admin", "o'dd" = "admin" }

[[users]]
name = "reader"
password = "r"
role = "reader"
databases = ["shop"]
`;

const folder = makeTempDir('information-schema');
const config = join(folder.path, 'sluice.toml');
let inFront: InFront;
/** Through Sluice. */
let owner: Connection;
let reader: Connection;
/** MariaDB's own user, straight. */
let own: Connection;

beforeAll(async () => {
  writeFileSync(config, USERS);
  inFront = await startInFront({ args: ['--config', config] });
  const root = await connectDriver({ mysqlPort: inFront.mariadb.port });
  for (const [i, database] of ['shop', 'shop2', 'main', "o'dd"].entries()) {
    await root.query(`CREATE DATABASE \`${database}\``);
    await root.query(
      `CREATE TABLE \`${database}\`.parent (id INT PRIMARY KEY, name VARCHAR(20), UNIQUE KEY by_name (name))`,
    );
    await root.query(
      `CREATE TABLE \`${database}\`.child (id INT PRIMARY KEY, parent INT, v INT CHECK (v > 0), CONSTRAINT parent_${i} FOREIGN KEY (parent) REFERENCES parent (id))`,
    );
    await root.query(`CREATE VIEW \`${database}\`.seen AS SELECT id FROM \`${database}\`.parent`);
    await root.query(
      `CREATE TRIGGER \`${database}\`.t BEFORE INSERT ON \`${database}\`.child FOR EACH ROW SET NEW.v = 1`,
    );
    await root.query(`CREATE PROCEDURE \`${database}\`.p(a INT) SELECT a`);
  }
  await root.query("CREATE USER own@'127.0.0.1'");
  for (const database of ['shop', "o'dd"]) await root.query(`GRANT ALL ON \`${database}\`.* TO own@'127.0.0.1'`);
  await root.end();
  own = await connectDriver({ mysqlPort: inFront.mariadb.port }, { user: 'own' });
  const administrator = await connectDriver(inFront.sluice);
  await administrator.query('CREATE TABLE shop.made_last (id INT PRIMARY KEY)');
  await administrator.end();
  owner = await connectDriver(inFront.sluice, { user: 'owner', password: 'o' });
  reader = await connectDriver(inFront.sluice, { user: 'reader', password: 'r' });
});

afterAll(async () => {
  for (const connection of [owner, reader, own]) await connection.end();
  await inFront.stop();
  folder.remove();
});

/** Rows, whatever their order; or the number of the error. Some tables of performance_schema MariaDB shows to everybody. */
async function answerOf(connection: Connection, text: string): Promise<string> {
  try {
    const [rows] = await connection.query<RowDataPacket[][]>({ sql: text, rowsAsArray: true });
    return JSON.stringify(
      rows
        .map((row) => JSON.stringify(row))
        .filter((row) => !row.includes('performance_schema'))
        .sort(),
    );
  } catch (error) {
    return `error ${(error as { errno: number }).errno}`;
  }
}

const ALIKE = [
  'SELECT schema_name FROM information_schema.schemata',
  'SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA ORDER BY SCHEMA_NAME',
  'SELECT table_schema, table_name, table_type FROM information_schema.tables',
  'SELECT t.table_schema, t.table_name FROM information_schema.tables t WHERE t.table_type = "VIEW"',
  'SELECT t.table_name FROM information_schema.`TABLES` AS `t` WHERE t.table_schema = "shop"',
  'SELECT `tables`.table_name FROM `information_schema`.`tables` WHERE `tables`.table_schema LIKE "s%"',
  'SELECT information_schema.tables.table_name FROM information_schema.tables WHERE information_schema.tables.table_schema = "shop"',
  'SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, 2, ordinal_position',
  `SELECT c.table_name, c.column_name, k.constraint_name, k.referenced_table_name FROM information_schema.columns c
     LEFT JOIN information_schema.key_column_usage k USING (table_schema, table_name, column_name)`,
  `SELECT k.table_schema, k.constraint_name, r.update_rule FROM information_schema.key_column_usage AS k
     JOIN information_schema.referential_constraints AS r ON r.constraint_schema = k.table_schema AND r.constraint_name = k.constraint_name`,
  'SELECT table_schema, table_name, index_name, column_name FROM information_schema.statistics',
  'SELECT constraint_schema, table_name, constraint_name, constraint_type FROM information_schema.table_constraints',
  'SELECT constraint_schema, table_name, constraint_name FROM information_schema.check_constraints',
  'SELECT table_schema, table_name, view_definition FROM information_schema.views',
  'SELECT trigger_schema, trigger_name, event_object_table FROM information_schema.triggers',
  'SELECT routine_schema, routine_name, routine_type FROM information_schema.routines',
  'SELECT specific_schema, specific_name, parameter_name FROM information_schema.parameters',
  'SELECT COUNT(*) FROM information_schema.partitions WHERE table_schema NOT IN ("information_schema", "performance_schema")',
  'SELECT COUNT(*) FROM information_schema.tables a, information_schema.tables b WHERE a.table_schema LIKE "s%" AND b.table_schema NOT LIKE "p%"',
  'SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = s.schema_name) FROM information_schema.schemata s',
  'WITH tables AS (SELECT 1 AS a) SELECT * FROM tables',
  'WITH t AS (SELECT table_name FROM information_schema.tables WHERE table_schema = "shop") SELECT * FROM t',
  'SELECT 1 FROM shop.parent WHERE EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = "main")',
  'SELECT table_name FROM information_schema.tables WHERE table_schema = "shop" UNION SELECT schema_name FROM information_schema.schemata',
  '(SELECT table_name FROM information_schema . tables LIMIT 0) UNION ALL (SELECT "information_schema.tables")',
  'SELECT /*!40001 HIGH_PRIORITY */ table_name, table_schema FROM /* all */ information_schema./*!40000 tables*/ # end',
  'SELECT "FROM information_schema.tables", table_name FROM information_schema.views -- information_schema.tables',
  'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()',
];

describe('a user with roles on some databases', () => {
  it.each(ALIKE)('is shown what a user of the source with these databases is: %s', async (text) => {
    const shown = await answerOf(owner, text);
    expect(shown).toBe(await answerOf(own, text));
    expect(shown.startsWith('[')).toBe(true);
  });

  it('with information_schema as the database', async () => {
    await owner.query('USE information_schema');
    await own.query('USE information_schema');
    for (const text of [
      'SELECT table_schema, table_name FROM tables',
      'SELECT t.table_name FROM TABLES t JOIN shop.parent ON FALSE',
      'SELECT tables.table_schema, columns.column_name FROM tables JOIN columns USING (table_schema, table_name)',
    ])
      expect(await answerOf(owner, text)).toBe(await answerOf(own, text));
    await owner.query('USE shop');
    await own.query('USE shop');
    const text = 'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()';
    expect(await answerOf(owner, text)).toBe(await answerOf(own, text));
    expect(await answerOf(owner, 'SELECT table_schema FROM tables')).toBe('error 1146');
  });

  it('by prepared statements, in every mode, and over HTTP', async () => {
    const text = 'SELECT table_schema, table_name FROM information_schema.tables WHERE table_name LIKE ?';
    const [prepared] = await owner.execute<RowDataPacket[]>(text, ['pare%']);
    expect(prepared).toEqual((await own.execute<RowDataPacket[]>(text, ['pare%']))[0]);
    expect(prepared).toHaveLength(2);
    for (const mode of ['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES']) {
      await owner.query('SET SESSION sql_mode = ?', [mode]);
      await own.query('SET SESSION sql_mode = ?', [mode]);
      const quoted = 'SELECT t.table_schema FROM `information_schema`.tables `t`';
      expect(await answerOf(owner, quoted)).toBe(await answerOf(own, quoted));
    }
    await owner.query("SET SESSION sql_mode = ''");
    await own.query("SET SESSION sql_mode = ''");
    const response = await fetch(`${inFront.sluice.httpUrl}/v1/sql`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('reader:r').toString('base64')}` },
      body: JSON.stringify({ sql: 'SELECT schema_name AS name FROM information_schema.schemata ORDER BY 1' }),
    });
    const { rows } = (await response.json()) as { rows: unknown };
    expect(rows).toEqual([{ name: 'information_schema' }, { name: 'shop' }]);
  });

  it('who only reads sees no triggers and routines, as SHOW has it', async () => {
    expect(
      await rowsOf(reader, 'SELECT DISTINCT table_schema AS s FROM information_schema.columns ORDER BY 1'),
    ).toEqual([{ s: 'information_schema' }, { s: 'shop' }]);
    expect(await singleValue(reader, 'SELECT COUNT(*) FROM information_schema.triggers')).toBe(0);
    expect(await singleValue(reader, 'SELECT COUNT(*) FROM information_schema.routines')).toBe(0);
  });
});

describe('what is not surely understood is refused', () => {
  it.each([
    ['TABLE information_schema.tables', 1044],
    ['SELECT * FROM information_schema.processlist', 1044],
    ['SELECT * FROM information_schema.user_privileges', 1044],
    ['SELECT * FROM information_schema.tables JOIN information_schema.processlist ON TRUE', 1044],
    ['CREATE TABLE shop.copy AS SELECT * FROM information_schema.tables', 1044],
    ['CREATE VIEW shop.copy AS SELECT * FROM information_schema.tables', 1044],
    ['INSERT INTO shop.parent (name) SELECT table_name FROM information_schema.tables', 1044],
    ['DELETE p FROM shop.parent p JOIN information_schema.tables', 1044],
    ['EXPLAIN SELECT * FROM information_schema.tables', 1044],
    ['DO (SELECT COUNT(*) FROM information_schema.tables)', 1044],
    ['SET @a = (SELECT COUNT(*) FROM information_schema.tables)', 1044],
    ['SELECT * FROM information_schema.tables INTO OUTFILE "/tmp/x"', 1227],
    // In the words of what is sent to the source, with another database.
    [
      `SELECT * FROM (SELECT * FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (X'6d61696e')) AS t UNION TABLE information_schema.tables`,
      1044,
    ],
  ])('%s', async (text, errno) => {
    expect(await answerOf(owner, text)).toBe(`error ${errno}`);
  });

  it('and what was understood for one user is not for another', async () => {
    const text = "SELECT * FROM (SELECT * FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (X'6d61696e')) AS t";
    expect(await answerOf(owner, 'SELECT table_name FROM information_schema.tables AS t')).toContain('parent');
    expect(await answerOf(owner, text)).toBe('[]');
    expect(await answerOf(reader, text)).toBe('[]');
  });
});
