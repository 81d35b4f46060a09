/**
 * kill -9 of the writer under load on keys: transactions over keys and rows are there wholly or not at all, as their clients were told, and what is read
 * afterwards, from memory or from the file, is what the file holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionKeys } from '../../src/gate/session-keys.ts';
import { decodeValue } from '../../src/keys/values.ts';
import { type KeyServer, openKeyServer } from '../keys/support/key-server.ts';

const ROUNDS = Number(process.env.SLUICE_FAULT_ROUNDS ?? 4);
const CLIENTS = 6;

let server: KeyServer;

beforeAll(async () => {
  server = await openKeyServer();
  await server.session().execute({ kind: 'sql', text: 'CREATE TABLE main.done (work VARCHAR(40) PRIMARY KEY)' });
});
afterAll(() => server.close());

type Fate = 'done' | 'refused' | 'unknown';

interface Work {
  readonly name: string;
  readonly kind: 'transaction' | 'batch' | 'put';
  readonly fate: Fate;
}

/** Each piece of work writes its name in several places. */
async function work(name: string, kind: Work['kind']): Promise<Fate> {
  const session = server.session();
  const keys = new SessionKeys(session);
  const sql = (text: string) => session.execute({ kind: 'sql', text });
  let isCommitting = kind !== 'transaction';
  try {
    if (kind === 'put') await keys.put(`work.${name}.a`, name);
    else if (kind === 'batch')
      await keys.putMany([
        [`work.${name}.a`, name],
        [`work.${name}.b`, name],
      ]);
    else {
      await sql('BEGIN');
      await keys.put(`work.${name}.a`, name);
      await sql(`INSERT INTO main.done VALUES ('${name}')`);
      await keys.add(`work.${name}.n`, 1);
      await keys.putMany([[`work.${name}.b`, name]]);
      isCommitting = true;
      await sql('COMMIT');
    }
    return 'done';
  } catch (error) {
    const { code } = error as { code?: string };
    // A transaction that the writer took with it before COMMIT was sent is gone; afterwards the answer says what is known.
    return code === 'SLUICE_OUTCOME_UNKNOWN' && isCommitting ? 'unknown' : 'refused';
  } finally {
    session.close();
  }
}

async function load(round: number, until: () => boolean): Promise<Work[]> {
  const works: Work[] = [];
  const client = async (number: number): Promise<void> => {
    for (let i = 0; !until(); i++) {
      const kind = (['transaction', 'batch', 'put'] as const)[(i + number) % 3]!;
      const name = `${round}-${number}-${i}`;
      works.push({ name, kind, fate: await work(name, kind) });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return works;
}

/** Where each work's name is found. */
async function places(): Promise<Map<string, string[]>> {
  const session = server.session();
  const found = new Map<string, string[]>();
  const note = (name: string, place: string): void => void found.set(name, [...(found.get(name) ?? []), place]);
  for (const { key } of (await new SessionKeys(session).find('work.*')).entries) {
    const [, name = '', place = ''] = key.split('.');
    note(name, place);
  }
  const rows = await session.execute({ kind: 'sql', text: 'SELECT work FROM main.done' });
  if (rows.kind === 'rows') for (const [name] of rows.rows) note(String(name), 'row');
  else if (rows.kind === 'stream')
    for await (const chunk of rows.chunks) for (const [name] of chunk) note(String(name), 'row');
  session.close();
  return found;
}

const WHOLE = { transaction: 'a,b,n,row', batch: 'a,b', put: 'a' } as const;

describe('kill -9 of the writer', () => {
  it('leaves of every piece of work all or nothing, and all of what was acknowledged', async () => {
    const all: Work[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      let isOver = false;
      const loading = load(round, () => isOver);
      await sleep(150 + 70 * round);
      const writer = server.writerPid();
      if (writer !== undefined) process.kill(writer, 'SIGKILL');
      await sleep(400);
      isOver = true;
      all.push(...(await loading));
    }
    const found = await places();
    const wrong = all.filter(({ name, kind, fate }) => {
      const there = (found.get(name) ?? []).sort().join();
      if (fate === 'done') return there !== WHOLE[kind];
      if (fate === 'refused') return there !== '';
      return there !== '' && there !== WHOLE[kind];
    });
    expect(
      wrong.map(({ name, kind, fate }) => `${kind} ${name} ${fate}: ${found.get(name)?.join() ?? 'nothing'}`),
    ).toEqual([]);
    expect(all.filter(({ fate }) => fate === 'done').length).toBeGreaterThan(ROUNDS * 3);
  });

  it('leaves no old value in memory', async () => {
    const session = server.session();
    const keys = new SessionKeys(session);
    const values = Array.from({ length: 20 }, (_, i) => `hot.${i}`);
    for (let round = 0; round < ROUNDS; round++) {
      let isOver = false;
      const writing = Promise.all(
        values.map(async (key, i) => {
          const own = server.session();
          for (let n = 0; !isOver; n++)
            await Promise.resolve(new SessionKeys(own).put(key, `${round}-${i}-${n}`)).catch(() => undefined);
          own.close();
        }),
      );
      const until = performance.now() + 300;
      while (performance.now() < until) {
        for (const key of values) await keys.getEntry(key);
        await sleep(1);
      }
      const writer = server.writerPid();
      if (writer !== undefined) process.kill(writer, 'SIGKILL');
      await sleep(200);
      isOver = true;
      await writing;
      const [fromMemory, fromFile] = [new Map<string, unknown>(), new Map<string, unknown>()];
      for (const key of values) {
        const entry = await keys.getEntry(key);
        fromMemory.set(key, entry && decodeValue(entry));
      }
      for (const entry of (await keys.find('hot.*')).entries) fromFile.set(entry.key, decodeValue(entry));
      expect(fromMemory).toEqual(fromFile);
    }
    session.close();
  });
});

describe('kill -9 in the middle', () => {
  it('of a large batch leaves nothing of it, or all', async () => {
    const session = server.session();
    const keys = new SessionKeys(session);
    const entries = Array.from({ length: 30_000 }, (_, i) => [`large.${i}`, i] as const);
    const putting = Promise.resolve(keys.putMany(entries)).then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );
    await sleep(60);
    const writer = server.writerPid();
    if (writer !== undefined) process.kill(writer, 'SIGKILL');
    const outcome = await putting;
    const count = await keys.count('large.*');
    expect([0, 30_000]).toContain(count);
    if (outcome === 'done') expect(count).toBe(30_000);
    session.close();
  });
});
