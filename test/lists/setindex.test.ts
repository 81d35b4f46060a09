/** List indexes in a server of several processes: made and dropped under load, kept through kill -9 and restarts, unseen by SQL's own tools. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import { runCommand } from '../support/run-command.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const dir = makeTempDir('setindex');
const dataDir = join(dir.path, 'data');
let server: SluiceServer;

const ROWS = 3000;

beforeAll(async () => {
  server = await startSluice({ dataDir });
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    tags: `all,tag${i % 100}`,
    title: i % 10 === 0 ? `逍遥江湖 ${i}` : `Story ${i}`,
    price: String(i % 500),
  }));
  await list('command=insert', JSON.stringify(rows));
});
afterAll(async () => {
  await server.stop();
  dir.remove();
});

async function list(parameters: string, body?: string): Promise<string> {
  const request = body === undefined ? {} : { method: 'POST', body };
  const response = await fetch(`${server.httpUrl}/?${parameters}`, request);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

const COUNTS: readonly (readonly [where: string, count: number])[] = [
  ['tags:STRAND:tag7', ROWS / 100],
  ['tags:STROR:tag7,tag8', ROWS / 50],
  ['title:STRINC:江湖', ROWS / 10],
  ['title:FTSPH:story 12', 100],
  ['price:NUMBT:10,19', (ROWS / 500) * 10],
  ['tags:STRAND:all|price:NUMEQ:5', ROWS / 500],
];

it('answers stay right, and nothing fails, while indexes come and go', async () => {
  let done = false;
  let answers = 0;
  const reading = Array.from({ length: 4 }, async (_, reader) => {
    for (let i = 0; !done; i++) {
      const [where, count] = COUNTS[(i + reader) % COUNTS.length]!;
      // A number in the condition that no row has: no list is asked for twice, so that none is kept.
      const fresh = `${where}|pkey:!NUMEQ:${-1 - reader - 4 * i}`;
      expect(await list(`command=count&where=${fresh}`), fresh).toBe(String(count));
      const page = JSON.parse(
        await list(`command=select&type=*&where=${fresh}&order_by=price&order_sort=NUMDESC&limit_max=9`),
      );
      expect(page).toHaveLength(Math.min(9, count));
      answers++;
    }
  });
  const kinds = {
    tags: ['TDBITTOKEN', 'TDBITQGRAM'],
    title: ['TDBITQGRAM', 'TDBITLEXICAL'],
    price: ['TDBITDECIMAL', 'TDBITTOKEN'],
  };
  for (let round = 0; round < 10; round++) {
    for (const [field, types] of Object.entries(kinds)) {
      expect(await list(`command=setindex&field=${field}&type=${types[round % 2]}`)).toBe('{"ok":true}');
      if (round % 3 === 2) expect(await list(`command=setindex&field=${field}&type=TDBITVOID`)).toBe('{"ok":true}');
    }
  }
  done = true;
  await Promise.all(reading);
  expect(answers).toBeGreaterThan(20);
});

it('they outlive kill -9 and restarts, and check finds them sound', async () => {
  for (const [field, type] of [
    ['tags', 'TDBITTOKEN'],
    ['title', 'TDBITQGRAM'],
    ['price', 'TDBITDECIMAL'],
  ])
    await list(`command=setindex&field=${field}&type=${type}`);
  const writing = Array.from({ length: 50 }, (_, i) =>
    list('command=insert', JSON.stringify({ pkey: 10_000 + i, tags: 'late', title: '晚', price: '-1' })).catch(
      () => undefined,
    ),
  );
  await Promise.all(writing.slice(0, 10));
  await server.kill9();
  await Promise.all(writing);
  server = await startSluice({ dataDir });
  const late = Number(await list('command=count&where=price:NUMEQ:-1'));
  expect(late).toBeGreaterThanOrEqual(10);
  expect(await list('command=count&where=tags:STRAND:late')).toBe(String(late));
  expect(await list('command=count&where=title:STRINC:晚')).toBe(String(late));
  expect(await list('command=delete&where=tags:STRAND:late')).toBe(`{"ok":true,"affected":${late}}`);
  expect(await list('command=update&where=tags:STRAND:tag7', '{"tags":"all,seven"}')).toBe('{"ok":true,"affected":30}');
  await server.stop();
  server = await startSluice({ dataDir });
  expect(await list('command=count&where=tags:STRAND:seven')).toBe('30');
  expect(await list('command=count&where=title:STRINC:晚')).toBe('0');
  const { stdout } = await runCommand(process.execPath, ['dist/main.js', 'check', '--data', dataDir]);
  expect(stdout).toContain('is sound: 1 tables, 3 indexes');
});

it("SQL's tools do not see them, and SQL's writes reach them", async () => {
  const connection = await connectDriver(server, { database: 'main' });
  expect((await rowsOf(connection, 'SHOW INDEX FROM feed')).map((row) => row.Key_name)).toEqual(['PRIMARY']);
  const [created] = await rowsOf(connection, 'SHOW CREATE TABLE feed');
  expect(String(created?.['Create Table'])).not.toMatch(/KEY `(?:tags|title|price)/);
  const statistics = "SELECT COUNT(*) AS n FROM information_schema.statistics WHERE table_name = 'feed'";
  expect(await rowsOf(connection, statistics)).toMatchObject([{ n: 1 }]);
  expect((await rowsOf(connection, 'SHOW TABLES')).map((row) => Object.values(row))).toEqual([['feed']]);
  await connection.query("UPDATE feed SET tags = 'sql' WHERE tags = 'all,tag9'");
  expect(await list('command=count&where=tags:STRAND:sql')).toBe('30');
  await connection.query('ALTER TABLE feed RENAME COLUMN tags TO labels, MODIFY title TEXT');
  await connection.query('RENAME TABLE feed TO story');
  expect(await list('command=count&table=story&where=labels:STRAND:sql|title:STRINC:ory')).toBe('30');
  await connection.query('TRUNCATE TABLE story');
  expect(await list('command=count&table=story&where=labels:STRAND:sql')).toBe('0');
  await connection.query('DROP TABLE story');
  await connection.end();
});
