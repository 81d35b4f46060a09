import { join } from 'node:path';
import type { CommandLimits } from './command-line.ts';
import { freePort } from './ports.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { ServerProcess } from './server-process.ts';
import { makeTempDir } from './temp-dir.ts';

export interface MariadbOptions extends CommandLimits {
  /**
   * Each commit on the disk before its answer, as MariaDB does by default. Absent: commits are flushed once a second,
   * which tests need no more of.
   */
  readonly durable?: boolean;
  /** Further options for mariadbd, like `--max-connections=500`. They win over those given here. */
  readonly args?: readonly string[];
}

export interface MariadbServer {
  readonly port: number;
  readonly socketPath: string;
  readonly dataDir: string;
  readonly pid: number;
  /** What it logged so far. */
  readonly output: string;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/** A MariaDB server of one's own on loopback, its data in a temporary folder; user `root` has no password. */
export async function startMariadb(options: MariadbOptions = {}): Promise<MariadbServer> {
  const dir = makeTempDir('mariadb');
  const dataDir = join(dir.path, 'data');
  const socketPath = join(dir.path, 'mariadb.sock');
  const port = await freePort();
  // mariadbd refuses to run as root unless it is told that this is meant.
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  await runCommand('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${dataDir}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    // A server that starts clears its folder of temporary tables, which would be everybody's.
    `--tmpdir=${dir.path}`,
    ...asRoot,
  ]);
  const server = new ServerProcess({
    command: 'mariadbd',
    args: [
      '--no-defaults',
      `--datadir=${dataDir}`,
      `--socket=${socketPath}`,
      `--tmpdir=${dir.path}`,
      `--pid-file=${join(dir.path, 'mariadb.pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-networking=0',
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      ...(options.durable === true ? [] : ['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=64M']),
      ...asRoot,
      ...(options.args ?? []),
    ],
    // Debian keeps server programs where an ordinary user's PATH does not look.
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    cores: options.cores,
    openFilesMax: options.openFilesMax,
  });
  await server.waitUntil(() => answers(port), 'ready');
  return {
    port,
    socketPath,
    dataDir,
    pid: server.pid,
    get output() {
      return server.output;
    },
    async stop() {
      await server.stop();
      dir.remove();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const { code } = await tryCommand('mariadb', [...mysqlClientArgs({ port }), '-e', 'SELECT 1']);
  return code === 0;
}

/** Arguments with which the `mariadb` client reaches a server on loopback as root: MariaDB or Sluice. */
export function mysqlClientArgs({ port, database }: { port: number; database?: string }): string[] {
  // --no-defaults first: it is only understood there. --skip-ssl: the servers of the tests have no certificates.
  const args = ['--no-defaults', '-h', '127.0.0.1', '-P', String(port), '-u', 'root', '--skip-ssl', '--batch'];
  return database === undefined ? args : [...args, database];
}

/** Runs SQL text through the `mariadb` client and gives what it prints: tab-separated, a line of names first. */
export async function mysqlClient(
  target: { port: number; database?: string },
  sql: string,
  timeoutMs?: number,
): Promise<string> {
  const { stdout } = await runCommand('mariadb', mysqlClientArgs(target), {
    input: sql,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  return stdout;
}
