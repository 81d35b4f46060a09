import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../processes/open-store.ts';
import type { TableDefinition } from '../stores/schema.ts';
import type { StoreRow } from '../stores/values.ts';
import { run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-import-'));
const data = join(dir, 'data');

const THINGS: TableDefinition = {
  database: 'main',
  name: 'things',
  kind: 'table',
  columns: [
    { name: 'id', type: { name: 'bigint' }, nullable: false },
    { name: 'name', type: { name: 'varchar', length: 20 }, nullable: true },
    { name: 'price', type: { name: 'decimal', precision: 10, scale: 2 }, nullable: true },
    { name: 'more', type: { name: 'json' }, nullable: true },
  ],
  primaryKey: ['id'],
  indexes: [],
  foreignKeys: [],
  checks: [],
  createdAt: '2024-05-06T07:08:09.123Z',
};

async function withStore<T>(work: (store: ReturnType<typeof openEmbeddedStore>) => Promise<T> | T): Promise<T> {
  const store = openEmbeddedStore({ directory: data });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

beforeAll(() =>
  withStore(async (store) => {
    const options = { catalogVersion: store.catalog.version, foreignKeyChecks: true };
    await store.write({ kind: 'schema', change: { kind: 'create-table', table: THINGS } }, options);
  }),
);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Imports a file of this content; what was printed, and the rows whose ids are at least `from`. */
async function imported(name: string, content: string | Uint8Array, from: number, ...flags: string[]) {
  const file = join(dir, name);
  writeFileSync(file, content);
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const args = ['import', file, '--table', 'main.things', '--data', data, '--log-level', 'silent', ...flags];
  const code = await run(args, { out: print, err: print });
  const sql = 'SELECT id, name, price, more FROM "main.things" WHERE id >= ? ORDER BY id';
  const rows: StoreRow[] = await withStore((store) => store.readInline({ kind: 'read', sql, params: [BigInt(from)] }));
  return { code, printed, rows };
}

describe('import', () => {
  it('takes NDJSON with other columns in other lines, exact numbers and nested values', async () => {
    const lines = [
      '{"id": 1, "name": "ann", "price": 1.50}',
      '{"id": "2", "more": {"b": [1, 2.50]}}',
      '',
      '{"name": null, "id": 9007199254740993, "price": "3"}',
    ];
    const { code, printed, rows } = await imported('a.ndjson', lines.join('\n'), 1);
    expect([code, printed]).toEqual([
      0,
      expect.stringMatching(/^3 rows are imported into main\.things in \d+\.\d s\n$/),
    ]);
    expect(rows).toEqual([
      [1, 'ann', 150, null],
      [2, null, null, expect.stringMatching(/^\{"b": ?\[1, ?2\.50?\]\}$/)],
      [9007199254740993n, null, 300, null],
    ]);
  });

  it('takes CSV with the columns in its first line', async () => {
    const { code, rows } = await imported(
      'b.csv',
      'name,id,price\r\n"a ""b"", c",101,1.5\r\n,102,\r\n"",103,0\r\n',
      101,
    );
    expect(code).toBe(0);
    expect(rows.filter((row) => Number(row[0]) < 1000)).toEqual([
      [101, 'a "b", c', 150, null],
      [102, null, null, null],
      [103, '', 0, null],
    ]);
  });

  it('takes many rows', async () => {
    const ids = Array.from({ length: 5000 }, (_, i) => 10_000 + i);
    const { rows } = await imported('c', ids.map((id) => `{"id":${id},"name":"n${id}"}\n`).join(''), 10_000);
    expect(rows.filter((row) => Number(row[0]) < 20_000)).toHaveLength(5000);
  });

  it.each<[string, string | Uint8Array, string[], RegExp, number]>([
    ['no JSON', '{"id": 1,}', [], /line 1: unexpected/i, 1],
    ['no object', '\n[1]', [], /line 2: it is not a JSON object/, 1],
    ['an unknown column', '{"id": 50001, "nmae": 1}', [], /lines 1 to 1: Unknown column 'nmae'/, 1],
    [
      'a value that does not fit',
      '{"id": 50001, "name": "a name that is longer than twenty"}',
      [],
      /Data too long for column 'name'/,
      1,
    ],
    [
      'a CSV row of another width',
      'id,name\n50001\n',
      ['--format', 'csv'],
      /line 2: 1 fields, but the first line names 2/,
      1,
    ],
    ['a quote without end', 'id,name\n50001,"x\n', ['--format', 'csv'], /a quoted field has no end/, 1],
    ['what is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), [], /not UTF-8/, 1],
    ['another format', '', ['--format', 'xml'], /--format xml is neither ndjson nor csv/, 2],
  ])('refuses %s', async (_, content, flags, message, expected) => {
    const { code, printed, rows } = await imported('wrong', content, 50_000, ...flags);
    expect([code, printed]).toEqual([expected, expect.stringMatching(message)]);
    expect(rows.filter((row) => Number(row[0]) < 60_000)).toEqual([]);
  });

  it('tells how many rows went in before a line that is wrong', async () => {
    const lines = Array.from({ length: 1500 }, (_, i) => `{"id":${70_000 + i}}`);
    const { code, printed, rows } = await imported('d', [...lines, 'x'].join('\n'), 70_000);
    expect(code).toBe(1);
    expect(printed).toMatch(/line 1501: .*; the 1000 rows before are imported/);
    expect(rows.filter((row) => Number(row[0]) < 80_000)).toHaveLength(1000);
  });
});
