import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../errors.ts';
import type { SlotValue } from '../slots.ts';
import { fingerprint } from '../syntax/fingerprint.ts';
import { parse } from '../syntax/parser.ts';
import { sampleContext } from './sample-catalog.suite.ts';
import { showTable } from './show.ts';

/** The first column of what a statement shows. */
function firstColumn(sql: string): unknown[] {
  const { statement } = parse(sql);
  if (statement.kind !== 'show') throw new Error(`${sql} is no SHOW`);
  const slots = fingerprint(sql).slots.filter((slot): slot is SlotValue => 'type' in slot);
  const context = sampleContext({ slots });
  return showTable(statement, context)
    .rows(context)
    .map((row) => row[0]);
}

describe('statements that tools send', () => {
  it.each<[string, unknown[]]>([
    // mysqldump
    ["SHOW VARIABLES LIKE 'gtid\\_mode'", ['gtid_mode']],
    ["SHOW VARIABLES LIKE 'ndbinfo\\_version'", []],
    ["SHOW TABLES LIKE 'users'", ['users']],
    ["SHOW FULL TABLES FROM `shop` LIKE '%s'", ['orders', 'users']],
    ['SHOW CREATE DATABASE IF NOT EXISTS `shop`', ['shop']],
    ['show create table `users`', ['users']],
    ["show table status like 'ord%'", ['orders']],
    ['show fields from `orders`', ['number', 'user', 'total', 'state', 'flags', 'token', 'data', 'paid', 'note']],
    ["SHOW TRIGGERS LIKE 'users'", []],
    ['SHOW EVENTS', []],
    ["SHOW FUNCTION STATUS WHERE Db = 'shop'", []],
    ["SHOW PROCEDURE STATUS WHERE Db = 'shop'", []],
    ['SHOW MASTER STATUS', []],
    ['SHOW SLAVE STATUS', []],
    // clients, drivers, Adminer, phpMyAdmin
    ['SHOW DATABASES', ['Old', 'information_schema', 'performance_schema', 'shop']],
    ['SHOW SCHEMAS LIKE "old"', ['Old']],
    ['SHOW SESSION VARIABLES LIKE "lower_case_table_names"', ['lower_case_table_names']],
    ["SHOW GLOBAL VARIABLES LIKE 'innodb_file_per_table'", ['innodb_file_per_table']],
    ['SHOW FULL COLUMNS FROM users FROM shop LIKE "s%"', ['seen']],
    ['SHOW INDEX FROM shop.users', ['users', 'users', 'users', 'users']],
    ['SHOW KEYS IN users', ['users', 'users', 'users', 'users']],
    ['SHOW STATUS', ['Questions', 'Uptime']],
    ["SHOW GLOBAL STATUS LIKE 'upt%'", ['Uptime']],
    ['SHOW FULL PROCESSLIST', [7]],
    ['SHOW ENGINES', ['InnoDB']],
    ['SHOW STORAGE ENGINES', ['InnoDB']],
    ['SHOW ENGINE INNODB STATUS', ['InnoDB']],
    ["SHOW COLLATION LIKE 'utf8mb4\\_0900\\_ai\\_ci'", ['utf8mb4_0900_ai_ci']],
    ["SHOW CHARACTER SET LIKE 'utf8mb4'", ['utf8mb4']],
    ["SHOW CHARSET LIKE 'utf8mb4'", ['utf8mb4']],
    ['SHOW GRANTS', ['GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION']],
    ['SHOW GRANTS FOR CURRENT_USER()', ['GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION']],
    ["SHOW GRANTS FOR 'root'@'localhost'", ['GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION']],
    ['SHOW WARNINGS', []],
    ['SHOW WARNINGS LIMIT 0, 10', []],
    ['SHOW COUNT(*) WARNINGS', [0]],
    ['SHOW COUNT(*) ERRORS', [0]],
    ['SHOW OPEN TABLES WHERE In_use > 0', []],
    ['SHOW REPLICAS', []],
  ])('%s', (sql, expected) => {
    expect(firstColumn(sql)).toEqual(expected);
  });

  it.each(['SHOW BINARY LOGS', 'SHOW CREATE TRIGGER t', 'SHOW CREATE USER root', 'SHOW PROFILE', 'SHOW CONTRIBUTORS'])(
    '%s is refused by name',
    (sql) => {
      expect(() => firstColumn(sql)).toThrow(SluiceError);
      expect(() => firstColumn(sql)).toThrow(`doesn't yet support '${sql.replace(/ (?:t|root)$/, '')}'`);
    },
  );
});
