/** Freshness among many clients at once: see support/counters.ts. SLUICE_LISTS_SECONDS sets for how long. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeptListsStatistics } from '../../src/lists/kept/kept-lists.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { COUNTERS_SQL, Counters, readWays, writeWays } from './support/counters.ts';
import { ServerClient } from './support/server-client.ts';

const SECONDS = Number(process.env.SLUICE_LISTS_SECONDS ?? 8);
const WRITERS = 6;
const READERS = 10;

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice();
  const connection = await connectDriver(server);
  for (const sql of COUNTERS_SQL) await connection.query(sql);
  for (let writer = 0; writer < WRITERS; writer++)
    await connection.query(`INSERT INTO main.counters VALUES (${writer}, 0, 0, 'w${writer}')`);
  await connection.end();
});

afterAll(() => server.stop());

it('a read shows what was acknowledged before it began, and what any read has shown before it', async () => {
  const counters = new Counters(WRITERS);
  const ways = Object.entries(readWays(WRITERS));
  const reads = new Map(ways.map(([name]) => [name, 0]));
  const wrong: string[] = [];
  const until = Date.now() + SECONDS * 1000;
  const isOver = (): boolean => wrong.length > 0 || Date.now() > until;

  const write = async (writer: number): Promise<void> => {
    const random = new SeededRandom(writer);
    const client = await ServerClient.open(server, random);
    const writes = writeWays(client);
    while (!isOver()) {
      const n = (counters.begun[writer] ?? 0) + 1;
      counters.begun[writer] = n;
      const answer = await random.pick(writes)(writer, n);
      if (answer !== 'ok') wrong.push(`writer ${writer}, ${n}: ${answer}`);
      counters.show(writer, n);
    }
    await client.close();
  };

  const read = async (reader: number): Promise<void> => {
    const random = new SeededRandom(1000 + reader);
    const client = await ServerClient.open(server, random);
    while (!isOver()) {
      const [name, ask] = random.pick(ways);
      const atLeast = [...counters.known];
      const seen = await ask(client, server, random);
      reads.set(name, (reads.get(name) ?? 0) + 1);
      for (const [writer, n] of seen) {
        if (n < (atLeast[writer] ?? 0) || n > (counters.begun[writer] ?? 0))
          wrong.push(
            `${name}: ${n} of writer ${writer}, of whom ${atLeast[writer]} was known and ${counters.begun[writer]} begun`,
          );
      }
      // Marks are ahead of counters: only what is sure to be in both is known to all.
      if (!name.includes('mark') && !name.includes('scan')) for (const [writer, n] of seen) counters.show(writer, n);
    }
    await client.close();
  };

  await Promise.all([
    ...Array.from({ length: WRITERS }, (_, writer) => write(writer)),
    ...Array.from({ length: READERS }, (_, reader) => read(reader)),
  ]);
  expect(wrong).toEqual([]);
  const { hits, lists } = (await (await fetch(`${server.httpUrl}/v1/status/lists`)).json()) as KeptListsStatistics;
  process.stdout.write(`${JSON.stringify({ writes: counters.begun, reads: Object.fromEntries(reads), hits })}\n`);
  expect(hits).toBeGreaterThan(100);
  expect(new Set(lists.map(({ kind }) => kind))).toEqual(new Set(['index', 'window']));
  expect([...reads.values()].every((count) => count > 0)).toBe(true);
});
