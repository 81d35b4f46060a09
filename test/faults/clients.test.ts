/** Clients that misbehave, or are many: the front goes on, and its memory stays bounded. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectDriver, failureOf, singleValue } from '../support/mysql-driver.ts';
import { residentBytes } from '../support/process-memory.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { connectRaw, loginPacket, loginRaw, packet, queryPacket } from './raw-mysql.ts';

const MEBIBYTE = 1024 * 1024;
/** What misbehaving clients may cost the front together; each asks for far more. */
const FRONT_GROWTH_BYTES_MAX = 150 * MEBIBYTE;
const ROWS = 100_000;
/** About 100 MB. */
const BIG_RESULT = 'SELECT * FROM crowd.wide';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startSluice({ openFilesMax: 4096 });
  connection = await connectDriver(server, { multipleStatements: true });
  await connection.query(`CREATE DATABASE crowd; USE crowd;
    CREATE TABLE digits (d INT PRIMARY KEY); INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
    CREATE TABLE wide (id INT PRIMARY KEY, text VARCHAR(2000) NOT NULL);
    INSERT INTO wide SELECT a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d, REPEAT('x', 1000)
      FROM digits a, digits b, digits c, digits d, digits e`);
});

afterAll(async () => {
  await connection.end();
  await server.stop();
});

/** Who comes next is served, whatever came before: a lookup inline, a scan by a reader, a write. */
async function expectService(): Promise<void> {
  const next = await connectDriver(server, { database: 'crowd' });
  expect(await singleValue(next, 'SELECT LENGTH(text) FROM wide WHERE id = 77')).toBe(1000);
  expect(await singleValue(next, "SELECT COUNT(*) FROM wide WHERE text LIKE 'x%'")).toBe(ROWS);
  await next.query('CREATE TABLE IF NOT EXISTS touched (id INT PRIMARY KEY AUTO_INCREMENT)');
  await next.query('INSERT INTO touched () VALUES ()');
  await next.end();
  expect((await fetch(`${server.httpUrl}/healthz`)).status).toBe(200);
}

function expectQuietLog(): void {
  expect(
    server.output.split('\n').filter((line) => /TypeError|RangeError|AssertionError|uncaught|unexpected/.test(line)),
  ).toEqual([]);
}

afterEach(expectQuietLog);

describe('MySQL clients', () => {
  it('that leave in the middle of a big result', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = await loginRaw(server.mysqlPort);
      socket.write(queryPacket(BIG_RESULT));
      socket.resume();
      await once(socket, 'data');
      if (i % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
    await expectService();
  });

  it('that send a part of a packet, and wait or leave', async () => {
    const whole = queryPacket('SELECT 1');
    const sixteenMegabytes = Buffer.of(0xff, 0xff, 0xff, 0);
    const sockets: Socket[] = [];
    for (let cut = 1; cut < whole.length; cut++) {
      const socket = await loginRaw(server.mysqlPort);
      socket.write(whole.subarray(0, cut));
      sockets.push(socket);
    }
    for (let i = 0; i < 20; i++) {
      const socket = await loginRaw(server.mysqlPort);
      socket.write(Buffer.concat([sixteenMegabytes, Buffer.alloc(1000 * i, 3)]));
      sockets.push(socket);
    }
    const login = loginPacket();
    for (let cut = 0; cut < login.length; cut += 5) {
      const socket = await connectRaw(server.mysqlPort);
      socket.write(login.subarray(0, cut));
      sockets.push(socket);
    }
    await expectService();
    for (const socket of sockets) socket.destroy();
    await expectService();
  });

  it('that send what is no packet of theirs: wrong sequence, wrong lengths, unknown commands', async () => {
    const before = residentBytes(server.pid);
    for (const bytes of [
      packet(9, Buffer.from('\x03SELECT 1')),
      packet(0, Buffer.alloc(0)),
      packet(0, Buffer.of(250)),
      packet(0, Buffer.of(0x17, 1, 0, 0, 0)),
      packet(0, Buffer.concat([Buffer.of(3), Buffer.from([0xff, 0xfe, 0xc3, 0x28])])),
      Buffer.alloc(100_000, 0xff),
      Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n'),
    ]) {
      const socket = await loginRaw(server.mysqlPort);
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    await expectService();
    expect(residentBytes(server.pid) - before).toBeLessThan(FRONT_GROWTH_BYTES_MAX);
  });

  it('that ask for much and never read', async () => {
    const before = residentBytes(server.pid);
    const sockets: Socket[] = [];
    for (let i = 0; i < 30; i++) {
      const socket = await loginRaw(server.mysqlPort);
      // Ten results in a row, of which the first does not fit into the buffers between the two.
      socket.write(Buffer.concat(Array.from({ length: 10 }, () => queryPacket(BIG_RESULT))));
      sockets.push(socket);
    }
    let highest = 0;
    for (let i = 0; i < 50; i++) {
      await sleep(20);
      expect(await singleValue(connection, 'SELECT id FROM wide WHERE id = ?', [i])).toBe(i);
      highest = Math.max(highest, residentBytes(server.pid));
    }
    expect(highest - before).toBeLessThan(FRONT_GROWTH_BYTES_MAX);
    for (const socket of sockets) socket.destroy();
    await expectService();
  });

  it('a thousand of them, idle', async () => {
    const before = residentBytes(server.pid);
    const sockets: Socket[] = [];
    for (let i = 0; i < 20; i++) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => loginRaw(server.mysqlPort)))));
    }
    expect(residentBytes(server.pid) - before).toBeLessThan(FRONT_GROWTH_BYTES_MAX);
    await expectService();
    for (const socket of sockets) socket.write(queryPacket('SELECT 1'));
    await Promise.all(
      sockets.map(async (socket) => {
        const answered = once(socket, 'data');
        socket.resume();
        await answered;
      }),
    );
    for (const socket of sockets) socket.destroy();
    await expectService();
  });
});

describe('HTTP clients', () => {
  const request = (body: string, headers = ''): string =>
    `POST /v1/sql HTTP/1.1\r\nHost: here\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  async function open(): Promise<Socket> {
    const socket = connect(server.httpPort, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  it('that leave in the middle of a request, or of an answer', async () => {
    const whole = request(JSON.stringify({ sql: BIG_RESULT }), 'Accept: application/x-ndjson\r\n');
    for (let cut = 1; cut < whole.length; cut += 7) {
      const socket = await open();
      socket.write(whole.slice(0, cut));
      await sleep(2);
      socket.destroy();
    }
    for (let i = 0; i < 10; i++) {
      const socket = await open();
      socket.write(whole);
      await once(socket, 'data');
      socket.destroy();
    }
    await expectService();
  });

  it('that ask for a stream and never read', async () => {
    const before = residentBytes(server.pid);
    const sockets: Socket[] = [];
    for (let i = 0; i < 30; i++) {
      const socket = await open();
      socket.pause();
      socket.write(request(JSON.stringify({ sql: BIG_RESULT }), 'Accept: application/x-ndjson\r\n'));
      sockets.push(socket);
    }
    let highest = 0;
    for (let i = 0; i < 50; i++) {
      await sleep(20);
      expect(await singleValue(connection, 'SELECT id FROM wide WHERE id = ?', [i])).toBe(i);
      highest = Math.max(highest, residentBytes(server.pid));
    }
    expect(highest - before).toBeLessThan(FRONT_GROWTH_BYTES_MAX);
    for (const socket of sockets) socket.destroy();
    await expectService();
  });
});

describe('SIGTERM', () => {
  it('lets a running statement finish, refuses new ones, and ends with 0', async () => {
    const own = await startSluice();
    const client = await connectDriver(own, { multipleStatements: true });
    await client.query(`CREATE DATABASE ending; USE ending;
      CREATE TABLE digits (d INT PRIMARY KEY); INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)`);
    const idle = await connectDriver(own);
    const idleEnded = new Promise((resolve) => idle.on('error', resolve));
    const httpIdle = connect(own.httpPort, '127.0.0.1');
    await once(httpIdle, 'connect');
    const running = singleValue(
      client,
      'SELECT COUNT(*) FROM digits a, digits b, digits c, digits d, digits e, digits f, digits g WHERE a.d + b.d <> 99',
    );
    await sleep(300);
    const stopped = own.stop();
    expect(await running, 'the statement that ran').toBe(10_000_000);
    expect(await stopped).toBe(0);
    await idleEnded;
    expect(await failureOf(connectDriver(own))).toMatchObject({ code: 'ECONNREFUSED' });
    httpIdle.destroy();
    client.destroy();
  });
});
