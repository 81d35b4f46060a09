/**
 * TCSQL's manual: its commands as they stand there, by curl and by PHP, held against the answers stored in the transcripts of manual/. Before both stores: in front
 * of a MySQL server tables are made by SQL, and so are indexes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FEED_COLUMNS, FEED_TABLE_SQL, feedRows } from '../../src/demo/feed.ts';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';
import { runTranscript } from './support/transcript.ts';

const FOLDER = join(import.meta.dirname, 'manual');

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startStoreUnderTest();
  connection = await connectDriver(server);
});

afterAll(async () => {
  await connection.end();
  await server.stop();
});

async function begin(tableSql: string | null): Promise<void> {
  for (const sql of ['DROP DATABASE IF EXISTS main', 'CREATE DATABASE main', 'USE main', tableSql])
    if (sql !== null) await connection.query(sql);
}

const REFUSED = /"errno":1235,/;

const transcript = (name: string): Promise<string[]> =>
  runTranscript(join(FOLDER, name), server, (command) =>
    IS_IN_FRONT && /command=setindex.*field=/.test(command) ? REFUSED : null,
  );

/** As the first insert makes it. */
const TEXT_TABLE_SQL = `CREATE TABLE feed (pkey BIGINT AUTO_INCREMENT PRIMARY KEY, ${FEED_COLUMNS.slice(1)
  .map((name) => `${name} LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`)
  .join(', ')})`;

describe.each([
  IS_IN_FRONT ? ['a table of texts', TEXT_TABLE_SQL] : ['a table of its own, made by the first insert', null],
  ["the demo's SQL table", FEED_TABLE_SQL],
])('on %s', (_name, tableSql) => {
  beforeEach(() => begin(tableSql));

  it("the manual's commands", async () => {
    const [, answer = ''] = await transcript('commands.txt');
    // The manual's own answer, names in the same order, but for the blanks that it has between them.
    const printed = readFileSync(join(FOLDER, 'rows.txt'), 'utf8');
    expect(JSON.stringify(JSON.parse(answer))).toBe(JSON.stringify(JSON.parse(printed)));
  });

  it('from PHP', async () => {
    await transcript('php.txt');
  });

  it('the four queries of the feed', async () => {
    const objects = smallFeed();
    const body = JSON.stringify(objects);
    const inserted = await fetch(`${server.httpUrl}/?command=insert`, { method: 'POST', body });
    expect(await inserted.json()).toMatchObject({ ok: true, affected: objects.length });
    const answers = await transcript('feed.txt');
    for (const field of ['uid', 'hot', 'dateline']) {
      const made = await fetch(`${server.httpUrl}/?command=setindex&type=TDBITDECIMAL&field=${field}`);
      if (IS_IN_FRONT) expect(await made.text()).toMatch(REFUSED);
      else expect(await made.text()).toBe('{"ok":true}');
      // An index never changes an answer.
      expect(await transcript('feed.txt'), field).toEqual(answers);
    }
    const lists = answers.map((answer) => JSON.parse(answer) as Record<string, string>[]);
    expect(lists.map((rows) => rows.length)).toEqual([11, 4, 7, objects.length]);
    for (const [field, type] of [
      ['uid', 'TDBITDECIMAL'],
      ['hot', 'TDBITDECIMAL'],
      ['dateline', 'TDBITDECIMAL'],
    ])
      await fetch(`${server.httpUrl}/?command=setindex&field=${field}&type=${type}`);
    expect((await transcript('feed.txt')).map((answer) => JSON.parse(answer))).toEqual(lists);
    // What the manual says they stand for. Where there are no types, `hot >= '3'` compares texts.
    if (tableSql !== FEED_TABLE_SQL) return;
    for (const [i, where] of FEED_WHERES.entries()) {
      const sql = `SELECT * FROM feed ${where} ORDER BY dateline DESC LIMIT 0,100`;
      const rows = await rowsOf(connection, sql);
      const texts = rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, v]) => [name, String(v)])));
      expect(texts, sql).toEqual(lists[i]);
    }
  });
});

// Tables without a schema are the embedded store's.
it.skipIf(IS_IN_FRONT)('setindex, on a table that has the fields that it names', async () => {
  await begin(null);
  const [text, number, optimised] = [
    '需要建文本型索引的字段名',
    '需要建数值型索引的字段名',
    '需要优化索引的字段名',
  ] as const;
  const rows = [
    { [text]: '逍遥江湖', [number]: '5', [optimised]: '小江湖记' },
    { [text]: '逍遥', [number]: '3', [optimised]: '江 湖' },
    { [text]: '江湖', [number]: '9', [optimised]: '江湖' },
  ];
  await fetch(`${server.httpUrl}/?command=insert`, { method: 'POST', body: JSON.stringify(rows) });
  await transcript('setindex.txt');
});

// As above.
it.skipIf(IS_IN_FRONT)('the example with all parameters, on a table that has the field it asks about', async () => {
  await begin(null);
  await transcript('title.txt');
});

const FEED_WHERES = [
  "USE INDEX(dateline) WHERE uid IN ('0',57,48,60263,43,89163,42,74,91,93,94,105,106,109)",
  "WHERE uid='55'",
  "WHERE hot >= '3'",
  '',
];

/** The demo's first rows, of users whom the manual's queries name, at times of which no two are the same. */
function smallFeed(): object[] {
  const uids = [55, 57, 395, 0, 48, 188];
  return [...feedRows(22)].map((values, i) => ({
    ...Object.fromEntries(FEED_COLUMNS.map((name, column) => [name, values[column]])),
    uid: uids[i % uids.length],
    hot: (i * 7) % 10 < 3 ? 3 + i : i % 3,
    dateline: 1_253_858_842 + ((i * 17) % 22),
  }));
}
