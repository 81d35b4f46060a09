import { beforeEach, describe, expect, it, vi } from 'vitest';
import { failure } from '../../errors.ts';
import type { SourceConnection } from './connection.ts';
import { ConnectionPool } from './pool.ts';
import { PoolTotal } from './pool-total.ts';

/** As much of a connection as pools see. Its end takes until gone(). */
class Connection {
  isClosed = false;
  isTainted = false;
  settings = '';
  database: string | null = 'd';
  onClosed: (() => void) | null = null;
  gone: () => void = () => undefined;

  whenGone(callback: () => void): void {
    this.gone = callback;
  }

  end(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onClosed?.();
  }

  destroy(): void {
    this.end();
  }
}

const ANY = { database: 'd', settings: { key: '', statements: [] } };

let most = 4;
let total: PoolTotal;
let opened: Connection[];

beforeEach(() => {
  vi.useFakeTimers();
  most = 4;
  opened = [];
  total = new PoolTotal(() => most);
  return () => vi.useRealTimers();
});

function poolOf(name: string, size: number, least = 0, waitMs = 1_000): ConnectionPool {
  const pool = new ConnectionPool({
    name,
    size: () => size,
    waitMs: () => waitMs,
    idleTimeoutMs: () => 60_000,
    async open() {
      const connection = new Connection();
      opened.push(connection);
      return connection as unknown as SourceConnection;
    },
    full: (of, waited) => failure('SLUICE_POOL_FULL', of, name, waited),
    total,
  });
  total.join(pool, () => least);
  return pool;
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

async function take(pool: ConnectionPool, count: number): Promise<SourceConnection[]> {
  return Promise.all(Array.from({ length: count }, () => pool.take(ANY)));
}

describe('pools together', () => {
  it('open no more than the total; what is idle in one goes to the other', async () => {
    const [reads, writes] = [poolOf('read', 4), poolOf('write', 4)];
    const taken = await take(reads, 4);
    const waiting = writes.take(ANY);
    await settle();
    expect(opened).toHaveLength(4);
    for (const connection of taken) reads.giveBack(connection);
    await waiting;
    await take(writes, 3);
    expect(opened).toHaveLength(4);
    expect([reads.openCount, writes.openCount]).toEqual([0, 4]);
  });

  it('give to who has waited for longest, wherever it waits', async () => {
    const [reads, writes] = [poolOf('read', 4), poolOf('write', 4)];
    const taken = await take(reads, 4);
    const got: string[] = [];
    const wait = async (pool: ConnectionPool, name: string): Promise<void> => {
      void pool.take(ANY).then(() => got.push(name));
      await vi.advanceTimersByTimeAsync(10);
    };
    await wait(reads, 'read 1');
    await wait(writes, 'write 1');
    await wait(reads, 'read 2');
    await wait(writes, 'write 2');
    for (const connection of taken) {
      reads.giveBack(connection);
      await settle();
    }
    expect(got).toEqual(['read 1', 'write 1', 'read 2', 'write 2']);
  });

  it('leave each the places that are kept for it', async () => {
    const [reads, reserved] = [poolOf('read', 4, 2), poolOf('reserved', 4, 1)];
    const kept = await take(reserved, 2);
    const refused = reserved.take(ANY);
    const told = refused.catch((error: Error) => error.message);
    expect(await take(reads, 2)).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await told).toBe(
      'pool_full: all 4 connections to the MySQL server were in use for 1000 ms (source_connections); try again',
    );
    expect(opened).toHaveLength(4);
    expect(kept).toHaveLength(2);
    const [first] = kept as [SourceConnection];
    expect(total.mayMove(reads, reserved)).toBe(false);
    reserved.giveBack(first);
    expect(total.mayMove(reads, reserved)).toBe(false);
  });

  it('open in the place of one that is closed once it is gone', async () => {
    const [reads, writes] = [poolOf('read', 4), poolOf('write', 4)];
    const taken = await take(reads, 4);
    const waiting = writes.take(ANY);
    opened[0]?.destroy();
    reads.forget(taken[0] as SourceConnection);
    await settle();
    expect(opened).toHaveLength(4);
    opened[0]?.gone();
    await waiting;
    expect(opened).toHaveLength(5);
    expect(total.count).toBe(4);
  });

  it('close what is too many when the total is lowered, and none of it is lost when it is lifted', async () => {
    const [reads, writes] = [poolOf('read', 4), poolOf('write', 8)];
    const taken = await take(reads, 4);
    most = 2;
    for (const connection of taken) reads.giveBack(connection);
    for (const { isClosed, gone } of opened) if (isClosed) gone();
    expect(total.count).toBe(4 - opened.filter(({ isClosed }) => isClosed).length);
    most = 0;
    await take(writes, 8);
    expect(writes.openCount).toBe(8);
  });
});
