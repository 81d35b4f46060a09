/**
 * A process with many clients of a MySQL server: thin ones (thin-client.ts), of which any number can be open, and mysql2's, as programs use them. Does what
 * its parent tells it (client-process.ts) and ends with it.
 */
import { createConnection } from 'mysql2/promise';
import { SeededRandom } from '../../src/util/random.ts';
import type { ClientOrder, ClientReply, LoadReport, OpenReport } from './client-process.ts';
import { itemText, ROWS, SELECT_ITEM, STATEMENTS, type StatementKind, WRITE_SHARE } from './item-table.ts';
import { ThinClient } from './thin-client.ts';

/** So many are opened at once: the kernel's queue of new connections may be short. */
const OPENING_MAX = 100;
/** One answer of so many of the thin clients is looked at to the last byte; all that mysql2 decodes are. */
const CHECKED_EVERY = 64;

type Asker = (kind: StatementKind, id: number, random: SeededRandom) => Promise<void>;

const thin: ThinClient[] = [];

process.on('message', (order: ClientOrder) => {
  obey(order).then(
    (done) => reply({ done }),
    (error: Error) => reply({ failed: error.stack ?? error.message }),
  );
});
process.on('disconnect', () => process.exit());

function reply(message: ClientReply): void {
  process.send?.(message);
}

function obey(order: ClientOrder): Promise<unknown> {
  switch (order.what) {
    case 'open':
      return open(order.port, order.count);
    case 'close':
      for (const client of thin.splice(0)) client.end();
      return Promise.resolve(null);
    case 'run':
      return order.driver === 'thin' ? runThin(order) : runDriver(order);
    case 'herd':
      return herd(order.text, order.count);
  }
}

/** Opens thin clients, until there are so many. Each asks once. */
async function open(port: number, count: number): Promise<OpenReport> {
  const startedAt = performance.now();
  let longestMs = 0;
  const openSome = async (): Promise<void> => {
    while (thin.length < count) {
      const at = thin.push(null as unknown as ThinClient) - 1;
      const since = performance.now();
      const client = await ThinClient.open(port);
      thin[at] = client;
      await client.query('USE shop');
      await client.query(STATEMENTS.text(1 + (at % ROWS)));
      longestMs = Math.max(longestMs, performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: OPENING_MAX }, openSome));
  return { tookMs: performance.now() - startedAt, longestMs };
}

type RunOrder = Extract<ClientOrder, { what: 'run' }>;

/** So many are busy at any time, whoever of all of them: after each answer it is another one's turn. */
async function runThin({ kind, busy, seconds, seed }: RunOrder): Promise<LoadReport> {
  if (kind === 'prepared') for (const client of thin) await client.prepare(SELECT_ITEM);
  const random = new SeededRandom(seed);
  const idle = [...thin];
  let asked = 0;
  return loop(
    busy,
    seconds,
    random,
    async (of, id) => {
      const at = random.below(idle.length);
      const client = idle[at] as ThinClient;
      idle[at] = idle.at(-1) as ThinClient;
      idle.pop();
      if (of === 'write') await client.query(STATEMENTS.write(id));
      else {
        const { rows, row } = of === 'prepared' ? await client.execute(id) : await client.query(STATEMENTS.text(id));
        if (rows !== 1 || (asked++ % CHECKED_EVERY === 0 && row?.includes(itemText(id)) !== true))
          throw new Error(`item ${id}: ${rows} rows, ${row?.toString('latin1')}`);
      }
      idle.push(client);
    },
    kind,
  );
}

async function runDriver({ kind, busy, seconds, seed, port }: RunOrder): Promise<LoadReport> {
  const connections = await Promise.all(
    Array.from({ length: busy }, () => createConnection({ host: '127.0.0.1', port, user: 'root', database: 'shop' })),
  );
  try {
    const free = [...connections];
    return await loop(
      busy,
      seconds,
      new SeededRandom(seed),
      async (of, id) => {
        const connection = free.pop() as (typeof connections)[number];
        if (of === 'write') await connection.query(STATEMENTS.write(id));
        else {
          const [rows] =
            of === 'prepared'
              ? await connection.execute(SELECT_ITEM, [id])
              : await connection.query(STATEMENTS.text(id));
          const [row] = rows as { c: string }[];
          if (row?.c !== itemText(id)) throw new Error(`item ${id}: ${JSON.stringify(rows)}`);
        }
        free.push(connection);
      },
      kind,
    );
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}

/** `busy` loops, each asking when it has been answered. */
async function loop(
  busy: number,
  seconds: number,
  random: SeededRandom,
  ask: Asker,
  kind: RunOrder['kind'],
): Promise<LoadReport> {
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1_000;
  let answered = 0;
  let slowestMs = 0;
  const one = async (): Promise<void> => {
    for (let now = performance.now(); now < endAt; ) {
      const id = 1 + random.below(ROWS);
      const of = kind === 'mix' ? (random.chance(WRITE_SHARE) ? 'write' : 'text') : kind;
      await ask(of, id, random);
      const then = performance.now();
      slowestMs = Math.max(slowestMs, then - now);
      now = then;
      answered++;
    }
  };
  await Promise.all(Array.from({ length: busy }, one));
  return { perSecond: (answered * 1_000) / (performance.now() - startedAt), answered, slowestMs };
}

/** The same from so many clients at once. */
async function herd(text: string, count: number): Promise<{ tookMs: number }> {
  const startedAt = performance.now();
  const answers = await Promise.all(thin.slice(0, count).map((client) => client.query(text)));
  const wrong = answers.find(({ rows, row }) => rows !== 1 || row?.equals(answers[0]?.row ?? Buffer.alloc(0)) !== true);
  if (wrong !== undefined || answers.length !== count) throw new Error(`${text}: not all got the same row`);
  return { tookMs: performance.now() - startedAt };
}
