import { describe, expect, it } from 'vitest';
import { Busy, processorSeconds } from '../../bench/support/busy.ts';
import { boundedBy, type Comparison, compare } from '../../bench/support/compare.ts';
import { tableOf } from '../../bench/support/report.ts';
import { checkPointSelects, prepareSysbench, runStatement, runSysbench } from '../../bench/support/sysbench.ts';
import { mysqlClient, startMariadb } from '../support/mariadb-server.ts';

const context = {
  ...{ seconds: 1, rounds: 3, rows: 100, connections: 4 },
  ...{ cores: { server: undefined, load: undefined }, log: () => undefined },
};

describe('compare', () => {
  it('measures by turns after a warm-up and takes the ratio of the medians', async () => {
    const calls: string[] = [];
    const figures = { sluice: [1, 120, 90, 300], peer: [1, 100, 10, 110] };
    const measure = (side: 'sluice' | 'peer') => async (round: number) => {
      calls.push(`${side} ${round}`);
      return figures[side][round] ?? Number.NaN;
    };
    const row = await compare(context, {
      ...{ name: 'a line', unit: 'things/s', peerName: 'peer', target: 1.2 },
      ...{ sluice: measure('sluice'), peer: measure('peer') },
    });
    expect(calls.join(', ')).toBe('sluice 0, peer 0, sluice 1, peer 1, sluice 2, peer 2, sluice 3, peer 3');
    expect(row).toMatchObject({ sluice: 120, peer: 100, ratio: 1.2, ok: true });
    expect(tableOf([row])).toMatch(/a line +120 things\/s +100 \(peer\) +1\.20 +>= 1\.2 +ok/);
    expect(tableOf([{ ...row, ok: false }])).toMatch(/MISSED$/);
  });

  it('leaves out the warm-up of what is warm', async () => {
    const rounds: number[] = [];
    const measure = async (round: number) => rounds.push(round);
    const sides = { sluice: measure, peer: measure };
    await compare(context, { ...{ name: '', unit: '', peerName: '', target: 1, isWarm: true }, ...sides });
    expect(rounds).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('holds a figure against a bound', () => {
    const line = { name: 'a line', unit: 'bytes', peerName: 'peer', target: 15_000 };
    expect(tableOf([boundedBy(line, 14_999, 10_000)])).toMatch(
      /14,999 bytes +10,000 \(peer\) +1\.50 +<= 15,000 bytes +ok/,
    );
    expect(boundedBy(line, 15_001, 10_000).ok).toBe(false);
  });

  it('gives no figure when a measurement found wrong answers', async () => {
    const wrong: Comparison = {
      ...{ name: 'a line', unit: 'things/s', peerName: 'peer', target: 1 },
      sluice: async () => 1,
      peer: () => Promise.reject(new Error('one row too few')),
    };
    await expect(compare(context, wrong)).rejects.toThrow('one row too few');
  });
});

describe('Busy', () => {
  it('adds up the processor time of what it measures, and of nothing else', async () => {
    const burn = async (): Promise<void> => {
      const before = processorSeconds([process.pid]);
      while (processorSeconds([process.pid]) < before + 0.05) JSON.stringify({ burning: true });
    };
    const busy = new Busy(() => [process.pid]);
    await burn();
    await busy.measure(
      async () => undefined,
      () => 1,
    );
    expect(microsecondsEach(busy)).toBeLessThan(50_000);
    await busy.measure(burn, () => 1);
    // Two things were done, and one of them took 50 ms.
    expect(microsecondsEach(busy)).toBeGreaterThanOrEqual(25_000);
  });

  function microsecondsEach(busy: Busy): number {
    return Number(/^\d+ % \((\d+) us each\)$/.exec(String(busy))?.[1]);
  }
});

describe('sysbench', () => {
  it('runs against a MariaDB server, and its checks see a wrong answer', async () => {
    const server = await startMariadb();
    const target = { name: 'MariaDB', port: server.port };
    await prepareSysbench(target);
    await checkPointSelects(target);
    const result = await runSysbench('oltp_point_select', target, { threads: 2, seconds: 1, cores: undefined });
    expect(result.transactions).toBeGreaterThan(0);
    expect(result.perSecond).toBeGreaterThan(0);

    const load = { threads: 2, seconds: 1, seed: 1, cores: undefined };
    const inSbtest = { ...target, database: 'sbtest' };
    const insert = "INSERT INTO sbtest1 (k, c, pad) VALUES ({7..9}, '{left,right}', '')";
    const { transactions } = await runStatement(insert, inSbtest, load);
    const query = "SELECT k, c, COUNT(*) FROM sbtest1 WHERE c IN ('left', 'right') GROUP BY k, c ORDER BY k, c";
    const lines = (await mysqlClient({ port: server.port, database: 'sbtest' }, query)).trim().split('\n').slice(1);
    expect(lines.map((line) => line.replace(/\t\d+$/, ''))).toEqual(
      [7, 8, 9].flatMap((k) => [`${k}\tleft`, `${k}\tright`]),
    );
    expect(lines.reduce((sum, line) => sum + Number(line.split('\t')[2]), 0)).toBe(transactions);

    await mysqlClient({ port: server.port, database: 'sbtest' }, 'DROP TABLE sbtest1');
    await expect(checkPointSelects(target)).rejects.toThrow(/sbtest1/);
    const failing = runSysbench('oltp_point_select', target, { threads: 2, seconds: 1, cores: undefined });
    await expect(failing).rejects.toThrow(/exited with 1/);
    await expect(runStatement('SELECT nothing', inSbtest, load)).rejects.toThrow(/exited with 1/);
    await server.stop();
  });
});
