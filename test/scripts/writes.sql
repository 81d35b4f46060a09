-- INSERT, UPDATE, REPLACE, DELETE, and the counts that they answer.

CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(8) NOT NULL UNIQUE, n INT NOT NULL DEFAULT 1, changed DATETIME DEFAULT '2000-01-01' ON UPDATE CURRENT_TIMESTAMP);
----
ok

INSERT INTO item (code) VALUES ('a'), ('b'), ('c');
----
ok, 3 rows, id 1

SELECT LAST_INSERT_ID(), ROW_COUNT();
----
LAST_INSERT_ID() | ROW_COUNT()
-----------------+------------
1                | 3

-- A value may be computed, from the row's other columns too.
INSERT INTO item SET code = CONCAT('d', 1), n = LENGTH(code) * 2;
----
ok, 1 row, id 4

SELECT id, code, n FROM item ORDER BY id;
----
id | code | n
---+------+--
1  | a    | 1
2  | b    | 1
3  | c    | 1
4  | d1   | 4

-- One bad row fails the statement; IGNORE leaves it out, with a warning.
INSERT INTO item (code) VALUES ('e'), ('a');
----
error 1062: Duplicate entry 'a' for key 'item.code'

INSERT IGNORE INTO item (code, n) VALUES ('e', '5 apples'), ('a', 1);
----
ok, 1 row, id 7, 2 warnings

SHOW WARNINGS;
----
Level   | Code | Message
--------+------+----------------------------------------
Warning | 1265 | Data truncated for column 'n' at row 1
Warning | 1062 | Duplicate entry 'a' for key 'item.code'
2 warnings

-- UPDATE counts rows that changed, not rows that it met.
UPDATE item SET n = 1;
----
ok, 2 rows

UPDATE item SET n = 1;
----
ok

SELECT code, changed > '2020-01-01' AS touched FROM item ORDER BY id;
----
code | touched
-----+--------
a    | 0
b    | 0
c    | 0
d1   | 1
e    | 1

-- Assignments go from left to right: the second sees the first.
UPDATE item SET n = n + 1, code = CONCAT('x', n) WHERE id = 1;
----
ok, 1 row

UPDATE item SET n = n * 10 ORDER BY id DESC LIMIT 2;
----
ok, 2 rows

SELECT id, code, n FROM item ORDER BY id;
----
id | code | n
---+------+---
1  | x2   | 2
2  | b    | 1
3  | c    | 1
4  | d1   | 10
7  | e    | 10

INSERT INTO item (code, n) VALUES ('b', 7) ON DUPLICATE KEY UPDATE n = n + VALUES(n);
----
ok, 2 rows, id 2

INSERT INTO item (code, n) VALUES ('b', 7) AS new ON DUPLICATE KEY UPDATE n = new.n;
----
ok, 2 rows, id 2

INSERT INTO item (code, n) VALUES ('b', 7) ON DUPLICATE KEY UPDATE n = 7;
----
ok

REPLACE INTO item (code, n) VALUES ('b', 8), ('z', 9);
----
ok, 3 rows, id 12

INSERT INTO item (code, n) SELECT CONCAT(code, '!'), n FROM item WHERE n > 7;
----
ok, 4 rows, id 14

SELECT code, n FROM item ORDER BY code;
----
code | n
-----+---
b    | 8
b!   | 8
c    | 1
d1   | 10
d1!  | 10
e    | 10
e!   | 10
x2   | 2
z    | 9
z!   | 9

DELETE FROM item WHERE code LIKE '%!' ORDER BY id LIMIT 1;
----
ok, 1 row

DELETE item FROM item JOIN (SELECT 9 AS n) nine ON nine.n = item.n;
----
ok, 2 rows

SELECT code, n FROM item ORDER BY code;
----
code | n
-----+---
b    | 8
b!   | 8
c    | 1
d1   | 10
e    | 10
e!   | 10
x2   | 2

TRUNCATE TABLE item;
----
ok

INSERT INTO item (code) VALUES ('again');
----
ok, 1 row, id 1
