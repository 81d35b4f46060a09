-- Errors: MySQL's numbers and texts.

CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(5) NOT NULL, n TINYINT, CONSTRAINT positive CHECK (n > 0));
----
ok

CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, CONSTRAINT of_parent FOREIGN KEY (parent_id) REFERENCES parent (id));
----
ok

INSERT INTO parent VALUES (1, 'one', 1);
----
ok, 1 row

INSERT INTO child VALUES (1, 1);
----
ok, 1 row

INSERT INTO parent VALUES (1, 'two', 2);
----
error 1062: Duplicate entry '1' for key 'parent.PRIMARY'

INSERT INTO parent VALUES (2, NULL, 2);
----
error 1048: Column 'name' cannot be null

INSERT INTO parent (id) VALUES (2);
----
error 1364: Field 'name' doesn't have a default value

INSERT INTO parent VALUES (2, 'two', 2), (3, 'three!', 3);
----
error 1406: Data too long for column 'name' at row 2

INSERT INTO parent VALUES (2, 'two', 300);
----
error 1264: Out of range value for column 'n' at row 1

INSERT INTO parent VALUES (2, 'two', 'many');
----
error 1366: Incorrect integer value: 'many' for column 'n' at row 1

INSERT INTO parent VALUES (2, 'two', -1);
----
error 3819: Check constraint 'positive' is violated.

INSERT INTO parent VALUES (2, 'two', 1 / 0);
----
error 1365: Division by 0

INSERT INTO parent VALUES (2, 'two');
----
error 1136: Column count doesn't match value count at row 1

INSERT INTO parent (id, colour) VALUES (2, 'red');
----
error 1054: Unknown column 'colour' in 'field list'

INSERT INTO child VALUES (2, 99);
----
error 1452: Cannot add or update a child row: a foreign key constraint fails (`d`.`child`, CONSTRAINT `of_parent` FOREIGN KEY (`parent_id`) REFERENCES `parent` (`id`))

DELETE FROM parent WHERE id = 1;
----
error 1451: Cannot delete or update a parent row: a foreign key constraint fails (`d`.`child`, CONSTRAINT `of_parent` FOREIGN KEY (`parent_id`) REFERENCES `parent` (`id`))

DROP TABLE parent;
----
error 3730: Cannot drop table 'parent' referenced by a foreign key constraint 'of_parent' on table 'child'.

UPDATE parent SET name = 'much too long' WHERE id = 1;
----
error 1406: Data too long for column 'name' at row 1

-- A row that is not there cannot be wrong.
UPDATE parent SET name = 'much too long' WHERE id = 99;
----
ok

SELECT * FROM nowhere;
----
error 1146: Table 'd.nowhere' doesn't exist

SELECT colour FROM parent;
----
error 1054: Unknown column 'colour' in 'field list'

SELECT id FROM parent GROUP BY colour;
----
error 1054: Unknown column 'colour' in 'group statement'

SELECT unheard_of(1);
----
error 1305: FUNCTION d.UNHEARD_OF does not exist

SELECT SUBSTRING('a');
----
error 1064: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near ')' at line 1

SELECT FROM parent;
----
error 1064: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'FROM parent' at line 1

SELECT (SELECT 1, 2);
----
error 1241: Operand should contain 1 column(s)

SELECT 1 UNION SELECT 1, 2;
----
error 1222: The used SELECT statements have a different number of columns

SELECT * FROM (SELECT 1 AS a, 2 AS a) t;
----
error 1060: Duplicate column name 'a'

SELECT 'a' REGEXP '(';
----
error 3685: Illegal argument to a regular expression: (

SELECT DATE '2024-13-01';
----
error 1525: Incorrect DATE value: '2024-13-01'

-- What is not there yet is refused by its name.
SELECT id, COUNT(*) FROM parent GROUP BY id WITH ROLLUP;
----
error 1235: This version of Sluice doesn't yet support 'GROUP BY ... WITH ROLLUP'

UPDATE parent p JOIN child c ON c.parent_id = p.id SET p.n = 2;
----
error 1235: This version of Sluice doesn't yet support 'multiple-table UPDATE'

CREATE TRIGGER t BEFORE INSERT ON parent FOR EACH ROW SET NEW.n = 1;
----
error 1235: This version of Sluice doesn't yet support 'CREATE TRIGGER'
