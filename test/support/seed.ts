/**
 * Random tests draw the same values in every run, so that what fails once fails again. Other values: SLUICE_TEST_SEED=2 npm test, which is how new ones are
 * looked for.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.SLUICE_TEST_SEED ?? 1) });
