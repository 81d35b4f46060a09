import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../processes/open-store.ts';
import type { TableDefinition } from '../stores/schema.ts';
import { Connection } from '../stores/sqlite/connection.ts';
import { databasePath } from '../stores/sqlite/data-directory.ts';
import type { SqliteStore } from '../stores/sqlite/store.ts';
import { run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-maintenance-'));
const data = join(dir, 'data');
let store: SqliteStore;

const USERS: TableDefinition = {
  database: 'main',
  name: 'users',
  kind: 'table',
  columns: [
    { name: 'id', type: { name: 'int' }, nullable: false, autoIncrement: true },
    { name: 'name', type: { name: 'varchar', length: 20 }, nullable: true },
    { name: 'boss', type: { name: 'int' }, nullable: true },
  ],
  primaryKey: ['id'],
  indexes: [
    { name: 'name', unique: true, parts: [{ column: 'name', length: 5 }] },
    { name: 'boss', unique: false, parts: [{ column: 'boss', descending: true }] },
  ],
  foreignKeys: [
    {
      name: 'users_ibfk_1',
      columns: ['boss'],
      referencedDatabase: 'main',
      referencedTable: 'users',
      referencedColumns: ['id'],
      onDelete: 'set null',
      onUpdate: 'no action',
    },
  ],
  checks: [{ name: 'users_chk_1', text: 'id > 0', storeSql: '"id" > 0' }],
  createdAt: '2024-05-06T07:08:09.123Z',
};

const LOG: TableDefinition = {
  ...USERS,
  name: 'log',
  columns: [{ name: 'line', type: { name: 'text' }, nullable: true }],
  primaryKey: [],
  indexes: [],
  foreignKeys: [],
  checks: [],
};

beforeAll(async () => {
  store = openEmbeddedStore({ directory: data });
  const options = () => ({ catalogVersion: store.catalog.version, foreignKeyChecks: true });
  for (const table of [USERS, LOG]) {
    await store.write({ kind: 'schema', change: { kind: 'create-table', table } }, options());
  }
  const rows = [
    [1, 'ann', null],
    [2, 'bob', 1],
  ];
  await store.write({ kind: 'insert', database: 'main', table: 'users', mode: 'insert', rows }, options());
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

/** Changes a copy's file behind Sluice's back. */
function tamper(directory: string, sql: string): void {
  const connection = new Connection(databasePath(directory), {
    readOnly: false,
    functions: [],
    cacheKibibytes: 1024,
    busyTimeoutMs: 0,
  });
  connection.exec(sql);
  connection.close();
}

async function restored(name: string): Promise<string> {
  const directory = join(dir, name);
  const backup = join(dir, `${name}.backup`);
  expect((await sluice('backup', backup, '--data', data)).code).toBe(0);
  expect((await sluice('restore', backup, '--data', directory)).code).toBe(0);
  return directory;
}

describe('backup and restore', () => {
  it('give a directory with the same data, while the store is open', async () => {
    const directory = await restored('copy');
    const copy = openEmbeddedStore({ directory });
    const rows = copy.readInline({ kind: 'read', sql: 'SELECT * FROM "main.users" ORDER BY id', params: [] });
    expect(rows).toEqual([
      [1, 'ann', null],
      [2, 'bob', 1],
    ]);
    expect(copy.catalog.table('main', 'users')).toEqual(store.catalog.table('main', 'users'));
    expect(copy.sequence).toBe(store.sequence);
    await copy.close();
    expect(readdirSync(dir).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('overwrite nothing', async () => {
    const directory = await restored('kept');
    const backup = join(dir, 'kept.backup');
    const before = readFileSync(backup);
    expect(await sluice('backup', backup, '--data', data)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is already there'),
    });
    expect(readFileSync(backup)).toEqual(before);
    expect(await sluice('restore', backup, '--data', directory)).toMatchObject({
      code: 1,
      err: expect.stringContaining('holds data already'),
    });
    expect(await sluice('restore', backup, '--data', data)).toMatchObject({
      code: 1,
      err: expect.stringContaining('in use by another Sluice process'),
    });
  });

  it('refuse what is no backup', async () => {
    const file = join(dir, 'no.backup');
    writeFileSync(
      file,
      'not a database, and long enough to be taken for one if nobody looked at how it begins '.repeat(20),
    );
    expect((await sluice('restore', file, '--data', join(dir, 'none'))).code).toBe(1);
    expect((await sluice('restore', join(dir, 'missing'), '--data', join(dir, 'none'))).err).toContain('there is no');
    expect((await sluice('backup', file, '--data', join(dir, 'none'))).err).toContain('holds no data');
  });
});

describe('check', () => {
  it('finds nothing in a sound directory that is in use', async () => {
    const { code, out, err } = await sluice('check', '--data', data);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/data is sound: 2 tables, 2 indexes, \d+\.\d MB\n$/);
  });

  it.each([
    ['DROP INDEX "main.users.boss"', 'main.users: the catalog tells of index main.users.boss  boss BINARY DESC'],
    ['ALTER TABLE "main.users" ADD COLUMN more TEXT', 'main.users: the file has column 3 more TEXT NULL key part 0'],
    ['DROP TABLE "main.log"', 'main.log: the catalog tells of column 0 _sluice_row INTEGER NULL key part 1'],
    ['CREATE TABLE "main.other" (x)', 'the file has a table main.other that the catalog does not know'],
    ["DELETE FROM sluice_databases WHERE name = 'main'", 'the catalog has tables of databases that it does not know'],
    [
      'PRAGMA ignore_check_constraints = 1; INSERT INTO "main.users" VALUES (-1, \'x\', NULL)',
      'main.users: there are rows that break the constraint users_chk_1',
    ],
  ])('after %s: %s', async (sql, problem) => {
    const directory = await restored(`tampered-${sql.length}`);
    tamper(directory, sql);
    const { code, err } = await sluice('check', '--data', directory);
    expect([code, err]).toEqual([1, expect.stringContaining(problem)]);
  });
});
