/** Which lists a server keeps, and waiting until it keeps those that are to be measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptListsStatistics } from '../../src/lists/kept/kept-lists.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { askHttp } from './ask-http.ts';
import type { KnownQuery } from './known-query.ts';
import { fillTemplate } from './template.ts';

/** Long enough for an index of 10,000,000 rows on a slow machine. */
const KEPT_WITHIN_MS = 300_000;
const ASK_AGAIN_MS_MIN = 50;
/** The longer it takes, the less often is asked, so that asking does not slow it down. */
const ASK_AGAIN_SHARE = 0.03;

export async function listStatistics(url: string): Promise<KeptListsStatistics> {
  return JSON.parse(await askHttp(url, '/v1/status/lists')) as KeptListsStatistics;
}

/** Asks over HTTP. @returns how many seconds it took since the first request, see untilKept */
export function untilKeptByUrl(url: string, { path, draw }: Pick<KnownQuery, 'path' | 'draw'>): Promise<number> {
  const random = new SeededRandom(1);
  let asked = 0;
  // Another text each time: an answer that is given again whole counts neither as found nor as missing.
  return untilKept(url, () => askHttp(url, `${fillTemplate(path, draw(random))}&_=${asked++}`));
}

/**
 * Asks a list again and again until nothing is being built and it is answered from memory.
 * @returns how many seconds that took since the first request
 */
export async function untilKept(url: string, ask: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const before = await listStatistics(url);
    await ask();
    const after = await listStatistics(url);
    const isBuilding = after.lists.some((list) => list.state === 'building');
    const seconds = (performance.now() - startedAt) / 1_000;
    if (!isBuilding && after.misses === before.misses && after.hits > before.hits) return seconds;
    if (seconds * 1_000 > KEPT_WITHIN_MS) throw new Error(`not kept after ${seconds.toFixed(0)} s: ${describe(after)}`);
    await sleep(Math.max(ASK_AGAIN_MS_MIN, seconds * 1_000 * ASK_AGAIN_SHARE));
  }
}

/** Of what is asked for, so little may still be missing in memory. */
const MISSED_SHARE_MAX = 0.001;
const ROWS_WITHIN_MS = 300_000;

/**
 * Asks, by `load`, until hardly a row has to be read one by one any more: those that are asked for are in memory, or have been read ahead.
 * @returns how many seconds that took
 */
export async function untilRowsKept(url: string, load: () => Promise<{ readonly requests: number }>): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const before = await listStatistics(url);
    const { requests } = await load();
    const after = await listStatistics(url);
    const seconds = (performance.now() - startedAt) / 1_000;
    if (after.missedRows - before.missedRows <= requests * MISSED_SHARE_MAX) return seconds;
    if (seconds * 1_000 > ROWS_WITHIN_MS)
      throw new Error(
        `${after.missedRows - before.missedRows} rows missing in ${requests} requests after ${seconds.toFixed(0)} s`,
      );
  }
}

function describe({ lists, hits, misses }: KeptListsStatistics): string {
  return `${lists.length} lists (${lists.map(({ key, state }) => `${key}: ${state}`).join(', ')}), ${hits} hits, ${misses} misses`;
}
