import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failure } from '../../errors.ts';
import type { Outcome, Request } from '../../gate/request.ts';
import { SeededRandom } from '../../util/random.ts';
import type { Answer } from './fake-gate.suite.ts';
import { start } from './test-server.suite.ts';

function list(json: string): Outcome {
  return { kind: 'list', json, isBinary: false };
}

function nameOf(request: Request): string {
  if (request.kind !== 'list') return request.kind;
  return request.command.parameters.find(([name]) => name === 'n')?.[1] ?? '';
}

/** Answers with what was asked for: `n`. */
const ECHO: Answer = (request) => list(JSON.stringify(nameOf(request)));

interface Received {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** A client that writes bytes as they are given, and reads answers with a content-length. */
class RawClient {
  readonly socket: Socket;
  readonly #received: Received[] = [];
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) break;
      const headers = this.#bytes.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0);
      if (this.#bytes.length < end + 4 + length) break;
      const body = this.#bytes.toString('utf8', end + 4, end + 4 + length);
      this.#bytes = this.#bytes.subarray(end + 4 + length);
      this.#received.push({ status: Number(headers.slice(9, 12)), headers, body });
    }
    this.#wake();
  }

  async receive(count: number): Promise<Received[]> {
    while (this.#received.length < count) {
      if (this.#isClosed) throw new Error(`closed after ${this.#received.length} answers`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.splice(0, count);
  }

  async closed(): Promise<void> {
    while (!this.#isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}

function get(name: string, headers = 'Host: x\r\n'): string {
  return `GET /?command=count&n=${name} HTTP/1.1\r\n${headers}\r\n`;
}

function post(name: string): string {
  return `POST /?command=insert&n=${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
}

describe('a connection of plain requests', () => {
  it('is answered like any other', async () => {
    const { port } = await start(ECHO);
    const client = new RawClient(port);
    client.socket.write(get('%E6%B1%9F'));
    const [answer] = await client.receive(1);
    expect(answer).toMatchObject({ status: 200, body: '"江"' });
    const lines = answer!.headers.split('\r\n').map((line) => line.replace(/(Date: ).*GMT$/, '$1now'));
    expect(lines).toEqual([
      'HTTP/1.1 200 OK',
      'content-type: application/json; charset=utf-8',
      'content-length: 5',
      'Date: now',
      'Connection: keep-alive',
      'Keep-Alive: timeout=72',
    ]);
    client.socket.destroy();
  });

  it('answers in order what comes in one packet, now or later', async () => {
    const { port } = await start((request) => {
      const name = nameOf(request);
      return name.startsWith('slow') ? sleep(20).then(() => list(`"${name}"`)) : list(`"${name}"`);
    });
    const client = new RawClient(port);
    const names = ['a', 'slow1', 'b', 'slow2', 'slow3', 'c'];
    client.socket.write(names.map((name) => get(name)).join(''));
    expect((await client.receive(names.length)).map(({ body }) => JSON.parse(body))).toEqual(names);
    client.socket.destroy();
  });

  it.each([
    ['a body', post('b')],
    ['HTTP/1.0', 'GET /?command=count&n=b HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n'],
    ['another path', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header twice', get('b', 'Host: x\r\nAccept: a\r\nAccept: b\r\n')],
    ['a header that is not known', get('b', 'Host: x\r\nX-Whatever: 1\r\n')],
    ['an end that is asked for', get('b', 'Host: x\r\nConnection: close\r\n')],
    ['a page of the same site', get('b', 'Host: x\r\nSec-Fetch-Site: same-origin\r\n')],
  ])("becomes Node's with %s, and loses nothing", async (_what, request) => {
    const { port } = await start(ECHO);
    const client = new RawClient(port);
    client.socket.write(get('a') + request);
    const [first, second] = await client.receive(2);
    expect(first?.body).toBe('"a"');
    expect(second?.status).toBe(200);
    if (!/close/i.test(request)) {
      client.socket.write(get('c'));
      expect((await client.receive(1))[0]?.body).toBe('"c"');
    }
    client.socket.destroy();
  });

  it.each([
    ['no host', get('b', 'Accept: */*\r\n'), 400],
    ['a header without a colon', get('b', 'Host: x\r\nnonsense\r\n'), 400],
    ['a control character', get('b', 'Host: x\r\nUser-Agent: a\u0001b\r\n'), 400],
    ['a page of another site', get('b', 'Host: x\r\nOrigin: http://evil.example\r\n'), 403],
    ['a length that is none', 'GET /?command=count HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n', 400],
    ['nonsense', 'nonsense\r\n\r\n', 400],
  ])('has Node refuse %s', async (_what, request, status) => {
    const { port } = await start(ECHO);
    const client = new RawClient(port);
    client.socket.write(request);
    expect((await client.receive(1))[0]?.status).toBe(status);
    client.socket.destroy();
  });

  it('sends failures, thrown or rejected, and goes on', async () => {
    const { port } = await start((request) => {
      if (nameOf(request) === 'throw') throw failure('SLUICE_ROW_LIMIT', 10);
      if (nameOf(request) === 'reject') return Promise.reject(failure('SLUICE_READER_LOST'));
      return ECHO(request, undefined as never);
    });
    const client = new RawClient(port);
    client.socket.write(`${get('throw')}${get('reject')}${get('c')}GET /?x=%ff HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await client.receive(4)).map(({ status }) => status)).toEqual([413, 503, 200, 400]);
    client.socket.destroy();
  });

  it('asks for a password where one is needed, and takes it', async () => {
    const { port, gate } = await start(ECHO);
    gate.accounts.find = () => null;
    const client = new RawClient(port);
    client.socket.write(get('a') + get('a', `Host: x\r\nAuthorization: Basic ${btoa('ann:wrong')}\r\n`));
    const answers = await client.receive(2);
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers[0]?.headers).toContain('www-authenticate: Basic realm="sluice"');
    gate.accounts.find = () => ({ nativeHash: null, sha2Hash: null });
    client.socket.write(get('b', `Host: x\r\nAuthorization: Basic ${btoa('ann:')}\r\n`));
    expect((await client.receive(1))[0]?.body).toBe('"b"');
    expect(gate.sessions.at(-1)?.client.user).toBe('ann');
    client.socket.destroy();
  });

  it('has what runs ended when the client leaves', async () => {
    const { port, gate } = await start(() => new Promise(() => undefined));
    const client = new RawClient(port);
    client.socket.write(get('a'));
    while (gate.sessions.length === 0) await sleep(5);
    client.socket.destroy();
    while (gate.killed.length === 0) await sleep(5);
    expect(gate.killed).toEqual([gate.sessions[0]?.id]);
  });

  it('is not read from while its client does not read', async () => {
    const large = JSON.stringify('x'.repeat(100_000));
    let asked = 0;
    const { port } = await start(() => {
      asked++;
      return list(large);
    });
    const client = new RawClient(port);
    client.socket.pause();
    const requests = 2_000;
    client.socket.write(get('a').repeat(requests));
    await sleep(300);
    // What the kernel holds for both sides, and a little more.
    expect(asked).toBeLessThan(requests / 2);
    client.socket.resume();
    const answers = await client.receive(requests);
    expect(answers.every(({ body }) => body.length === large.length)).toBe(true);
    expect(asked).toBe(requests);
    client.socket.destroy();
  });

  it('is closed when the server closes: at once when it is idle, with its answer when it is not', async () => {
    let settle: () => void = () => undefined;
    const { port, server } = await start((request) =>
      nameOf(request) === 'slow'
        ? new Promise((resolve) => {
            settle = () => resolve(list('"late"'));
          })
        : list('"now"'),
    );
    const [silent, idle, busy] = [new RawClient(port), new RawClient(port), new RawClient(port)];
    idle.socket.write(get('a'));
    await idle.receive(1);
    busy.socket.write(get('slow'));
    await sleep(50);
    const closing = server.close();
    await Promise.all([silent.closed(), idle.closed()]);
    settle();
    const [answer] = await busy.receive(1);
    expect(answer).toMatchObject({ status: 200, body: '"late"' });
    expect(answer?.headers).toContain('Connection: close');
    await Promise.all([busy.closed(), closing]);
  });

  it('gives the right answers however its bytes arrive', async () => {
    const { port } = await start(ECHO);
    const random = new SeededRandom(7);
    for (let connection = 0; connection < 30; connection++) {
      const client = new RawClient(port);
      const names = Array.from({ length: 20 }, (_, i) => `${connection}-${i}`);
      const bytes = names
        .map((name) =>
          random.below(20) === 0
            ? post(name)
            : get(name, random.below(3) === 0 ? 'host:y\r\naccept:*/*\r\n' : undefined),
        )
        .join('');
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + random.below(random.below(2) === 0 ? 1_000 : 40);
        client.socket.write(bytes.slice(at, at + size));
        at += size;
        if (random.below(2) === 0) await new Promise(setImmediate);
      }
      expect((await client.receive(names.length)).map(({ body }) => JSON.parse(body))).toEqual(names);
      client.socket.destroy();
    }
  });
});
