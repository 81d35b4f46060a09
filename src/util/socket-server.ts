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

/** Thousands of clients may come at once. */
const LISTEN_BACKLOG = 4096;

/**
 * Resolves with the port: the one given, or, for 0, the one that the system chose. Rejects when it cannot be had. An error while accepting (no more file
 * descriptors) costs that one client its connection; `onError` is told.
 */
export function listenOn(server: Server, port: number, host: string, onError: (error: Error) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: LISTEN_BACKLOG }, () => {
      server.off('error', reject);
      server.on('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
