import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAtTurnEnd } from './turn-writes.ts';

const SOCKETS = 130;

describe('writes at the end of a turn', () => {
  const server = createServer();
  const ours: Socket[] = [];
  const theirs: Socket[] = [];
  beforeAll(async () => {
    server.on('connection', (socket) => theirs.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    for (let i = 0; i < SOCKETS; i++) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      ours.push(socket);
    }
    while (theirs.length < SOCKETS) await new Promise((resolve) => setImmediate(resolve));
  });
  afterAll(() => {
    for (const socket of [...ours, ...theirs]) socket.destroy();
    server.close();
  });

  async function received(socket: Socket, bytes: number): Promise<string> {
    let text = '';
    while (text.length < bytes) text += String((await once(socket, 'data'))[0]);
    return text;
  }

  it('keeps what is written until then, and its order', async () => {
    const [socket, peer] = [ours[0]!, theirs[0]!];
    const arrived = received(peer, 6);
    for (const text of ['ab', 'cd', 'ef']) {
      writeAtTurnEnd(socket);
      socket.write(text);
    }
    expect(socket.writableLength).toBe(6);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(socket.writableLength).toBe(0);
    expect(await arrived).toBe('abcdef');
  });

  it('has nobody wait for more than a hundred others', () => {
    for (const socket of ours) {
      writeAtTurnEnd(socket);
      socket.write('x');
    }
    expect(ours.filter((socket) => socket.writableCorked > 0)).toHaveLength(SOCKETS - 128);
  });

  it('sends what is left when the socket is ended in the same turn', async () => {
    const [socket, peer] = [ours[1]!, theirs[1]!];
    const arrived = received(peer, 5);
    writeAtTurnEnd(socket);
    socket.write('last');
    socket.end();
    expect(await arrived).toBe('xlast');
  });

  it('and takes a socket that is destroyed before', async () => {
    const socket = ours[2]!;
    writeAtTurnEnd(socket);
    socket.write('lost');
    socket.destroy();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(socket.destroyed).toBe(true);
  });
});
