import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { failure } from '../../errors.ts';
import type { LiveMessage, PageOutcome } from '../../gate/request.ts';
import { type Answer, FakeGate } from './fake-gate.suite.ts';
import { start } from './test-server.suite.ts';

const PAGE: PageOutcome = { kind: 'page', key: 'id', rowsJson: '[{"id":1},{"id":2}]', count: null, sequence: 7 };
const page: Answer = () => PAGE;

function message(sequence: number, data = `{"seq":${sequence}}`): LiveMessage {
  return { event: sequence === 1 ? 'snapshot' : 'change', id: `e-${sequence}`, data };
}

/** An event stream whose text is gathered. */
interface Listening {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  readonly text: () => string;
  /** Waits until the text matches. */
  until(pattern: RegExp): Promise<void>;
}

async function listen(port: number, path: string, headers: Record<string, string> = {}): Promise<Listening> {
  const request = get(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/event-stream', ...headers } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => response.destroy());
  request.on('error', () => response.destroy());
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) await once(response, 'data');
  };
  return { request, response, text: () => text, until };
}

async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('GET /v1/lists/{table}', () => {
  it('hands the parameters on, with the table of the path, and wraps the page', async () => {
    const { gate, fetch } = await start(page);
    const response = await fetch('/v1/lists/main.%E6%B1%9F?where=a:STREQ:x%7Cy&count=true&limit_max=2');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe('{"rows":[{"id":1},{"id":2}],"seq":7}');
    expect(gate.sessions[0]?.executed).toEqual([
      {
        kind: 'page',
        command: {
          parameters: [
            ['table', 'main.江'],
            ['where', 'a:STREQ:x|y'],
            ['count', 'true'],
            ['limit_max', '2'],
          ],
          body: '',
          formEncoded: false,
        },
      },
    ]);
  });

  it('has a count when one was asked for, also one that comes later', async () => {
    const { fetch } = await start(async () => ({ ...PAGE, count: 0 }));
    expect(await (await fetch('/v1/lists/main.t?count=true')).json()).toEqual({
      rows: [{ id: 1 }, { id: 2 }],
      count: 0,
      seq: 7,
    });
  });

  it.each<[string, Answer, RegExp]>([
    ['?table=main.u', page, /^table: it is in the path/],
    [
      '',
      () => {
        throw failure('ER_BAD_PARAMETER', 'where: 1');
      },
      /^where: 1/,
    ],
    [
      '',
      async () => {
        throw failure('ER_BAD_PARAMETER', 'later');
      },
      /^later/,
    ],
  ])('answers what is wrong with %j as JSON', async (query, answer, expected) => {
    const { fetch } = await start(answer);
    const response = await fetch(`/v1/lists/main.t${query}`);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toMatch(expected);
  });

  it('knows HEAD, and no other method', async () => {
    const { fetch, gate } = await start(page);
    const head = await fetch('/v1/lists/main.t', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const events = await fetch('/v1/lists/main.t', { method: 'HEAD', headers: { accept: 'text/event-stream' } });
    expect([events.status, events.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(await events.text()).toBe('');
    expect(gate.subscriptions.map(({ closed }) => closed)).toEqual([true]);
    expect((await fetch('/v1/lists/main.t', { method: 'POST' })).status).toBe(404);
    expect((await fetch('/v1/lists/')).status).toBe(400);
  });
});

describe('an event stream', () => {
  it('sends each message as an event', async () => {
    const { gate, port } = await start(page);
    const stream = await listen(port, '/v1/lists/main.t?where=a:NUMGE:3&count=true');
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const [messages] = gate.subscriptions;
    expect(messages?.after).toBeNull();
    expect(messages?.command.parameters).toEqual([
      ['table', 'main.t'],
      ['where', 'a:NUMGE:3'],
      ['count', 'true'],
    ]);
    messages?.push(message(1, '{"rows":[{"a":"江"}]}'));
    messages?.push(message(2), message(3));
    await stream.until(/e-3\n.*\n\n/);
    expect(stream.text()).toBe(
      'retry: 1000\n\n' +
        'event: snapshot\nid: e-1\ndata: {"rows":[{"a":"江"}]}\n\n' +
        'event: change\nid: e-2\ndata: {"seq":2}\n\n' +
        'event: change\nid: e-3\ndata: {"seq":3}\n\n',
    );
    stream.request.destroy();
    await waitUntil(() => messages?.closed === true);
    expect(gate.sessions.map(({ closed }) => closed)).toEqual([true]);
  });

  it.each<[string, Record<string, string>, string | null]>([
    ['', { 'last-event-id': 'e-5' }, 'e-5'],
    ['?last_event_id=e-6', {}, 'e-6'],
    ['?last_event_id=e-6', { 'last-event-id': 'e-5' }, 'e-5'],
    ['?last_event_id=', {}, null],
  ])('goes on after what %j with %j has', async (query, headers, after) => {
    const { gate, port } = await start(page);
    const stream = await listen(port, `/v1/lists/main.t${query}`, headers);
    expect(gate.subscriptions[0]?.after).toBe(after);
    expect(gate.subscriptions[0]?.command.parameters).toEqual([['table', 'main.t']]);
    stream.request.destroy();
  });

  it('answers what is wrong before it begins as JSON', async () => {
    const gate = new FakeGate(page);
    gate.checkSubscription = () => {
      throw failure('ER_NO_SUCH_TABLE', 'main', 't');
    };
    const { fetch } = await start(page, {}, gate);
    const headers = { accept: 'text/event-stream' };
    const missing = await fetch('/v1/lists/main.t', { headers });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: 'ER_NO_SUCH_TABLE', retryable: false } });
    expect(gate.sessions.map(({ closed }) => closed)).toEqual([true]);
    const twice = await fetch('/v1/lists/main.t?last_event_id=1&last_event_id=2', { headers });
    expect(await twice.json()).toMatchObject({ error: { message: expect.stringContaining('given twice') } });
    expect(twice.status).toBe(400);
  });

  it('takes nothing more while its client does not read', async () => {
    const { gate, port } = await start(page);
    const stream = await listen(port, '/v1/lists/main.t');
    const [messages] = gate.subscriptions;
    stream.response.pause();
    const bulk = 'x'.repeat(50_000);
    for (let i = 2; i < 1000; i++) messages?.push(message(i, bulk));
    // What the sockets' buffers hold was taken; fifty megabytes were not.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const taken = messages?.taken ?? 0;
    expect(taken).toBeLessThan(500);
    for (let i = 1000; i < 1010; i++) messages?.push(message(i, bulk));
    expect(messages?.taken).toBe(taken);
    stream.response.resume();
    await waitUntil(() => messages?.taken === 1008);
    await stream.until(/id: e-1009\n/);
    const ids = [...stream.text().matchAll(/^id: e-(\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 1008 }, (_, index) => index + 2));
    stream.request.destroy();
  });

  it('sends a comment now and then', async () => {
    const { port } = await start(page, { heartbeatMs: 10 });
    const stream = await listen(port, '/v1/lists/main.t');
    await stream.until(/^retry: 1000\n\n:\n\n:\n\n/);
    stream.request.destroy();
  });

  it.each<[string, (gate: FakeGate, server: { close(): Promise<void> }) => unknown]>([
    ['the list cannot go on', (gate) => gate.subscriptions[0]?.onEnd?.(new Error('dropped\nor so'))],
    ['KILL ends its session', (gate) => gate.sessions[0]?.onKill?.(new Error('killed'))],
    ['the server stops', (_, server) => server.close()],
  ])('ends cleanly when %s', async (_, end) => {
    const { gate, port, server } = await start(page, { drainMs: 60_000 });
    const stream = await listen(port, '/v1/lists/main.t');
    const ended = once(stream.response, 'end');
    await end(gate, server);
    await ended;
    expect(stream.response.complete).toBe(true);
    expect(stream.text()).toMatch(/^retry: 1000\n\n: ended: [^\n]+\n\n$/);
    expect(gate.subscriptions.map(({ closed }) => closed)).toEqual([true]);
    expect(gate.sessions.map(({ closed }) => closed)).toEqual([true]);
  });

  it('is one of so many', async () => {
    const { fetch, port, gate } = await start(page, { maxSubscriptions: 2 });
    const streams = [await listen(port, '/v1/lists/main.t'), await listen(port, '/v1/lists/main.t')];
    const headers = { accept: 'text/event-stream' };
    const refused = await fetch('/v1/lists/main.t', { headers });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({
      error: { code: 'HTTP_TOO_MANY_SUBSCRIPTIONS', message: '2 event streams are open already', retryable: true },
    });
    // A page is none.
    expect((await fetch('/v1/lists/main.t')).status).toBe(200);
    streams[0]?.request.destroy();
    await waitUntil(() => gate.subscriptions[0]?.closed === true);
    const third = await listen(port, '/v1/lists/main.t');
    third.request.destroy();
    streams[1]?.request.destroy();
  });
});

describe('an event stream whose list is waited for', () => {
  const HEADERS = { accept: 'text/event-stream' };

  /** A gate whose subscriptions wait until the test says what becomes of them. */
  function waiting(): { gate: FakeGate; begin: () => void; refuse: (reason: Error) => void } {
    const gate = new FakeGate(page);
    let begin = (): void => undefined;
    let refuse: (reason: Error) => void = () => undefined;
    gate.subscriptionsWait = new Promise((resolve, reject) => {
      begin = resolve;
      refuse = reject;
    });
    return { gate, begin, refuse };
  }

  it('begins when it is there', async () => {
    const { gate, begin } = waiting();
    const { port } = await start(page, {}, gate);
    const coming = listen(port, '/v1/lists/main.t');
    await waitUntil(() => gate.sessions.length === 1);
    begin();
    const stream = await coming;
    gate.subscriptions[0]?.push(message(1));
    await stream.until(/e-1\n.*\n\n/);
    stream.request.destroy();
    await waitUntil(() => gate.sessions[0]?.closed === true);
  });

  it('is refused as JSON with what it fails with', async () => {
    const { gate, refuse } = waiting();
    const { fetch } = await start(page, {}, gate);
    const coming = fetch('/v1/lists/main.t', { headers: HEADERS });
    await waitUntil(() => gate.sessions.length === 1);
    refuse(failure('SLUICE_MIRROR_BEHIND', 'main.t', 'it is being copied'));
    const response = await coming;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'SLUICE_MIRROR_BEHIND', retryable: true } });
    expect(gate.sessions[0]?.closed).toBe(true);
  });

  it.each<[string, (gate: FakeGate, server: { close(): Promise<void> }) => unknown, number]>([
    ['KILL ends its session', (gate) => gate.sessions[0]?.onKill?.(failure('ER_QUERY_INTERRUPTED')), 499],
    ['the server stops', (_, server) => server.close(), 503],
  ])('is refused when %s, and closes what comes all the same', async (_, end, status) => {
    const { gate, begin } = waiting();
    const { fetch, server } = await start(page, {}, gate);
    const coming = fetch('/v1/lists/main.t', { headers: HEADERS });
    await waitUntil(() => gate.sessions.length === 1);
    const ended = end(gate, server);
    expect((await coming).status).toBe(status);
    begin();
    await ended;
    await waitUntil(() => gate.subscriptions[0]?.closed === true);
    expect(gate.sessions[0]?.closed).toBe(true);
  });

  it('is forgotten when its client leaves, and counts until then', async () => {
    const { gate, begin } = waiting();
    const { fetch } = await start(page, { maxSubscriptions: 1 }, gate);
    const leave = new AbortController();
    const coming = fetch('/v1/lists/main.t', { headers: HEADERS, signal: leave.signal }).catch(() => null);
    await waitUntil(() => gate.sessions.length === 1);
    expect((await fetch('/v1/lists/main.t', { headers: HEADERS })).status).toBe(503);
    leave.abort();
    await coming;
    await waitUntil(() => gate.sessions[0]?.closed === true);
    begin();
    await waitUntil(() => gate.subscriptions[0]?.closed === true);
  });
});

describe('GET /v1/status/lists', () => {
  it('sends what the gate tells, to those who may', async () => {
    const gate = new FakeGate(page);
    gate.statistics = { kept: 3 };
    const { fetch } = await start(page, {}, gate);
    expect(await (await fetch('/v1/status/lists')).json()).toEqual({ kept: 3 });
    const closed = await start(page, {}, new FakeGate(page, { find: () => null }));
    expect((await closed.fetch('/v1/status/lists')).status).toBe(401);
    expect((await closed.fetch('/v1/lists/main.t')).status).toBe(401);
    const headers = { accept: 'text/event-stream' };
    expect((await closed.fetch('/v1/lists/main.t', { headers })).status).toBe(401);
  });
});
