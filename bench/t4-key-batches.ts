import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '../src/stores/sqlite/driver.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { boundedBy, format, ratioOf } from './support/compare.ts';

/** "At most 1.2 times the time of bare SQLite." */
const TARGET = 1 / 1.2;
/** "find contains over 1M <= 0.2 s." */
const FIND_SECONDS_MAX = 0.2;
const GROUP = 100;
const PREFIX_FINDS = 1_000;

/** What both sides do, one after the other, each in a directory of its own that is new. */
const WORK = [
  'batch put',
  'batch get',
  'find contains, first',
  'find contains, repeated',
  'prefix find of 100',
  'batch remove',
] as const;
type Figures = Record<(typeof WORK)[number], number>;

export const keyBatches: Claim = {
  id: 'T4-key-batches',
  title:
    'keys in an embedded program: batches, a find over all values, finds by prefix; against bare SQLite in the same process',
  // All of a million keys, however long that takes.
  seconds: 1,
  run: async (context) => {
    const data = sampleOf(context.rows);
    const rounds: { sluice: Figures[]; peer: Figures[] } = { sluice: [], peer: [] };
    for (let round = 0; round <= context.rounds; round++) {
      const peer = inNewDirectory((directory) => bareSqlite(directory, data));
      const sluice = await inNewDirectory((directory) => ourKeys(directory, data));
      // The first round is the warm-up.
      if (round === 0) continue;
      rounds.peer.push(await peer);
      rounds.sluice.push(sluice);
      context.log(
        `round ${round} of ${context.rounds}: ${WORK.map((name) => `${name} ${format(sluice[name])} s`).join(', ')}`,
      );
    }
    return rowsOf(context, rounds);
  },
};

function rowsOf({ rows: keys }: BenchContext, { sluice, peer }: { sluice: Figures[]; peer: Figures[] }): Row[] {
  const peerName = 'bare SQLite';
  return WORK.map((name) => {
    if (name.startsWith('find contains')) {
      const median = (of: Figures[]): number =>
        of.map((figures) => figures[name]).sort((a, b) => a - b)[of.length >> 1]!;
      return boundedBy(
        { name: `${name}, of ${format(keys)}`, unit: 's', peerName, target: FIND_SECONDS_MAX },
        median(sluice),
        median(peer),
      );
    }
    const count = name === 'prefix find of 100' ? PREFIX_FINDS : keys;
    const perSecond = (of: Figures[]): number[] => of.map((figures) => count / figures[name]);
    const unit = name === 'prefix find of 100' ? 'finds/s' : 'keys/s';
    return ratioOf(
      { name: `${name}, ${format(keys)} keys`, unit, peerName, target: TARGET },
      perSecond(sluice),
      perSecond(peer),
    );
  });
}

interface Sample {
  readonly pairs: readonly (readonly [string, string])[];
  /** In another order. */
  readonly asked: readonly string[];
  readonly sought: string;
  readonly found: number;
}

function sampleOf(count: number): Sample {
  const pairs = Array.from({ length: count }, (_, i) => {
    const group = String(Math.floor(i / GROUP)).padStart(6, '0');
    return [`user.${group}.${String(i % GROUP).padStart(2, '0')}`, `value ${(i * 7_919) % 1_000_003}`] as const;
  });
  const asked = pairs.map((_, i) => pairs[(i * 7_919) % count]![0]);
  const sought = '99999';
  return { pairs, asked, sought, found: pairs.filter(([, value]) => value.includes(sought)).length };
}

const prefix = (i: number, count: number): string =>
  `user.${String((i * 97) % Math.floor(count / GROUP)).padStart(6, '0')}`;

async function inNewDirectory<T>(work: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-keys-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

function expectRows(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${found} rows instead of ${wanted}`);
}

/** As programs have it: the build's package. */
const PACKAGE = new URL('../dist/index.js', import.meta.url).href;

async function ourKeys(directory: string, { pairs, asked, sought, found }: Sample): Promise<Figures> {
  const { open } = (await import(PACKAGE)) as typeof import('../src/index.ts');
  let db = open(directory);
  try {
    const put = await timed(() => db.keys.putMany(pairs));
    const get = await timed(async () => expectRows((await db.keys.getMany(asked)).size, pairs.length));
    await db.close();
    db = open(directory);
    const find = () =>
      timed(async () => {
        const entries = await db.keys.find('user.*', { test: 'contains', operands: [sought] }).toArray();
        expectRows(entries.length, found);
      });
    const first = await find();
    const repeated = await find();
    const byPrefix = await timed(async () => {
      for (let i = 0; i < PREFIX_FINDS; i++)
        expectRows((await db.keys.find(`${prefix(i, pairs.length)}.*`).toArray()).length, GROUP);
    });
    const remove = await timed(async () => expectRows(await db.keys.removeMany(asked), pairs.length));
    return figures(put, get, first, repeated, byPrefix, remove);
  } finally {
    await db.close();
  }
}

/** The settings are those of the store. */
async function bareSqlite(directory: string, { pairs, asked, sought, found }: Sample): Promise<Figures> {
  const connect = () => {
    const db = new DatabaseSync(join(directory, 'keys.db'), { returnArrays: true });
    db.exec(
      'PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536',
    );
    db.exec('PRAGMA wal_autocheckpoint = 4000');
    return db;
  };
  let db = connect();
  const rows = (sql: string, ...params: string[]): number => (db.prepare(sql).all(...params) as unknown[]).length;
  try {
    db.exec('CREATE TABLE keys (path TEXT PRIMARY KEY, value) WITHOUT ROWID');
    const inTransaction = (work: () => void) =>
      timed(() => {
        db.exec('BEGIN IMMEDIATE');
        work();
        db.exec('COMMIT');
      });
    const insert = db.prepare('INSERT INTO keys VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET value = excluded.value');
    const put = await inTransaction(() => {
      for (const [key, value] of pairs) insert.run(key, value);
    });
    const select = db.prepare('SELECT value FROM keys WHERE path = ?');
    const get = await timed(() => {
      const map = new Map<string, unknown>();
      for (const key of asked) map.set(key, (select.get(key) as unknown as [string])[0]);
      expectRows(map.size, pairs.length);
    });
    db.close();
    db = connect();
    const find = () =>
      timed(() =>
        expectRows(rows('SELECT path, value FROM keys WHERE instr(value, ?) > 0 ORDER BY path', sought), found),
      );
    const first = await find();
    const repeated = await find();
    const ofPrefix = db.prepare('SELECT path, value FROM keys WHERE path >= ? AND path < ? ORDER BY path');
    const byPrefix = await timed(() => {
      for (let i = 0; i < PREFIX_FINDS; i++) {
        const start = prefix(i, pairs.length);
        expectRows((ofPrefix.all(`${start}.`, `${start}/`) as unknown[]).length, GROUP);
      }
    });
    const removal = db.prepare('DELETE FROM keys WHERE path = ?');
    const remove = await inTransaction(() => {
      for (const key of asked) removal.run(key);
    });
    return figures(put, get, first, repeated, byPrefix, remove);
  } finally {
    db.close();
  }
}

function figures(...seconds: readonly number[]): Figures {
  return Object.fromEntries(WORK.map((name, i) => [name, seconds[i]])) as Figures;
}
