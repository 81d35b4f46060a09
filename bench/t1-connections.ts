import { startSluice } from '../test/support/sluice-server.ts';
import { askHttp, checkAnswers } from './support/ask-http.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { boundedBy, format } from './support/compare.ts';
import { prepareFeed } from './support/feed-data.ts';
import { keyQuery } from './support/feed-queries.ts';
import { holdConnections } from './support/hold-connections.ts';
import { newClientsDuring } from './support/new-clients.ts';
import { settledBytes } from './support/settled-memory.ts';
import { startBareHttp } from './support/start-bare-http.ts';
import { fillTemplate } from './support/template.ts';
import { OPEN_SECONDS, runWrk } from './support/wrk.ts';

const BYTES_MAX = 15_000;
const NEW_CLIENT_MS_MAX = 1_000;
const LOAD_SECONDS_MIN = 5;
const SAMPLE_SIZE = 100;

export const connections: Claim = {
  id: 'T1-connections',
  title: 'memory of idle keep-alive connections, and a new client while many ask, against a bare node:http server',
  seconds: 2,
  run: async (context) => {
    const { dataDir, model } = await prepareFeed(context);
    const query = keyQuery(model);
    const limits = { cores: context.cores.server, openFilesMax: context.connections + 1_000 };
    const sluice = await startSluice({ ...limits, dataDir });
    try {
      const sample = await checkAnswers(sluice.httpUrl, query, SAMPLE_SIZE, 1);
      const bare = await startBareHttp(sample.slice(0, 1), limits);
      try {
        const one = fillTemplate(query.path, [String(model.sampledKeys[0])]);
        const [front, peer] = [
          { url: sluice.httpUrl, pid: sluice.pid },
          { url: bare.url, pid: bare.pid },
        ];
        return [
          await compareMemory(context, one, front, peer),
          await compareNewClients(context, query.path, one, front, peer),
        ];
      } finally {
        await bare.stop();
      }
    } finally {
      await sluice.stop();
    }
  },
};

interface Server {
  readonly url: string;
  readonly pid: number;
}

async function compareMemory(context: BenchContext, path: string, sluice: Server, bare: Server): Promise<Row> {
  const { connections, cores } = context;
  const bytesOfOne = async ({ url, pid }: Server): Promise<number> => {
    // A server that has worked already: what its first requests take is not the connections'.
    await runWrk({ url, path, connections: 64, seconds: 2, seed: 1, cores: cores.load });
    const before = await settledBytes(pid);
    const held = await holdConnections(url, { count: connections, path, cores: cores.load });
    try {
      const after = await settledBytes(pid);
      held.verify();
      context.log(
        `${url}: ${format(before / 1e6)} MB, with ${format(connections)} connections ${format(after / 1e6)} MB`,
      );
      return (after - before) / connections;
    } finally {
      await held.stop();
    }
  };
  const [sluiceBytes, bareBytes] = [await bytesOfOne(sluice), await bytesOfOne(bare)];
  return boundedBy(
    {
      name: `an idle connection, ${format(connections)} of them`,
      unit: 'bytes',
      peerName: 'node:http',
      target: BYTES_MAX,
      note: 'memory of the front process (PSS) before and after; each connection has asked once',
    },
    sluiceBytes,
    bareBytes,
  );
}

async function compareNewClients(
  context: BenchContext,
  path: string,
  probe: string,
  sluice: Server,
  bare: Server,
): Promise<Row> {
  const { connections, cores } = context;
  const seconds = Math.max(LOAD_SECONDS_MIN, context.seconds);
  let clients = 0;
  const slowestMs = async ({ url }: Server): Promise<number> => {
    const expected = await askHttp(url, probe);
    const load = () => runWrk({ url, path, connections, seconds, seed: 1, cores: cores.load });
    const tookMs = await newClientsDuring({ url, path: probe, expected, afterMs: OPEN_SECONDS * 1_000 + 500 }, load);
    context.log(`${url}: ${tookMs.length} new clients, ${tookMs.map((ms) => format(ms)).join(' ')} ms`);
    clients = tookMs.length;
    return Math.max(...tookMs);
  };
  const bareMs = await slowestMs(bare);
  const sluiceMs = await slowestMs(sluice);
  return boundedBy(
    {
      name: `a new client while ${format(connections)} connections ask`,
      unit: 'ms',
      peerName: 'node:http',
      target: NEW_CLIENT_MS_MAX,
      note: `the slowest of ${clients}, from connecting to the end of the answer; 0 requests failed`,
    },
    sluiceMs,
    bareMs,
  );
}
