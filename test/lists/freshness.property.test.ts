/**
 * The contract of freshness, at the gate: after each write every list, asked in any way, is what a fresh query gives. Random tables, writes and lists;
 * SLUICE_LISTS_STEPS sets how many writes, SLUICE_LISTS_SEED where to begin. A failure names its seed: the same seed does the same.
 */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { runFeed } from './support/feed-run.ts';
import { type Answers, addAnswers, NO_ANSWERS } from './support/kept-gate.ts';
import { runTables } from './support/table-run.ts';

const STEPS = Number(process.env.SLUICE_LISTS_STEPS ?? 3_000);
const FIRST_SEED = Number(process.env.SLUICE_LISTS_SEED ?? 1);
const STEPS_PER_SEED = 100;

type Run = (random: SeededRandom, steps: number, isTight: boolean) => Promise<Answers>;

describe('after each write every list is what a fresh query gives', () => {
  it.each<[string, number, Run]>([
    ['tables of SQL', 0.7, runTables],
    ['tables without a schema', 0.3, runFeed],
  ])('%s', { timeout: 24 * 3_600_000 }, async (_what, share, run) => {
    const total = { ...NO_ANSWERS };
    const steps = Math.ceil(STEPS * share);
    for (let done = 0, seed = FIRST_SEED; done < steps; done += STEPS_PER_SEED, seed++) {
      try {
        addAnswers(total, await run(new SeededRandom(seed), Math.min(STEPS_PER_SEED, steps - done), seed % 3 === 0));
      } catch (error) {
        throw new Error(`SLUICE_LISTS_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    process.stdout.write(`${_what}, ${steps} writes: ${JSON.stringify(total)}\n`);
    expect(total.index).toBeGreaterThan(steps / 5);
    expect(total.window).toBeGreaterThan(steps / 5);
    expect(total.key).toBeGreaterThan(steps / 50);
    expect(total.store).toBeGreaterThan(0);
    expect(total.evictions).toBeGreaterThan(0);
    expect(total.commits).toBeGreaterThan(steps / 3);
  });
});
