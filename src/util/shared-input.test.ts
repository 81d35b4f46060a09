import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { readShared } from './shared-input.ts';

describe('input of sockets read into a shared buffer', () => {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  /** The side that a server accepts, and its peer. */
  async function pair(): Promise<[Socket, Socket]> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peer = connect((server.address() as { port: number }).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    open.push(server, { close: () => socket.destroy() }, { close: () => peer.destroy() });
    return [socket, peer];
  }

  async function until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
  }

  it('gives all bytes of each socket in their order, also to one that was read as a stream before', async () => {
    const [socket, peer] = await pair();
    const [other, otherPeer] = await pair();
    const first = once(socket, 'data');
    peer.write('before ');
    expect(String((await first)[0])).toBe('before ');
    const texts = ['', ''];
    const buffers = new Set<ArrayBufferLike>();
    for (const [at, each] of [socket, other].entries()) {
      const isShared = readShared(each, (bytes) => {
        texts[at] += bytes.toString('latin1');
        buffers.add(bytes.buffer);
      });
      expect(isShared).toBe(true);
      each.resume();
    }
    const long = 'x'.repeat(300_000);
    peer.write('after ');
    otherPeer.write('other');
    peer.write(long);
    await until(() => texts[0]?.length === long.length + 6 && texts[1]?.length === 5);
    expect(texts[0]).toBe(`after ${long}`);
    expect(texts[1]).toBe('other');
    expect(buffers.size).toBe(1);
  });

  it('reads nothing while the socket is paused, so that the peer must wait', async () => {
    const [socket, peer] = await pair();
    let count = 0;
    readShared(socket, (bytes) => {
      count += bytes.length;
      socket.pause();
    });
    socket.resume();
    const sent = 32 * 1024 * 1024;
    peer.write(Buffer.alloc(sent));
    await until(() => count > 0);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    const before = count;
    expect(before).toBeLessThanOrEqual(64 * 1024);
    expect(peer.writableLength).toBeGreaterThan(0);
    while (count < sent) {
      const last = count;
      socket.resume();
      await until(() => count > last);
    }
    expect(count).toBe(sent);
  });

  it('ends, and closes, as a stream does', async () => {
    const [socket, peer] = await pair();
    let text = '';
    readShared(socket, (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.resume();
    const closed = [once(socket, 'end'), once(socket, 'close')];
    peer.end('last');
    await Promise.all(closed);
    expect(text).toBe('last');
  });

  it('leaves TLS as it is', async () => {
    const [socket] = await pair();
    const secure = new TLSSocket(socket, { isServer: true });
    secure.on('error', () => undefined);
    expect(readShared(secure, () => undefined)).toBe(false);
  });
});
