/** What lists in front of a MySQL server do of their own: rights, rules, limits, changes in one transaction, what is refused. Their answers: test/lists/. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const CONFIG = `
tcsql_table = "shop.t"

[[users]]
name = "root"
password = ""

[[users]]
name = "reader"
password = "r"
databases = { shop = "reader" }
`;

const folder = makeTempDir('source-lists');
let inFront: InFront;
let direct: Connection;
let front: Connection;

beforeAll(async () => {
  const config = join(folder.path, 'sluice.toml');
  writeFileSync(config, CONFIG);
  inFront = await startInFront({ args: ['--config', config] }, { args: ['--auto-increment-increment=3'] });
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  for (const name of ['shop', 'other']) await direct.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  front = await connectDriver(inFront.sluice);
  await front.query('CREATE TABLE other.t (id INT PRIMARY KEY)');
});
afterAll(async () => {
  await front.end();
  await direct.end();
  await inFront.stop();
  folder.remove();
});

beforeEach(async () => {
  await front.query('DROP TABLE IF EXISTS shop.t');
  await front.query(
    'CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(40), n INT, UNIQUE KEY by_title (title), KEY by_n (n))',
  );
});

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

async function ask(query: string, body?: unknown, user = 'root:'): Promise<Answer> {
  const path = query.startsWith('/') ? query : `/?${query}`;
  const response = await fetch(`${inFront.sluice.httpUrl}${path}`, {
    headers: { authorization: `Basic ${btoa(user)}` },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

const errorOf = ({ status, json }: Answer) => [status, (json as { error?: { errno: number } }).error?.errno];

async function fill(count: number): Promise<void> {
  const values = Array.from({ length: count }, (_, i) => `(${i + 1}, 'story ${i + 1}', ${i % 10})`);
  await direct.query(`INSERT INTO shop.t VALUES ${values.join(', ')}`);
}

describe('changes', () => {
  it('an insert tells the keys that the source gave, whatever the steps between them', async () => {
    const three = [{ title: 'a' }, { title: 'b' }, { title: 'c' }];
    expect((await ask('command=insert', three)).json).toEqual({ ok: true, affected: 3, pkey: ['1', '4', '7'] });
    const mixed = [{ title: 'd' }, { id: 100, title: 'e' }, { title: 'f' }];
    expect((await ask('command=insert', mixed)).json).toEqual({ ok: true, affected: 3, pkey: ['10', '100', '103'] });
    const rows = await rowsOf<{ id: number; title: string }>(direct, 'SELECT id, title FROM shop.t ORDER BY id');
    expect(rows.map(({ id, title }) => `${id}${title}`)).toEqual(['1a', '4b', '7c', '10d', '100e', '103f']);
  });

  it('an insert is all or nothing', async () => {
    const bodies = [{ title: 'a' }, { id: 5, n: 'no number' }, { title: 'b' }];
    expect(errorOf(await ask('command=insert', bodies))).toEqual([422, 1366]);
    expect(await singleValue(direct, 'SELECT COUNT(*) FROM shop.t')).toBe(0);
  });

  it('an update by what no SQL says changes those rows alone, or none', async () => {
    await fill(30);
    const where = encodeURIComponent('title:STRRX:^story [12]$|n:NUMLT:5');
    expect((await ask(`command=update&where=${where}`, { n: 77 })).json).toEqual({ ok: true, affected: 2 });
    expect(await singleValue(direct, 'SELECT GROUP_CONCAT(id ORDER BY id) FROM shop.t WHERE n = 77')).toBe('1,2');
    // The second row would get the title of the first.
    expect(
      errorOf(await ask(`command=update&where=${encodeURIComponent('title:STRRX:^story 1')}`, { title: 'same' }))[1],
    ).toBe(1062);
    expect(await singleValue(direct, "SELECT COUNT(*) FROM shop.t WHERE title = 'same'")).toBe(0);
  });

  it('limit_skip leaves out the first rows of the order', async () => {
    await fill(10);
    const query = 'command=delete&type=*&order_by=n&order_sort=NUMDESC&limit_skip=2&limit_max=3';
    expect((await ask(query)).json).toEqual({ ok: true, affected: 3 });
    expect(await singleValue(direct, 'SELECT GROUP_CONCAT(id ORDER BY id) FROM shop.t')).toBe('1,2,3,4,5,9,10');
  });

  it('are of max_dml_rows at most', async () => {
    await fill(501);
    expect(errorOf(await ask('command=update', { n: 1 }))[0]).toBe(413);
    expect(errorOf(await ask(`command=delete&where=${encodeURIComponent('title:STRRX:.')}`))[0]).toBe(413);
    expect((await ask(`command=delete&where=${encodeURIComponent('title:STRRX:.|id:NUMLE:500')}`)).json).toEqual({
      ok: true,
      affected: 500,
    });
  });

  it('without a primary key are refused where the rows would have to be named', async () => {
    await front.query('DROP TABLE IF EXISTS shop.bare');
    await front.query('CREATE TABLE shop.bare (v VARCHAR(10))');
    await ask('command=insert&table=bare', [{ v: 'a' }, { v: 'b' }]);
    expect(errorOf(await ask('command=delete&table=bare&where=v:STRRX:a'))).toEqual([501, 1235]);
    expect((await ask('command=delete&table=bare&where=v:STREQ:a')).json).toEqual({ ok: true, affected: 1 });
  });
});

describe('reads', () => {
  it('look at a bounded number of rows', async () => {
    await direct.query('INSERT INTO shop.t (n) SELECT seq % 10 FROM other.seq_1_to_100001');
    const wide = await ask('command=count&where=title:!FTSPH:x');
    expect(errorOf(wide)[0]).toBe(413);
    expect(JSON.stringify(wide.json)).toContain('title:!FTSPH');
    expect((await ask('command=count&where=title:!FTSPH:x|n:NUMEQ:3')).json).toBe(10_000);
    // A page that is full needs no more.
    expect((await ask('command=select&type=*&where=title:!FTSPH:x&limit_max=3')).json).toHaveLength(3);
    // And the session goes on.
    expect((await ask('command=count')).json).toBe(100_001);
  });

  it('explain shows the statement, the index and what is looked at here', async () => {
    await fill(200);
    const { json } = await ask('command=select&type=*&where=title:STREQ:story 7|n:STRRX:6&explain=1');
    expect(json).toMatchObject({ index: ['by_title'], checked: ['n:STRRX'], kept: null, runs: 'source' });
    expect((json as { sql: string }).sql).toContain('CAST(`title` AS BINARY)');
  });

  it('tables and stat tell of the source', async () => {
    await fill(3);
    expect((await ask('command=stat')).json).toEqual({
      table: 'shop.t',
      kind: 'table',
      rows: '3',
      fields: ['id', 'title', 'n'],
      indexes: [
        { name: 'by_title', fields: ['title'] },
        { name: 'by_n', fields: ['n'] },
      ],
      kept: [],
    });
    expect((await ask('command=tables')).json).toContainEqual({
      table: 'shop.t',
      kind: 'table',
      pkey: 'id',
      fields: '3',
    });
    expect((await ask('/v1/status/lists')).status).toBe(200);
  });

  it('see a row that was written directly, and a column that was added', async () => {
    await direct.query('ALTER TABLE shop.t ADD COLUMN late INT DEFAULT 5');
    await direct.query("INSERT INTO shop.t VALUES (1, 'x', 1, 6)");
    expect((await ask('command=get&pkey=1')).json).toEqual([{ id: '1', title: 'x', n: '1', late: '6' }]);
  });
});

describe('what is refused', () => {
  it.each([
    ['command=setindex&field=n&type=TDBITDECIMAL', 501, 1235],
    ['command=select&type=*&table=shop.nothing', 404, 1146],
    ['command=select&type=*&where=nothing:NUMEQ:1', 400, 1054],
    ['command=select&type=*&where=title:STRRX:(', 400, 1210],
  ])('%s', async (query, status, errno) => {
    expect(errorOf(await ask(query))).toEqual([status, errno]);
  });

  it('a live list', async () => {
    const response = await fetch(`${inFront.sluice.httpUrl}/v1/lists/shop.t?limit_max=1`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(501);
  });

  it("a reader's changes, and whatever is in other databases", async () => {
    await fill(2);
    const reader = 'reader:r';
    expect((await ask('command=count', undefined, reader)).json).toBe(2);
    expect(errorOf(await ask('command=delete&type=*', undefined, reader))[1]).toBe(1142);
    expect(errorOf(await ask('command=insert', { n: 1 }, reader))[1]).toBe(1142);
    for (const name of ['other.t', 'other.nothing', 'mysql.user'])
      expect(errorOf(await ask(`command=count&table=${name}`, undefined, reader))[1], name).toBe(1044);
    const { json } = await ask('command=tables', undefined, reader);
    const names = (json as { table: string }[]).map(({ table }) => table);
    expect(names).toContain('shop.t');
    expect(names.filter((name) => !name.startsWith('shop.'))).toEqual([]);
    expect(await singleValue(direct, 'SELECT COUNT(*) FROM shop.t')).toBe(2);
  });
});
