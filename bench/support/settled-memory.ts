/** Memory of an idle Node process, which gives some back for some seconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedOutBytes } from '../../test/support/process-memory.ts';

const SETTLE_MS = 8_000;
const LOOK_EVERY_MS = 250;

/** The least that is seen in a while. */
export async function settledBytes(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let waited = 0; waited < SETTLE_MS; waited += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    least = Math.min(least, sharedOutBytes([pid]));
  }
  return least;
}
