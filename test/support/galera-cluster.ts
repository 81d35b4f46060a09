/** Three MariaDB servers that are one Galera cluster, on loopback, their data in a temporary folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { mysqlClientArgs } from './mariadb-server.ts';
import { freePorts } from './ports.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { ServerProcess } from './server-process.ts';
import { makeTempDir } from './temp-dir.ts';

export interface GaleraNode {
  readonly port: number;
  readonly output: string;
  kill9(): Promise<void>;
  /** After kill9(): resolves when it is a part of the cluster again. */
  restart(): Promise<void>;
}

export interface GaleraCluster {
  readonly nodes: readonly [GaleraNode, GaleraNode, GaleraNode];
  stop(): Promise<void>;
}

const PROVIDER = '/usr/lib/galera/libgalera_smm.so';
/** Who says nothing for so long is left out: much sooner than by default. */
const TIMES = 'evs.keepalive_period=PT0.3S;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S';
const READY_TIMEOUT_MS = 120_000;

interface Ports {
  readonly mysql: number;
  readonly group: number;
  readonly incremental: number;
  readonly whole: number;
}

export async function startGalera(): Promise<GaleraCluster> {
  const dir = makeTempDir('galera');
  const isRoot = process.getuid?.() === 0;
  // Whoever joins gets its data by a script of the server's, which does not run as root.
  const user = isRoot ? ['--user=mysql'] : [];
  const first = join(dir.path, '0');
  await runCommand('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${first}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  for (const name of ['1', '2']) mkdirSync(join(dir.path, name));
  if (isRoot) await runCommand('chown', ['-R', 'mysql:mysql', dir.path]);
  const free = await freePorts(12);
  const ports = [0, 1, 2].map((i) => {
    const [mysql = 0, group = 0, incremental = 0, whole = 0] = free.slice(4 * i);
    return { mysql, group, incremental, whole };
  });
  const members = ports.map(({ group }) => `127.0.0.1:${group}`).join(',');
  const start = async (i: number, isNew: boolean): Promise<ServerProcess> => {
    const { mysql, group, incremental, whole } = ports[i] as Ports;
    const server = new ServerProcess({
      command: 'mariadbd',
      args: [
        '--no-defaults',
        ...user,
        `--datadir=${join(dir.path, String(i))}`,
        `--socket=${join(dir.path, `${i}.sock`)}`,
        `--pid-file=${join(dir.path, String(i), 'node.pid')}`,
        `--port=${mysql}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--character-set-server=utf8mb4',
        '--binlog-format=ROW',
        '--default-storage-engine=InnoDB',
        '--innodb-autoinc-lock-mode=2',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=64M',
        '--wsrep-on=1',
        `--wsrep-provider=${PROVIDER}`,
        '--wsrep-cluster-name=test',
        `--wsrep-cluster-address=gcomm://${members}`,
        `--wsrep-node-name=node${i}`,
        `--wsrep-node-address=127.0.0.1:${group}`,
        `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${incremental};gcache.size=16M;${TIMES}`,
        '--wsrep-sst-method=rsync',
        `--wsrep-sst-receive-address=127.0.0.1:${whole}`,
        ...(isNew ? ['--wsrep-new-cluster'] : []),
      ],
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
    });
    await server.waitUntil(() => isSynced(mysql), 'synced', READY_TIMEOUT_MS);
    return server;
  };
  const servers: ServerProcess[] = [];
  // One after the other: each gets its data from those that are there.
  for (const i of [0, 1, 2]) servers.push(await start(i, i === 0));
  const nodeOf = (i: number): GaleraNode => ({
    port: (ports[i] as Ports).mysql,
    get output() {
      return (servers[i] as ServerProcess).output;
    },
    kill9: () => (servers[i] as ServerProcess).kill9(),
    async restart() {
      servers[i] = await start(i, false);
    },
  });
  return {
    nodes: [nodeOf(0), nodeOf(1), nodeOf(2)],
    async stop() {
      // No data is needed any more, and the last of a cluster takes its time to leave it.
      await Promise.all(servers.map((server) => server.kill9()));
      dir.remove();
    },
  };
}

async function isSynced(port: number): Promise<boolean> {
  const ask = "SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'";
  const { code, stdout } = await tryCommand('mariadb', [...mysqlClientArgs({ port }), '-e', ask]);
  return code === 0 && stdout.includes('Synced');
}
