/** Prepared statements with parameters of several types, answered by MariaDB and by Sluice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ParameterValue, Side } from './support/answer.ts';
import { difference } from './support/compare.ts';
import { mariadbSide } from './support/mariadb-side.ts';
import { sluiceSide } from './support/sluice-side.ts';

const SETUP = [
  `CREATE TABLE p (id INT PRIMARY KEY, name VARCHAR(10), price DECIMAL(8,2), ratio DOUBLE, day DATE, at DATETIME, big BIGINT UNSIGNED,
    kind ENUM('a', 'b'))`,
  `INSERT INTO p VALUES (1, 'one', 1.50, 0.5, '2024-01-01', '2024-01-01 10:00:00', 1, 'a'), (2, 'Two', 20.25, 1e3, '2024-02-29', '2024-02-29 00:00:00',
    18446744073709551615, 'b'), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (4, '5', 5, 5, '2025-05-05', '2025-05-05 05:05:05', 5, 'a')`,
];

const STATEMENTS: readonly (readonly [sql: string, ...parameters: ParameterValue[]])[] = [
  ['SELECT id FROM p WHERE id = ?', 1],
  ['SELECT id FROM p WHERE id = ?', '1'],
  ['SELECT id FROM p WHERE id = ?', null],
  ['SELECT id FROM p WHERE id <=> ?', null],
  ['SELECT id FROM p WHERE name = ?', 'ONE'],
  ['SELECT id FROM p WHERE name = ?', 5],
  ['SELECT id FROM p WHERE price = ?', 1.5],
  ['SELECT id FROM p WHERE price > ? ORDER BY id', '4.99'],
  ['SELECT id FROM p WHERE ratio BETWEEN ? AND ? ORDER BY id', 0, 5],
  ['SELECT id FROM p WHERE day = ?', '2024-02-29'],
  ['SELECT id FROM p WHERE at >= ? ORDER BY id', '2024-02-29'],
  ['SELECT id FROM p WHERE at < ? + INTERVAL ? DAY ORDER BY id', '2024-01-01', 60],
  ['SELECT id FROM p WHERE big = ?', '18446744073709551615'],
  ['SELECT id FROM p WHERE id IN (?, ?, ?) ORDER BY id', 1, '2', null],
  ['SELECT id FROM p WHERE kind = ? ORDER BY id', 'A'],
  ['SELECT id FROM p WHERE name LIKE ? ORDER BY id', '%o%'],
  ['SELECT id FROM p ORDER BY id LIMIT ?', 2],
  ['SELECT id FROM p ORDER BY id LIMIT ?, ?', 1, 2],
  ['SELECT id, price * ? AS x FROM p ORDER BY id', 2],
  ['SELECT CONCAT(name, ?) AS x, COALESCE(name, ?) AS y FROM p ORDER BY id', '!', 'none'],
  ['SELECT COUNT(*) AS n FROM p WHERE ? = ?', 1, 1],
  ['SELECT COUNT(*) AS n FROM p WHERE ?', 1],
  ['SELECT IF(? > 5, name, ?) AS x FROM p ORDER BY id', 6, 'else'],
  ['SELECT id FROM p WHERE EXISTS (SELECT 1 FROM p q WHERE q.id = p.id + ?) ORDER BY id', 1],
  ['SELECT id FROM p GROUP BY id HAVING MAX(price) > ? ORDER BY id', 3],
  ['INSERT INTO p (id, name, price, day) VALUES (?, ?, ?, ?)', 10, 'ten', 10.5, '2024-10-10'],
  ['INSERT INTO p (id, name, price, day) VALUES (?, ?, ?, ?)', 11, 12, '13', null],
  ['INSERT INTO p (id, name) VALUES (?, ?)', 12, 'much too long'],
  ['INSERT INTO p (id, price) VALUES (?, ?)', 12, 'abc'],
  ['INSERT INTO p (id, name) VALUES (?, CONCAT(?, ?))', 13, 'a', 'b'],
  ['UPDATE p SET price = price + ?, name = ? WHERE id = ?', 1, 'new', 10],
  ['UPDATE p SET day = ? WHERE id = ?', '2024-13-01', 10],
  ['INSERT INTO p (id, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name)', 10, 'upsert'],
  ['DELETE FROM p WHERE id > ? AND name <> ?', 10, 'ab'],
  ['SELECT * FROM p ORDER BY id'],
];

let mariadb: Side;
let sluice: Side;

beforeAll(async () => {
  [mariadb, sluice] = await Promise.all([mariadbSide(), sluiceSide()]);
  for (const sql of SETUP) for (const side of [mariadb, sluice]) await side.run(sql);
});

afterAll(async () => {
  await Promise.all([mariadb?.close(), sluice?.close()]);
});

it.each(STATEMENTS.map(([sql, ...parameters]) => ({ sql, parameters })))(
  '$sql with $parameters',
  async ({ sql, parameters }) => {
    const [expected, actual] = await Promise.all([mariadb.run(sql, parameters), sluice.run(sql, parameters)]);
    expect(difference(expected, actual)).toBeNull();
  },
);
