/** A MariaDB that can be killed and started again on its data and its port. Commits are on the disk before they are acknowledged. */
import { join } from 'node:path';
import { mysqlClientArgs } from './mariadb-server.ts';
import { freePort } from './ports.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { ServerProcess } from './server-process.ts';
import { makeTempDir } from './temp-dir.ts';

export interface DurableMariadb {
  readonly port: number;
  readonly pid: number;
  kill9(): Promise<void>;
  /** Lets it end in order, if it runs, and starts it again: resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** `more`: further options for mariadbd. */
export async function startDurableMariadb(more: readonly string[] = []): Promise<DurableMariadb> {
  const dir = makeTempDir('mariadb');
  const port = await freePort();
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const dataDir = join(dir.path, 'data');
  await runCommand('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${dataDir}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...asRoot,
  ]);
  const start = async (): Promise<ServerProcess> => {
    const server = new ServerProcess({
      command: 'mariadbd',
      args: [
        '--no-defaults',
        `--datadir=${dataDir}`,
        `--socket=${join(dir.path, 's.sock')}`,
        `--pid-file=${join(dir.path, 'pid')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--character-set-server=utf8mb4',
        '--innodb-buffer-pool-size=64M',
        ...asRoot,
        ...more,
      ],
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
    });
    await server.waitUntil(async () => {
      const { code } = await tryCommand('mariadb', [...mysqlClientArgs({ port }), '-e', 'SELECT 1']);
      return code === 0;
    }, 'ready');
    return server;
  };
  let server = await start();
  return {
    port,
    get pid() {
      return server.pid;
    },
    kill9: () => server.kill9(),
    async restart() {
      if (server.running) await server.stop();
      server = await start();
    },
    async stop() {
      await server.stop();
      dir.remove();
    },
  };
}
