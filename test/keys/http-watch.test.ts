/** Watches of keys over HTTP: what is told, going on after a break, restarts, and clients that do not read. */
import { connect as connectSocket, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { error, HttpKeys } from './support/http-keys.ts';
import { WatchedEvents } from './support/watched-events.ts';

const data = makeTempDir('watch');
const open: WatchedEvents[] = [];
let server: SluiceServer;
let keys: HttpKeys;

async function startServer(): Promise<void> {
  const ports = server === undefined ? {} : { ports: { mysqlPort: server.mysqlPort, httpPort: server.httpPort } };
  server = await startSluice({ dataDir: data.path, ...ports });
  keys = new HttpKeys(server);
}

async function watch(query: string, lastEventId?: string): Promise<WatchedEvents> {
  const events = await WatchedEvents.open(server.httpUrl, query, lastEventId);
  open.push(events);
  return events;
}

async function sequence(): Promise<number> {
  return Number((await (await watch('find=*')).next())?.id);
}

beforeAll(startServer);
afterEach(() => {
  for (const events of open.splice(0)) events.close();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  data.remove();
});

const entry = (key: string, value: unknown) => expect.objectContaining({ key, value });

describe('a watch of keys', () => {
  it('tells what each commit does to the keys of its pattern, in their order', async () => {
    const events = await watch('find=user.*.age');
    const start = await events.next();
    const from = Number(start?.id);
    expect(start).toEqual({ event: 'start', id: String(from), data: { seq: from } });
    const entries = [
      ['user.2.age', 25],
      ['user.1.age', { $bigint: '20' }],
      ['user.1.name', 'zhang'],
    ];
    await keys.run('putMany', { entries });
    await keys.put('other', 1);
    await keys.run('add', { key: 'user.2.age', n: 1 });
    await keys.remove('user.1.age');
    expect(await events.next()).toEqual({
      event: 'change',
      id: String(from + 1),
      data: {
        seq: from + 1,
        changes: [
          { key: 'user.1.age', previous: null, entry: entry('user.1.age', { $bigint: '20' }) },
          { key: 'user.2.age', previous: null, entry: entry('user.2.age', 25) },
        ],
      },
    });
    expect((await events.next())?.data).toEqual({
      seq: from + 3,
      changes: [{ key: 'user.2.age', previous: entry('user.2.age', 25), entry: entry('user.2.age', 26) }],
    });
    expect((await events.next())?.data).toEqual({
      seq: from + 4,
      changes: [{ key: 'user.1.age', previous: entry('user.1.age', { $bigint: '20' }), entry: null }],
    });
  });

  it('tells what SQL does, and what a batch does as one', async () => {
    const events = await watch('find=s.*');
    await events.next();
    await keys.post('/v1/keys/batch', {
      operations: [
        { op: 'put', key: 's.1', value: 1 },
        { op: 'add', key: 's.1', n: 1 },
        { op: 'put', key: 's.2', value: 2 },
      ],
    });
    await keys.post('/v1/sql', { sql: "DELETE FROM sluice.`keys` WHERE path = 's.2'" });
    expect(await events.next()).toMatchObject({
      data: { changes: [{ entry: entry('s.1', 2) }, { entry: entry('s.2', 2) }] },
    });
    expect(await events.next()).toMatchObject({ data: { changes: [{ previous: entry('s.2', 2), entry: null }] } });
  });

  it('goes on where it was, by header or by parameter', async () => {
    const before = await sequence();
    for (let i = 0; i < 5; i++) await keys.put('go.on', i);
    await keys.put('other', 1);
    for (const events of [
      await watch('find=go.*', String(before + 2)),
      await watch(`find=go.*&last_event_id=${before + 2}`),
    ]) {
      expect(await events.next()).toMatchObject({ event: 'start', id: String(before + 2) });
      for (const value of [2, 3, 4])
        expect(await events.next()).toMatchObject({
          event: 'change',
          data: { changes: [{ entry: entry('go.on', value) }] },
        });
    }
  });

  it('goes on after a restart; what nobody remembers any more is told as a reset', async () => {
    await keys.put('r', 1);
    const known = await sequence();
    const events = await watch('find=r');
    await events.next();
    await server.stop();
    expect(await events.next()).toBeUndefined();
    await startServer();
    const again = await watch('find=r', String(known));
    expect(await again.next()).toMatchObject({ event: 'start', id: String(known) });
    await keys.put('r', 2);
    expect(await again.next()).toMatchObject({ event: 'change', data: { seq: known + 1 } });
    await server.kill9();
    await startServer();
    const late = await watch('find=r', String(known));
    expect((await late.next())?.event).toBe('start');
    expect(await late.next()).toEqual({ event: 'reset', id: String(known + 1), data: { seq: known + 1 } });
    await keys.put('r', 3);
    expect(await late.next()).toMatchObject({ event: 'change', data: { changes: [{ entry: entry('r', 3) }] } });
    // A number that this file has not come to.
    const future = await watch('find=r', String(known + 1000));
    await future.next();
    expect(await future.next()).toMatchObject({ event: 'reset', data: { seq: known + 2 } });
  });

  it('costs nothing when its client does not read: that one is told to begin anew', async () => {
    const seen = new Set<string>();
    const socket = await silentWatch('find=big.*');
    const quick = await watch('find=big.*');
    // More than the change feed keeps, and than sockets hold.
    const value = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 40; i++) {
      await keys.put(`big.${i}`, value);
      if (i === 0) expect(await quick.next()).toMatchObject({ event: 'start' });
      expect(await quick.next()).toMatchObject({ event: 'change', data: { changes: [{ key: `big.${i}` }] } });
    }
    let told = '';
    socket.on('data', (bytes) => {
      told = told.slice(-20) + bytes.toString('latin1');
      for (const part of ['event: reset', 'the end']) if (told.includes(part)) seen.add(part);
    });
    socket.resume();
    await expect.poll(() => seen.has('event: reset'), { timeout: 60_000 }).toBe(true);
    await keys.put('big.end', 'the end');
    await expect.poll(() => seen.has('the end'), { timeout: 60_000 }).toBe(true);
    socket.destroy();
  });

  it('refuses what is wrong', async () => {
    const ask = (query: string, headers: Record<string, string> = {}) =>
      keys.ask(`/v1/keys/watch?${query}`, { headers });
    expect(await ask('find=a..b')).toEqual(error(400, 'SLUICE_BAD_PATTERN', 'a segment is empty'));
    expect(await ask('find=')).toEqual(error(400, 'SLUICE_BAD_PATTERN', 'empty'));
    expect(await ask('find=a&limit=1')).toEqual(error(400, 'ER_BAD_PARAMETER', "unknown parameter 'limit'"));
    expect(await ask('find=a', { 'last-event-id': 'x-5' })).toEqual(
      error(400, 'ER_BAD_PARAMETER', "'x-5' is no number"),
    );
    expect(await ask('find=a&last_event_id=1&last_event_id=2')).toEqual(error(400, 'ER_BAD_PARAMETER', 'given twice'));
    expect(await keys.get('watch')).toEqual(error(404, 'HTTP_NO_SUCH_KEY', "no key 'watch'"));
  });
});

/** A client that asks and then reads nothing. */
async function silentWatch(query: string): Promise<Socket> {
  const socket = connectSocket(server.httpPort, '127.0.0.1');
  socket.write(`GET /v1/keys/watch?${query} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return socket;
}
