/**
 * What a source itself demands for a statement, Sluice must have found in it: MariaDB runs random statements as a user who may do some things to some tables.
 * Whatever it refuses must be refused by what was found, too. (The other way round Sluice may be stricter, but not so often that it is of no use.)
 */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executedOn } from '../../src/gate/source/executable-comments.ts';
import { factsOf } from '../../src/gate/source/token-facts.ts';
import { DEFAULT_SYNTAX, syntaxOptionsOf } from '../../src/sql/syntax/sql-mode.ts';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { connectDriver, type DriverError, singleValue } from '../support/mysql-driver.ts';
import { StatementWriter } from './random-statements.ts';

const STATEMENTS = 4_000;
/** By table: what the user may do to it. All of shop but the last. */
const RIGHTS: Readonly<Record<string, 'none' | 'read' | 'write'>> = {
  'shop.r1': 'read',
  'shop.r2': 'read',
  'shop.w1': 'write',
  'shop.w2': 'write',
  'shop.s1': 'none',
  'main.s2': 'none',
};
const RANK = { none: 0, read: 1, write: 2, admin: 3 };
/** Denied: database, user, table, column, privilege, view. */
const DENIED = new Set([1044, 1045, 1142, 1143, 1227, 1370]);

let mariadb: MariadbServer;
let some: Connection;
let version: string;

beforeAll(async () => {
  mariadb = await startMariadb();
  const root = await connectDriver({ mysqlPort: mariadb.port });
  version = String(await singleValue(root, 'SELECT VERSION()'));
  await root.query('CREATE DATABASE shop');
  await root.query('CREATE DATABASE main');
  await root.query("CREATE USER some@'127.0.0.1'");
  for (const [table, right] of Object.entries(RIGHTS)) {
    await root.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, v INT, KEY i (v))`);
    await root.query(`INSERT INTO ${table} VALUES (1, 1), (2, 2)`);
    if (right === 'none') continue;
    const verbs = right === 'read' ? 'SELECT' : 'SELECT, INSERT, UPDATE, DELETE';
    await root.query(`GRANT ${verbs} ON ${table} TO some@'127.0.0.1'`);
  }
  await root.query('CREATE FUNCTION shop.peek() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM main.s2)');
  await root.end();
  some = await connectDriver({ mysqlPort: mariadb.port }, { user: 'some', database: 'shop' });
});

afterAll(async () => {
  await some.end();
  await mariadb.stop();
});

/** As the gate would with these rights. */
function mayRun(text: string, sqlMode: string): boolean {
  const syntax = sqlMode === '' ? DEFAULT_SYNTAX : syntaxOptionsOf(sqlMode);
  let facts: ReturnType<typeof factsOf>;
  try {
    facts = factsOf(executedOn(version, text, syntax), syntax);
  } catch {
    return false;
  }
  const { tables, unsure, privilege, unknownCalls } = facts;
  if (unsure !== null || privilege !== null || unknownCalls.length > 0) return false;
  return tables.every(
    ({ database, name, access }) => RANK[RIGHTS[`${database ?? 'shop'}.${name}`] ?? 'none'] >= RANK[access],
  );
}

describe('what MariaDB refuses, Sluice refuses', () => {
  it.each(['', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES'])('in random statements, sql_mode %s', async (sqlMode) => {
    await some.query('SET sql_mode = ?', [sqlMode]);
    const writer = new StatementWriter(Number(process.env.SLUICE_TEST_SEED ?? 1), sqlMode === 'ANSI_QUOTES');
    const missed: string[] = [];
    const counts = { ran: 0, denied: 0, failed: 0, strict: 0 };
    for (let i = 0; i < STATEMENTS; i++) {
      const text = writer.next();
      const allowed = mayRun(text, sqlMode);
      const errno = await some.query(text).then(
        () => 0,
        (error: DriverError) => error.errno,
      );
      if (DENIED.has(errno)) counts.denied++;
      else if (errno === 0) counts.ran++;
      else counts.failed++;
      if (DENIED.has(errno) && allowed) missed.push(text);
      if (errno === 0 && !allowed) counts.strict++;
    }
    expect(missed).toEqual([]);
    // The test would show nothing if most were no statements, or none were denied.
    expect(counts.ran).toBeGreaterThan(STATEMENTS / 10);
    expect(counts.denied).toBeGreaterThan(STATEMENTS / 10);
    expect(counts.strict).toBeLessThan(counts.ran / 20);
  });
});
