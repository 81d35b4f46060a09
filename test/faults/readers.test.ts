/** Long statements and the processes that run them: nobody else waits for either, and either may be killed. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection as createCallbackConnection } from 'mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDriver, type DriverError, singleValue } from '../support/mysql-driver.ts';
import { childrenOfKind } from '../support/process-kinds.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

const ROWS = 200_000;
const POINT_SELECTS_MIN = 100;
/** Looks at twenty million combinations. */
const LONG_SCAN =
  "SELECT COUNT(*) FROM big, digits a, digits b WHERE big.text LIKE '%nowhere%' OR big.id + a.d + b.d < 5";
/** Ways to write 0 to 4 as a sum of three numbers. */
const LONG_SCAN_COUNT = 1 + 3 + 6 + 10 + 15;
const LONG_RESULT = 'SELECT a.id, a.text FROM big a';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startSluice();
  connection = await connectDriver(server);
  await connection.query('CREATE DATABASE scans');
  await connection.query('USE scans');
  await connection.query('CREATE TABLE digits (d INT PRIMARY KEY)');
  await connection.query('INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)');
  await connection.query('CREATE TABLE big (id INT PRIMARY KEY, text VARCHAR(100) NOT NULL)');
  await connection.query(`INSERT INTO big SELECT a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d + 100000*f.d, REPEAT('text ', 10)
    FROM digits a, digits b, digits c, digits d, digits e, digits f WHERE f.d < 2`);
});

beforeEach(async () => {
  expect(await singleValue(connection, 'SELECT text FROM big WHERE id = 7')).toBe('text '.repeat(10));
});

afterAll(async () => {
  await connection.end();
  await server.stop();
});

/** Looks up rows by key until `until` is settled; gives how many were answered before. */
async function pointSelectsUntil(until: Promise<unknown>): Promise<number> {
  let over = false;
  const end = () => {
    over = true;
  };
  until.then(end, end);
  let answered = 0;
  for (; !over; answered++) {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT id FROM big WHERE id = ?', [
      (answered * 7919) % ROWS,
    ]);
    expect(rows).toHaveLength(1);
  }
  return answered;
}

const others = (count: number): Promise<Connection[]> =>
  Promise.all(Array.from({ length: count }, () => connectDriver(server, { database: 'scans' })));

describe('while the whole table is read', () => {
  it('lookups by key, lists by HTTP and writes go on', async () => {
    const [scanning] = await others(1);
    const scan = singleValue(scanning as Connection, LONG_SCAN);
    let written = 0;
    let listed = 0;
    const selects = pointSelectsUntil(scan);
    const writing = (async () => {
      const [writer] = await others(1);
      await writer?.query('CREATE TABLE IF NOT EXISTS written (id INT PRIMARY KEY AUTO_INCREMENT)');
      for (; written < 20; written++) await writer?.query('INSERT INTO written () VALUES ()');
      await writer?.end();
      for (; listed < 20; listed++) {
        const list = '?command=select&type=*&table=scans.big&where=id:NUMEQ:5';
        expect(await (await fetch(`${server.httpUrl}/${list}`)).json()).toHaveLength(1);
      }
    })();
    expect(await Promise.race([scan.then(() => 'scan'), writing.then(() => 'writes and lists')])).toBe(
      'writes and lists',
    );
    expect(await scan).toBe(LONG_SCAN_COUNT);
    expect(await selects, 'answered before the scan ended').toBeGreaterThan(POINT_SELECTS_MIN);
    await scanning?.end();
  });

  it('more such statements than readers wait for one another, and for nobody else', async () => {
    const scanning = await others(3);
    const scans = Promise.all(scanning.map((other) => singleValue(other, LONG_SCAN)));
    expect(await pointSelectsUntil(scans)).toBeGreaterThan(POINT_SELECTS_MIN);
    expect(await scans).toEqual(Array(3).fill(LONG_SCAN_COUNT));
    for (const other of scanning) await other.end();
  });

  it('a client that goes away ends its statement: the reader is free', async () => {
    const endless = 'SELECT COUNT(*) FROM big a, big b WHERE a.text <> b.text';
    for (let i = 0; i < 4; i++) {
      const [leaving] = await others(1);
      // The driver never settles what it was asked before destroy().
      void leaving?.query(endless).catch(() => undefined);
      await sleep(200);
      leaving?.destroy();
    }
    expect(await singleValue(connection, "SELECT COUNT(*) FROM big WHERE text LIKE 't%'")).toBe(ROWS);
  });
});

describe('kill -9 of all readers', () => {
  const killReaders = (): void => {
    for (const reader of childrenOfKind(server, 'reader')) process.kill(reader, 'SIGKILL');
  };

  it('while a statement gives no rows yet: it is run again, unnoticed', async () => {
    const [other] = await others(1);
    const scan = singleValue(other as Connection, LONG_SCAN);
    await sleep(200);
    killReaders();
    expect(await pointSelectsUntil(scan)).toBeGreaterThan(POINT_SELECTS_MIN);
    expect(await scan).toBe(LONG_SCAN_COUNT);
    await other?.end();
  });

  it('in the middle of a result: an error, and the connection stays', async () => {
    const raw = createCallbackConnection({
      host: '127.0.0.1',
      port: server.mysqlPort,
      user: 'root',
      database: 'scans',
    });
    const stream = raw.query(LONG_RESULT).stream({ highWaterMark: 10 });
    await once(stream, 'data');
    killReaders();
    const error = await new Promise<DriverError>((resolve, reject) => {
      stream.on('error', (failed) => resolve(failed as unknown as DriverError));
      stream.on('end', () => reject(new Error('the result ended as if it were whole')));
      stream.resume();
    });
    expect(error).toMatchObject({ errno: 1105, message: expect.stringMatching(/try again/) });
    const [rows] = await raw.promise().query('SELECT 1 AS one');
    expect(rows).toEqual([{ one: 1 }]);
    raw.destroy();
  });

  it('again and again under load: each statement gives its result or a retryable error', async () => {
    let over = false;
    const outcomes = { results: 0, errors: 0 };
    const working = (await others(4)).map(async (other) => {
      while (!over) {
        try {
          expect(await singleValue(other, "SELECT COUNT(*) FROM big WHERE text LIKE '%x%'")).toBe(ROWS);
          outcomes.results++;
        } catch (error) {
          expect(error).toMatchObject({ errno: 1105, message: expect.stringMatching(/try again/) });
          outcomes.errors++;
        }
      }
      await other.end();
    });
    for (let i = 0; i < 8; i++) {
      await sleep(100 + Math.random() * 300);
      killReaders();
    }
    // However long new readers take to start, the clients get their results again.
    const before = outcomes.results;
    await expect.poll(() => outcomes.results, { timeout: 60_000 }).toBeGreaterThan(before);
    over = true;
    await Promise.all(working);
    expect(await singleValue(connection, "SELECT COUNT(*) FROM big WHERE text LIKE 't%'")).toBe(ROWS);
  });
});
