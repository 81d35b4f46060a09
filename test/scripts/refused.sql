-- What is refused by its name: see docs/compatibility.md. Nothing of such a statement is done.

CREATE TABLE t (id INT PRIMARY KEY, n INT, doc TEXT);
----
ok

CREATE VIEW v AS SELECT 1;
----
error 1235: This version of Sluice doesn't yet support 'CREATE VIEW'

CREATE PROCEDURE p() SELECT 1;
----
error 1235: This version of Sluice doesn't yet support 'CREATE PROCEDURE'

CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1;
----
error 1235: This version of Sluice doesn't yet support 'CREATE EVENT'

CREATE TEMPORARY TABLE x (id INT);
----
error 1235: This version of Sluice doesn't yet support 'CREATE TEMPORARY TABLE'

CREATE TABLE x (a INT, b INT AS (a + 1));
----
error 1235: This version of Sluice doesn't yet support 'generated columns'

CREATE TABLE x (a INT, KEY ((a + 1)));
----
error 1235: This version of Sluice doesn't yet support 'functional key parts'

CREATE TABLE x (a TEXT, FULLTEXT KEY (a));
----
error 1235: This version of Sluice doesn't yet support 'FULLTEXT indexes'

CREATE TABLE x (a DECIMAL(30, 2));
----
error 1235: This version of Sluice doesn't yet support 'DECIMAL of more than 18 digits'

CREATE TABLE x (a BIT(64));
----
error 1235: This version of Sluice doesn't yet support 'BIT of more than 63 bits'

SELECT * FROM t WHERE MATCH (doc) AGAINST ('word');
----
error 1235: This version of Sluice doesn't yet support 'MATCH ... AGAINST'

UPDATE t JOIN (SELECT 1 AS id) u ON t.id = u.id SET t.n = 1;
----
error 1235: This version of Sluice doesn't yet support 'multiple-table UPDATE'

UPDATE IGNORE t SET n = 1;
----
error 1235: This version of Sluice doesn't yet support 'UPDATE IGNORE'

WITH c AS (SELECT 1) DELETE FROM t;
----
error 1235: This version of Sluice doesn't yet support 'WITH before DELETE'

SELECT n, COUNT(*) FROM t GROUP BY n WITH ROLLUP;
----
error 1235: This version of Sluice doesn't yet support 'GROUP BY ... WITH ROLLUP'

SELECT id FROM t EXCEPT ALL SELECT n FROM t;
----
error 1235: This version of Sluice doesn't yet support 'EXCEPT ALL'

SELECT @a := 1;
----
error 1235: This version of Sluice doesn't yet support ':= outside of SET'

SELECT SQL_CALC_FOUND_ROWS * FROM t;
----
error 1235: This version of Sluice doesn't yet support 'SQL_CALC_FOUND_ROWS'

SELECT SUM(DISTINCT n) OVER () FROM t;
----
error 1235: This version of Sluice doesn't yet support 'SUM(DISTINCT ...) OVER'

SELECT LAST_INSERT_ID(5);
----
error 1235: This version of Sluice doesn't yet support 'LAST_INSERT_ID(expression) outside of INSERT and UPDATE'

LOCK TABLES t READ;
----
error 1235: This version of Sluice doesn't yet support 'LOCK TABLES'

SELECT * FROM t FOR UPDATE SKIP LOCKED;
----
error 1235: This version of Sluice doesn't yet support 'SKIP LOCKED'

LOAD DATA INFILE 'x' INTO TABLE t;
----
error 1235: This version of Sluice doesn't yet support 'LOAD DATA'

CREATE USER u REQUIRE SSL;
----
error 1235: This version of Sluice doesn't yet support 'CREATE USER ... REQUIRE'

GRANT reporter TO u;
----
error 1235: This version of Sluice doesn't yet support 'GRANT of roles'

EXPLAIN ANALYZE SELECT * FROM t;
----
error 1235: This version of Sluice doesn't yet support 'EXPLAIN ANALYZE'

CHECKSUM TABLE t;
----
error 1235: This version of Sluice doesn't yet support 'CHECKSUM TABLE'
