/** kill -9 of each process. The long version, with the whole server, is in test/faults/. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../errors.ts';
import { collect, column, insert, planned, read, schema, table, VARCHAR } from '../stores/samples.suite.ts';
import type { SqliteStore } from '../stores/sqlite/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { openStore } from './open-store.ts';

const ROWS = read('SELECT id, client, text FROM "main.log" ORDER BY id');
const LOG = table(
  'log',
  [column('id', undefined, { autoIncrement: true, nullable: false }), column('client'), column('text', VARCHAR)],
  ['id'],
);

let directory: string;
let store: SqliteStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
  store = await openStore({ directory });
  await store.write(schema({ kind: 'create-table', table: LOG }), planned(store));
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function killWriter(): void {
  const { writer } = store.processes;
  if (writer !== undefined) process.kill(writer, 'SIGKILL');
}

describe('kill -9 of the writer', () => {
  it('in the middle of load loses no answered row, doubles none, and leaves no half of a statement', async () => {
    const answered: string[] = [];
    const unknown: string[] = [];
    const refused: string[] = [];
    let stop = false;
    // What reports say must be what the file holds: this is how kept lists see it.
    let mirror = new Map<unknown, StoreRow>();
    store.onCommit(({ changes }) => {
      for (const { rows } of changes) {
        if (rows === null) mirror = new Map(store.readInline(ROWS).map((row) => [row[0], row]));
        for (const { key, after } of rows ?? []) if (after) mirror.set(key[0], after);
      }
    });
    const client = async (number: number) => {
      for (let i = 0; !stop; i++) {
        const text = `${number}-${i}`;
        try {
          await store.write(
            insert('log', [
              [null, number, text],
              [null, number, text],
            ]),
            planned(store),
          );
          answered.push(text);
        } catch (error) {
          if (!(error instanceof SluiceError)) throw error;
          if (error.code === 'SLUICE_OUTCOME_UNKNOWN') unknown.push(text);
          else {
            expect(error.retryable).toBe(true);
            refused.push(text);
          }
        }
      }
    };
    const clients = Array.from({ length: 8 }, (_, i) => client(i));
    for (let round = 0; round < 5; round++) {
      const before = answered.length;
      await pause(150 + Math.random() * 100);
      // On a busy machine the next writer takes its time.
      while (answered.length < before + 25) await pause(10);
      killWriter();
      await pause(900);
    }
    stop = true;
    await Promise.all(clients);

    const rows = store.readInline(ROWS);
    const counts = new Map<unknown, number>();
    for (const [, , text] of rows) counts.set(text, (counts.get(text) ?? 0) + 1);
    expect(answered.length).toBeGreaterThan(100);
    expect(answered.filter((text) => counts.get(text) !== 2)).toEqual([]);
    expect(refused.filter((text) => counts.has(text))).toEqual([]);
    expect(unknown.filter((text) => ![undefined, 2].includes(counts.get(text)))).toEqual([]);
    expect(counts.size).toBeLessThanOrEqual(answered.length + unknown.length);
    expect([...mirror.values()].sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(rows);
  });

  it('rolls back the transaction that holds it; the next one works', async () => {
    const writer = await store.acquireWriter(1000, { foreignKeyChecks: true });
    await writer.write(insert('log', [[null, 1, 'lost']]), planned(store));
    killWriter();
    await expect(writer.write(insert('log', [[null, 1, 'late']]), planned(store))).rejects.toMatchObject({
      errno: 1213,
    });
    const next = await store.acquireWriter(5000, { foreignKeyChecks: true });
    await next.write(insert('log', [[null, 1, 'kept']]), planned(store));
    await next.commit();
    expect(store.readInline(ROWS).map((row) => row[2])).toEqual(['kept']);
  });

  it('while nobody writes goes unnoticed, and never gives an id again', async () => {
    const first = await store.write(insert('log', [[null, 1, 'a']]), planned(store));
    killWriter();
    const second = await store.write(insert('log', [[null, 1, 'b']]), planned(store));
    expect(Number(second.insertId)).toBeGreaterThan(Number(first.insertId));
  });
});

describe('kill -9 of a reader', () => {
  const killReaders = () => {
    for (const reader of store.processes.readers) process.kill(reader, 'SIGKILL');
  };

  it('before it has given a row goes unnoticed', async () => {
    const slow = read(
      'WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3000000) SELECT count(*) FROM r',
    );
    const reading = collect(store.read(slow).chunks);
    await pause(100);
    killReaders();
    expect(await reading).toEqual([[3_000_000]]);
  });

  it('in the middle of a result ends that result with a retryable failure', async () => {
    const long = read(
      'WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 1000000) SELECT i FROM r',
    );
    const reading = (async () => {
      for await (const chunk of store.read(long).chunks) if (chunk[0]?.[0] === 1) killReaders();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'SLUICE_READER_LOST', retryable: true });
    expect(await collect(store.read(read('SELECT 1')).chunks)).toEqual([[1]]);
  });
});

describe('kill -9 of the front', () => {
  it('ends its children and frees the directory, and every answered row is there', async () => {
    const frontDirectory = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
    const front = startFront(frontDirectory);
    const [pids = '', ...answered] = await linesOf(front, 50);
    front.kill('SIGKILL');
    const reopened = await openWhenFree(frontDirectory);
    const texts = new Set(reopened.readInline(ROWS).map((row) => row[2]));
    expect(answered.filter((text) => !texts.has(text))).toEqual([]);
    // One of them is in the middle of a statement without end.
    for (const pid of pids.split(' ').map(Number)) await gone(pid);
    await reopened.close();
    rmSync(frontDirectory, { recursive: true });
  });
});

function startFront(frontDirectory: string): ChildProcess {
  const loader = createRequire(import.meta.url).resolve('tsx');
  const script = fileURLToPath(new URL('./fault-front.suite.ts', import.meta.url));
  return spawn(process.execPath, ['--import', loader, script, frontDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function linesOf(child: ChildProcess, count: number): Promise<string[]> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const lines = text.split('\n').slice(0, -1);
    if (lines.length >= count) return lines;
  }
  throw new Error(`the front ended after: ${text}`);
}

async function gone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(50);
  }
  throw new Error(`process ${pid} goes on`);
}

/** The writer holds no lock of its own, but may be finishing its last group. */
async function openWhenFree(frontDirectory: string): Promise<SqliteStore> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await openStore({ directory: frontDirectory });
    } catch (error) {
      if (attempt === 20) throw error;
      await pause(50);
    }
  }
}

describe('the limit of time of a write', () => {
  const MANY = Array.from({ length: 50_000 }, (_, i) => [null, i, `row ${i} ${'x'.repeat(20)}`]);
  const ADD_INDEX = schema({
    kind: 'alter-table',
    table: { database: 'main', name: 'log' },
    definition: {
      ...LOG,
      indexes: [{ name: 'by_text', unique: false, parts: [{ column: 'text', descending: false }] }],
    },
    sources: LOG.columns.map(({ name }) => ({ kind: 'column', name })),
  });

  it('ends a change of the schema, which leaves nothing; without a limit it is done', async () => {
    for (let i = 0; i < 10; i++) await store.write(insert('log', MANY), planned(store));
    await expect(store.write(ADD_INDEX, { ...planned(store), timeLimitMs: 1 })).rejects.toMatchObject({
      code: 'ER_QUERY_TIMEOUT',
    });
    expect(store.catalog.table('main', 'log')?.indexes).toEqual([]);
    await store.write(ADD_INDEX, planned(store));
    expect(store.catalog.table('main', 'log')?.indexes.length).toBe(1);
    expect(store.readInline(read('SELECT COUNT(*) FROM "main.log"'))).toEqual([[500_000]]);
  });

  it('ends an insert of very many rows alone', async () => {
    const rows = Array.from({ length: 300_000 }, (_, i) => [null, i, `${i}`]);
    const long = store.write(insert('log', rows), { ...planned(store), timeLimitMs: 1 });
    const outcomes = await Promise.allSettled([
      long,
      ...Array.from({ length: 5 }, (_, i) => store.write(insert('log', [[null, i, 'short']]), planned(store))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', ...Array(5).fill('fulfilled')]);
    await expect(long).rejects.toMatchObject({ code: 'ER_QUERY_TIMEOUT' });
    expect(store.readInline(ROWS).map((row) => row[2])).toEqual(Array(5).fill('short'));
  });
});
