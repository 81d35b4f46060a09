/** Takes expired keys out of the file. No read sees them in any case: this gives their room back, and tells watchers that they are gone. */
import { checkLimit } from './check-limit.ts';
import { EXPIRING_SQL, KEYS_SQL } from './key-table.ts';
import { EVERYWHERE, type KeyPlan, modify } from './plan.ts';

/** Whether anything is to be swept; one parameter, the time. */
export const HAS_EXPIRED = `SELECT 1 FROM ${KEYS_SQL} INDEXED BY ${EXPIRING_SQL} WHERE expires_at <= ? LIMIT 1`;

/** Removes up to `limit` keys, those first that expired first. Returns how many it were. */
export function planSweep(limit: number, now: number): KeyPlan<number> {
  checkLimit(limit);
  const expired = `SELECT path FROM ${KEYS_SQL} INDEXED BY ${EXPIRING_SQL} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`;
  return {
    writes: true,
    inline: false,
    reads: [],
    oneWrite: true,
    steps: () =>
      modify('delete', `DELETE FROM ${KEYS_SQL} WHERE path IN (${expired})`, [now, limit], { keys: [EVERYWHERE] }),
  };
}
