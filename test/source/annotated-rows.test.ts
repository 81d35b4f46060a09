/**
 * The rows that annotations name are exactly the rows that change: the source logs its row changes, and beside them the statement that made them. Each case is
 * run as a text, as a prepared statement with bound values, and over HTTP with bind variables.
 */
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, type DriverValue, rowsOf } from '../support/mysql-driver.ts';
import { runCommand } from '../support/run-command.ts';
import { createNotes, fillNotes } from './support/notes-tables.ts';

let inFront: InFront;
let client: Connection;
let direct: Connection;

beforeAll(async () => {
  const args = ['--log-bin=bin', '--server-id=1', '--binlog-format=ROW', '--binlog-annotate-row-events=1'];
  inFront = await startInFront({}, { args });
  client = await connectDriver(inFront.sluice, { timezone: 'Z' });
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  await createNotes(client, {
    big: 'id BIGINT UNSIGNED PRIMARY KEY, n INT',
    day: 'd DATE, at DATETIME, n INT, PRIMARY KEY (d, at)',
  });
});

afterAll(async () => {
  await client.end();
  await direct.end();
  await inFront.stop();
});

beforeEach(async () => {
  await fillNotes(client, ['big', 'day']);
  await client.query('INSERT INTO big VALUES (1, 1), (18446744073709551615, 2)');
  await client.query("INSERT INTO day VALUES ('2020-01-02', '2020-01-02 03:04:05', 1)");
  await client.query('INSERT INTO loose VALUES (1, 1), (2, 2)');
});

interface Logged {
  /** Statements with their annotations. */
  readonly statements: string[];
  /** Keys of the rows that changed, before and after, as annotations have them: `(1 2 )`. */
  readonly rows: string[];
}

interface Event {
  readonly Info: string;
  readonly Event_type: string;
}

/** What the source's log has of the changes that `work` made. `key`: how many of the first columns are the primary key. */
async function logged(key: number, work: () => Promise<unknown>): Promise<Logged> {
  const [status] = await rowsOf<{ File: string; Position: number }>(direct, 'SHOW MASTER STATUS');
  await work();
  const events = await rowsOf<Event>(direct, `SHOW BINLOG EVENTS IN '${status?.File}' FROM ${status?.Position}`);
  const { stdout } = await runCommand('mariadb-binlog', [
    '--no-defaults',
    '--base64-output=DECODE-ROWS',
    '-v',
    `--start-position=${status?.Position}`,
    join(inFront.mariadb.dataDir, status?.File ?? ''),
  ]);
  const rows = [...stdout.matchAll(/^### (?:SET|WHERE)\n((?:### {3}@\d+=.*\n)+)/gm)].map(([, values = '']) => {
    const columns = [...values.matchAll(/@\d+=(.*)/g)].slice(0, key);
    return `(${columns.map(([, value = '']) => `${shown(value)} `).join('')})`;
  });
  return {
    statements: events.filter(({ Event_type: type }) => type === 'Annotate_rows').map(({ Info: info }) => info),
    rows: [...new Set(rows)].sort(),
  };
}

function shown(value: string): string {
  // The same bits without a sign stand behind a negative number; here, only BIGINTs have none.
  const unsigned = /^-?\d+ \((\d{20})\)$/.exec(value)?.[1];
  if (unsigned !== undefined) return unsigned;
  const signed = /^(-\d+) \(\d+\)$/.exec(value)?.[1];
  if (signed !== undefined) return signed;
  const text = /^'(.*)'$/s.exec(value)?.[1] ?? (/^\d{4}[-:]/.test(value) ? value : null);
  if (text === null) return value;
  const bytes = Buffer.from(
    text.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, other?: string) =>
      hex === undefined ? (other as string) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'utf8',
  );
  return `'${Buffer.from(bytes.toString('utf8').replaceAll(/^(\d{4}):(\d\d):(\d\d)$/g, '$1-$2-$3')).toString('base64')}'`;
}

const noted = (statements: readonly string[]): string[] => {
  const groups = statements.flatMap((text) => {
    const note = /\/\* _stream \w+ \([\w ]+\)((?: \([^)]*\))+) \*\//.exec(text);
    return note === null ? [] : [...(note[1] ?? '').matchAll(/\([^)]*\)/g)].map(([group]) => group);
  });
  return [...new Set(groups)].sort();
};

const WAYS: Readonly<Record<string, (statement: string, values: DriverValue[]) => Promise<unknown>>> = {
  text: (statement, values) => client.query(statement, values),
  prepared: (statement, values) => client.execute(statement, values),
  async http(statement, values) {
    const response = await fetch(`${inFront.sluice.httpUrl}/v1/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql: statement, params: values, database: 'notes' }),
    });
    expect(response.status, await response.clone().text()).toBe(200);
  },
};

const CASES: readonly [what: string, key: number, statement: string, values: DriverValue[], rows: string[]][] = [
  ['insert', 2, 'INSERT INTO story (eid, id, name) VALUES (?, ?, ?)', [7, -8, 'x'], ['(7 -8 )']],
  [
    'multi-row insert',
    2,
    'INSERT INTO story VALUES (?, ?, ?), (?, ?, ?)',
    [7, 8, 'x', 7, 9, null],
    ['(7 8 )', '(7 9 )'],
  ],
  [
    'upsert',
    1,
    'INSERT INTO item (id, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), n = n + ?',
    [1, 'x', 5],
    ['(1 )'],
  ],
  ['replace', 1, 'REPLACE INTO word (w, n) VALUES (?, ?)', ["it's", 9], [`('${btoa("it's")}' )`]],
  ['update by key', 1, 'UPDATE item SET name = ?, n = n - ? WHERE id = ?', ['x', -3, 2], ['(2 )']],
  ['update by keys', 1, 'UPDATE item SET name = ? WHERE id IN (?, ?)', ['x', 2, 3], ['(2 )', '(3 )']],
  ['update by a key in a string', 1, 'UPDATE item SET name = ? WHERE id = ?', ['x', '2'], ['(2 )']],
  ['update that changes a key', 2, 'UPDATE story SET id = ? WHERE eid = ? AND id = ?', [9, 1, 2], ['(1 2 )', '(1 9 )']],
  ['update by other columns', 1, 'UPDATE item SET n = n + ? WHERE name > ?', [1, 'a'], ['(2 )', '(3 )']],
  ['the first of those', 1, 'UPDATE item SET n = ? WHERE name > ? ORDER BY name DESC LIMIT ?', [1, 'a', 1], ['(3 )']],
  ['delete by range', 1, 'DELETE FROM item WHERE id > ?', [1], ['(2 )', '(3 )']],
  ['composite key', 2, 'UPDATE story SET name = ? WHERE eid = ?', ['x', 1], ['(1 1 )', '(1 2 )']],
  ['string key', 1, 'DELETE FROM word WHERE w = ?', ['ü\\'], [`('${Buffer.from('ü\\').toString('base64')}' )`]],
  ['string keys by another column', 1, 'DELETE FROM word WHERE n < ?', [2], [`('${btoa("it's")}' )`]],
  ['beyond signed numbers', 1, 'UPDATE big SET n = ? WHERE n = ?', [7, 2], ['(18446744073709551615 )']],
  [
    'days and times',
    2,
    'UPDATE day SET n = ? WHERE d = ? AND at = ?',
    [2, '2020-01-02', '2020-01-02 03:04:05'],
    [`('${btoa('2020-01-02')}' '${btoa('2020-01-02 03:04:05')}' )`],
  ],
];

describe.each(Object.keys(WAYS))('%s', (way) => {
  const run = WAYS[way] as (typeof WAYS)[string];

  it.each(CASES)('%s', async (_, key, statement, values, rows) => {
    const found = await logged(key, () => run(statement, values));
    expect(found.rows).toEqual(rows);
    expect(noted(found.statements), found.statements.join('\n')).toEqual(rows);
  });

  it('a key that the source makes', async () => {
    const { statements, rows } = await logged(1, () => run('INSERT INTO item (name) VALUES (?)', ['x']));
    expect(rows).toHaveLength(1);
    expect(noted(statements)).toEqual(['(null )']);
  });

  it.each<[string, number, string, DriverValue[]]>([
    ['no key', 2, 'UPDATE loose SET b = ? WHERE a = ?', [5, 1]],
    ['a new key that is an expression', 2, 'UPDATE story SET id = id + ? WHERE eid = ?', [10, 1]],
    ['a key with a fraction', 1, 'INSERT INTO item (id) VALUES (?)', [7.25]],
  ])('%s: not annotated', async (_, key, statement, values) => {
    const { statements, rows } = await logged(key, () => run(statement, values));
    expect(rows.length).toBeGreaterThan(0);
    expect(noted(statements)).toEqual([]);
  });
});

describe('prepared', () => {
  it('bytes, which no text has: by key, annotated all the same', async () => {
    const { statements, rows } = await logged(1, () =>
      client.execute('UPDATE item SET name = ?, n = ? WHERE id = ?', [Buffer.of(0x41, 0xc3, 0xbc), 4, 2]),
    );
    expect(rows).toEqual(['(2 )']);
    expect(noted(statements)).toEqual(rows);
    const failing = client.execute('UPDATE item SET name = ? WHERE id = ?', [Buffer.of(0xff), 2]);
    await expect(failing).rejects.toMatchObject({ errno: 1366 });
  });

  it('many times, each with its own', async () => {
    for (let id = 10; id < 40; id++) {
      const insert = await logged(1, () => client.execute('INSERT INTO item (id, name) VALUES (?, ?)', [id, 'x']));
      expect(noted(insert.statements)).toEqual([`(${id} )`]);
    }
    const [found] = await client.execute('SELECT COUNT(*) AS n FROM item WHERE id >= ?', [10]);
    expect(found).toEqual([{ n: 30 }]);
  });

  it('NULL names no row', async () => {
    const { statements, rows } = await logged(1, () => client.execute('DELETE FROM item WHERE id = ?', [null]));
    expect([statements, rows]).toEqual([[], []]);
  });

  it('of more rows than max_dml_rows fails, and changes nothing', async () => {
    await client.query('SET sluice_max_dml_rows = 2');
    const { rows } = await logged(1, async () => {
      const failing = client.execute('UPDATE item SET n = ? WHERE name >= ?', [1, 'a']);
      await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('row count exceeded 2') });
    });
    expect(rows).toEqual([]);
    await client.query('SET sluice_max_dml_rows = DEFAULT');
  });

  it('with annotate = 0 goes as it is', async () => {
    await client.query('SET sluice_annotate = 0');
    const { statements, rows } = await logged(1, () => client.execute('UPDATE item SET n = ? WHERE id = ?', [5, 2]));
    expect(rows).toEqual(['(2 )']);
    expect(noted(statements)).toEqual([]);
    await client.query('SET sluice_annotate = DEFAULT');
  });
});
