import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Comparison, compare } from '../../bench/support/compare.ts';
import { tableOf } from '../../bench/support/report.ts';
import { startBareHttp } from '../../bench/support/start-bare-http.ts';
import { checkPointSelects, prepareSysbench, runSysbench } from '../../bench/support/sysbench.ts';
import { runWrk } from '../../bench/support/wrk.ts';
import { mysqlClient, startMariadb } from '../support/mariadb-server.ts';

const context = { seconds: 1, rounds: 3, cores: { server: undefined, load: undefined }, log: () => undefined };

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

  it('gives no figure when a measurement found wrong answers', async () => {
    const wrong: Comparison = {
      ...{ name: 'a line', unit: 'things/s', peerName: 'peer', target: 1 },
      sluice: async () => 1,
      peer: () => Promise.reject(new Error('one row too few')),
    };
    await expect(compare(context, wrong)).rejects.toThrow('one row too few');
  });
});

describe('runWrk', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function listen(answer: RequestListener): Promise<string> {
    server = createServer(answer);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const load = {
    path: '/?where=pkey:NUMEQ:RANDOM&x=1',
    highest: 5,
    connections: 4,
    seconds: 1,
    seed: 1,
    cores: undefined,
  };

  it('asks for another random value in every request', async () => {
    const asked = new Set<string | undefined>();
    const url = await listen((request, response) => {
      asked.add(request.url);
      response.end('[]');
    });
    const result = await runWrk({ url, ...load });
    expect(result.perSecond).toBeGreaterThan(0);
    expect([...asked].sort()).toEqual([1, 2, 3, 4, 5].map((value) => `/?where=pkey:NUMEQ:${value}&x=1`));
  });

  it('refuses a figure with failed requests in it', async () => {
    let count = 0;
    const url = await listen((_request, response) => {
      count += 1;
      response.writeHead(count % 10 === 0 ? 500 : 200).end('[]');
    });
    await expect(runWrk({ url, ...load })).rejects.toThrow(/errors \(\d+ status\)/);
  });

  it('loads the bare server, which sends the sample', async () => {
    const bare = await startBareHttp(['["江湖"]'], {});
    expect(await (await fetch(bare.url)).text()).toBe('["江湖"]');
    expect((await runWrk({ url: bare.url, ...load })).requests).toBeGreaterThan(0);
    await bare.stop();
  });
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

    await mysqlClient({ port: server.port, database: 'sbtest' }, 'DROP TABLE sbtest1');
    await expect(checkPointSelects(target)).rejects.toThrow(/sbtest1/);
    const failing = runSysbench('oltp_point_select', target, { threads: 2, seconds: 1, cores: undefined });
    await expect(failing).rejects.toThrow(/exited with 1/);
    await server.stop();
  });
});
