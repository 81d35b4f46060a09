/** What the benches know of their tables: it decides whether an answer counts as right. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAnswers } from '../../bench/support/ask-http.ts';
import { checkSqlAnswers } from '../../bench/support/ask-sql.ts';
import { type FeedData, prepareFeed, writeFeedText } from '../../bench/support/feed-data.ts';
import { countQuery, keyQuery, listQuery, repeatedQuery, userQuery } from '../../bench/support/feed-queries.ts';
import { listStatistics, untilKeptByUrl } from '../../bench/support/kept-lists.ts';
import { Notes } from '../../bench/support/notes.ts';
import { prepareScores, SCORE_QUERIES, type ScoreData, ScoreTable, scoreQuery } from '../../bench/support/scores.ts';
import { FEED_COLUMNS, feedRows } from '../../src/demo/feed.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const FEED_ROWS = 3_000;
const CHECKED = 50;

describe('the feed', () => {
  const context = { rows: FEED_ROWS, log: () => undefined };
  let feed: FeedData;
  let server: SluiceServer;

  beforeAll(async () => {
    feed = await prepareFeed(context);
    server = await startSluice({ dataDir: feed.dataDir });
  });
  afterAll(async () => {
    await server.stop();
  });

  it('is made once', async () => {
    expect(await prepareFeed(context)).toBe(feed);
  });

  it.each([keyQuery, userQuery, listQuery, countQuery, repeatedQuery].map((make) => [make.name, make] as const))(
    'is known: %s by URL and by SQL, from the store and from memory',
    async (_name, queryOf) => {
      const query = queryOf(feed.model);
      const target = { name: 'Sluice', port: server.mysqlPort, database: 'main' };
      await checkAnswers(server.httpUrl, query, CHECKED, 1);
      await checkSqlAnswers(target, query, CHECKED);
      await untilKeptByUrl(server.httpUrl, query);
      const before = await listStatistics(server.httpUrl);
      await checkAnswers(server.httpUrl, query, CHECKED, 3);
      expect((await listStatistics(server.httpUrl)).misses).toBe(before.misses);

      const wrong = { ...query, expected: () => -1 };
      await expect(checkAnswers(server.httpUrl, wrong, 1, 1)).rejects.toThrow('instead of -1');
      await expect(checkSqlAnswers(target, wrong, 1)).rejects.toThrow('instead of -1');
    },
  );

  it('asks for more than one page, count and row', () => {
    const random = new SeededRandom(1);
    for (const query of [keyQuery, userQuery, listQuery, countQuery].map((queryOf) => queryOf(feed.model))) {
      const answers = Array.from({ length: CHECKED }, () => JSON.stringify(query.expected(query.draw(random))));
      expect(new Set(answers).size, query.name).toBeGreaterThan(3);
    }
  });

  it('is written as text, a line for each row', async () => {
    // One server at a time: the text is read from a feed of its own folder.
    await server.stop();
    const dir = makeTempDir('feed-text');
    const path = join(dir.path, 'feed.tsv');
    await writeFeedText(feed, path);
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    const expected = [...feedRows(FEED_ROWS)].map((row) => row.join('\t').replaceAll('\\', '\\\\'));
    expect(lines).toEqual(expected);
    expect(lines[0]?.split('\t')).toHaveLength(FEED_COLUMNS.length);
    dir.remove();
    server = await startSluice({ dataDir: feed.dataDir });
  });
});

describe('the scores', () => {
  it.each([1, 10, 5_000])('are in order, of %i rows', (rows) => {
    const table = new ScoreTable(rows);
    const all = Array.from({ length: rows }, (_, index) => ({
      id: index + 1,
      score: ((index + 1) * 48_271) % 1_000_003,
    }));
    all.sort((a, b) => a.score - b.score || a.id - b.id);
    for (const start of [0, 1, 48_271, 250_000, 499_999]) {
      const listed = all.filter(({ score }) => score >= start);
      expect(table.countFrom(start)).toBe(listed.length);
      for (const skip of [0, 7, rows]) {
        const page = table.pageFrom(start, skip, 10).map(({ id, score }) => ({ id: Number(id), score: Number(score) }));
        expect(page).toEqual(listed.slice(skip, skip + 10));
      }
    }
  });

  it('have several rows of one score where there are more rows than scores', () => {
    const table = new ScoreTable(2_500_000);
    expect(table.countFrom(0)).toBe(2_500_000);
    const page = table.pageFrom(0, 0, 4);
    expect(page.map(({ score }) => score)).toEqual(['0', '0', '1', '1']);
    expect(page.slice(0, 2).map(({ id }) => id)).toEqual(['1000003', '2000006']);
    expect(Number(page[3]?.id) - Number(page[2]?.id)).toBe(1_000_003);
  });

  it.each(['thousand', 'any'] as const)(
    'are known in every table, by URL and by SQL, beginning at %s',
    async (starts) => {
      const data: ScoreData = await prepareScores({ rows: 2_000, log: () => undefined });
      expect(data.tables.map(({ rows }) => rows)).toEqual([20, 200, 2_000, 20_000]);
      const server = await startSluice({ dataDir: data.dataDir });
      for (const table of data.tables) {
        for (const kind of SCORE_QUERIES) {
          const query = scoreQuery(table, kind, starts);
          await checkAnswers(server.httpUrl, query, CHECKED, 1);
          await checkSqlAnswers({ name: 'Sluice', port: server.mysqlPort, database: 'main' }, query, CHECKED);
        }
      }
      await server.stop();
    },
  );
});

describe('the notes', () => {
  it('are one for each user, in as many folders as are asked for', async () => {
    const notes = new Notes(30);
    for (const dataDir of await notes.makeDirs(2)) {
      const server = await startSluice({ dataDir });
      await checkAnswers(server.httpUrl, notes.listOf(30), CHECKED, 1);
      await server.stop();
    }
  });
});
