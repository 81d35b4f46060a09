/**
 * A list is never older than what was committed at the source before it was asked for, while everything that a mirror consists of is killed: its process, the writer of
 * its store, Sluice, MariaDB. Whoever answers: nothing is refused that the source could have answered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { connect } from 'sluice/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BINLOG_ARGS } from '../support/binlog-args.ts';
import { type DurableMariadb, startDurableMariadb } from '../support/durable-mariadb.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { childrenOfKind } from '../support/process-kinds.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { mirrorPage, untilLive } from './support/mirrored.ts';

const READERS = 6;

const folder = makeTempDir('mirror-faults');
let mariadb: DurableMariadb;
let sluice: SluiceServer;
let direct: Connection;
/** What was written last: it only grows, so that whatever is less is older. */
let newest = 0;

beforeAll(async () => {
  mariadb = await startDurableMariadb(BINLOG_ARGS);
  await reconnect();
  await direct.query('CREATE DATABASE shop');
  await direct.query('CREATE TABLE shop.t (id INT PRIMARY KEY, n INT NOT NULL)');
  await direct.query('INSERT INTO shop.t SELECT seq, 0 FROM shop.seq_1_to_2000');
  sluice = await start();
  await untilLive(sluice);
});
afterAll(async () => {
  await direct?.end();
  await sluice?.stop();
  await mariadb?.stop();
  folder.remove();
});

function start(ports?: { mysqlPort: number; httpPort: number }): Promise<SluiceServer> {
  const source = `mysql://root@127.0.0.1:${mariadb.port}/`;
  const args = ['--source', source, '--mirror', 'shop.t', '--tcsql-table', 'shop.t'];
  return startSluice({ dataDir: folder.path, args, ...(ports !== undefined && { ports }) });
}

async function reconnect(): Promise<void> {
  direct = await connectDriver({ mysqlPort: mariadb.port });
  direct.on('error', () => undefined);
}

/** Writes at the source without a pause, and asks for lists all the while. */
class Checker {
  /** The newest number that the source has acknowledged. */
  #written = newest;
  #goesOn = true;
  #running: Promise<unknown> = Promise.resolve();
  get written(): number {
    return this.#written;
  }

  reads = 0;
  refused = 0;
  readonly stale: string[] = [];
  readonly errors = new Set<string>();

  start(): void {
    this.#running = Promise.all([this.#write(), ...Array.from({ length: READERS }, (_, i) => this.#read(i))]);
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await this.#running;
  }

  async #write(): Promise<void> {
    while (this.#goesOn) {
      const n = ++newest;
      try {
        await direct.query(`UPDATE shop.t SET n = ${n} WHERE id IN (7, 1500)`);
        this.#written = n;
        if (n % 50 === 0) await direct.query(`REPLACE INTO shop.t VALUES (${3000 + n}, ${n})`);
      } catch {
        await sleep(20);
      }
    }
  }

  async #read(i: number): Promise<void> {
    const urls = [
      '/?command=get&pkey=7',
      '/?command=select&type=*&where=id:NUMOREQ:7,1500&order_by=n&order_sort=NUMDESC&limit_max=1',
      '/v1/lists/shop.t?where=id:NUMEQ:1500&limit_max=1',
    ];
    while (this.#goesOn) {
      const before = this.#written;
      const url = urls[i % urls.length]!;
      try {
        const response = await fetch(`${sluice.httpUrl}${url}`);
        const answer = (await response.json()) as { n: string }[] | { rows: { n: number }[]; error?: { code: string } };
        if (!response.ok) {
          this.refused++;
          if ('error' in answer && answer.error !== undefined) this.errors.add(answer.error.code);
          await sleep(20);
          continue;
        }
        this.reads++;
        const shown = Number(('rows' in answer ? answer.rows : (answer as { n: string }[]))[0]?.n);
        if (!(shown >= before)) this.stale.push(`${url}: ${shown} after ${before}`);
      } catch {
        // Sluice was killed.
        await sleep(20);
      }
    }
  }
}

async function checkedWhile(work: () => Promise<void>): Promise<Checker> {
  const checker = new Checker();
  const options = { where: [['id', 'NUMEQ', 7]], limit: 1 } as const;
  const live = connect(sluice.httpUrl)
    .list<{ id: number; n: number }>('shop.t', options)
    .subscribe({ retryMaxMs: 100 });
  const seen: number[] = [];
  live.onChange(({ page }) => seen.push(...page.rows.map(({ n }) => n)));
  await live.ready;
  checker.start();
  try {
    await sleep(300);
    await work();
    await sleep(300);
  } finally {
    await checker.stop();
  }
  const { answers } = await mirrorPage(sluice);
  console.log(`${checker.reads} lists, ${checker.refused} refused; since Sluice began: ${JSON.stringify(answers)}`);
  expect(checker.stale).toEqual([]);
  // Who looks at a live list has seen some of it meanwhile, never backwards, and sees the end.
  await vi.waitUntil(() => live.rows[0]?.n === checker.written, { timeout: 60_000, interval: 20 });
  live.close();
  expect(seen.length).toBeGreaterThan(1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(checker.reads).toBeGreaterThan(0);
  return checker;
}

function killOne(kind: 'mirror' | 'writer' | 'reader'): void {
  const [pid] = childrenOfKind(sluice, kind);
  if (pid === undefined) throw new Error(`there is no ${kind}`);
  process.kill(pid, 'SIGKILL');
}

describe('lists are never older than the source', () => {
  it.each(['mirror', 'writer', 'reader'] as const)('while the %s process is killed', async (kind) => {
    const checker = await checkedWhile(async () => {
      for (let i = 0; i < 3; i++) {
        killOne(kind);
        await sleep(150);
        await untilLive(sluice);
        await vi.waitUntil(async () => (await mirrorPage(sluice)).following, { timeout: 60_000 });
      }
    });
    // The source was there all the time.
    expect([...checker.errors]).toEqual([]);
    const before = (await mirrorPage(sluice)).answers.mirror;
    await vi.waitUntil(
      async () => {
        await fetch(`${sluice.httpUrl}/?command=get&pkey=1`);
        return (await mirrorPage(sluice)).answers.mirror > before;
      },
      { timeout: 60_000 },
    );
  });

  it('while Sluice is killed and starts anew', async () => {
    await checkedWhile(async () => {
      const { mysqlPort, httpPort } = sluice;
      for (let i = 0; i < 2; i++) {
        await sluice.kill9();
        sluice = await start({ mysqlPort, httpPort });
        await untilLive(sluice, 0);
      }
    });
    // What was there has been gone on from.
    expect((await mirrorPage(sluice)).tables.map(({ copies }) => copies)).toEqual([0]);
  });

  it('while MariaDB is killed and comes back', async () => {
    const checker = await checkedWhile(async () => {
      await mariadb.kill9();
      await sleep(500);
      await mariadb.restart();
      await reconnect();
      await vi.waitUntil(async () => (await fetch(`${sluice.httpUrl}/readyz`)).ok, { timeout: 60_000 });
      await vi.waitUntil(async () => (await mirrorPage(sluice)).following, { timeout: 60_000 });
      await untilLive(sluice, 0);
    });
    expect(
      [...checker.errors].filter((code) => !/^SLUICE_SOURCE_|^SLUICE_POOL_FULL|^ER_SERVER_SHUTDOWN/.test(code)),
    ).toEqual([]);
  });
});
