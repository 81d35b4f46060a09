/** The client over the HTTP server, behind which a gate answers from a script. With the real gate: test/lists/. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failure } from '../src/errors.ts';
import type { LiveMessage } from '../src/gate/request.ts';
import { type Answer, FakeGate } from '../src/protocols/http/fake-gate.suite.ts';
import { start } from '../src/protocols/http/test-server.suite.ts';
import { type AnyRow, type Change, type Client, connect, type LiveList, type Page, SluiceError } from './index.ts';

interface Row {
  readonly id: number;
  readonly text: string;
}

const PAGE: Answer = () => ({ kind: 'page', key: 'id', rowsJson: '[{"id":1,"text":"a"}]', count: 5, sequence: 7 });
const QUICK = { retryMaxMs: 1 };

const open: LiveList<Row>[] = [];
afterEach(() => {
  for (const live of open.splice(0)) live.close();
});

async function client(answer: Answer = PAGE, gate = new FakeGate(answer)) {
  const running = await start(answer, {}, gate);
  return { ...running, db: connect(`http://127.0.0.1:${running.port}/`) };
}

function subscribe(db: Client, options = {}): LiveList<Row> {
  const live = db.list<Row>('main.t', { limit: 3, count: true }).subscribe(options);
  open.push(live);
  return live;
}

function snapshot(seq: number, rows: readonly Row[], count: number | null = null): LiveMessage {
  return { event: 'snapshot', id: `e-${seq}`, data: JSON.stringify({ key: 'id', rows, count, seq }) };
}

function change(seq: number, parts: object): LiveMessage {
  const data = { seq, insert: [], update: [], remove: [], count: null, ...parts };
  return { event: 'change', id: `e-${seq}`, data: JSON.stringify(data) };
}

function row(id: number, text = ''): Row {
  return { id, text };
}

async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: 10_000, interval: 2 });
}

describe('a list', () => {
  it('asks for what its options say', async () => {
    const { db, gate } = await client();
    const list = db.list<Row>('main.江 t', {
      where: [
        ['id', 'NUMOREQ', [1, 2]],
        ['text', '!STREQ', 'a&b|c'],
      ],
      orderBy: ['id', 'NUMDESC'],
      skip: 10,
      limit: 20,
      count: true,
    });
    expect(await list.get()).toEqual({ rows: [{ id: 1, text: 'a' }], count: 5, seq: 7 });
    const request = gate.sessions[0]?.executed[0];
    expect(request?.kind === 'page' ? Object.fromEntries(request.command.parameters) : null).toEqual({
      table: 'main.江 t',
      where: 'id:NUMOREQ:1,2|text:!STREQ:a&b\\|c',
      order_by: 'id',
      order_sort: 'NUMDESC',
      limit_skip: '10',
      limit_max: '20',
      count: 'true',
    });
  });

  it('asks for nothing else without options', async () => {
    const { db, gate } = await client(() => ({ kind: 'page', key: null, rowsJson: '[]', count: null, sequence: 0 }));
    expect(await db.list('main.t').get()).toEqual({ rows: [], count: null, seq: 0 });
    await db.list('main.t', { orderBy: 'name' }).get();
    const asked = gate.sessions[0]?.executed.map((request) =>
      request.kind === 'page' ? request.command.parameters : [],
    );
    expect(asked).toEqual([
      [['table', 'main.t']],
      [
        ['table', 'main.t'],
        ['order_by', 'name'],
        ['order_sort', 'STRASC'],
      ],
    ]);
  });

  it.each([{ limit: -1 }, { limit: 1.5 }, { skip: Number.NaN }])('refuses %j', (options) => {
    expect(() => connect('').list('main.t', options)).toThrow(RangeError);
  });

  it("rejects with the server's errors", async () => {
    const { db } = await client(() => {
      throw failure('ER_NO_SUCH_TABLE', 'main', 't');
    });
    const error = await db
      .list('main.t')
      .get()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({
      code: 'ER_NO_SUCH_TABLE',
      status: 404,
      errno: 1146,
      sqlstate: '42S02',
      retryable: false,
    });
  });

  it('rejects when nobody answers, when somebody else does, and when it is aborted', async () => {
    const proxy = createServer((_request, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'));
    const port = await listening(proxy);
    const list = connect(`http://127.0.0.1:${port}`).list('main.t');
    const wrong = await list.get().catch((thrown: unknown) => thrown);
    expect(wrong).toMatchObject({ code: 'UNEXPECTED_ANSWER', status: 502, retryable: true });
    await closed(proxy);
    const none = await list.get().catch((thrown: unknown) => thrown);
    expect(none).toMatchObject({ code: 'CONNECTION_FAILED', status: 0, retryable: true });
    const reason = new Error('enough');
    await expect(list.get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('says who asks', async () => {
    const given: unknown[] = [];
    const fake = async (_url: unknown, init: unknown): Promise<Response> => {
      given.push(init);
      return new Response('{"rows":[],"seq":1}');
    };
    await connect('http://h', { user: 'ann', password: 'päss:wort', fetch: fake as typeof fetch })
      .list('main.t')
      .get();
    expect(given).toMatchObject([
      { headers: { authorization: `Basic ${Buffer.from('ann:päss:wort').toString('base64')}` }, cache: 'no-store' },
    ]);
  });
});

describe('a live list', () => {
  it('holds the page as it is now, and tells what changed', async () => {
    const { db, gate } = await client();
    const live = subscribe(db);
    expect([live.rows, live.count, live.seq, live.status]).toEqual([[], null, 0, 'connecting']);
    const changes: Change<Row>[] = [];
    live.onChange((told) => changes.push(told));
    await until(() => gate.subscriptions.length === 1);
    gate.subscriptions[0]?.push(snapshot(4, [row(1), row(2)], 9));
    await live.ready;
    expect([live.rows, live.count, live.seq, live.status]).toEqual([[row(1), row(2)], 9, 4, 'live']);
    gate.subscriptions[0]?.push(
      change(6, { insert: [{ row: row(3), at: 0 }], update: [row(2, 'x')], remove: [1], count: 10 }),
    );
    await until(() => live.seq === 6);
    expect([live.rows, live.count]).toEqual([[row(3), row(2, 'x')], 10]);
    expect(changes).toEqual([
      {
        insert: [
          { row: row(1), at: 0 },
          { row: row(2), at: 1 },
        ],
        update: [],
        remove: [],
        page: { rows: [row(1), row(2)], count: 9, seq: 4 },
      },
      {
        insert: [{ row: row(3), at: 0 }],
        update: [row(2, 'x')],
        remove: [1],
        page: { rows: [row(3), row(2, 'x')], count: 10, seq: 6 },
      },
    ]);
  });

  it('goes on where it was when the connection is lost', async () => {
    const { db, gate } = await client();
    const live = subscribe(db, QUICK);
    const statuses: string[] = [];
    live.onStatus((status) => statuses.push(status));
    await until(() => gate.subscriptions.length === 1);
    gate.subscriptions[0]?.push(snapshot(1, [row(1)]), change(2, { insert: [{ row: row(2), at: 1 }] }));
    await until(() => live.seq === 2);
    gate.subscriptions[0]?.onEnd?.(new Error('altered'));
    await until(() => gate.subscriptions.length === 2);
    expect(gate.subscriptions.map(({ after }) => after)).toEqual([null, 'e-2']);
    // Nothing has changed meanwhile, so nothing comes: it is live all the same.
    await until(() => live.status === 'live');
    gate.subscriptions[1]?.push(change(3, { remove: [1] }));
    await until(() => live.seq === 3);
    expect(live.rows).toEqual([row(2)]);
    expect(statuses).toEqual(['live', 'connecting', 'live']);
  });

  it('tells of a snapshot after a pause as the difference that it makes, and keeps the rows that stay', async () => {
    const { db, gate } = await client();
    const live = subscribe(db, QUICK);
    await until(() => gate.subscriptions.length === 1);
    gate.subscriptions[0]?.push(snapshot(1, [row(1), row(2), row(3)]));
    await live.ready;
    const [, , three] = live.rows;
    const changes: Change<Row>[] = [];
    live.onChange((told) => changes.push(told));
    gate.subscriptions[0]?.push(snapshot(8, [row(4), row(1, 'x'), row(3)]));
    await until(() => live.seq === 8);
    expect(changes).toMatchObject([{ insert: [{ row: row(4), at: 0 }], update: [row(1, 'x')], remove: [2] }]);
    expect(live.rows[2]).toBe(three);
    // One that says the same tells of nothing.
    gate.subscriptions[0]?.push(snapshot(9, [row(4), row(1, 'x'), row(3)]));
    await until(() => live.seq === 9);
    expect(changes).toHaveLength(1);
  });

  it('begins anew when a difference does not fit', async () => {
    const { db, gate } = await client();
    const live = subscribe(db, QUICK);
    await until(() => gate.subscriptions.length === 1);
    gate.subscriptions[0]?.push(snapshot(1, [row(1)]), change(2, { remove: [7] }));
    await until(() => gate.subscriptions.length === 2);
    expect(gate.subscriptions[1]?.after).toBeNull();
    expect(live.rows).toEqual([row(1)]);
    gate.subscriptions[1]?.push(snapshot(2, [row(5)]));
    await until(() => live.seq === 2);
    expect(live.rows).toEqual([row(5)]);
  });

  it('begins anew when the table has another key than it had', async () => {
    const { db, gate } = await client();
    const live = subscribe(db, QUICK);
    const changes: Change<Row>[] = [];
    live.onChange((told) => changes.push(told));
    await until(() => gate.subscriptions.length === 1);
    gate.subscriptions[0]?.push(snapshot(1, [row(1, 'a')]));
    await live.ready;
    const other = { key: 'text', rows: [row(1, 'b')], count: null, seq: 2 };
    gate.subscriptions[0]?.push({ event: 'snapshot', id: 'e-2', data: JSON.stringify(other) });
    await until(() => live.seq === 2);
    expect(changes[1]).toMatchObject({ insert: [{ row: row(1, 'b'), at: 0 }], update: [], remove: [1] });
    expect(live.rows).toEqual([row(1, 'b')]);
  });

  it('waits for a server that is not there yet, and for one that has too much to do', async () => {
    let attempts = 0;
    const { port } = await start(PAGE);
    const flaky: typeof fetch = (input, init) => {
      attempts++;
      if (attempts === 1) return Promise.reject(new TypeError('refused'));
      if (attempts === 2) return Promise.resolve(new Response('busy', { status: 503 }));
      return fetch(input, init);
    };
    const live = subscribe(connect(`http://127.0.0.1:${port}`, { fetch: flaky }), QUICK);
    const errors: (string | undefined)[] = [];
    live.onStatus((_, error) => errors.push(error?.message));
    await until(() => attempts === 3);
    expect(errors).toEqual([expect.stringContaining('refused'), expect.stringContaining('503')]);
  });

  it('ends with an error after which trying again is of no use', async () => {
    const gate = new FakeGate(PAGE);
    gate.checkSubscription = () => {
      throw failure('ER_BAD_FIELD_ERROR', 'nothing', 'where clause');
    };
    const { db } = await client(PAGE, gate);
    const live = subscribe(db, QUICK);
    await expect(live.ready).rejects.toMatchObject({ code: 'ER_BAD_FIELD_ERROR', status: 400 });
    expect(live.status).toBe('closed');
    expect(live.error).toMatchObject({ errno: 1054 });
    await expect(live[Symbol.asyncIterator]().next()).rejects.toBe(live.error);
    expect(gate.sessions).toHaveLength(1);
  });

  it('counts a connection as lost on which nothing is heard', async () => {
    const { db, gate } = await client();
    const live = subscribe(db, { ...QUICK, silenceMs: 30 });
    const errors: (string | undefined)[] = [];
    live.onStatus((_, error) => errors.push(error?.message));
    await until(() => gate.subscriptions.length === 2);
    expect(errors[0]).toBe('nothing was heard for 30 ms');
  });

  it('is an async iterator over the newest pages', async () => {
    const { db, gate } = await client();
    const live = subscribe(db);
    const pages: Page<Row>[] = [];
    await until(() => gate.subscriptions.length === 1);
    gate.subscriptions[0]?.push(snapshot(1, [row(1)]));
    for await (const page of live) {
      pages.push(page);
      if (page.seq === 4) break;
      // Of what comes while this runs, the last is seen.
      gate.subscriptions[0]?.push(change(2, {}), change(3, {}), change(4, { remove: [1] }));
      await until(() => live.seq === 4);
    }
    expect(pages.map(({ seq, rows }) => [seq, rows.length])).toEqual([
      [1, 1],
      [4, 0],
    ]);
    expect(live.status).toBe('closed');
    await until(() => gate.subscriptions[0]?.closed === true);
  });

  it('ends when it is closed, at any time', async () => {
    const { db, gate } = await client();
    const live = subscribe(db);
    const waiting = live[Symbol.asyncIterator]().next();
    live.close();
    live.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect(live.ready).rejects.toThrow(/closed before/);
    // Closed by a listener, in the middle of what came: nothing more is taken.
    const second = subscribe(db);
    second.onChange(() => second.close());
    await until(() => gate.subscriptions.some(({ closed }) => !closed));
    const messages = gate.subscriptions.find(({ closed }) => !closed);
    messages?.push(snapshot(1, [row(1)]), change(2, { remove: [1] }));
    await until(() => messages?.closed === true);
    expect([second.status, second.seq]).toEqual(['closed', 1]);
  });
});

describe('statements', () => {
  it('send their parameters exactly', async () => {
    const { db, gate } = await client((request) => {
      if (request.kind !== 'sql') throw new TypeError('no statement');
      return { kind: 'ok', affectedRows: 1, insertId: 2n ** 60n, warningCount: 0, info: '' };
    });
    const params = [null, true, 1, 1.5, 2n ** 63n, 'a"b', Uint8Array.of(0, 255)];
    const result = await db.sql('INSERT INTO t VALUES (?)', params, { database: 'shop' });
    expect(result).toMatchObject({ rows: [], rowsAffected: 1, insertId: '1152921504606846976' });
    const executed = gate.sessions[0]?.executed[0];
    expect(gate.sessions[0]?.client.database).toBe('shop');
    expect(executed?.kind === 'sql' ? executed.parameters : null).toMatchObject([
      { value: null },
      { value: 1 },
      { value: 1 },
      { value: '1.5' },
      { value: 2n ** 63n },
      { value: 'a"b' },
      { value: Buffer.of(0, 255) },
    ]);
    await db.sql<AnyRow>('SELECT :a', { a: 1 });
    await expect(db.sql('SELECT ?', [Number.NaN])).rejects.toThrow(/parameter 1 is NaN/);
  });

  it('in a batch have their results or errors in their places', async () => {
    const { db } = await client((request) => {
      if (request.kind === 'sql' && request.text === 'bad') throw failure('ER_BAD_NULL_ERROR', 'a');
      return { kind: 'ok', affectedRows: 1, insertId: 0, warningCount: 0, info: '' };
    });
    const [good, bad] = await db.batch([{ sql: 'good', params: [1] }, 'bad']);
    expect(good).toMatchObject({ rowsAffected: 1 });
    expect(bad).toBeInstanceOf(SluiceError);
    expect(bad).toMatchObject({ code: 'ER_BAD_NULL_ERROR', errno: 1048 });
    await expect(db.batch(['bad'], { atomic: true })).rejects.toMatchObject({ code: 'ER_BAD_NULL_ERROR' });
  });
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
