import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbeddedStore } from '../processes/open-store.ts';
import { STORE_FUNCTIONS } from '../processes/store-functions.ts';
import type { ListIndexKind, TableDefinition } from '../stores/schema.ts';
import { Connection } from '../stores/sqlite/connection.ts';
import { databasePath } from '../stores/sqlite/data-directory.ts';
import type { SqliteStore } from '../stores/sqlite/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { problemsOf } from './file-problems.ts';
import { run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-list-index-'));
const data = join(dir, 'data');
const KINDS: readonly ListIndexKind[] = ['lexical', 'decimal', 'token', 'qgram'];

/** A column for each kind of index, named after it. */
function tableWith(name: string, primaryKey: readonly string[]): TableDefinition {
  return {
    database: 'main',
    name,
    kind: 'table',
    columns: [
      { name: 'id', type: { name: primaryKey.length > 1 ? 'varchar' : 'bigint', length: 20 }, nullable: false },
      { name: 'part', type: { name: 'int' }, nullable: false },
      ...KINDS.map((kind) => ({ name: kind, type: { name: 'varchar', length: 255 }, nullable: true }) as const),
    ],
    primaryKey,
    indexes: [],
    foreignKeys: [],
    checks: [],
    createdAt: '2024-05-06T07:08:09.123Z',
  };
}

const TABLES = [tableWith('numbered', ['id']), tableWith('named', ['id', 'part']), tableWith('keyless', [])];

let store: SqliteStore;
/** Of an inverted index, by its table and kind. */
const ids = new Map<string, number>();

beforeAll(async () => {
  store = openEmbeddedStore({ directory: data });
  const options = () => ({ catalogVersion: store.catalog.version, foreignKeyChecks: true });
  for (const table of TABLES) {
    await store.write({ kind: 'schema', change: { kind: 'create-table', table } }, options());
    for (const action of KINDS) {
      const change = { kind: 'list-index', table, column: action, action } as const;
      await store.write({ kind: 'schema', change }, options());
    }
    const { database, name } = table;
    const rows = Array.from({ length: 50 }, (_, i): StoreRow => {
      const id = table.primaryKey.length > 1 ? `k${i}` : i;
      return [id, i % 3, `Text ${i}`, `${i}.5`, `red,tag${i}`, i % 5 === 0 ? null : `逍遥江湖 ${i}`];
    });
    await store.write({ kind: 'insert', database, table: name, mode: 'insert', rows }, options());
    for (const index of store.catalog.table(database, name)?.listIndexes ?? [])
      ids.set(`${name} ${index.kind}`, index.id);
  }
});

afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function sluice(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const keep = (stream: 'out' | 'err') => (text: string) => {
    written[stream] += text;
  };
  return { code: await run(args, { out: keep('out'), err: keep('err') }), ...written };
}

let copies = 0;

async function restored(): Promise<string> {
  const directory = join(dir, `copy${++copies}`);
  const backup = `${directory}.backup`;
  expect(await sluice('backup', backup, '--data', data)).toMatchObject({ code: 0, err: '' });
  expect(await sluice('restore', backup, '--data', directory)).toMatchObject({ code: 0, err: '' });
  return directory;
}

it('list indexes are sound, in a file in use and in a restored one, which goes on with them', async () => {
  expect(await sluice('check', '--data', data)).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('12 indexes'),
  });
  const directory = await restored();
  const copy = openEmbeddedStore({ directory });
  expect(copy.catalog.table('main', 'named')).toEqual(store.catalog.table('main', 'named'));
  const write = {
    kind: 'delete',
    database: 'main',
    table: 'named',
    sql: 'DELETE FROM "main.named" WHERE "part" = 1',
    params: [],
  } as const;
  await copy.write(write, { catalogVersion: copy.catalog.version, foreignKeyChecks: true });
  await copy.close();
  expect(await sluice('check', '--data', directory)).toMatchObject({ code: 0, err: '' });
});

const named = (table: string, kind: ListIndexKind, part = ''): string =>
  `"sluice_list_${ids.get(`${table} ${kind}`)}${part}"`;

it.each([
  [
    'rows without terms',
    () => `DELETE FROM ${named('numbered', 'token')} WHERE rowid = 7`,
    'main.numbered: the token index of token does not have the terms of its table',
  ],
  [
    'other terms',
    () =>
      `DELETE FROM ${named('keyless', 'qgram')} WHERE rowid = 8; INSERT INTO ${named('keyless', 'qgram')} (rowid, terms) VALUES (8, 'x')`,
    'main.keyless: the qgram index of qgram does not have the terms',
  ],
  [
    'rows of no table',
    () => `INSERT INTO ${named('numbered', 'qgram')} (rowid, terms) VALUES (999, 'x')`,
    'main.numbered: the qgram index of qgram does not have the terms',
  ],
  [
    'lost keys',
    () => `DELETE FROM ${named('named', 'token', '_keys')} WHERE _sluice_k0 = 'k4'`,
    'main.named: the token index of token does not have the keys',
  ],
  [
    'rows yet to be taken in',
    () => `INSERT INTO ${named('numbered', 'token', '_changed')} VALUES (1)`,
    'main.numbered: the token index of token lags behind',
  ],
  [
    'a lost trigger',
    () => `DROP TRIGGER ${named('numbered', 'qgram', '_update')}`,
    'main.numbered: the catalog tells of trigger sluice_list_',
  ],
  [
    'a lost ordinary index',
    () => `DROP INDEX ${named('keyless', 'decimal')}`,
    'main.keyless: the catalog tells of index sluice_list_',
  ],
  [
    'a lost inverted index',
    () => `DROP TABLE ${named('named', 'qgram')}`,
    'main.named: the catalog tells of list index part sluice_list_',
  ],
  [
    'parts of none',
    () => 'CREATE TABLE sluice_list_77_changed (_sluice_k0)',
    'the file has sluice_list_77_changed, a part of an index that the catalog does not know',
  ],
])('check finds %s', async (_name, sql, problem) => {
  const directory = await restored();
  // Changes the copy's file behind Sluice's back.
  const connection = new Connection(databasePath(directory), {
    readOnly: false,
    functions: STORE_FUNCTIONS,
    cacheKibibytes: 1024,
    busyTimeoutMs: 0,
  });
  expect(problemsOf(connection)).toEqual([]);
  connection.exec(sql());
  connection.close();
  const { code, err } = await sluice('check', '--data', directory);
  expect([code, err]).toEqual([1, expect.stringContaining(problem)]);
});
