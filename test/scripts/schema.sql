-- Databases, tables, keys, and what ALTER does with the rows that are there.

CREATE DATABASE shop;
----
ok

CREATE DATABASE shop;
----
error 1007: Can't create database 'shop'; database exists

CREATE DATABASE IF NOT EXISTS shop;
----
ok, 1 warning

USE shop;
----
ok

CREATE TABLE product (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(8,2) DEFAULT 0.00, made TIMESTAMP DEFAULT CURRENT_TIMESTAMP, KEY by_price (price), UNIQUE KEY by_name (name)) COMMENT = 'what we sell';
----
ok

SHOW CREATE TABLE product;
----
Table   | Create Table
--------+--------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------
product | CREATE TABLE `product` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `name` varchar(20) NOT NULL,\n  `price` decimal(8,2) DEFAULT '0.00',\n  `made` timestamp NULL DEFAULT CURRENT_TIMESTAMP,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `by_name` (`name`),\n  KEY `by_price` (`price`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='what we sell'

DESCRIBE product;
----
Field | Type         | Null | Key | Default           | Extra
------+--------------+------+-----+-------------------+------------------
id    | int          | NO   | PRI | NULL              | auto_increment
name  | varchar(20)  | NO   | UNI | NULL              |
price | decimal(8,2) | YES  | MUL | 0.00              |
made  | timestamp    | YES  |     | CURRENT_TIMESTAMP | DEFAULT_GENERATED

INSERT INTO product (name, price) VALUES ('pen', 1.5), ('ink', 12);
----
ok, 2 rows, id 1

ALTER TABLE product ADD COLUMN stock INT NOT NULL DEFAULT 5 AFTER name, DROP COLUMN made;
----
ok, 2 rows

ALTER TABLE product MODIFY price DECIMAL(10,3), CHANGE name title VARCHAR(30);
----
ok, 2 rows

SELECT * FROM product ORDER BY id;
----
id | title | stock | price
---+-------+-------+-------
1  | pen   | 5     | 1.500
2  | ink   | 5     | 12.000

ALTER TABLE product MODIFY title VARCHAR(2);
----
error 1406: Data too long for column 'title' at row 1

ALTER TABLE product ADD COLUMN stock INT;
----
error 1060: Duplicate column name 'stock'

ALTER TABLE product DROP COLUMN colour;
----
error 1091: Can't DROP 'colour'; check that column/key exists

CREATE UNIQUE INDEX by_stock ON product (stock);
----
error 1062: Duplicate entry '5' for key 'product.by_stock'

CREATE INDEX by_stock ON product (stock, price DESC);
----
ok

SELECT index_name, column_name, seq_in_index, non_unique FROM information_schema.statistics WHERE table_schema = 'shop' ORDER BY index_name, seq_in_index;
----
index_name | column_name | seq_in_index | non_unique
-----------+-------------+--------------+-----------
by_name    | title       | 1            | 0
by_price   | price       | 1            | 1
by_stock   | stock       | 1            | 1
by_stock   | price       | 2            | 1
PRIMARY    | id          | 1            | 0

DROP INDEX by_stock ON product;
----
ok

CREATE TABLE copy LIKE product;
----
ok

CREATE TABLE expensive AS SELECT id, title, price * 2 AS twice FROM product WHERE price > 10;
----
ok, 1 row

SELECT * FROM expensive;
----
id | title | twice
---+-------+-------
2  | ink   | 24.000

SHOW TABLES;
----
Tables_in_shop
--------------
copy
expensive
product

RENAME TABLE copy TO archive;
----
ok

DROP TABLE archive, expensive;
----
ok

DROP TABLE archive;
----
error 1051: Unknown table 'shop.archive'

DROP TABLE IF EXISTS archive;
----
ok, 1 warning

DROP DATABASE shop;
----
ok, 1 row

SELECT 1 FROM shop.product;
----
error 1049: Unknown database 'shop'
