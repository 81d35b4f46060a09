import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failure, SourceError } from '../../errors.ts';
import type { SourceConnection } from './connection.ts';
import { ConnectionPool, type WantedState } from './pool.ts';

/** What a pool asks of a connection. */
class Connection {
  database: string | null = null;
  settings: string | null = null;
  isTainted = false;
  isClosed = false;
  onClosed: (() => void) | null = null;
  resets = 0;
  /** Settles the reset that is on its way. */
  finishReset: (error?: Error) => void = () => undefined;

  reset(): Promise<void> {
    this.resets++;
    this.isTainted = false;
    this.settings = null;
    return new Promise((resolve, reject) => {
      this.finishReset = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onClosed?.();
  }
}

const wants = (key: string, database: string | null = 'd'): WantedState => ({
  database,
  settings: { key, statements: [] },
});
const ANY = wants('');

let size = 2;
let opened: Connection[] = [];
/** What the next attempts to open one end with. */
let failures: Error[] = [];
let pool: ConnectionPool;

beforeEach(() => {
  vi.useFakeTimers();
  size = 2;
  opened = [];
  failures = [];
  pool = new ConnectionPool({
    name: 'test',
    size: () => size,
    waitMs: () => 1000,
    idleTimeoutMs: () => 60_000,
    async open() {
      const error = failures.shift();
      if (error !== undefined) throw error;
      const connection = new Connection();
      opened.push(connection);
      return connection as unknown as SourceConnection;
    },
    full: (most, waited) => failure('SLUICE_POOL_FULL', most, 'test', waited),
  });
});

afterEach(() => {
  pool.close(failure('ER_SERVER_SHUTDOWN'));
  vi.useRealTimers();
});

const fake = (connection: SourceConnection): Connection => connection as unknown as Connection;
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** Notes which of several have got one. */
function queue(count: number, wanted = ANY): { got: number[]; taken: Promise<SourceConnection>[] } {
  const got: number[] = [];
  const taken = Array.from({ length: count }, async (_, i) => {
    const connection = await pool.take(wanted);
    got.push(i);
    return connection;
  });
  for (const one of taken) one.catch(() => undefined);
  return { got, taken };
}

describe('ConnectionPool', () => {
  it('opens as many as are needed, up to its size; the others wait, and are served in order', async () => {
    const { got, taken } = queue(5);
    await settle();
    expect([got, opened.length]).toEqual([[0, 1], 2]);
    expect(pool.statistics).toMatchObject({ open: 2, inUse: 2, waiting: 3, opened: 2 });
    for (const i of [0, 1, 2]) {
      pool.giveBack((await taken[i]) as SourceConnection);
      await settle();
      expect(got.at(-1)).toBe(i + 2);
    }
    expect(opened).toHaveLength(2);
    expect(pool.statistics).toMatchObject({ waiting: 0, waits: 5, timedOut: 0 });
  });

  it('who waits too long is told, and the place goes to the next', async () => {
    const { got, taken } = queue(3);
    await vi.advanceTimersByTimeAsync(500);
    const later = queue(1);
    await vi.advanceTimersByTimeAsync(600);
    await expect(taken[2]).rejects.toMatchObject({ errno: 1040, message: expect.stringContaining('pool_full: all 2') });
    pool.giveBack((await taken[0]) as SourceConnection);
    await settle();
    expect([got, later.got]).toEqual([[0, 1], [0]]);
    expect(pool.statistics.timedOut).toBe(1);
  });

  it('gives the one that is in the wanted state already, if there is one', async () => {
    const [first, second] = await Promise.all(queue(2).taken);
    Object.assign(first as object, { settings: 'a', database: 'd' });
    Object.assign(second as object, { settings: 'b', database: 'd' });
    pool.giveBack(first as SourceConnection);
    pool.giveBack(second as SourceConnection);
    expect(await pool.take(wants('a'))).toBe(first);
    expect(pool.takeMatching(wants('a'))).toBe(null);
    expect(await pool.take(wants('c'))).toBe(second);
  });

  it('a database cannot be left: who wants none gets a new connection', async () => {
    const [first] = await Promise.all(queue(1).taken);
    Object.assign(first as object, { database: 'd' });
    pool.giveBack(first as SourceConnection);
    const none = await pool.take(wants('', null));
    expect(none).not.toBe(first);
    expect(fake(first as SourceConnection).isClosed).toBe(false);
    pool.giveBack(none);
    // The size is reached: one that has a database makes room.
    size = 1;
    pool.giveBack(await pool.take(wants('')));
    const again = await pool.take(wants('', null));
    expect(fake(again).database).toBe(null);
  });

  it('a tainted one is reset before anybody gets it', async () => {
    size = 1;
    const { got, taken } = queue(2);
    const first = fake(await (taken[0] as Promise<SourceConnection>));
    first.isTainted = true;
    pool.giveBack(first as unknown as SourceConnection);
    await settle();
    expect([first.resets, got]).toEqual([1, [0]]);
    first.finishReset();
    await settle();
    expect(got).toEqual([0, 1]);
    expect(fake(await (taken[1] as Promise<SourceConnection>))).toBe(first);
  });

  it.each<[string, (connection: Connection) => void]>([
    ['is refused', (connection) => connection.finishReset(new Error('no'))],
    ['is not answered', () => vi.advanceTimersByTime(5000)],
  ])('one whose reset %s is closed, and another opened', async (_, end) => {
    size = 1;
    const first = fake(await (queue(1).taken[0] as Promise<SourceConnection>));
    first.isTainted = true;
    pool.giveBack(first as unknown as SourceConnection);
    end(first);
    first.finishReset(new Error('lost'));
    await settle();
    expect(first.isClosed).toBe(true);
    expect(fake(await pool.take(ANY))).not.toBe(first);
    expect(opened).toHaveLength(2);
  });

  it('one that breaks makes room: in use, or idle', async () => {
    size = 1;
    const { got, taken } = queue(2);
    const first = fake(await (taken[0] as Promise<SourceConnection>));
    first.destroy();
    pool.forget(first as unknown as SourceConnection);
    await settle();
    expect(got).toEqual([0, 1]);
    const second = fake(await (taken[1] as Promise<SourceConnection>));
    pool.giveBack(second as unknown as SourceConnection);
    second.destroy();
    expect(pool.statistics).toMatchObject({ open: 0, lost: 2 });
    expect(fake(await pool.take(ANY)).isClosed).toBe(false);
  });

  it('its size may change at any time', async () => {
    const { got, taken } = queue(4);
    await settle();
    size = 1;
    for (const i of [0, 1]) pool.giveBack((await taken[i]) as SourceConnection);
    await settle();
    expect(got).toEqual([0, 1, 2]);
    expect(pool.statistics).toMatchObject({ open: 1, inUse: 1, waiting: 1 });
    size = 3;
    const more = queue(1);
    await settle();
    // Who came first is first.
    expect([got, more.got, pool.openCount]).toEqual([[0, 1, 2, 3], [0], 3]);
    const last = queue(2);
    size = 5;
    pool.tidy();
    await settle();
    expect([last.got, pool.openCount]).toEqual([[0, 1], 5]);
  });

  it('a source that has no connection left: those that are there will come back', async () => {
    const { got, taken } = queue(1);
    await settle();
    failures = [new SourceError(1040, '08004', 'Too many connections')];
    const waiting = queue(1);
    await settle();
    expect(waiting.got).toEqual([]);
    // It is not asked for each that comes.
    const others = queue(20);
    await settle();
    expect([others.got, opened.length]).toEqual([[], 1]);
    pool.giveBack((await taken[0]) as SourceConnection);
    await settle();
    expect([got, waiting.got]).toEqual([[0], [0]]);
    await vi.advanceTimersByTimeAsync(300);
    expect([others.got, opened.length]).toEqual([[0], 2]);
  });

  it('a source that has none at all for us is asked again, ever more seldom and for one, and who waits gets it', async () => {
    const error = new SourceError(1040, '08004', 'Too many connections');
    // Two are tried at first; then one after 200 ms, and after 400 ms more.
    failures = [error, error, error];
    const { got } = queue(3);
    await vi.advanceTimersByTimeAsync(190);
    expect([got, failures.length]).toEqual([[], 1]);
    await vi.advanceTimersByTimeAsync(100);
    expect([got, failures.length, opened.length]).toEqual([[], 0, 0]);
    await vi.advanceTimersByTimeAsync(200);
    expect(opened).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect([got, opened.length]).toEqual([[0, 1], 2]);
  });

  it('a source that stays full: who waits is told so when the time of waiting is over', async () => {
    const error = new SourceError(1040, '08004', 'Too many connections');
    failures = Array.from({ length: 20 }, () => error);
    const { taken } = queue(3);
    await vi.advanceTimersByTimeAsync(990);
    const later = queue(1);
    await vi.advanceTimersByTimeAsync(20);
    for (const one of taken) await expect(one).rejects.toBe(error);
    await vi.advanceTimersByTimeAsync(900);
    expect(pool.statistics).toMatchObject({ open: 0, waiting: 1 });
    // It is not kept busy with refusing.
    expect(failures.length).toBeGreaterThan(13);
    failures = [];
    await vi.advanceTimersByTimeAsync(1000);
    await expect(later.taken[0]).rejects.toBe(error);
  });

  it('a source that is away: all that wait are told at once', async () => {
    const error = failure('SLUICE_SOURCE_UNAVAILABLE', 'gone');
    failures = [error, error, error];
    const { taken } = queue(3);
    for (const one of taken) await expect(one).rejects.toBe(error);
    expect(pool.openCount).toBe(0);
  });

  it('those that nobody uses are closed in time', async () => {
    const [first, second] = await Promise.all(queue(2).taken);
    pool.giveBack(first as SourceConnection);
    vi.advanceTimersByTime(59_000);
    pool.giveBack(second as SourceConnection);
    vi.advanceTimersByTime(2000);
    pool.tidy();
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(pool.openCount).toBe(1);
  });

  it('what is given back twice, or to another pool, is not counted', async () => {
    const [first] = await Promise.all(queue(1).taken);
    pool.forget(first as SourceConnection);
    expect(pool.openCount).toBe(0);
    pool.giveBack(first as SourceConnection);
    expect(pool.openCount).toBe(0);
    pool.adopt(first as SourceConnection);
    pool.giveBack(first as SourceConnection);
    pool.giveBack(first as SourceConnection);
    expect(pool.statistics).toMatchObject({ open: 1, inUse: 0 });
  });

  it('when it is closed, nobody waits and nobody gets one', async () => {
    const { taken } = queue(3);
    await settle();
    const reason = failure('ER_SERVER_SHUTDOWN');
    pool.close(reason);
    await expect(taken[2]).rejects.toBe(reason);
    await expect(pool.take(ANY)).rejects.toBe(reason);
    expect(opened.every(({ isClosed }) => isClosed)).toBe(true);
  });
});
