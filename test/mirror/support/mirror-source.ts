/** A MariaDB whose binlog can be followed, behind a door that can be shut or led to another one. */
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import type { Connection } from 'mysql2/promise';
import { type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';
import { connectDriver } from '../../support/mysql-driver.ts';
import { freePort } from '../../support/ports.ts';

export const MIRROR_ARGS = ['--log-bin=bin', '--binlog-format=ROW', '--server-id=7'];

export interface MirrorSource {
  readonly mariadb: MariadbServer;
  /** Of the door. */
  readonly port: number;
  /** Straight to the server. */
  connect(): Promise<Connection>;
  /** Cuts all connections off, and refuses new ones until open(). */
  shut(): void;
  open(port?: number): void;
  stop(): Promise<void>;
}

export async function startMirrorSource(args: readonly string[] = []): Promise<MirrorSource> {
  const mariadb = await startMariadb({ args: [...MIRROR_ARGS, ...args] });
  const port = await freePort();
  const sockets = new Set<Socket>();
  let target: number | null = mariadb.port;
  const door: Server = createServer((client) => {
    if (target === null) {
      client.destroy();
      return;
    }
    const server = connectSocket(target, '127.0.0.1');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
  return {
    mariadb,
    port,
    connect: () => connectDriver({ mysqlPort: mariadb.port }, { multipleStatements: true }),
    shut() {
      target = null;
      for (const socket of sockets) socket.destroy();
    },
    open(other = mariadb.port) {
      target = other;
    },
    async stop() {
      target = null;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => door.close(resolve));
      await mariadb.stop();
    },
  };
}
