/**
 * Requests that cannot be meant: each is answered with its status and a message that names the part that is wrong, and nothing has changed: no row, no
 * table, no field, not the number of the newest commit.
 */
import { expect } from 'vitest';
import { connectDriver } from '../../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../../support/sluice-server.ts';

const TYPED_SQL = [
  'CREATE DATABASE bad',
  'CREATE TABLE bad.parents (id INT PRIMARY KEY)',
  `CREATE TABLE bad.typed (id INT PRIMARY KEY AUTO_INCREMENT, small TINYINT UNSIGNED NOT NULL DEFAULT 0, big BIGINT UNSIGNED, name VARCHAR(5) NOT NULL,
     price DECIMAL(6,2), day DATE, kind ENUM('a','b'), parent INT, only_one INT UNIQUE, CHECK (price >= 0),
     FOREIGN KEY (parent) REFERENCES bad.parents (id))`,
  'CREATE TABLE bad.pairs (a INT, b INT, v VARCHAR(5), PRIMARY KEY (a, b))',
  'INSERT INTO bad.parents VALUES (1), (2)',
  "INSERT INTO bad.typed VALUES (1, 2, 3, 'x', 1.5, '2024-02-29', 'a', 1, 10), (2, 2, 3, 'y', 1.5, NULL, 'b', 1, 20)",
  "INSERT INTO bad.pairs VALUES (1, 1, 'x')",
];

/** With `main.feed`, made by an insert, and tables of SQL that have types and constraints. */
export async function startWithTables(): Promise<SluiceServer> {
  const server = await startSluice();
  const connection = await connectDriver(server);
  for (const sql of TYPED_SQL) await connection.query(sql);
  await connection.end();
  const body = '[{"pkey":1,"uid":5,"name":"a"},{"pkey":2,"uid":7},{"pkey":3,"name":"a:b|c"}]';
  expect((await send(server, { query: 'command=insert', body })).status).toBe(200);
  return server;
}

export interface BadRequest extends Asked {
  readonly status: number;
  readonly message: RegExp;
}

interface Asked {
  /** The query, or a path where it begins with `/`. */
  readonly query: string;
  /** Sent by POST. */
  readonly body?: string | Uint8Array;
  readonly form?: boolean;
  readonly method?: string;
  readonly accept?: string;
}

export async function send(server: SluiceServer, { query, body, form, method, accept }: Asked): Promise<Response> {
  return fetch(`${server.httpUrl}${query.startsWith('/') ? query : `/?${query}`}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      ...(accept !== undefined && { accept }),
    },
    ...(body !== undefined && { body }),
  });
}

const TABLES = ['main.feed', 'bad.parents', 'bad.typed', 'bad.pairs'];

/** All that a request could change. */
async function everything(server: SluiceServer): Promise<unknown> {
  const json = async (query: string): Promise<unknown> => (await send(server, { query })).json();
  const rows = TABLES.map((table) => json(`command=select&type=*&table=${table}`));
  const { seq } = (await json('/v1/lists/bad.typed?limit_max=0')) as { seq: unknown };
  expect(seq).toEqual(expect.any(Number));
  return { tables: await json('command=tables'), rows: await Promise.all(rows), seq };
}

export async function check(server: SluiceServer, wrong: BadRequest): Promise<void> {
  const before = await everything(server);
  const response = await send(server, wrong);
  const { error, ...rest } = (await response.json()) as { error?: { message: string; retryable: boolean } };
  expect(rest, 'an answer and no error').toEqual({});
  expect({ status: response.status, message: error?.message, retryable: error?.retryable }).toEqual({
    status: wrong.status,
    message: expect.stringMatching(wrong.message),
    retryable: false,
  });
  expect(error?.message.length, 'the length of the message').toBeLessThan(MESSAGE_CHARS_MAX);
  expect(await everything(server)).toEqual(before);
}

/** What a client sends may be long; what it is told of it is not. */
const MESSAGE_CHARS_MAX = 500;

/** A test's name of it. */
export const nameOf = (text: string | Uint8Array): string =>
  JSON.stringify(Buffer.from(text).toString()).slice(1, -1).slice(0, 70);
