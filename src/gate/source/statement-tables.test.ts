import { describe, expect, it } from 'vitest';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import { DEFAULT_SYNTAX } from '../../sql/syntax/sql-mode.ts';
import { factsOf } from './token-facts.ts';

/** `a r, b w`: names with the first letter of their access; what else is there behind a bar. */
function uses(text: string, syntax: SyntaxOptions = DEFAULT_SYNTAX): string {
  const { tables, unsure, privilege } = factsOf(text, syntax);
  const names = tables.map(
    ({ database, name, access }) => `${database === null ? '' : `${database}.`}${name} ${access[0]}`,
  );
  return [
    names.sort().join(', '),
    ...(unsure === null ? [] : ['unsure']),
    ...(privilege === null ? [] : [privilege]),
  ].join(' | ');
}

describe('the tables of a query', () => {
  it.each([
    ['SELECT 1', ''],
    ['SELECT * FROM a', 'a r'],
    ['SELECT a, b FROM a AS x, d.b y WHERE x.i IN (1, 2) ORDER BY 1, 2', 'a r, d.b r'],
    ['SELECT * FROM a JOIN b ON a.i = b.i LEFT JOIN c USING (i, j)', 'a r, b r, c r'],
    ['SELECT (SELECT MAX(i) FROM b), 1 FROM a', 'a r, b r'],
    ['SELECT * FROM (SELECT i, j FROM b) AS x JOIN c ON x.i = c.i', 'b r, c r'],
    ['SELECT TRIM(LEADING 0 FROM i), SUBSTRING(s FROM 2), EXTRACT(DAY FROM d) FROM a', 'a r'],
    ['SELECT TRIM((SELECT s FROM b) FROM i) FROM a', 'a r, b r'],
    // Lists in parentheses, and behind conditions and hints.
    ['SELECT * FROM (a, b)', 'a r, b r'],
    ['SELECT * FROM (a, (b, (c)))', 'a r, b r, c r'],
    ['SELECT * FROM a JOIN (b, c) ON a.i = b.i', 'a r, b r, c r'],
    ['SELECT * FROM a JOIN b ON a.i = b.i, c', 'a r, b r, c r'],
    ['SELECT * FROM a JOIN b ON a.i = b.i AND a.j IN (1, 2), c d, e', 'a r, b r, c r, e r'],
    ['SELECT * FROM a USE INDEX (x, y), c', 'a r, c r'],
    ['SELECT * FROM a USE INDEX FOR JOIN (x), c', 'a r, c r'],
    ['SELECT * FROM a AS x FORCE KEY FOR ORDER BY (x) IGNORE INDEX FOR GROUP BY (y), c', 'a r, c r'],
    ['SELECT * FROM a PARTITION (p0, p1), c', 'a r, c r'],
    ['SELECT * FROM a PARTITION (p0) AS x, c', 'a r, c r'],
    ['SELECT * FROM (SELECT 1) AS x, c', 'c r'],
    ['SELECT * FROM a, (b)', 'a r, b r'],
    ['SELECT * FROM ((SELECT 1)) AS x', ''],
    ['SELECT * FROM ((SELECT i FROM a) UNION (SELECT i FROM b)) AS x, c', 'a r, b r, c r'],
    ['SELECT * FROM ((SELECT i FROM a) AS x JOIN b), c', 'a r, b r, c r'],
    ['SELECT * FROM { OJ a LEFT OUTER JOIN b ON a.i = b.i }, c', 'a r, b r, c r'],
    ['SELECT * FROM { oj (a, b) }', 'a r, b r'],
    ['SELECT * FROM a STRAIGHT_JOIN b', 'a r, b r'],
    ['SELECT STRAIGHT_JOIN i FROM a NATURAL LEFT JOIN b', 'a r, b r'],
    ['SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.i = a.i) AS x', 'a r, b r'],
    ["SELECT * FROM a, JSON_TABLE(a.j, '$[*]' COLUMNS (x INT PATH '$.x')) AS y, b", 'a r, b r'],
    ['SELECT * FROM a FOR SYSTEM_TIME AS OF NOW(), b', 'a r, b r'],
    ['SELECT * FROM a FOR SYSTEM_TIME BETWEEN x AND y, b', 'a r, b r'],
    ['SELECT * FROM a FOR SYSTEM_TIME FROM x TO y, b', 'a r, b r'],
    [
      'SELECT i FROM a GROUP BY i WITH ROLLUP HAVING EXISTS (SELECT 1 FROM b) ORDER BY (SELECT 1 FROM c)',
      'a r, b r, c r',
    ],
    ['SELECT i FROM a UNION SELECT i FROM b', 'a r, b r'],
    ['SELECT i FROM a EXCEPT SELECT i FROM b INTERSECT ALL (SELECT i FROM c)', 'a r, b r, c r'],
    ['(SELECT i FROM a) UNION ALL (SELECT i FROM b) LIMIT 1', 'a r, b r'],
    ['((SELECT i FROM a))', 'a r'],
    ['SELECT * FROM a WHERE i = ANY (SELECT i FROM b) AND j > ALL (SELECT i FROM c)', 'a r, b r, c r'],
    ['SELECT * FROM a WHERE (i, j) IN (SELECT i, j FROM b)', 'a r, b r'],
    ['SELECT EXISTS(TABLE a)', 'a r'],
    ['TABLE a', 'a r'],
    ['SELECT 1 UNION TABLE d.a', 'd.a r'],
    ['VALUES ROW(1, (SELECT i FROM a)), ROW(2, 3)', 'a r'],
    ['SELECT * FROM (VALUES (1), ((SELECT i FROM a))) AS x', 'a r'],
    ['SELECT CASE WHEN (SELECT i FROM a) THEN 1 ELSE (SELECT i FROM b) END', 'a r, b r'],
    ['SELECT NEXT VALUE FOR s, PREVIOUS VALUE FOR d.p, NEXTVAL(t), LASTVAL(d.u)', 'd.p r, d.u r, s w, t w'],
    ['DO (SELECT i FROM a)', 'a r'],
    ['SELECT * FROM a WINDOW w AS (PARTITION BY (SELECT i FROM b))', 'a r, b r'],
    ['SELECT * FROM a FOR UPDATE', 'a r'],
    ['SELECT * FROM a LIMIT 1 LOCK IN SHARE MODE', 'a r'],
    ['SELECT i INTO @x FROM a', 'a r'],
    ['SELECT i FROM a INTO @x, @y', 'a r'],
    // Names of any form.
    ['SELECT * FROM`a`,`d`.`b`', 'a r, d.b r'],
    ['SELECT * FROM `a``b`', 'a`b r'],
    ['SELECT * FROM `select`', 'select r'],
    ['SELECT * FROM d . a', 'd.a r'],
    ['SELECT * FROM d.from, d.select', 'd.from r, d.select r'],
    ['SELECT * FROM .a', 'a r'],
    ['SELECT * FROM d.1a', 'd.1a r'],
    ['SELECT a.from, a.join FROM a', 'a r'],
    ['SELECT * FROM mysql.user', 'mysql.user r'],
    ['SELECT * FROM information_schema.processlist', 'information_schema.processlist r'],
    // Comments.
    ['SELECT/**/*/**/FROM/**/a/* , b */,/* x */c', 'a r, c r'],
    ['SELECT * FROM a -- , b\n, c', 'a r, c r'],
    ['SELECT * FROM a # , b\n, c', 'a r, c r'],
    ['SELECT * FROM a /*! , b */', 'a r, b r'],
    ['SELECT * FROM a /*!50000 , b */, c', 'a r, b r, c r'],
    ['SELECT * FROM a /*M!100000 , b */', 'a r, b r'],
    ['SELECT /*!40001 SQL_NO_CACHE */ * FROM `a`', 'a r'],
    ['/*!50000 SELECT * FROM */ a', 'a r'],
    // What is in strings is no table, and ends none.
    ["SELECT ' FROM b' FROM a", 'a r'],
    ["SELECT 'it''s' FROM a WHERE s = '\\' FROM b'", 'a r'],
    ["SELECT '/*!' FROM a, b WHERE s = '*/'", 'a r, b r'],
    ["SELECT '/*!999999' FROM a, b WHERE s = '*/'", 'a r, b r'],
    ["SELECT '/*' FROM a, b WHERE s = '*/'", 'a r, b r'],
    ['SELECT `/*!999999` FROM a, b WHERE `*/` = 1', 'a r, b r'],
    // Words that are names for some servers.
    ['SELECT * FROM a window, b', 'a r, b r'],
    ['SELECT * FROM a offset, b', 'a r, b r'],
    ['SELECT * FROM a except, b', 'a r, b r'],
    ['SELECT * FROM a intersect JOIN b', 'a r, b r'],
    ['SELECT * FROM a full JOIN b', 'a r, b r'],
    ['SELECT * FROM a returning, b', 'a r, b r'],
    ['SELECT * FROM a minus, b', 'a r, b r'],
    ['SELECT * FROM a AS `where`, b', 'a r, b r'],
    ['SELECT * FROM lateral, b', 'b r, lateral r'],
  ])('%s', (text, expected) => {
    expect(uses(text)).toBe(expected);
  });

  it.each([
    ['WITH x AS (SELECT * FROM a) SELECT * FROM x, b', 'a r, b r'],
    // The name is a table's in its own query.
    ['WITH a AS (SELECT * FROM a) SELECT * FROM a', 'a r'],
    ['WITH RECURSIVE x AS (SELECT 1 UNION SELECT i + 1 FROM x) SELECT * FROM x', ''],
    ['WITH x AS (SELECT 1), y AS (SELECT * FROM x JOIN a) SELECT * FROM y', 'a r'],
    ['WITH y AS (SELECT * FROM x), x AS (SELECT 1) SELECT * FROM y', 'x r'],
    ['WITH RECURSIVE y AS (SELECT * FROM x), x AS (SELECT 1) SELECT * FROM y', 'x r'],
    // With a database before it it is a table; on servers that tell A from a, A too.
    ['WITH x AS (SELECT 1) SELECT * FROM d.x, X', 'X r, d.x r'],
    ['(WITH x AS (SELECT 1) SELECT * FROM x) UNION SELECT * FROM x', 'x r'],
    ['SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) AS y, x', 'x r'],
    ['WITH x (i, j) AS (SELECT 1, 2) SELECT * FROM x WHERE i IN (SELECT i FROM x)', ''],
    ['WITH x AS (SELECT 1) SELECT (SELECT 1 FROM x, a)', 'a r'],
    ['WITH x AS (SELECT 1) UPDATE a JOIN x SET a.i = 1', 'a w'],
    ['WITH x AS (SELECT 1) DELETE FROM a WHERE i IN (SELECT * FROM x)', 'a w'],
    ['INSERT INTO x WITH x AS (SELECT * FROM a) SELECT * FROM x', 'a r, x w'],
    ['SELECT i FROM a GROUP BY i WITH ROLLUP', 'a r'],
  ])('with common table expressions: %s', (text, expected) => {
    expect(uses(text)).toBe(expected);
  });

  it.each([
    ['SELECT * FROM "a", b', '| unsure', 'a r, b r'],
    ['SELECT "x FROM c" FROM a', 'a r', 'a r'],
    ['SELECT * FROM d."a""b"', '| unsure', 'd.a"b r'],
  ])('as quotes are read: %s', (text, plain, ansi) => {
    expect(uses(text)).toMatch(plain);
    expect(uses(text, { ansiQuotes: true })).toBe(ansi);
  });

  it('as backslashes are read', () => {
    const text = String.raw`SELECT '\' FROM a -- ' FROM b`;
    expect(uses(text)).toBe('b r');
    expect(uses(text, { noBackslashEscapes: true })).toBe('a r');
  });
});

describe('the tables that a statement changes', () => {
  it.each([
    ['INSERT INTO a (i, j) VALUES (1, 2), (3, (SELECT i FROM b))', 'a w, b r'],
    ['INSERT a VALUES (1)', 'a w'],
    ['INSERT LOW_PRIORITY IGNORE INTO d.a SET i = (SELECT 1 FROM b)', 'b r, d.a w'],
    ['INSERT INTO a PARTITION (p0) SELECT * FROM b, (c)', 'a w, b r, c r'],
    ['INSERT INTO a (SELECT * FROM b)', 'a w, b r'],
    ['INSERT INTO a TABLE b', 'a w, b r'],
    ['INSERT INTO a SELECT * FROM a', 'a w'],
    ['INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE i = (SELECT i FROM b)', 'a w, b r'],
    ['INSERT INTO a SELECT * FROM b JOIN c ON b.i = c.i ON DUPLICATE KEY UPDATE i = 1, j = 2', 'a w, b r, c r'],
    ['INSERT INTO a VALUES (1) AS n(x) ON DUPLICATE KEY UPDATE i = n.x', 'a w'],
    ['INSERT INTO a VALUES (1) RETURNING (SELECT i FROM b)', 'a w, b r'],
    ['REPLACE DELAYED a SELECT * FROM b', 'a w, b r'],
    ['UPDATE a SET i = 1, j = 2 WHERE i = (SELECT i FROM b)', 'a w, b r'],
    ['UPDATE a, b SET a.i = b.i', 'a w, b r'],
    ['UPDATE a x JOIN d.b AS y ON x.i = y.i, c SET y.i = 1', 'a r, c r, d.b w'],
    ['UPDATE a, d.b SET d.b.i = 1', 'a r, d.b w'],
    ['UPDATE a, b SET i = 1', 'a w, b w'],
    ['UPDATE a, d.a SET a.i = 1', 'a w, d.a w'],
    ['UPDATE LOW_PRIORITY IGNORE (a, b) SET a.i = 1, b.i = 2', 'a w, b w'],
    ['UPDATE a, (SELECT * FROM b) AS x SET a.i = x.i', 'a w, b r'],
    ['UPDATE a FOR PORTION OF p FROM x TO y SET i = 1', 'a w'],
    ['DELETE FROM a', 'a w'],
    ['DELETE QUICK FROM a AS x WHERE i IN (SELECT i FROM b, c)', 'a w, b r, c r'],
    ['DELETE a FROM a JOIN b', 'a w, b r'],
    ['DELETE x FROM a AS x, b AS y WHERE x.i = y.i', 'a w, b r'],
    ['DELETE a.*, d.b.* FROM a, d.b, c', 'a w, c r, d.b w'],
    ['DELETE FROM x, y USING a AS x JOIN b AS y JOIN c', 'a w, b w, c r'],
    ['DELETE FROM a.* USING a, b', 'a w, b r'],
    ['DELETE z FROM a AS x, b', 'a w, b w'],
    ['DELETE FROM a RETURNING i, (SELECT i FROM b)', 'a w, b r'],
    ['EXPLAIN DELETE FROM a', 'a w'],
    ['EXPLAIN FORMAT = JSON SELECT * FROM a', 'a r'],
    ['ANALYZE FORMAT=JSON UPDATE a SET i = 1', 'a w'],
    ['DESCRIBE d.a i', 'd.a r'],
    ['DESC a', 'a r'],
    ['LOCK TABLES a READ, b AS x WRITE, c LOW_PRIORITY WRITE', 'a r, b w, c w'],
    ['OPTIMIZE NO_WRITE_TO_BINLOG TABLE a, d.b', 'a w, d.b w'],
    ['CHECK TABLE a QUICK', 'a r'],
    ['ANALYZE TABLE a PERSISTENT FOR ALL', 'a w'],
  ])('%s', (text, expected) => {
    expect(uses(text)).toBe(expected);
  });

  it.each([
    ['CREATE TABLE a (i INT PRIMARY KEY, KEY k (i)) ENGINE=InnoDB', 'a a'],
    ['CREATE TABLE IF NOT EXISTS d.a LIKE b', 'b r, d.a a'],
    ['CREATE TABLE a (LIKE d.b)', 'a a, d.b r'],
    ['CREATE TABLE a SELECT * FROM b', 'a a, b r'],
    ['CREATE TABLE a (i INT) AS (SELECT * FROM (b, c))', 'a a, b r, c r'],
    ['CREATE TABLE a ((SELECT i FROM b) UNION (SELECT i FROM c))', 'a a, b r, c r'],
    ['CREATE OR REPLACE TABLE a ENGINE=Aria WITH x AS (SELECT * FROM b) SELECT * FROM x', 'a a, b r'],
    ['CREATE TABLE a TABLE b', 'a a, b r'],
    ['CREATE TABLE a (i INT REFERENCES b (i), FOREIGN KEY (i) REFERENCES d.c (i))', 'a a, b r, d.c r'],
    ['CREATE TEMPORARY TABLE a SELECT * FROM b', 'a w, b r'],
    ['CREATE UNIQUE INDEX i ON d.a (x)', 'd.a a'],
    ['CREATE OR REPLACE SQL SECURITY INVOKER VIEW v AS SELECT * FROM a', 'a r, v a'],
    ['CREATE VIEW v (x) AS SELECT (SELECT i FROM b) FROM a', 'a r, b r, v a'],
    ['CREATE DATABASE d', 'd.* a'],
    ['DROP SCHEMA IF EXISTS d', 'd.* a'],
    ['ALTER DATABASE CHARACTER SET utf8mb4', '* a'],
    ['ALTER TABLE a ADD COLUMN i INT, RENAME COLUMN x TO y', 'a a'],
    ['ALTER TABLE a RENAME TO d.b', 'a a, d.b a'],
    ['ALTER TABLE a ADD i INT, RENAME b', 'a a, b a'],
    ['ALTER TABLE a EXCHANGE PARTITION p WITH TABLE d.b', 'a a, d.b a'],
    ['ALTER TABLE a ADD FOREIGN KEY (i) REFERENCES b (i)', 'a a, b r'],
    ['DROP TABLE IF EXISTS a, d.b CASCADE', 'a a, d.b a'],
    ['DROP TEMPORARY TABLE a', 'a w'],
    ['DROP VIEW a, b', 'a a, b a'],
    ['DROP INDEX i ON a', 'a a'],
    ['RENAME TABLE a TO b, c TO d.e', 'a a, b a, c a, d.e a'],
    ['TRUNCATE d.a', 'd.a a'],
    ['TRUNCATE TABLE a', 'a a'],
  ])('by definition: %s', (text, expected) => {
    expect(uses(text)).toBe(expected);
  });

  it.each([
    ['SHOW COLUMNS FROM a FROM d', 'd.a r'],
    ['SHOW FULL FIELDS IN d.a WHERE EXISTS (SELECT 1 FROM b)', 'b r, d.a r'],
    ['SHOW INDEX FROM a IN d', 'd.a r'],
    ['SHOW KEYS FROM a', 'a r'],
    ['SHOW CREATE TABLE d.a', 'd.a r'],
    ['SHOW TABLES', '* r'],
    ["SHOW FULL TABLES FROM d LIKE 'x%'", 'd.* r'],
    ['SHOW TABLE STATUS FROM d', 'd.* r'],
    ['SHOW TRIGGERS FROM d', 'd.* a'],
    ['SHOW CREATE DATABASE d', 'd.* r'],
    ['SHOW DATABASES', ''],
    ['SHOW VARIABLES WHERE Variable_name IN (SELECT i FROM a)', 'a r'],
  ])('that SHOW names: %s', (text, expected) => {
    expect(uses(text)).toBe(expected);
  });
});

describe('a statement that may reach beyond the tables that it names', () => {
  it.each([
    ["LOAD DATA INFILE '/etc/passwd' INTO TABLE a", 'FILE'],
    ["SELECT * FROM a INTO OUTFILE '/tmp/x'", 'FILE'],
    ["SELECT * INTO DUMPFILE '/tmp/x' FROM a", 'FILE'],
    ["SELECT (SELECT 1 INTO OUTFILE '/tmp/x')", 'FILE'],
    ['CALL p()', 'EXECUTE'],
    ['BEGIN NOT ATOMIC SELECT * FROM a; END', 'EXECUTE'],
    ["PREPARE s FROM 'SELECT * FROM a'", 'SUPER'],
    ['EXECUTE s', 'SUPER'],
    ["EXECUTE IMMEDIATE 'SELECT * FROM a'", 'SUPER'],
    ['HANDLER a OPEN', 'SUPER'],
    ['XA RECOVER', 'SUPER'],
    ['FLUSH TABLES', 'RELOAD'],
    ['CREATE USER u', 'SUPER'],
    ['GRANT SELECT ON a TO u', 'GRANT OPTION'],
    ['CREATE PROCEDURE p() SELECT 1', 'SUPER'],
    ['CREATE FUNCTION f() RETURNS INT RETURN 1', 'SUPER'],
    ['CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x = 1', 'SUPER'],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'SUPER'],
    ['CREATE DEFINER = root@localhost VIEW v AS SELECT 1', 'SUPER'],
    ["CREATE TABLE a (i INT) ENGINE=CONNECT FILE_NAME='/etc/passwd'", 'SUPER'],
    ["CREATE TABLE a (i INT) ENGINE 'FEDERATED' CONNECTION='mysql://h/d/t'", 'SUPER'],
    ["CREATE TABLE a (i INT) DATA DIRECTORY='/tmp'", 'FILE'],
    ['CREATE TABLE a (i INT) ENGINE=MERGE UNION=(b)', 'SUPER'],
    ['ALTER TABLE a IMPORT TABLESPACE', 'SUPER'],
    ['SET STATEMENT max_statement_time = 1 FOR SELECT * FROM a', 'SUPER'],
    ['EXPLAIN FOR CONNECTION 7', 'PROCESS'],
    ['SHOW EXPLAIN FOR 7', 'PROCESS'],
    ['SHOW ENGINE INNODB STATUS', 'PROCESS'],
    ['SHOW BINARY LOGS', 'REPLICATION CLIENT'],
    ['SHOW CREATE PROCEDURE p', 'SUPER'],
    ['INSTALL PLUGIN x SONAME "y"', 'SUPER'],
    ['DELETE HISTORY FROM a', 'DELETE HISTORY'],
    ['WHATEVER a', 'SUPER'],
  ])('needs a privilege: %s', (text, privilege) => {
    expect(factsOf(text, DEFAULT_SYNTAX).privilege).toBe(privilege);
  });

  it.each([
    'SELECT * FROM a; SELECT * FROM b',
    'SELECT * FROM f(1)',
    'SELECT * FROM a.b.c',
    'SELECT * FROM a x.y',
    'SELECT * FROM ?',
    "SELECT * FROM 'a'",
    'SELECT i FROM a INTO b',
    'SELECT * FROM (a',
    'SELECT 1) FROM (SELECT 2',
    'UPDATE a',
    'DELETE a WHERE i = 1',
    'ALTER TABLE a UNION = (b)',
    'SELECT * FROM a PROCEDURE ANALYSE()',
  ])('is not understood: %s', (text) => {
    expect(uses(text)).toContain('unsure');
  });

  it.each([
    ['SELECT f(1)', true],
    ['SELECT `f`(1)', true],
    ['SELECT d.count(1)', true],
    ['SELECT * FROM a JOIN b ON f(a.i)', true],
    ['SELECT * FROM a WHERE NOT f(1)', true],
    ["SELECT LOAD_FILE('/etc/passwd')", true],
    ['SELECT ANY(1)', true],
    ['SELECT COUNT(*), IF(a.i IN (1), 2, 3) FROM a WHERE EXISTS (SELECT 1)', false],
    ['INSERT INTO f (i) VALUES (1)', false],
    ['WITH f (i) AS (SELECT 1) SELECT * FROM f', false],
    ["SELECT MATCH (a) AGAINST ('x') FROM a", false],
    ['SELECT CAST(a AS DECIMAL(10, 2)) FROM a', false],
    ['SELECT * FROM a WHERE i = ANY (SELECT 1)', false],
  ])('calls functions that nobody knows: %s', (text, expected) => {
    expect(factsOf(text, DEFAULT_SYNTAX).callsUnknown).toBe(expected);
  });
});
