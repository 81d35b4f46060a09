/** What the benches use to put load on HTTP servers. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askAll, checkAnswers } from '../../bench/support/ask-http.ts';
import { holdConnections } from '../../bench/support/hold-connections.ts';
import { newClientsDuring } from '../../bench/support/new-clients.ts';
import { startBareHttp } from '../../bench/support/start-bare-http.ts';
import { drawValues, fillTemplate } from '../../bench/support/template.ts';
import { runWrk } from '../../bench/support/wrk.ts';
import { SeededRandom } from '../../src/util/random.ts';

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

const load = { path: '/?where=uid:NUMEQ:{1..5}', connections: 4, seconds: 1, seed: 1, cores: undefined };

describe('templates', () => {
  it('are filled with the values that are given, or drawn', () => {
    const template = '/?where=uid:NUMEQ:{1..3}|idtype:STREQ:{picid,tid}&n={9..9}';
    expect(fillTemplate(template, [2, 'tid', 9])).toBe('/?where=uid:NUMEQ:2|idtype:STREQ:tid&n=9');
    expect(() => fillTemplate(template, [2])).toThrow(/more places than 1/);
    expect(() => fillTemplate('/', [2])).toThrow(/0 places, not 1/);
    const random = new SeededRandom(1);
    const drawn = Array.from({ length: 200 }, () => drawValues(template, random));
    expect([...new Set(drawn.map(([uid, idtype]) => `${uid} ${idtype}`))].sort()).toEqual(
      [1, 2, 3].flatMap((uid) => [`${uid} picid`, `${uid} tid`]),
    );
  });
});

describe('runWrk', () => {
  async function askedWith(path: string): Promise<string[]> {
    const asked: string[] = [];
    const url = await listen((request, response) => {
      asked.push(String(request.url));
      response.end('[]');
    });
    const result = await runWrk({ url, ...load, path });
    expect(result.perSecond).toBeGreaterThan(0);
    return asked;
  }

  it('asks for other random values in every request', async () => {
    const asked = await askedWith('/?where=uid:NUMEQ:{1..3}|idtype:STREQ:{picid,tid}&x=1');
    expect([...new Set(asked)].sort()).toEqual(
      [1, 2, 3].flatMap((uid) => ['picid', 'tid'].map((type) => `/?where=uid:NUMEQ:${uid}|idtype:STREQ:${type}&x=1`)),
    );
  });

  it('takes as many places as there are', async () => {
    const asked = await askedWith('/{8..8}/{1..1}-{x}{y}');
    expect(new Set(asked)).toEqual(new Set(['/8/1-xy']));
  });

  it('asks for the same where nothing is to differ', async () => {
    expect(new Set(await askedWith('/?command=tables'))).toEqual(new Set(['/?command=tables']));
  });

  it('opens many connections before the first of them asks', async () => {
    let opened = 0;
    const openedAtRequest: number[] = [];
    const url = await listen((_request, response) => {
      openedAtRequest.push(opened);
      response.end('[]');
    });
    server?.on('connection', () => opened++);
    const connections = 1_100;
    await runWrk({ url, ...load, connections });
    // It opens one more, to see whether the server is there.
    expect(openedAtRequest[0]).toBeGreaterThanOrEqual(connections);
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

describe('checkAnswers', () => {
  const query = {
    path: '/{1..9}',
    draw: () => ['7'],
    expected: ([value = '']: readonly string[]) => [{ pkey: value }],
  };

  it('gives the answers that are right', async () => {
    const url = await listen((request, response) => response.end(JSON.stringify([{ pkey: request.url?.slice(1) }])));
    expect(await checkAnswers(url, query, 2, 1)).toEqual(['[{"pkey":"7"}]', '[{"pkey":"7"}]']);
    expect(await checkAnswers(url, { ...query, path: '/{1..9}', expected: query.expected }, 1, 1)).toHaveLength(1);
  });

  it.each(['[]', '[{"pkey":"8"}]', '[{"pkey":7}]', '[{"pkey":"7"},{"pkey":"8"}]'])('does not take %s', async (text) => {
    const url = await listen((_request, response) => response.end(text));
    await expect(checkAnswers(url, query, 1, 1)).rejects.toThrow('instead of [{"pkey":"7"}]');
  });

  it('takes a count as text, and no other', async () => {
    const url = await listen((_request, response) => response.end('12'));
    await checkAnswers(url, { ...query, expected: () => 12 }, 1, 1);
    await expect(checkAnswers(url, { ...query, expected: () => 11 }, 1, 1)).rejects.toThrow('instead of 11');
  });
});

describe('askAll', () => {
  it('asks once for each', async () => {
    const asked: (string | undefined)[] = [];
    const url = await listen((request, response) => {
      asked.push(request.url);
      response.end('[]');
    });
    await askAll(url, ['/a', '/b', '/c'], 2);
    expect(asked.sort()).toEqual(['/a', '/b', '/c']);
  });

  it('fails with the first that fails', async () => {
    const url = await listen((request, response) => response.writeHead(request.url === '/b' ? 500 : 200).end());
    await expect(askAll(url, ['/a', '/b', '/c'], 2)).rejects.toThrow(/\/b: status 500/);
  });
});

describe('holdConnections', () => {
  it('holds them idle, and tells when one is lost', async () => {
    const url = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': 2 });
      response.end('[]');
    });
    const held = await holdConnections(url, { count: 300, path: '/', cores: undefined });
    const open = await new Promise<number>((resolve) => server?.getConnections((_error, count) => resolve(count)));
    expect(open).toBe(300);
    held.verify();
    server?.closeAllConnections();
    await expect.poll(() => verdictOf(held.verify)).toMatch(/300 of 300 connections lost/);
    await held.stop();
  });

  function verdictOf(verify: () => void): string {
    try {
      verify();
      return 'all there';
    } catch (error) {
      return String(error);
    }
  }
});

describe('newClientsDuring', () => {
  it('asks with a connection of its own each time, while the load runs', async () => {
    let opened = 0;
    const url = await listen((_request, response) => response.end('right'));
    server?.on('connection', () => opened++);
    let asked = 0;
    const untilThree = new Promise<void>((resolve) => {
      server?.on('request', () => {
        asked++;
        if (asked === 3) resolve();
      });
    });
    const tookMs = await newClientsDuring({ url, path: '/', expected: 'right', afterMs: 0 }, () => untilThree);
    expect(opened).toBe(tookMs.length);
    expect(tookMs.length).toBeGreaterThanOrEqual(3);
  });

  it('takes no other answer', async () => {
    const url = await listen((_request, response) => response.end('wrong'));
    const clients = newClientsDuring(
      { url, path: '/', expected: 'right', afterMs: 0 },
      () => new Promise(() => undefined),
    );
    await expect(clients).rejects.toThrow(/wrong\n {2}instead of right/);
  });
});
