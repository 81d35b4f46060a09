-- Transactions are serializable: each reads one state of the data, and what it has read still holds when it writes. alice and bob are two sessions.

alice> CREATE TABLE account (id INT PRIMARY KEY, owner VARCHAR(10), balance INT);
----
ok

alice> INSERT INTO account VALUES (1, 'alice', 100), (2, 'bob', 50);
----
ok, 2 rows

-- What a transaction has written is its own until it commits.
alice> BEGIN;
----
ok

alice> UPDATE account SET balance = balance - 30 WHERE id = 1;
----
ok, 1 row

alice> SELECT balance FROM account WHERE id = 1;
----
balance
-------
70

bob> SELECT balance FROM account WHERE id = 1;
----
balance
-------
100

alice> COMMIT;
----
ok

bob> SELECT balance FROM account WHERE id = 1;
----
balance
-------
70

-- ROLLBACK takes everything back, ROLLBACK TO what came after the savepoint.
alice> BEGIN;
----
ok

alice> UPDATE account SET balance = 0;
----
ok, 2 rows

alice> SAVEPOINT before_delete;
----
ok

alice> DELETE FROM account;
----
ok, 2 rows

alice> ROLLBACK TO before_delete;
----
ok

alice> SELECT COUNT(*), SUM(balance) FROM account;
----
COUNT(*) | SUM(balance)
---------+-------------
2        | 0

alice> ROLLBACK;
----
ok

alice> SELECT id, balance FROM account ORDER BY id;
----
id | balance
---+--------
1  | 70
2  | 50

-- A transaction that only reads keeps its state.
alice> BEGIN;
----
ok

alice> SELECT balance FROM account WHERE id = 2;
----
balance
-------
50

bob> UPDATE account SET balance = 60 WHERE id = 2;
----
ok, 1 row

alice> SELECT balance FROM account WHERE id = 2;
----
balance
-------
50

-- It may not write on the strength of what is no longer so.
alice> UPDATE account SET balance = balance + 1 WHERE id = 1;
----
error 1213: Rows that this transaction has read were changed by another one; try restarting transaction

alice> SELECT balance FROM account WHERE id = 2;
----
balance
-------
60

-- A change to other rows does not disturb it.
alice> BEGIN;
----
ok

alice> SELECT balance FROM account WHERE id = 2;
----
balance
-------
60

bob> UPDATE account SET balance = 71 WHERE id = 1;
----
ok, 1 row

alice> UPDATE account SET balance = 61 WHERE id = 2;
----
ok, 1 row

-- There is one writer at a time: bob waits for alice.
bob waits> UPDATE account SET balance = balance + 5 WHERE id = 2;
----
waits

alice> COMMIT;
----
ok

bob answers;
----
ok, 1 row

bob> SELECT id, balance FROM account ORDER BY id;
----
id | balance
---+--------
1  | 71
2  | 66

-- SELECT ... FOR UPDATE takes the writer before it reads.
alice> BEGIN;
----
ok

alice> SELECT balance FROM account WHERE id = 1 FOR UPDATE;
----
balance
-------
71

bob waits> UPDATE account SET balance = 0 WHERE id = 1;
----
waits

alice> UPDATE account SET balance = balance + 9 WHERE id = 1;
----
ok, 1 row

alice> COMMIT;
----
ok

bob answers;
----
ok, 1 row

-- READ ONLY is kept to its word.
alice> START TRANSACTION READ ONLY;
----
ok

alice> UPDATE account SET balance = 1;
----
error 1792: Cannot execute statement in a READ ONLY transaction.

alice> COMMIT;
----
ok

-- A statement that fails leaves the transaction as it was.
alice> BEGIN;
----
ok

alice> INSERT INTO account VALUES (3, 'carol', 5);
----
ok, 1 row

alice> INSERT INTO account VALUES (4, 'dave', 1), (1, 'twice', 1);
----
error 1062: Duplicate entry '1' for key 'account.PRIMARY'

alice> COMMIT;
----
ok

alice> SELECT id, owner FROM account ORDER BY id;
----
id | owner
---+------
1  | alice
2  | bob
3  | carol

-- Without autocommit each statement opens a transaction.
alice> SET autocommit = 0;
----
ok

alice> UPDATE account SET balance = 7 WHERE id = 3;
----
ok, 1 row

bob> SELECT balance FROM account WHERE id = 3;
----
balance
-------
5

alice> ROLLBACK;
----
ok

alice> SET autocommit = 1;
----
ok

alice> SELECT balance FROM account WHERE id = 3;
----
balance
-------
5
