import { describe, expect, test } from 'vitest';
import { TransactionPool, type TransactionSlot } from './transaction-pool.ts';

const OWNER = { session: 7, user: 'app', host: '10.0.0.1' };

function begin(pool: TransactionPool): TransactionSlot {
  const slot = pool.enter(OWNER);
  if (slot instanceof Promise) throw new Error('had to wait');
  slot.begin();
  return slot;
}

describe('the cap on transactions', () => {
  test('just below it nobody waits; at it the next one does, and is told that the pool is full', async () => {
    const pool = new TransactionPool(() => ({ cap: 2, waitMs: 10 }));
    begin(pool);
    begin(pool);
    await expect(pool.enter(OWNER)).rejects.toMatchObject({
      errno: 1040,
      retryable: true,
      code: 'SLUICE_TX_POOL_FULL',
    });
    expect(pool.statistics()).toMatchObject({ open: 2, waits: 1, refused: 1, waiting: 0 });
  });

  test('who waits gets the slot of the one that ends, in the order of coming', async () => {
    const pool = new TransactionPool(() => ({ cap: 1, waitMs: 60_000 }));
    const first = begin(pool);
    const order: number[] = [];
    const waiting = [1, 2].map(async (number) => {
      const slot = await pool.enter(OWNER);
      order.push(number);
      slot.end('rollback');
    });
    first.end('commit');
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
    expect(pool.statistics()).toMatchObject({ open: 0, waits: 2, refused: 0 });
  });

  test('0 is no cap, and it can be raised while somebody waits', async () => {
    let cap = 0;
    const pool = new TransactionPool(() => ({ cap, waitMs: 60_000 }));
    const slots = Array.from({ length: 50 }, () => begin(pool));
    cap = 50;
    const waits = pool.enter(OWNER);
    expect(waits).toBeInstanceOf(Promise);
    slots[0]?.end('commit');
    slots[0]?.end('commit');
    (await waits).end('rollback');
    expect(pool.statistics()).toMatchObject({ open: 49 });
  });
});

describe('the log of transactions', () => {
  test('who, when, what and how it ended; the newest first', () => {
    const logged: unknown[] = [];
    const pool = new TransactionPool(
      () => ({ cap: 0, waitMs: 0 }),
      (entry) => logged.push(entry),
    );
    const slot = begin(pool);
    slot.statement('UPDATE t SET a = ?');
    expect(pool.statistics()).toMatchObject({ now: [{ id: 1, user: 'app', outcome: null, statementCount: 1 }] });
    slot.end('commit');
    begin(pool).end('kill');
    expect(pool.statistics()).toMatchObject({
      now: [],
      ended: { commit: 1, kill: 1 },
      last: [
        { id: 2, outcome: 'kill' },
        { id: 1, session: 7, outcome: 'commit', statements: ['UPDATE t SET a = ?'] },
      ],
    });
    expect(logged).toHaveLength(2);
  });

  test('of long statements their beginning', () => {
    const pool = new TransactionPool(() => ({ cap: 0, waitMs: 0 }));
    const slot = begin(pool);
    slot.statement(`INSERT ${'(?),'.repeat(10_000)}`);
    expect(pool.statistics().now[0]?.statements[0]).toMatch(/^INSERT [(),?]{493}\.\.\.$/);
  });

  test('a slot that was never begun leaves no trace', () => {
    const pool = new TransactionPool(() => ({ cap: 1, waitMs: 0 }));
    const slot = pool.enter(OWNER) as TransactionSlot;
    slot.end('rollback');
    expect(pool.statistics()).toMatchObject({ open: 0, begun: 0, last: [] });
  });
});
