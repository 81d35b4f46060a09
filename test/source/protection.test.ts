/** Roles, table access and rules in front of a MySQL server: what is refused never reaches it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const USERS = `
[[users]]
name = "root"
password = ""

[[users]]
name = "reader"
password = "r"
role = "reader"
databases = ["shop"]

[[users]]
name = "writer"
password = "w"
databases = { shop = "writer", sluice = "reader" }

[[users]]
name = "dba"
password = "d"
databases = { shop = "admin" }

[[users]]
name = "everywhere"
password = "e"
role = "reader"
`;
const PASSWORDS: Readonly<Record<string, string>> = { root: '', reader: 'r', writer: 'w', dba: 'd', everywhere: 'e' };

const folder = makeTempDir('protection');
const config = join(folder.path, 'sluice.toml');
let inFront: InFront;
let direct: Connection;
const opened: Connection[] = [];

beforeAll(async () => {
  writeFileSync(config, USERS);
  inFront = await startInFront({ args: ['--config', config], redis: true });
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  await direct.query('CREATE DATABASE shop');
  await direct.query('CREATE DATABASE main');
  await direct.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
  await direct.query('CREATE TABLE shop.log_a (id INT PRIMARY KEY, v INT)');
  await direct.query('CREATE TABLE main.secret (id INT PRIMARY KEY, v INT)');
  await direct.query('INSERT INTO shop.t VALUES (1, 1)');
  await direct.query(
    'CREATE FUNCTION shop.peek() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM main.secret)',
  );
  await direct.query('CREATE PROCEDURE shop.look() SELECT * FROM main.secret');
  await direct.query('CREATE VIEW shop.open_secret AS SELECT * FROM main.secret');
  // What it knows of the source is as new as this.
  await (await as('root')).query('CREATE TABLE shop.made (id INT PRIMARY KEY)');
});

afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.end().catch(() => undefined);
});

afterAll(async () => {
  await direct.end();
  await inFront.stop();
  folder.remove();
});

async function as(user: string, database?: string): Promise<Connection> {
  const password = PASSWORDS[user] ?? '';
  const connection = await connectDriver(inFront.sluice, {
    user,
    password,
    ...(database !== undefined && { database }),
  });
  opened.push(connection);
  return connection;
}

function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:${PASSWORDS[user]}`).toString('base64')}`;
}

async function errnoOf(promise: Promise<unknown>): Promise<number> {
  try {
    await promise;
    return 0;
  } catch (error) {
    return (error as { errno: number }).errno;
  }
}

const READ = 'SELECT * FROM shop.t WHERE id = 1';
const WRITE = 'UPDATE shop.t SET v = 2 WHERE id = 1';
const DEFINE = 'ALTER TABLE shop.t ADD COLUMN IF NOT EXISTS w INT';

describe('roles', () => {
  it.each([
    ['reader', READ, 0],
    ['reader', 'SELECT 1', 0],
    ['reader', 'SELECT * FROM shop.open_secret', 0],
    ['reader', WRITE, 1142],
    ['reader', DEFINE, 1142],
    ['reader', 'SELECT * FROM main.secret', 1044],
    ['reader', 'SELECT v FROM shop.t WHERE id = (SELECT id FROM main.secret)', 1044],
    ['reader', 'SET @a = (SELECT COUNT(*) FROM main.secret)', 1044],
    ['reader', 'EXPLAIN SELECT * FROM main.secret', 1044],
    ['reader', 'DO (SELECT id FROM main.secret LIMIT 1)', 1044],
    ['reader', 'SELECT * FROM sluice.keys', 1044],
    ['reader', 'SELECT * FROM mysql.user', 1044],
    ['reader', 'SELECT * FROM t', 1046],
    ['reader', 'SELECT shop.peek()', 1370],
    ['reader', "SELECT LOAD_FILE('/etc/passwd')", 1370],
    ['reader', 'CALL shop.look()', 1227],
    ['reader', "PREPARE s FROM 'SELECT * FROM main.secret'", 1227],
    ['reader', "EXECUTE IMMEDIATE 'SELECT * FROM main.secret'", 1227],
    ['reader', "SELECT 1 INTO OUTFILE '/tmp/x'", 1227],
    ['reader', 'SELECT * FROM shop.t, main.secret.x', 1227],
    ['reader', 'FLUSH TABLES', 1227],
    ['reader', 'CREATE USER u', 1227],
    ['reader', 'CREATE DATABASE mine', 1044],
    ['reader', 'DROP DATABASE shop', 1044],
    ['reader', 'DESCRIBE main.secret', 1044],
    ['reader', 'SHOW CREATE TABLE main.secret', 1044],
    ['reader', 'SHOW TABLES FROM main', 1044],
    ['reader', 'USE main', 1044],
    ['reader', 'USE mysql', 1044],
    ['reader', 'SHOW MASTER STATUS', 1227],
    ['reader', 'SELECT * FROM information_schema.processlist', 1044],
    ['reader', 'SELECT * FROM information_schema.tables', 0],
    ['reader', 'SELECT * FROM information_schema.collations LIMIT 1', 0],
    ['reader', 'SET sql_log_bin = 0', 1227],
    ['reader', 'SET GLOBAL max_connections = 10', 1227],
    ['reader', 'SET GLOBAL sluice_max_dml_rows = 7', 1227],
    ['reader', 'SET STATEMENT max_statement_time = 1 FOR SELECT * FROM main.secret', 1227],
    ['reader', "SET PASSWORD = ''", 1227],
    ['reader', "SET time_zone = '+01:00', sql_mode = 'ANSI_QUOTES'", 0],
    ['writer', READ, 0],
    ['writer', WRITE, 0],
    ['writer', 'INSERT INTO shop.t SELECT id + 1, v FROM shop.t', 0],
    ['writer', 'INSERT INTO shop.t SELECT id + 5, 1 FROM main.secret', 1044],
    ['writer', 'DELETE FROM shop.t WHERE id > 1', 0],
    ['writer', 'CREATE TEMPORARY TABLE shop.tmp SELECT * FROM shop.t', 0],
    ['writer', 'CREATE TEMPORARY TABLE shop.tmp SELECT * FROM main.secret', 1044],
    ['writer', 'TRUNCATE TABLE shop.t', 1142],
    ['writer', DEFINE, 1142],
    ['dba', DEFINE, 0],
    ['dba', 'CREATE TABLE shop.more (id INT)', 0],
    ['dba', 'CREATE TABLE shop.copy AS SELECT * FROM main.secret', 1044],
    ['dba', 'CREATE TABLE shop.like_it LIKE main.secret', 1044],
    ['dba', 'RENAME TABLE shop.more TO main.more', 1044],
    ['dba', 'DROP TABLE main.secret', 1044],
    ['dba', "CREATE TABLE shop.f (i INT) ENGINE=CSV DATA DIRECTORY='/tmp'", 1227],
    ['dba', 'CREATE PROCEDURE shop.p() SELECT * FROM main.secret', 1227],
    ['everywhere', 'SELECT * FROM main.secret', 0],
    ['everywhere', 'SELECT COUNT(*) FROM information_schema.tables', 0],
    ['everywhere', 'SELECT * FROM information_schema.processlist', 1044],
    ['everywhere', 'SELECT * FROM mysql.user', 1044],
    ['everywhere', WRITE, 1142],
    ['root', 'SELECT * FROM mysql.user', 0],
    ['root', 'SELECT shop.peek()', 0],
    ['root', 'CALL shop.look()', 0],
  ])('%s: %s gives %s', async (user, text, errno) => {
    expect(await errnoOf((await as(user)).query(text))).toBe(errno);
  });

  it('hold for a database as it is connected to, and for what is prepared', async () => {
    expect(await errnoOf(as('reader', 'main'))).toBe(1044);
    const reader = await as('reader', 'shop');
    expect(await rowsOf(reader, 'SELECT id FROM t')).toEqual([{ id: 1 }]);
    expect(await errnoOf(reader.execute('SELECT * FROM main.secret WHERE id = ?', [1]))).toBe(1044);
    const [rows] = await reader.execute('SELECT id FROM t WHERE id = ?', [1]);
    expect(rows).toEqual([{ id: 1 }]);
    expect(await errnoOf(reader.changeUser({ user: 'writer', password: 'w', database: 'main' }))).toBe(1044);
  });

  it('read a prepared statement in the mode in which it is executed', async () => {
    const writer = await as('writer', 'shop');
    // In the one mode a string, in the other the end of a name and a table.
    const text = String.raw`SELECT "\" FROM main.secret -- " FROM t WHERE id = ?`;
    const statement = await writer.prepare(text);
    await statement.execute([1]);
    await writer.query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
    expect(await errnoOf(statement.execute([1]))).not.toBe(0);
    await writer.query("SET sql_mode = 'ORACLE'");
    expect(await errnoOf(writer.query('SELECT id FROM t'))).toBe(1227);
  });

  it.each([
    'SELECT * FROM shop.t /*! , main.secret */',
    'SELECT * FROM shop.t /*!50000 , main.secret */',
    'SELECT * FROM shop.t /*M!100000 , main.secret */',
    'SELECT * FROM shop.t /*!50000 /* x */ , main.secret */',
    "SELECT '/*!999999' FROM main.secret WHERE v = '*/'",
    'SELECT * FROM shop.t, (main.secret)',
    'SELECT * FROM shop.t USE INDEX (PRIMARY), main.secret',
    'SELECT * FROM shop.t JOIN shop.t AS u ON t.id = u.id, main.secret',
    'SELECT * FROM { OJ shop.t LEFT JOIN main.secret ON t.id = secret.id }',
    'WITH secret AS (SELECT 1) SELECT * FROM main.secret',
    'SELECT * FROM (VALUES ((SELECT MAX(id) FROM main.secret))) AS x',
    'SELECT EXISTS(SELECT * FROM`main`.`secret`)',
  ])('a table that hides is found: %s', async (text) => {
    expect(await errnoOf((await as('reader', 'shop')).query(text))).toBe(1044);
  });

  it('executable comments that this source does not execute hide nothing, and dumps are read', async () => {
    const reader = await as('reader', 'shop');
    expect(await rowsOf(reader, 'SELECT id FROM t /*!999999 , main.secret */ /*!50701 , main.secret */')).toEqual([
      { id: 1 },
    ]);
    expect(await rowsOf(reader, 'SELECT /*!40001 SQL_NO_CACHE */ id FROM `t`')).toEqual([{ id: 1 }]);
  });

  it('names with letters beyond ASCII are read as UTF-8, or must be quoted', async () => {
    const dba = await as('dba', 'shop');
    await dba.query('CREATE TABLE größe (id INT)');
    expect(await errnoOf(dba.query('SELECT * FROM größe'))).toBe(0);
    await dba.query('SET NAMES latin1');
    expect(await errnoOf(dba.query('SELECT * FROM größe'))).toBe(1227);
    expect(await errnoOf(dba.query('SELECT * FROM t x\u00a0JOIN\u00a0main.secret'))).toBe(1227);
  });

  it('say why what cannot be seen through is refused, and what would do instead', async () => {
    const dba = await as('dba', 'shop');
    for (const [text, instead] of [
      ['CALL look()', 'send its statements themselves'],
      ['BEGIN NOT ATOMIC SELECT 1; END', 'send its statements themselves'],
      ["PREPARE s FROM 'SELECT * FROM t'", 'have the driver prepare it'],
      ['EXECUTE s', 'have the driver prepare it'],
      ['HANDLER t OPEN', 'use SELECT'],
      ["XA START 'x'", 'use BEGIN and COMMIT'],
    ] as const) {
      const failed = await failureOf(dba.query(text));
      expect(failed).toMatchObject({ errno: 1227, message: expect.stringContaining(instead) });
    }
    // As it says.
    await dba.execute('SELECT * FROM t WHERE id = ? LIMIT 1', [1]);
  });

  it('show databases, grants and processes as far as they are one’s own', async () => {
    const reader = await as('reader');
    const root = await as('root');
    expect(await rowsOf(reader, 'SHOW DATABASES')).toEqual([{ Database: 'information_schema' }, { Database: 'shop' }]);
    expect(await rowsOf(reader, "SHOW DATABASES LIKE 's%'")).toEqual([{ 'Database (s%)': 'shop' }]);
    // A regular expression of this would never end.
    expect(await rowsOf(reader, `SHOW DATABASES LIKE '${'%'.repeat(40)}!'`)).toEqual([]);
    expect(await rowsOf(root, "SHOW DATABASES LIKE 'main'")).toHaveLength(1);
    expect(await rowsOf(reader, 'SHOW GRANTS')).toEqual([
      { 'Grants for reader@%': 'GRANT USAGE ON *.* TO `reader`@`%`' },
      { 'Grants for reader@%': 'GRANT SELECT ON `shop`.* TO `reader`@`%`' },
    ]);
    expect(await errnoOf(reader.query('SHOW GRANTS FOR writer'))).toBe(1227);
    expect(await rowsOf(root, 'SHOW GRANTS FOR writer')).toHaveLength(3);
    const seen = await rowsOf<{ User: string }>(reader, 'SHOW PROCESSLIST');
    expect(new Set(seen.map(({ User }) => User))).toEqual(new Set(['reader']));
    const all = await rowsOf<{ User: string }>(root, 'SHOW PROCESSLIST');
    expect(new Set(all.map(({ User }) => User))).toEqual(new Set(['reader', 'root']));
    const id = await singleValue(root, 'SELECT CONNECTION_ID()');
    expect(await errnoOf(reader.query(`KILL QUERY ${id}`))).toBe(1227);
    const other = await as('reader');
    const otherId = await singleValue(other, 'SELECT CONNECTION_ID()');
    expect(await errnoOf(reader.query(`KILL ${otherId}`))).toBe(0);
  });

  it('hold for keys', async () => {
    const get = (user: string, method: string) =>
      fetch(`${inFront.sluice.httpUrl}/v1/keys/a.b`, {
        method,
        headers: {
          authorization: basic(user),
          'content-type': 'application/json',
        },
        ...(method === 'PUT' && { body: '1' }),
      }).then(({ status }) => status);
    expect(await get('root', 'PUT')).toBe(201);
    expect(await get('writer', 'GET')).toBe(200);
    expect(await get('writer', 'PUT')).toBe(403);
    expect(await get('reader', 'GET')).toBe(403);
  });
});

describe('rules and table access', () => {
  const rules = `
[[rules]]
name = "no-scans"
users = ["everywhere"]
kinds = ["scan"]
tables = ["shop.*"]
action = "fail"
message = "use a key"

[[rules]]
name = "busy"
pattern = "^select v from t as"
action = "fail-retry"

[[rules]]
name = "no-thousands"
tables = ["shop.t"]
values = [{ place = 1, op = ">", value = 1000 }]
action = "fail"

[[rules]]
name = "slow-down"
pattern = "from t where v = "
users = ["writer"]
action = "delay"
delay_ms = 300

[[rules]]
name = "wait"
pattern = "from t as waiting"
action = "delay"
delay_ms = 60000

[[rules]]
name = "few"
users = ["dba"]
kinds = ["list"]
action = "hint"
hint = "max_rows(1)"

[[rules]]
name = "told"
pattern = "told_column"
action = "log"

[[table_access]]
name = "logs"
tables = ["shop.log_*"]
readers = ["everywhere"]
writers = ["writer"]
`;

  const TOLD = 'users, rules and table access';

  async function reload(text: string): Promise<string> {
    writeFileSync(config, USERS + text);
    const seen = inFront.sluice.output.length;
    process.kill(inFront.sluice.pid, 'SIGHUP');
    while (!inFront.sluice.output.slice(seen).includes(TOLD)) await sleep(20);
    return inFront.sluice.output.slice(seen);
  }

  beforeAll(async () => {
    await direct.query('REPLACE INTO shop.t (id, v) VALUES (1, 1), (2, 2)');
    expect(await reload(rules)).toContain('were read again');
  });

  it('refuse by user, kind and table', async () => {
    const everywhere = await as('everywhere', 'shop');
    const failure = await failureOf(everywhere.query('SELECT * FROM t WHERE v = 1'));
    expect(failure).toMatchObject({ errno: 1105, message: "Refused by rule 'no-scans': use a key" });
    expect(await errnoOf(everywhere.query('SELECT * FROM t WHERE id = 1'))).toBe(0);
    expect(await errnoOf(everywhere.query('SELECT * FROM main.secret WHERE v = 1'))).toBe(0);
    expect(await errnoOf((await as('reader', 'shop')).query('SELECT * FROM t WHERE v = 1'))).toBe(0);
  });

  it('refuse by the text without its literals', async () => {
    const root = await as('root', 'shop');
    expect(await failureOf(root.query('SELECT   v /* x */ FROM t AS u'))).toMatchObject({
      message: "Refused by rule 'busy': try again later",
    });
    expect(await errnoOf(root.query('SELECT v FROM t'))).toBe(0);
  });

  it('refuse by values: those of the text, of parameters, of what is prepared', async () => {
    const root = await as('root', 'shop');
    for (const [id, errno] of [
      [1001, 1105],
      [1000, 0],
    ] as const) {
      expect(await errnoOf(root.query(`SELECT * FROM t WHERE id = ${id}`))).toBe(errno);
      expect(await errnoOf(root.execute('SELECT * FROM t WHERE id = ?', [id]))).toBe(errno);
      const answer = await fetch(`${inFront.sluice.httpUrl}/v1/sql`, {
        method: 'POST',
        headers: { authorization: basic('root') },
        body: JSON.stringify({ sql: 'SELECT * FROM shop.t WHERE id = :id', params: { id } }),
      });
      expect(answer.status).toBe(errno === 0 ? 200 : 403);
    }
  });

  it('delay, and a wait can be killed', async () => {
    const writer = await as('writer', 'shop');
    const since = performance.now();
    await writer.query('SELECT id FROM t WHERE v = 1');
    expect(performance.now() - since).toBeGreaterThanOrEqual(290);
    const id = await singleValue(writer, 'SELECT CONNECTION_ID()');
    const waiting = failureOf(writer.query('SELECT id FROM t AS waiting'));
    await sleep(50);
    await (await as('writer')).query(`KILL QUERY ${id}`);
    expect(await waiting).toMatchObject({ errno: 1317 });
  });

  it('hint', async () => {
    const dba = await as('dba', 'shop');
    expect(await failureOf(dba.query('SELECT id FROM t ORDER BY id'))).toMatchObject({
      message: expect.stringContaining('row count exceeded 1'),
    });
    expect(await errnoOf(dba.query('SELECT id FROM t ORDER BY id LIMIT 1'))).toBe(0);
    expect(await errnoOf(dba.query('SELECT /*+ max_rows(5) */ id FROM t ORDER BY id'))).not.toBe(0);
    expect(await failureOf(dba.query('SELECT /*+ max_rows(x) */ id FROM t'))).toMatchObject({ errno: 1210 });
  });

  it('log', async () => {
    const seen = inFront.sluice.output.length;
    await (await as('root', 'shop')).query('SELECT 1 AS told_column');
    while (!inFront.sluice.output.slice(seen).includes('told_column')) await sleep(20);
    expect(inFront.sluice.output.slice(seen)).toContain('"rule":"told"');
  });

  it('keep tables to those who are named, administrators too', async () => {
    const root = await as('root', 'shop');
    const everywhere = await as('everywhere', 'shop');
    expect(await errnoOf(everywhere.query('SELECT * FROM log_a WHERE id = 1'))).toBe(0);
    expect(await errnoOf((await as('writer', 'shop')).query('INSERT INTO log_a (id) VALUES (1)'))).toBe(0);
    expect(await errnoOf((await as('reader', 'shop')).query('SELECT * FROM log_a'))).toBe(1142);
    expect(await errnoOf(root.query('SELECT * FROM log_a'))).toBe(1142);
    expect(await errnoOf(root.query('SELECT * FROM t, (log_a)'))).toBe(1142);
    // It may use any.
    expect(await errnoOf(root.query('CALL look()'))).toBe(1142);
  });

  it('let by and tell, in a dry run of table access', async () => {
    const root = await as('root', 'shop');
    await root.query('SET GLOBAL sluice_table_access_dry_run = 1');
    const seen = inFront.sluice.output.length;
    expect(await errnoOf(root.query('SELECT * FROM log_a'))).toBe(0);
    while (!inFront.sluice.output.slice(seen).includes('(dry run)')) await sleep(20);
    await root.query('SET GLOBAL sluice_table_access_dry_run = 0');
    expect(await errnoOf(root.query('SELECT * FROM log_a'))).toBe(1142);
  });

  it('stay as they are when a mistake is in them', async () => {
    expect(await reload('[[rules]]\nname = "broken"\naction = "explode"\n')).toContain('stay as they are');
    expect(await errnoOf((await as('root', 'shop')).query('SELECT v FROM t AS u'))).toBe(1105);
  });

  it('go when they are taken out; open sessions have the rights of now', async () => {
    const reader = await as('reader', 'shop');
    writeFileSync(config, USERS);
    await reload('[[users]]\nname = "more"\npassword = "m"\n');
    expect(await errnoOf((await as('root', 'shop')).query('SELECT v FROM t AS u'))).toBe(0);
    expect(await errnoOf(reader.query('UPDATE t SET v = 1 WHERE id = 1'))).toBe(1142);
    writeFileSync(config, USERS);
    await reload('');
    expect(await errnoOf(reader.query('SELECT id FROM t'))).toBe(0);
  });
});
