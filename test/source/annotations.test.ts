/** Vtocc's annotations, as MariaDB's binlog has them; the rows that they name are the rows that changed. */
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { ask, connectDriver, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { createNotes, fillNotes } from './support/notes-tables.ts';

let inFront: InFront;
let client: Connection;
let direct: Connection;

const BINLOG = ['--log-bin=bin', '--server-id=1', '--binlog-format=STATEMENT', '--binlog-commit-wait-count=0'];

beforeAll(async () => {
  inFront = await startInFront({}, { args: BINLOG });
  client = await connectDriver(inFront.sluice);
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  await createNotes(client, { twice: 'id INT PRIMARY KEY, mail VARCHAR(20) UNIQUE' });
});

afterAll(async () => {
  await client.end();
  await direct.end();
  await inFront.stop();
});

beforeEach(async () => {
  await fillNotes(client, ['twice']);
});

interface Event {
  readonly Info: string;
  readonly Log_name: string;
  readonly Pos: number;
  readonly Event_type: string;
}

/** What the binlog has of statements that write, since `work` began. */
async function logged(work: () => Promise<unknown>): Promise<string[]> {
  const [status] = await rowsOf<{ File: string; Position: number }>(direct, 'SHOW MASTER STATUS');
  await work();
  const events = await rowsOf<Event>(direct, `SHOW BINLOG EVENTS IN '${status?.File}' FROM ${status?.Position}`);
  return events
    .filter(({ Event_type: type, Info: info }) => type === 'Query' && !/^(?:BEGIN|COMMIT|ROLLBACK)\b/.test(info))
    .map(({ Info: info }) => info.replace(/^use `\w+`; /, ''));
}

const note = (statements: readonly string[]): (string | undefined)[] =>
  statements.map((text) => /\/\* _stream .*\*\//.exec(text)?.[0]);

describe.each(['query', 'execute'] as const)('annotations (%s)', (method) => {
  it.each<[string, string, string[]]>([
    ['insert', "INSERT INTO story (eid, id, name) VALUES (7, 8, 'x')", ['/* _stream story (eid id ) (7 8 ) */']],
    ['insert, key made by the source', "INSERT INTO item (name) VALUES ('x')", ['/* _stream item (id ) (null ) */']],
    [
      'multi-row insert',
      "INSERT INTO story VALUES (7, 8, 'x'), (7, 9, 'y')",
      ['/* _stream story (eid id ) (7 8 ) (7 9 ) */'],
    ],
    [
      'upsert',
      "INSERT INTO item (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE name = 'x'",
      ['/* _stream item (id ) (1 ) */'],
    ],
    ['update by key', "UPDATE item SET name = 'x' WHERE id = 2", ['/* _stream item (id ) (2 ) */']],
    ['update by keys', "UPDATE item SET name = 'x' WHERE id IN (2, 3)", ['/* _stream item (id ) (2 ) (3 ) */']],
    [
      'update that changes a key',
      'UPDATE story SET id = 9 WHERE eid = 1 AND id = 2',
      ['/* _stream story (eid id ) (1 2 ) (1 9 ) */'],
    ],
    ['update by other columns', "UPDATE item SET n = n + 1 WHERE name > 'a'", ['/* _stream item (id ) (2 ) (3 ) */']],
    ['delete by range', 'DELETE FROM item WHERE id > 1', ['/* _stream item (id ) (2 ) (3 ) */']],
    ['composite key', "UPDATE story SET name = 'x' WHERE eid = 1", ['/* _stream story (eid id ) (1 1 ) (1 2 ) */']],
    [
      'string key',
      'DELETE FROM word WHERE n > 0 ORDER BY n',
      [`/* _stream word (w ) ('${btoa("it's")}' ) ('${Buffer.from('ü\\').toString('base64')}' ) */`],
    ],
    ['a semicolon', "DELETE FROM word WHERE w = ';'", [`/* _stream word (w ) ('${btoa(';')}' ) */`]],
    ['a row that is not there', 'DELETE FROM item WHERE n = 77', []],
  ])('%s', async (_, statement, expected) => {
    expect(note(await logged(() => ask(client, method, statement)))).toEqual(expected);
  });

  it.each([
    ['no key', 'INSERT INTO loose VALUES (1, 2)'],
    ['a key that is an expression', "INSERT INTO story VALUES (1 + 1, 7, 'x')"],
    ['an upsert that may meet another key', "INSERT INTO twice VALUES (1, 'a') ON DUPLICATE KEY UPDATE mail = 'b'"],
    ['a new key that is an expression', 'UPDATE story SET id = id + 10 WHERE eid = 1'],
  ])('%s: passes as it is', async (_, statement) => {
    expect(await logged(() => ask(client, method, statement))).toEqual([statement]);
  });

  it('tell the rows that a write by other columns changed, and what MySQL would say of it', async () => {
    const [done] = await ask<ResultSetHeader>(client, method, "UPDATE item SET n = IF(name = 'b', 0, 5) WHERE n = 0");
    expect(done).toMatchObject({ affectedRows: 3, changedRows: 2, info: 'Rows matched: 3  Changed: 2  Warnings: 0' });
    expect(await rowsOf(client, 'SELECT id, n FROM item ORDER BY id')).toEqual([
      { id: 1, n: 5 },
      { id: 2, n: 0 },
      { id: 3, n: 5 },
    ]);
  });
});

describe('tables that were made or changed elsewhere', () => {
  /** What is written of `n` in turn, until it has a note. */
  const firstNote = async (write: (n: number) => string): Promise<string | undefined> => {
    let found: string | undefined;
    let n = 100;
    const attempt = async (): Promise<boolean> => {
      [found] = note(await logged(() => client.query(write(n++))));
      return found !== undefined;
    };
    await expect.poll(attempt, { timeout: 30_000, interval: 500 }).toBe(true);
    return found?.replace(/\d+/, 'n');
  };

  it('are known once they are written to', async () => {
    await direct.query('CREATE TABLE notes.made (id INT PRIMARY KEY, name VARCHAR(20))');
    expect(await firstNote((n) => `INSERT INTO made (id) VALUES (${n})`)).toBe('/* _stream made (id ) (n ) */');
  });

  it('are known once an error shows it', async () => {
    await direct.query('CREATE TABLE notes.other (id INT PRIMARY KEY)');
    await firstNote((n) => `INSERT INTO other (id) VALUES (${n})`);
    await direct.query('ALTER TABLE notes.other CHANGE id number INT');
    await expect
      .poll(() => failureOf(client.query('INSERT INTO other (id) VALUES (1)')), { timeout: 20_000 })
      .toMatchObject({ errno: 1054 });
    expect(
      await firstNote((n) => {
        client.query('SELECT id FROM other').catch(() => undefined);
        return `INSERT INTO other (number) VALUES (${n})`;
      }),
    ).toBe('/* _stream other (number ) (n ) */');
  });
});

describe('max_dml_rows', () => {
  beforeEach(async () => {
    await client.query(`INSERT INTO loose SELECT seq, 0 FROM seq_1_to_100`);
    await client.query("INSERT INTO item (name) SELECT 'many' FROM seq_1_to_500");
  });

  it.each([
    ['update by other columns', "UPDATE item SET n = 1 WHERE name IN ('many', 'a')", 'SELECT SUM(n) FROM item', 0],
    ['delete', "DELETE FROM item WHERE name <> 'b'", 'SELECT COUNT(*) FROM item', 503],
  ])('%s of more fails, and changes nothing', async (_, statement, check, expected) => {
    const failure = await failureOf(client.query(statement));
    expect(failure).toMatchObject({ errno: 1105, message: expect.stringContaining('row count exceeded 500') });
    expect(Number(await singleValue(client, check))).toBe(expected);
    await client.query('BEGIN');
    await client.query("UPDATE item SET n = 3 WHERE name = 'a'");
    await failureOf(client.query(statement));
    await client.query('COMMIT');
    expect(Number(await singleValue(client, "SELECT n FROM item WHERE name = 'a'"))).toBe(3);
  });

  it('just as many are changed', async () => {
    const [done] = await client.query("UPDATE item SET n = 1 WHERE name = 'many'");
    expect(done).toMatchObject({ affectedRows: 500 });
  });

  it('holds without a key, for prepared statements, and can be lifted', async () => {
    await client.query('SET sluice_max_dml_rows = 99');
    for (const run of [
      () => client.query('UPDATE loose SET b = 1'),
      () => client.execute('UPDATE loose SET b = ?', [1]),
    ])
      expect(await failureOf(run())).toMatchObject({ message: expect.stringContaining('row count exceeded 99') });
    expect(Number(await singleValue(client, 'SELECT SUM(b) FROM loose'))).toBe(0);
    await client.query("SET workload = 'olap'");
    expect((await client.execute('UPDATE loose SET b = ?', [1]))[0]).toMatchObject({ affectedRows: 100 });
    await client.query("SET workload = 'oltp'");
    await client.query('SET sluice_max_dml_rows = DEFAULT');
  });
});
