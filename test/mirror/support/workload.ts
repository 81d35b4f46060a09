/** Writers at the source: inserts, updates, deletes, upserts, rollbacks, transactions of several tables, drawn from a seed. */
import type { Connection } from 'mysql2/promise';
import { SeededRandom } from '../../../src/util/random.ts';

export const TABLES = [
  { database: 'shop', table: 'feed' },
  { database: 'shop', table: 'users' },
  { database: 'shop', table: 'log' },
];

export const CREATE = `
  CREATE DATABASE IF NOT EXISTS shop;
  CREATE TABLE shop.feed (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, user INT NOT NULL, kind ENUM('post', 'like', 'it''s') NOT NULL,
    title VARCHAR(100) COLLATE utf8mb4_general_ci, body TEXT, score DECIMAL(12, 3), at DATETIME(3), seen TIMESTAMP NULL, ratio DOUBLE,
    UNIQUE KEY slot (user, title), KEY by_user (user, at DESC), KEY by_title (title(10)));
  CREATE TABLE shop.users (name VARCHAR(40) COLLATE utf8mb4_unicode_ci NOT NULL, city CHAR(20) CHARACTER SET latin1, likes INT UNSIGNED NOT NULL DEFAULT 0,
    flags SET('a', 'b', 'c'), picture VARBINARY(50), PRIMARY KEY (name));
  CREATE TABLE shop.log (what VARCHAR(50), n INT, at TIME(2), KEY (n));
  CREATE TABLE shop.other (id INT AUTO_INCREMENT PRIMARY KEY, x INT);
`;

const TITLES = ['a', 'A', 'Äpfel', 'nul \0 in it', '\u{1f600}', 'plain', "it's", '', 'back\\slash'];

export class Writer {
  readonly #random: SeededRandom;
  readonly #connection: Connection;

  constructor(connection: Connection, seed: number) {
    this.#connection = connection;
    this.#random = new SeededRandom(seed);
  }

  /** So many transactions. Those that the source refuses, for a duplicate or a deadlock, are rolled back. */
  async write(transactions: number): Promise<void> {
    for (let i = 0; i < transactions; i++) await this.#transaction();
  }

  async #transaction(): Promise<void> {
    const count = this.#random.chance(0.6) ? 1 : 1 + this.#random.below(6);
    await this.#connection.query('BEGIN');
    try {
      for (let i = 0; i < count; i++) {
        const [sql, values] = this.#statement();
        await this.#connection.query(sql, values);
      }
      await this.#connection.query(this.#random.chance(0.1) ? 'ROLLBACK' : 'COMMIT');
    } catch (error) {
      if (typeof (error as { errno?: unknown }).errno !== 'number') throw error;
      await this.#connection.query('ROLLBACK');
    }
  }

  #statement(): [string, unknown[]] {
    const random = this.#random;
    const [id, user, title] = [1 + random.below(400), random.below(20), this.#title()];
    const name = `${random.pick(['ann', 'Bob', 'Çelik', 'dora'])}${random.below(30)}`;
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2:
        return [
          'INSERT INTO shop.feed (user, kind, title, body, score, at, seen, ratio) VALUES (?, ?, ?, ?, ?, NOW(3), NOW(), ?)',
          [
            user,
            random.pick(['post', 'like', "it's"]),
            title,
            'x'.repeat(random.below(300)),
            random.below(1e9) / 1000,
            random.next(),
          ],
        ];
      case 3:
        return [
          'INSERT IGNORE INTO shop.feed (user, kind, title) VALUES (?, 1, ?), (?, 2, ?)',
          [user, title, user + 1, title],
        ];
      case 4:
      case 5:
        return ['UPDATE shop.feed SET score = score + 1.5, seen = NOW() WHERE id = ?', [id]];
      case 6:
        return ['UPDATE shop.feed SET user = user + 20 WHERE user = ? LIMIT 5', [user]];
      case 7:
        return ['UPDATE shop.feed SET id = id + 1000 WHERE id = ?', [id]];
      case 8:
        return ['DELETE FROM shop.feed WHERE id = ?', [id]];
      case 9:
        return ['DELETE FROM shop.feed WHERE user = ? ORDER BY id LIMIT 3', [user]];
      case 10:
        return [
          'INSERT INTO shop.users (name, city, flags, picture) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE likes = likes + 1, city = VALUES(city)',
          [
            name,
            random.pick(['Köln', 'Genève', null]),
            random.pick(['a,c', '', null]),
            Buffer.from([random.below(256), 0]),
          ],
        ];
      case 11:
        return [
          'REPLACE INTO shop.users (name, likes) VALUES (?, ?)',
          [random.chance(0.5) ? name.toUpperCase() : name, random.below(9)],
        ];
      case 12:
        return ['DELETE FROM shop.users WHERE name = ?', [name]];
      case 13:
        return ['INSERT INTO shop.log VALUES (?, ?, ?), (?, ?, ?)', [title, user, '-01:02:03.45', title, user, null]];
      case 14:
        return random.chance(0.5)
          ? ['UPDATE shop.log SET n = n + 1 WHERE n = ? LIMIT 2', [user]]
          : ['DELETE FROM shop.log WHERE n = ? LIMIT 1', [user]];
      default:
        return ['INSERT INTO shop.other (x) VALUES (?)', [user]];
    }
  }

  #title(): string {
    const title = this.#random.pick(TITLES);
    return this.#random.chance(0.5) ? title : `${title}${this.#random.below(1000)}`;
  }
}
