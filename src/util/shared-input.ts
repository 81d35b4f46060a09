/**
 * Sockets whose input is read into one buffer that all of them share. As a stream a socket makes a buffer of 64 KiB for each read, of which it keeps what
 * has come: that, and the way through the stream, is several microseconds of each small request, and makes garbage collections come sooner.
 *
 * Node has this for sockets that are made with the option `onread`, which sockets that a server accepts cannot be given. So it is set here as that option
 * sets it; a socket for which that is not possible (TLS, another version of Node) gives its input by 'data' as ever.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

const BUFFER_BYTES = 64 * 1024;

/** What is in it is taken, or copied, before the next socket is read: everything here is called by one thread, one read after the other. */
const SHARED = Buffer.allocUnsafeSlow(BUFFER_BYTES);

interface ReadingHandle {
  useUserBuffer?: (buffer: Buffer) => void;
}

/**
 * From now on `onBytes` gets the socket's input: bytes that are valid until it returns. Others must not listen for 'data'.
 * @returns false: it cannot be done for this socket, and nothing has changed
 */
export function readShared(socket: Socket, onBytes: (bytes: Buffer) => void): boolean {
  const { _handle: handle } = socket as unknown as { readonly _handle?: ReadingHandle | null };
  if (socket instanceof TLSSocket || typeof handle?.useUserBuffer !== 'function') return false;
  const slots = new Map(Object.getOwnPropertySymbols(socket).map((symbol) => [symbol.description, symbol]));
  const [buffer, callback] = [slots.get('kBuffer'), slots.get('kBufferCb')];
  if (buffer === undefined || callback === undefined) return false;
  // What came before goes its way.
  if (socket.readableLength > 0) return false;
  Object.assign(socket, {
    [buffer]: SHARED,
    [callback]: (count: number) => {
      onBytes(SHARED.subarray(0, count));
      return true;
    },
  });
  handle.useUserBuffer(SHARED);
  return true;
}
