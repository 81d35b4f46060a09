-- Joins, subqueries, common table expressions and set operations.

CREATE TABLE author (id INT PRIMARY KEY, name VARCHAR(20));
----
ok

CREATE TABLE book (id INT PRIMARY KEY, author_id INT, title VARCHAR(30), year INT, price DECIMAL(6,2));
----
ok

INSERT INTO author VALUES (1, 'Ursula'), (2, 'Stanislaw'), (3, 'Arkady');
----
ok, 3 rows

INSERT INTO book VALUES (10, 1, 'The Dispossessed', 1974, 9.50), (11, 1, 'The Lathe of Heaven', 1971, 7.00), (12, 2, 'Solaris', 1961, 8.25), (13, NULL, 'Anonymous', 1900, NULL);
----
ok, 4 rows

SELECT a.name, b.title FROM author a JOIN book b ON b.author_id = a.id ORDER BY a.name, b.title;
----
name      | title
----------+--------------------
Stanislaw | Solaris
Ursula    | The Dispossessed
Ursula    | The Lathe of Heaven

SELECT a.name, b.title FROM author a LEFT JOIN book b ON b.author_id = a.id AND b.year > 1970 ORDER BY a.id, b.id;
----
name      | title
----------+--------------------
Ursula    | The Dispossessed
Ursula    | The Lathe of Heaven
Stanislaw | NULL
Arkady    | NULL

SELECT a.name, b.title FROM author a RIGHT JOIN book b ON b.author_id = a.id ORDER BY b.id;
----
name      | title
----------+--------------------
Ursula    | The Dispossessed
Ursula    | The Lathe of Heaven
Stanislaw | Solaris
NULL      | Anonymous

-- USING shows the joined column once, and first.
SELECT * FROM (SELECT 1 AS id, 'x' AS a) p JOIN (SELECT 'y' AS b, 1 AS id) q USING (id);
----
id | a | b
---+---+--
1  | x | y

SELECT name FROM author WHERE id NOT IN (SELECT author_id FROM book);
----
name
----

SELECT name FROM author a WHERE NOT EXISTS (SELECT 1 FROM book b WHERE b.author_id = a.id);
----
name
------
Arkady

SELECT name, (SELECT COUNT(*) FROM book b WHERE b.author_id = a.id) AS books, (SELECT MAX(year) FROM book b WHERE b.author_id = a.id) AS latest FROM author a ORDER BY id;
----
name      | books | latest
----------+-------+-------
Ursula    | 2     | 1974
Stanislaw | 1     | 1961
Arkady    | 0     | NULL

SELECT title FROM book WHERE price > ALL (SELECT price FROM book WHERE author_id = 2);
----
title
----------------
The Dispossessed

SELECT (SELECT title FROM book WHERE author_id = 1);
----
error 1242: Subquery returns more than 1 row

WITH priced AS (SELECT author_id, SUM(price) AS total FROM book GROUP BY author_id)
SELECT name, total FROM author JOIN priced ON priced.author_id = author.id ORDER BY total DESC;
----
name      | total
----------+------
Ursula    | 16.50
Stanislaw | 8.25

WITH RECURSIVE years AS (SELECT 1970 AS y UNION ALL SELECT y + 1 FROM years WHERE y < 1974)
SELECT y, COUNT(id) AS books FROM years LEFT JOIN book ON year = y GROUP BY y ORDER BY y;
----
y    | books
-----+------
1970 | 0
1971 | 1
1972 | 0
1973 | 0
1974 | 1

SELECT year FROM book WHERE author_id = 1 UNION ALL SELECT id FROM author ORDER BY year DESC LIMIT 3;
----
year
----
1974
1971
3

SELECT id FROM author EXCEPT SELECT author_id FROM book;
----
id
--
3

SELECT title, year, RANK() OVER (ORDER BY year) AS nth, year - LAG(year) OVER (ORDER BY year) AS gap, SUM(price) OVER (ORDER BY year ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS pair
FROM book ORDER BY year;
----
title               | year | nth | gap  | pair
--------------------+------+-----+------+------
Anonymous           | 1900 | 1   | NULL | NULL
Solaris             | 1961 | 2   | 61   | 8.25
The Lathe of Heaven | 1971 | 3   | 10   | 15.25
The Dispossessed    | 1974 | 4   | 3    | 16.50

SELECT id FROM author, book;
----
error 1052: Column 'id' in field list is ambiguous

SELECT author.nothing FROM author;
----
error 1054: Unknown column 'author.nothing' in 'field list'

SELECT * FROM author x, book x;
----
error 1066: Not unique table/alias: 'x'
