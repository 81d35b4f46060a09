/**
 * The tree of keys against a plain Map: random operations through every protocol that has them, with restarts in between. SLUICE_KEYS_STEPS sets how many
 * (500000 takes a while), SLUICE_KEYS_SEED the first seed.
 */
import { describe, expect, it } from 'vitest';
import { openGateDriver } from './support/gate-driver.ts';
import { openHttpDriver } from './support/http-driver.ts';
import { Model } from './support/model.ts';
import type { KeyDriver } from './support/model-driver.ts';
import { openSourceDriver } from './support/source-driver.ts';

const STEPS = Number(process.env.SLUICE_KEYS_STEPS ?? 3_000);
const FIRST_SEED = Number(process.env.SLUICE_KEYS_SEED ?? 1);
const SEEDS = 3;
/** Of each seed. */
const RESTARTS = 3;

const DRIVERS: readonly (() => Promise<KeyDriver>)[] = [openGateDriver, openHttpDriver, openSourceDriver];

describe.each(DRIVERS)('the tree is a Map', (openDriver) => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
    'through random operations and restarts, seed %i',
    async (seed) => {
      const driver = await openDriver();
      try {
        const model = new Model(driver, seed);
        const steps = Math.ceil(STEPS / SEEDS / DRIVERS.length);
        await model.run(steps, Math.ceil(steps / (RESTARTS + 1)));
        expect(model.size).toBeGreaterThan(10);
      } finally {
        await driver.close();
      }
    },
    60_000 + STEPS * 20,
  );
});
