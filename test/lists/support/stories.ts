/** A small table, lists of it, writes to it in every way, and what each list's page must then be. */
import type { Connection } from 'mysql2/promise';
import { type Client, connect, type ListOptions } from 'sluice/client';
import type { SeededRandom } from '../../../src/util/random.ts';
import type { SluiceServer } from '../../support/sluice-server.ts';

export interface Story {
  readonly pkey: number;
  readonly uid: number | null;
  readonly name: string | null;
  readonly hot: number | null;
  readonly price: string | null;
}

export const TABLE = 'main.story';
export const TABLE_SQL = `CREATE TABLE main.story (
  pkey BIGINT AUTO_INCREMENT PRIMARY KEY, uid INT, name VARCHAR(40), hot INT, price DECIMAL(8,2), KEY (uid, hot))`;

export interface TriedList {
  readonly name: string;
  readonly options: ListOptions<Story> & { readonly limit: number };
  /** The same rows in SQL; the order is no list's, so that the store answers. */
  readonly where: string;
  readonly order: string;
}

/** In order_by a row without the field comes last, and equal ones are in the order of their keys. */
function orderOf(column: string, direction = ''): string {
  return `${column} IS NULL, ${column} ${direction}, pkey`;
}

export const LISTS: readonly TriedList[] = [
  {
    name: 'all, newest first',
    options: { orderBy: ['pkey', 'NUMDESC'], limit: 7, count: true },
    where: 'TRUE',
    order: 'pkey + 0 DESC',
  },
  {
    name: 'hot ones',
    options: { where: [['hot', 'NUMGE', 3]], orderBy: ['hot', 'NUMDESC'], limit: 5, count: true },
    where: 'hot >= 3',
    order: orderOf('hot', 'DESC'),
  },
  {
    name: 'the second page of friends',
    options: { where: [['uid', 'NUMOREQ', [1, 2, 3]]], orderBy: ['hot', 'NUMASC'], skip: 3, limit: 6, count: true },
    where: 'uid IN (1, 2, 3)',
    order: orderOf('hot'),
  },
  {
    name: 'names',
    options: { where: [['name', 'STRINC', 'b']], orderBy: ['name', 'STRASC'], limit: 8 },
    where: "INSTR(name, 'b') > 0",
    order: orderOf('name'),
  },
  {
    name: 'all of one user',
    options: { where: [['uid', 'NUMEQ', 2]], limit: 1000, count: true },
    where: 'uid = 2',
    order: 'pkey + 0',
  },
  {
    name: 'those that are not cold, or that nobody knows of',
    options: { where: [['hot', '!NUMEQ', 0]], orderBy: ['price', 'NUMASC'], limit: 4, count: true },
    where: '(hot <> 0 OR hot IS NULL)',
    order: orderOf('price'),
  },
  {
    name: 'an empty page with a count',
    options: { where: [['hot', 'NUMLT', 2]], orderBy: ['uid', 'NUMDESC'], limit: 0, count: true },
    where: 'hot < 2',
    order: orderOf('uid', 'DESC'),
  },
];

export interface FreshPage {
  readonly rows: readonly Story[];
  readonly count: number | null;
}

/** What the store says each page is, all at one moment. */
export async function freshPages(db: Client): Promise<FreshPage[]> {
  const statements = LISTS.flatMap(({ options, where, order }) => [
    `SELECT * FROM ${TABLE} WHERE ${where} ORDER BY ${order} LIMIT ${options.limit} OFFSET ${options.skip ?? 0}`,
    `SELECT COUNT(*) + 0 AS n FROM ${TABLE} WHERE ${where}`,
  ]);
  const results = await db.batch(statements, { atomic: true });
  return LISTS.map(({ options }, index) => ({
    rows: rowsOf<Story>(results[2 * index]),
    count: options.count ? Number(rowsOf<{ n: number }>(results[2 * index + 1])[0]?.n) : null,
  }));
}

function rowsOf<Row>(result: Awaited<ReturnType<Client['batch']>>[number] | undefined): Row[] {
  if (result === undefined || result instanceof Error) throw result ?? new Error('there is no result');
  return result.rows as unknown as Row[];
}

export function listOf(db: Client, { options }: TriedList) {
  return db.list<Story>(TABLE, options);
}

const DUPLICATE = 1062;

/** One commit each, or none; through SQL, TCSQL and /v1/batch. Most of them change rows that lists show. */
export class Writer {
  readonly #random: SeededRandom;
  readonly #connection: Connection;
  readonly #url: string;
  readonly #db: Client;

  constructor(server: SluiceServer, connection: Connection, random: SeededRandom) {
    this.#random = random;
    this.#connection = connection;
    this.#url = server.httpUrl;
    this.#db = connect(server.httpUrl);
  }

  /** Gives what it did, for messages. */
  async write(): Promise<string> {
    const random = this.#random;
    const key = 1 + random.below(60);
    const hot = random.chance(0.1) ? 'NULL' : random.below(6);
    const uid = random.below(5);
    switch (random.below(14)) {
      case 0:
      case 1:
        return this.#sql(
          `INSERT INTO story (uid, name, hot, price) VALUES (${uid}, '${this.#name()}', ${hot}, ${random.below(500) / 4})`,
        );
      case 2:
        return this.#sql(
          `REPLACE INTO story VALUES (${key}, ${uid}, '${this.#name()}', ${hot}, NULL), (${key + 1}, 2, 'bb', 3, 1)`,
        );
      case 3:
        return this.#sql(`UPDATE story SET hot = ${hot}, name = '${this.#name()}' WHERE pkey = ${key}`);
      case 4:
        return this.#sql(`UPDATE story SET hot = hot + 1 WHERE uid = ${uid} ORDER BY pkey LIMIT 5`);
      case 5:
        return this.#sql(`UPDATE story SET pkey = ${1 + random.below(60)}, price = pkey WHERE pkey = ${key}`);
      case 6:
        return this.#sql(`DELETE FROM story WHERE pkey IN (${key}, ${key + 3}, ${key + 9})`);
      case 7:
        return this.#transaction(uid, hot, key);
      case 8:
        return this.#list('insert', {}, [
          { pkey: key, uid, name: this.#name(), hot: String(hot === 'NULL' ? 1 : hot) },
        ]);
      case 9:
        return this.#list('insert', {}, [
          { uid, name: this.#name() },
          { uid: 2, hot: 4, price: '2.50' },
        ]);
      case 10:
        return this.#list('update', { where: `uid:NUMEQ:${uid}|hot:NUMGE:2` }, { price: String(random.below(99)) });
      case 11:
        return this.#list('delete', {
          where: `uid:NUMEQ:${uid}`,
          order_by: 'pkey',
          order_sort: 'NUMDESC',
          limit_max: '2',
        });
      default:
        return this.#batch(uid, key);
    }
  }

  #name(): string {
    return Array.from({ length: this.#random.below(4) }, () => this.#random.pick(['a', 'b', 'c', '1'])).join('');
  }

  async #sql(sql: string): Promise<string> {
    try {
      await this.#connection.query(sql);
      return sql;
    } catch (error) {
      if ((error as { errno?: number }).errno === DUPLICATE) return `${sql}, refused`;
      throw error;
    }
  }

  async #transaction(uid: number, hot: number | string, key: number): Promise<string> {
    const end = this.#random.chance(0.3) ? 'ROLLBACK' : 'COMMIT';
    await this.#connection.query('START TRANSACTION');
    await this.#connection.query(`INSERT INTO story (uid, name, hot) VALUES (${uid}, 'tb', ${hot}), (1, 'tc', 5)`);
    await this.#connection.query(`DELETE FROM story WHERE pkey = ${key}`);
    await this.#connection.query(`UPDATE story SET uid = ${uid} WHERE pkey = ${key + 1}`);
    await this.#connection.query(end);
    return `a transaction, ${end}`;
  }

  async #list(command: string, parameters: Record<string, string>, body?: unknown): Promise<string> {
    const query = new URLSearchParams({ command, table: TABLE, ...parameters });
    const response = await fetch(`${this.#url}/?${query}`, { method: 'POST', body: JSON.stringify(body) ?? null });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${query}: ${answer}`);
    return `${query} ${JSON.stringify(body)}`;
  }

  async #batch(uid: number, key: number): Promise<string> {
    const statements = [
      { sql: `UPDATE ${TABLE} SET hot = ? WHERE pkey = ?`, params: [this.#random.below(6), key] },
      { sql: `INSERT INTO ${TABLE} (uid, name, hot, price) VALUES (?, ?, ?, ?)`, params: [uid, this.#name(), 3, 1.25] },
      { sql: `DELETE FROM ${TABLE} WHERE pkey > ? AND uid = ? LIMIT 1`, params: [key, uid] },
    ];
    await this.#db.batch(statements, { atomic: true });
    return `a batch ${JSON.stringify(statements)}`;
  }
}
