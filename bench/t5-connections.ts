import { type Connection, createConnection } from 'mysql2/promise';
import type { InFront } from '../test/support/in-front.ts';
import { rowsOf } from '../test/support/mysql-driver.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { ClientProcess } from './support/client-process.ts';
import { boundedBy, format } from './support/compare.ts';
import { makeItemTable } from './support/item-table.ts';
import { settledBytes } from './support/settled-memory.ts';
import { startGate } from './support/start-gate.ts';

const BUSY = 64;
const CONNECTIONS_MAX = 32;
const BYTES_MAX = 20_000;
const HERD = 1_000;
const HERD_TEXT = "SELECT SLEEP(1), COUNT(*), SUM(k) FROM item AS herd WHERE c <> ''";
/** Those that are connected when memory is looked at for the first time. */
const FIRST_CLIENTS = 100;

export const gateConnections: Claim = {
  id: 'T5-connections',
  title:
    'many clients on few connections to a MariaDB: how many, what one takes of memory, and a herd, against the same straight at it',
  seconds: 4,
  run: async (context) => {
    const inFront = await startGate(context);
    const [clients, direct] = [
      await ClientProcess.start(context.cores.load),
      await ClientProcess.start(context.cores.load),
    ];
    try {
      await makeItemTable(inFront.mariadb);
      const frontMemory = await memoryOfClients(context, inFront, clients);
      const rows = [
        // Before anybody else has connections to MariaDB: those that are closed stay in its list for a while.
        await compareConnections(context, inFront, clients),
        await compareMemory(context, inFront, frontMemory, direct),
        ...(await compareHerds(context, inFront, clients, direct)),
      ];
      await Promise.all([clients.close(), direct.close()]);
      return rows;
    } finally {
      clients.stop();
      direct.stop();
      await inFront.stop();
    }
  },
};

interface ClientMemory {
  /** Of one. */
  readonly bytes: number;
  readonly note: string;
}

async function memoryOfClients(
  { connections, log }: BenchContext,
  { sluice }: InFront,
  clients: ClientProcess,
): Promise<ClientMemory> {
  await clients.open(sluice.mysqlPort, FIRST_CLIENTS);
  // A server that has worked already: what its first statements take is not the clients'.
  await clients.run({ driver: 'thin', kind: 'text', port: sluice.mysqlPort, busy: BUSY, seconds: 2, seed: 1 });
  const before = await settledBytes(sluice.pid);
  const { tookMs, longestMs } = await clients.open(sluice.mysqlPort, connections);
  const after = await settledBytes(sluice.pid);
  log(`${format(before / 1e6)} MB with ${FIRST_CLIENTS} clients, ${format(after / 1e6)} MB with ${connections}`);
  const note = `memory of the front process (PSS); each has logged in and asked once, within ${format(tookMs)} ms for all, ${format(longestMs)} ms for the slowest; of MariaDB, ${format(HERD)} clients`;
  return { bytes: (after - before) / (connections - FIRST_CLIENTS), note };
}

async function compareMemory(
  { connections }: BenchContext,
  { mariadb }: InFront,
  { bytes, note }: ClientMemory,
  direct: ClientProcess,
): Promise<Row> {
  await direct.open(mariadb.port, FIRST_CLIENTS);
  const before = await settledBytes(mariadb.pid);
  await direct.open(mariadb.port, HERD);
  const peerBytes = ((await settledBytes(mariadb.pid)) - before) / (HERD - FIRST_CLIENTS);
  const name = `an idle client, ${format(connections)} of them`;
  return boundedBy({ name, unit: 'bytes', peerName: 'MariaDB', target: BYTES_MAX, note }, bytes, peerBytes);
}

/** While some of them read and write. */
async function compareConnections(
  { connections, seconds }: BenchContext,
  { sluice, mariadb }: InFront,
  clients: ClientProcess,
): Promise<Row> {
  const watcher = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' });
  try {
    let isRunning = true;
    const load = clients
      .run({ driver: 'thin', kind: 'mix', port: sluice.mysqlPort, busy: BUSY, seconds, seed: 2 })
      .finally(() => {
        isRunning = false;
      });
    let most = 0;
    while (isRunning) {
      const shown = await rowsOf(watcher, 'SHOW PROCESSLIST');
      most = Math.max(most, shown.length - 1);
    }
    const { answered } = await load;
    const note = `SHOW PROCESSLIST of MariaDB again and again, less its own, while ${BUSY} at a time ask, a tenth of it writes: ${format(answered)} answers`;
    const name = `connections to MariaDB, ${format(connections)} clients`;
    return boundedBy(
      { name, unit: 'connections', peerName: 'clients', target: CONNECTIONS_MAX, note },
      most,
      connections,
    );
  } finally {
    await watcher.end();
  }
}

/** The same slow query from many at once: how often it runs, and how long it takes until all have their answers. */
async function compareHerds(
  context: BenchContext,
  { sluice, mariadb }: InFront,
  clients: ClientProcess,
  direct: ClientProcess,
): Promise<Row[]> {
  await clients.open(sluice.mysqlPort, HERD);
  await direct.open(mariadb.port, HERD);
  const watcher = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' });
  try {
    const runs = async (herd: ClientProcess): Promise<{ tookMs: number; runs: number }> => {
      const before = await comSelects(watcher);
      const { tookMs } = await herd.herd(HERD_TEXT, HERD);
      return { tookMs, runs: (await comSelects(watcher)) - before };
    };
    const [front, peer] = [await runs(clients), await runs(direct)];
    context.log(`a herd of ${HERD}: ${JSON.stringify({ sluice: front, direct: peer })}`);
    const what = { peerName: 'direct', note: `a query of a second, ${HERD} times at once; Com_select of MariaDB` };
    return [
      boundedBy(
        { ...what, name: `runs of a herd of ${format(HERD)}`, unit: 'queries', target: 1 },
        front.runs,
        peer.runs,
      ),
      boundedBy(
        { ...what, name: 'until all of a herd are answered', unit: 'ms', target: peer.tookMs },
        front.tookMs,
        peer.tookMs,
      ),
    ];
  } finally {
    await watcher.end();
  }
}

async function comSelects(watcher: Connection): Promise<number> {
  const [row] = await rowsOf<{ Value: string }>(watcher, "SHOW GLOBAL STATUS LIKE 'Com_select'");
  return Number(row?.Value);
}
