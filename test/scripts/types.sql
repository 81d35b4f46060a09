-- Every type, and what happens to values on their way in and out.

CREATE TABLE numbers (
  id INT PRIMARY KEY, tiny TINYINT, small SMALLINT UNSIGNED, big BIGINT, huge BIGINT UNSIGNED, price DECIMAL(10,2), ratio DOUBLE, part FLOAT, flag BOOL
);
----
ok

INSERT INTO numbers VALUES
  (1, 127, 65535, 9223372036854775807, 18446744073709551615, 12345678.905, 0.1, 0.1, TRUE),
  (2, -128, 0, -9223372036854775808, 0, -0.005, 1e300, 16777217, FALSE);
----
ok, 2 rows, 2 warnings

SELECT * FROM numbers ORDER BY id;
----
id | tiny | small | big                  | huge                 | price       | ratio | part     | flag
---+------+-------+----------------------+----------------------+-------------+-------+----------+-----
1  | 127  | 65535 | 9223372036854775807  | 18446744073709551615 | 12345678.91 | 0.1   | 0.1      | 1
2  | -128 | 0     | -9223372036854775808 | 0                    | -0.01       | 1e300 | 16777200 | 0

-- Text is read as a number where a number is wanted, and must be one.
INSERT INTO numbers (id, tiny, price) VALUES (3, '42', ' 19.99 ');
----
ok, 1 row

INSERT INTO numbers (id, tiny) VALUES (4, 'abc');
----
error 1366: Incorrect integer value: 'abc' for column 'tiny' at row 1

INSERT INTO numbers (id, tiny) VALUES (4, 128);
----
error 1264: Out of range value for column 'tiny' at row 1

-- Integers and decimals are exact; a result that does not fit is an error, never a rounded number.
SELECT huge - 1, big - 1, price * 3, price / 7 FROM numbers WHERE id = 1;
----
huge - 1             | big - 1             | price * 3   | price / 7
---------------------+---------------------+-------------+---------------
18446744073709551614 | 9223372036854775806 | 37037036.73 | 1763668.415714

SELECT big + 1 FROM numbers WHERE id = 1;
----
error 1690: BIGINT value is out of range in '9223372036854775807 + 1'

SELECT small - 1 FROM numbers WHERE id = 2;
----
error 1690: BIGINT UNSIGNED value is out of range in '0 - 1'

SELECT SUM(huge), AVG(price), SUM(big) FROM numbers;
----
SUM(huge)            | AVG(price)     | SUM(big)
---------------------+----------------+---------
18446744073709551615 | 4115232.963333 | -1

SELECT 0.1 + 0.2, 0.1e0 + 0.2e0, 10 / 3, 10 DIV 3, 10 % 3, 1 / 0;
----
0.1 + 0.2 | 0.1e0 + 0.2e0       | 10 / 3 | 10 DIV 3 | 10 % 3 | 1 / 0
----------+---------------------+--------+----------+--------+------
0.3       | 0.30000000000000004 | 3.3333 | 3        | 1      | NULL

CREATE TABLE texts (id INT PRIMARY KEY, fixed CHAR(5), short VARCHAR(5), exact VARCHAR(5) COLLATE utf8mb4_bin, body TEXT, bytes VARBINARY(4));
----
ok

INSERT INTO texts VALUES (1, 'ab  ', 'ab  ', 'ab', 'a\nb', 0x00FF), (2, 'AB', 'AB', 'AB', '日本語', 'xyz');
----
ok, 2 rows

-- Letter case does not count unless the column's collation says so; blanks at the end do.
SELECT id, fixed = 'AB', short = 'ab', exact = 'ab', LENGTH(fixed), LENGTH(short), CHAR_LENGTH(body), HEX(bytes) FROM texts ORDER BY id;
----
id | fixed = 'AB' | short = 'ab' | exact = 'ab' | LENGTH(fixed) | LENGTH(short) | CHAR_LENGTH(body) | HEX(bytes)
---+--------------+--------------+--------------+---------------+---------------+-------------------+-----------
1  | 1            | 0            | 1            | 2             | 4             | 3                 | 00FF
2  | 1            | 1            | 0            | 2             | 2             | 3                 | 78797A

INSERT INTO texts (id, short) VALUES (3, 'too long');
----
error 1406: Data too long for column 'short' at row 1

CREATE TABLE times (id INT PRIMARY KEY, day DATE, at DATETIME, precise DATETIME(3), stamp TIMESTAMP NULL, span TIME, y YEAR);
----
ok

INSERT INTO times VALUES (1, '2024-02-29', '2024-02-29 23:59:59.5', '2024-02-29 23:59:59.1235', '2024-02-29 12:00:00', '-12:30:00', 99);
----
ok, 1 row

SELECT * FROM times;
----
id | day        | at                  | precise                 | stamp               | span      | y
---+------------+---------------------+-------------------------+---------------------+-----------+-----
1  | 2024-02-29 | 2024-03-01 00:00:00 | 2024-02-29 23:59:59.124 | 2024-02-29 12:00:00 | -12:30:00 | 1999

-- A TIMESTAMP is a moment: it is shown in the session's time zone. A DATETIME is what was written.
SET time_zone = '+05:30';
----
ok

SELECT at, stamp, stamp > '2024-02-29 17:00:00' FROM times;
----
at                  | stamp               | stamp > '2024-02-29 17:00:00'
--------------------+---------------------+------------------------------
2024-03-01 00:00:00 | 2024-02-29 17:30:00 | 1

SET time_zone = '+00:00';
----
ok

INSERT INTO times (id, day) VALUES (2, '2023-02-29');
----
error 1292: Incorrect date value: '2023-02-29' for column 'day' at row 1

SELECT day + INTERVAL 1 YEAR, at - INTERVAL 1 MONTH, DATEDIFF('2025-01-01', day), TIMESTAMPDIFF(HOUR, at, '2024-03-02') FROM times;
----
day + INTERVAL 1 YEAR | at - INTERVAL 1 MONTH | DATEDIFF('2025-01-01', day) | TIMESTAMPDIFF(HOUR, at, '2024-03-02')
----------------------+-----------------------+-----------------------------+--------------------------------------
2025-02-28            | 2024-02-01 00:00:00   | 307                         | 24

CREATE TABLE choices (id INT PRIMARY KEY, size ENUM('small', 'medium', 'large'), tags SET('new', 'sale', 'last'), bits BIT(4), doc JSON);
----
ok

INSERT INTO choices VALUES (1, 'LARGE', 'sale,new', b'1010', '{"b": [1, 2.50], "a": null}'), (2, 1, 4, 3, '"text"');
----
ok, 2 rows

SELECT id, size, size + 0, tags, tags + 0, bits + 0, doc FROM choices ORDER BY size DESC;
----
id | size  | size + 0 | tags     | tags + 0 | bits + 0 | doc
---+-------+----------+----------+----------+----------+---------------------------
1  | large | 3        | new,sale | 3        | 10       | {"a": null, "b": [1, 2.5]}
2  | small | 1        | last     | 4        | 3        | "text"

INSERT INTO choices (id, size) VALUES (3, 'huge');
----
error 1265: Data truncated for column 'size' at row 1

INSERT INTO choices (id, doc) VALUES (3, '{broken');
----
error 3140: Invalid JSON text: unexpected "b" at position 1

-- NULL is neither equal nor unequal to anything, except by <=>.
SELECT NULL = NULL, NULL <=> NULL, NULL IN (1, NULL), 1 NOT IN (2, NULL), COALESCE(NULL, 5), NULL IS NULL;
----
NULL = NULL | NULL <=> NULL | NULL IN (1, NULL) | 1 NOT IN (2, NULL) | COALESCE(NULL, 5) | NULL IS NULL
------------+---------------+-------------------+--------------------+-------------------+-------------
NULL        | 1             | NULL              | NULL               | 5                 | 1
