/** The contract of freshness on a server, by all its protocols. SLUICE_LISTS_STEPS and SLUICE_LISTS_SEED as in freshness.property.test.ts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeptListsStatistics } from '../../src/lists/kept/kept-lists.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { runServer } from './support/server-run.ts';

const STEPS = Number(process.env.SLUICE_LISTS_STEPS ?? 3_000) / 10;
const FIRST_SEED = Number(process.env.SLUICE_LISTS_SEED ?? 1);
const STEPS_PER_SEED = 100;

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice();
});

afterAll(() => server.stop());

async function statistics(): Promise<KeptListsStatistics> {
  return (await (await fetch(`${server.httpUrl}/v1/status/lists`)).json()) as KeptListsStatistics;
}

it('after each write every list is what a fresh query gives, whoever wrote and whoever asks', async () => {
  for (let done = 0, seed = FIRST_SEED; done < STEPS; done += STEPS_PER_SEED, seed++) {
    try {
      await runServer(server, new SeededRandom(seed), Math.min(STEPS_PER_SEED, STEPS - done));
    } catch (error) {
      throw new Error(`SLUICE_LISTS_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  const { hits, misses, lists } = await statistics();
  expect(hits).toBeGreaterThan(STEPS);
  expect(misses).toBeGreaterThan(0);
  expect(new Set(lists.map(({ kind }) => kind))).toEqual(new Set(['index', 'window']));
});
