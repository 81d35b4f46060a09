import type { CommandLimits } from './command-line.ts';
import { freePort } from './ports.ts';
import { RedisConnection } from './redis-connection.ts';
import { ServerProcess } from './server-process.ts';
import { makeTempDir } from './temp-dir.ts';

export interface RedisOptions extends CommandLimits {
  /** Each write on the disk before its answer (`appendfsync always`). Absent: nothing is stored. */
  readonly durable?: boolean;
}

export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/** A redis-server of one's own on loopback, its data in a temporary folder. */
export async function startRedis({ durable = false, ...limits }: RedisOptions = {}): Promise<RedisServer> {
  const dir = makeTempDir('redis');
  const port = await freePort();
  const server = new ServerProcess({
    command: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir.path, '--save', ''],
      ...['--appendonly', durable ? 'yes' : 'no', '--appendfsync', 'always'],
    ],
    ...limits,
  });
  await server.waitUntil(() => answers(port), 'ready');
  return {
    port,
    pid: server.pid,
    async stop() {
      await server.stop();
      dir.remove();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    const connection = await RedisConnection.open(port);
    const [reply] = await connection.ask(['PING']);
    connection.close();
    return reply === '+PONG';
  } catch {
    return false;
  }
}
