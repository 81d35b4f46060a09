import type { InFront } from '../test/support/in-front.ts';
import { Busy } from './support/busy.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { ClientProcess, type LoadReport } from './support/client-process.ts';
import { compare, format } from './support/compare.ts';
import { makeItemTable } from './support/item-table.ts';
import { startGate } from './support/start-gate.ts';

/** Clients that have asked and were not answered yet, at any time. */
const BUSY = 64;

interface Line {
  readonly driver: 'mysql2' | 'thin';
  readonly kind: 'text' | 'prepared' | 'mix';
  readonly target: number;
}

const LINES: readonly Line[] = [
  { driver: 'mysql2', kind: 'text', target: 0.8 },
  { driver: 'mysql2', kind: 'prepared', target: 0.8 },
  { driver: 'mysql2', kind: 'mix', target: 0.8 },
  { driver: 'thin', kind: 'text', target: 0 },
  { driver: 'thin', kind: 'prepared', target: 0 },
  { driver: 'thin', kind: 'mix', target: 0 },
];

export const gate: Claim = {
  id: 'T5-gate',
  title: 'many clients of a MariaDB through Sluice, against the busy ones of them straight at it',
  seconds: 4,
  run: againstDirect,
};

async function againstDirect(context: BenchContext): Promise<Row[]> {
  const { cores, connections } = context;
  const inFront = await startGate(context);
  const [idle, direct] = [await ClientProcess.start(cores.load), await ClientProcess.start(cores.load)];
  try {
    await makeItemTable(inFront.mariadb);
    const opened = await idle.open(inFront.sluice.mysqlPort, connections);
    context.log(
      `${format(connections)} connected in ${format(opened.tookMs)} ms, the slowest ${format(opened.longestMs)} ms`,
    );
    await direct.open(inFront.mariadb.port, BUSY);
    const rows: Row[] = [];
    for (const line of LINES) rows.push(await compareLine(context, inFront, idle, direct, line));
    await Promise.all([idle.close(), direct.close()]);
    return rows;
  } finally {
    idle.stop();
    direct.stop();
    await inFront.stop();
  }
}

async function compareLine(
  context: BenchContext,
  { sluice, mariadb }: InFront,
  idle: ClientProcess,
  direct: ClientProcess,
  { driver, kind, target }: Line,
): Promise<Row> {
  const front = new Busy(() => [sluice.pid]);
  const [source, sourceDirect] = [new Busy(() => [mariadb.pid]), new Busy(() => [mariadb.pid])];
  const load = (clients: ClientProcess, port: number) => (seed: number, seconds: number) =>
    clients.run({ driver, kind, port, busy: BUSY, seconds, seed });
  const [sluiceLoad, peerLoad] = [load(idle, sluice.mysqlPort), load(direct, mariadb.port)];
  const answered = (report: LoadReport): number => report.answered;
  const row = await compare(context, {
    name: `${driver}, ${kind}`,
    unit: 'statements/s',
    peerName: 'direct',
    target,
    sluice: async (round, seconds) =>
      (await front.measure(() => source.measure(() => sluiceLoad(round + 1, seconds), answered), answered)).perSecond,
    peer: async (round, seconds) =>
      (await sourceDirect.measure(() => peerLoad(round + 1, seconds), answered)).perSecond,
  });
  return { ...row, note: `busy: Sluice ${front}, MariaDB behind it ${source}, MariaDB direct ${sourceDirect}` };
}
