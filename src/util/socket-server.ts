/** A server for connections, plain or over TLS. A client whose TLS handshake fails is sent away, and costs nobody else anything. */
import { createServer, type Server, type ServerOpts, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** PEM. */
export interface TlsKeys {
  readonly key: string;
  readonly cert: string;
}

/** A client that opens a connection and does not say what it wants. */
const HANDSHAKE_MS = 20_000;

export function socketServer(options: ServerOpts, tls: TlsKeys | undefined, accept: (socket: Socket) => void): Server {
  if (tls === undefined) return createServer(options, accept);
  return createTlsServer({ ...options, ...tls, handshakeTimeout: HANDSHAKE_MS }, accept).on(
    'tlsClientError',
    (_error, socket) => socket.destroy(),
  );
}
