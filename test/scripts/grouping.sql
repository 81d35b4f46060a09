-- GROUP BY, HAVING, DISTINCT and aggregates.

CREATE TABLE sale (id INT PRIMARY KEY, shop VARCHAR(10) NOT NULL, day DATE, amount DECIMAL(8,2), items INT);
----
ok

INSERT INTO sale VALUES (1, 'north', '2024-01-01', 10.00, 1), (2, 'North', '2024-01-01', 5.50, NULL), (3, 'south', '2024-01-02', 0.25, 3), (4, 'south', NULL, NULL, 2), (5, 'east', '2024-02-01', 100, 0);
----
ok, 5 rows

SELECT shop, COUNT(*), COUNT(items), SUM(amount), AVG(amount), MIN(day), MAX(day) FROM sale GROUP BY shop ORDER BY shop;
----
shop  | COUNT(*) | COUNT(items) | SUM(amount) | AVG(amount) | MIN(day)   | MAX(day)
------+----------+--------------+-------------+-------------+------------+-----------
east  | 1        | 1            | 100.00      | 100.000000  | 2024-02-01 | 2024-02-01
north | 2        | 1            | 15.50       | 7.750000    | 2024-01-01 | 2024-01-01
south | 2        | 2            | 0.25        | 0.250000    | 2024-01-02 | 2024-01-02

SELECT MONTH(day) AS month, SUM(amount) AS total FROM sale GROUP BY month HAVING total > 1 ORDER BY total;
----
month | total
------+-------
1     | 15.75
2     | 100.00

SELECT COUNT(DISTINCT shop), GROUP_CONCAT(DISTINCT shop ORDER BY shop SEPARATOR '/'), GROUP_CONCAT(amount ORDER BY amount DESC) FROM sale;
----
COUNT(DISTINCT shop) | GROUP_CONCAT(DISTINCT shop ORDER BY shop SEPARATOR '/') | GROUP_CONCAT(amount ORDER BY amount DESC)
---------------------+---------------------------------------------------------+------------------------------------------
3                    | east/north/south                                        | 100.00,10.00,5.50,0.25

-- Without rows an aggregate is NULL, and a count 0.
SELECT COUNT(*), SUM(amount), MAX(shop) FROM sale WHERE id > 99;
----
COUNT(*) | SUM(amount) | MAX(shop)
---------+-------------+----------
0        | NULL        | NULL

-- Each column must be decided by the groups (ONLY_FULL_GROUP_BY) ...
SELECT shop, amount FROM sale GROUP BY shop;
----
error 1055: Expression #2 of SELECT list is not in GROUP BY clause and contains nonaggregated column 'd.sale.amount' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by

SELECT shop, COUNT(*) FROM sale;
----
error 1140: In aggregated query without GROUP BY, expression #1 of SELECT list contains nonaggregated column 'd.sale.shop'; this is incompatible with sql_mode=only_full_group_by

-- ... as it is when they hold a key of its table.
SELECT id, shop, amount FROM sale GROUP BY id ORDER BY id LIMIT 2;
----
id | shop  | amount
---+-------+-------
1  | north | 10.00
2  | North | 5.50

SELECT shop, ANY_VALUE(amount) IS NOT NULL AS some FROM sale GROUP BY shop HAVING COUNT(*) = 1;
----
shop | some
-----+-----
east | 1

SELECT DISTINCT shop FROM sale ORDER BY amount;
----
error 3065: Expression #1 of ORDER BY clause is not in SELECT list, references column 'd.sale.amount' which is not in SELECT list; this is incompatible with DISTINCT

SELECT id FROM sale HAVING amount > 5;
----
error 1054: Unknown column 'amount' in 'having clause'

SELECT id, amount FROM sale HAVING amount > 5 ORDER BY id;
----
id | amount
---+-------
1  | 10.00
2  | 5.50
5  | 100.00

SELECT shop FROM sale WHERE SUM(amount) > 5 GROUP BY shop;
----
error 1111: Invalid use of group function

SELECT amount / items, amount DIV items, amount * items FROM sale ORDER BY id;
----
amount / items | amount DIV items | amount * items
---------------+------------------+---------------
10.000000      | 10               | 10.00
NULL           | NULL             | NULL
0.083333       | 0                | 0.75
NULL           | NULL             | NULL
NULL           | NULL             | 0.00

SELECT STDDEV(items), VAR_SAMP(items), BIT_OR(items), BIT_AND(items) FROM sale;
----
STDDEV(items)     | VAR_SAMP(items)    | BIT_OR(items) | BIT_AND(items)
------------------+--------------------+---------------+---------------
1.118033988749895 | 1.6666666666666667 | 3             | 0
