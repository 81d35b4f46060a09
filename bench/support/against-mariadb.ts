import { startMariadb } from '../../test/support/mariadb-server.ts';
import { startSluice } from '../../test/support/sluice-server.ts';
import type { BenchContext, Row } from './claim.ts';
import { compare } from './compare.ts';
import { prepareSysbench, runSysbench, type SysbenchResult, type SysbenchTarget } from './sysbench.ts';

const THREADS = 16;

export interface SysbenchClaim {
  /** sysbench's script: `oltp_point_select`. */
  readonly script: string;
  readonly target: number;
  /** Whether the server did what was measured; called before the first round and after each one. Throws if it did not. */
  check(server: SysbenchTarget, done: SysbenchResult | undefined): Promise<void>;
}

/**
 * Sluice with its embedded store and MariaDB 10.11, each with one core and with its own defaults, which make every commit
 * durable in both, under the same script of sysbench from the other core.
 */
export async function againstMariadb(context: BenchContext, claim: SysbenchClaim): Promise<Row[]> {
  const { cores } = context;
  context.log('starting Sluice and MariaDB');
  const mariadb = await startMariadb({ durable: true, cores: cores.server });
  const sluice = await startSluice({ cores: cores.server }).catch(async (error) => {
    await mariadb.stop();
    throw error;
  });
  try {
    const targets = {
      sluice: { name: 'Sluice', port: sluice.mysqlPort },
      peer: { name: 'MariaDB', port: mariadb.port },
    };
    const restarted = { sluice: 0, peer: 0 };
    for (const target of Object.values(targets)) {
      context.log(`preparing sysbench's table in ${target.name}`);
      await prepareSysbench(target);
      await claim.check(target, undefined);
    }
    const measure = (side: 'sluice' | 'peer') => async (_round: number, seconds: number) => {
      const result = await runSysbench(claim.script, targets[side], { threads: THREADS, seconds, cores: cores.load });
      await claim.check(targets[side], result);
      restarted[side] += result.restarted;
      return result.perSecond;
    };
    const row = await compare(context, {
      name: `${claim.script}, ${THREADS} threads`,
      unit: 'transactions/s',
      peerName: 'MariaDB',
      target: claim.target,
      sluice: measure('sluice'),
      peer: measure('peer'),
    });
    const any = restarted.sluice + restarted.peer > 0;
    const note = `transactions begun again: Sluice ${restarted.sluice}, MariaDB ${restarted.peer}`;
    return [any ? { ...row, note } : row];
  } finally {
    await Promise.all([sluice.stop(), mariadb.stop()]);
  }
}
