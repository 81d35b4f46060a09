/** Tests of clients run twice: before the embedded store, and in front of a MariaDB (the project "in-front" of vitest.config.ts). */
import { BINLOG_ARGS } from './binlog-args.ts';
import { type MariadbServer, mysqlClient, startMariadb } from './mariadb-server.ts';
import { type SluiceOptions, type SluiceServer, startSluice } from './sluice-server.ts';

export const IS_IN_FRONT = process.env.SLUICE_TEST_STORE === 'source';

export interface StoreOptions extends SluiceOptions {
  /** Tables whose lists are kept and live: before the embedded store all are, in front of a MariaDB those that are mirrored. */
  readonly mirror?: string;
}

export interface StoreUnderTest extends SluiceServer {
  /** After kill9(), with a data folder of the test's: on the same data and ports. A MariaDB lives on. */
  restart(): Promise<void>;
}

/** Stopping it stops the MariaDB behind it too. */
export async function startStoreUnderTest(options: StoreOptions = {}): Promise<StoreUnderTest> {
  if (!IS_IN_FRONT) return restartable(await startSluice(options), options, []);
  const [binlog, mirror] = options.mirror === undefined ? [[], []] : [BINLOG_ARGS, ['--mirror', options.mirror]];
  const mariadb = await startMariadb({ args: ['--max-allowed-packet=64M', ...binlog] });
  try {
    // That has it from the start.
    await mysqlClient(mariadb, 'CREATE DATABASE main');
    // The embedded store's limits are others.
    const limits = ['--max-result-rows', '0', '--max-dml-rows', '0'];
    const inFront = ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`, ...mirror, ...limits];
    const sluice = await startSluice({ ...options, args: [...inFront, ...(options.args ?? [])] });
    return restartable(sluice, options, inFront, mariadb);
  } catch (error) {
    await mariadb.stop();
    throw error;
  }
}

function restartable(
  first: SluiceServer,
  { dataDir }: StoreOptions,
  args: readonly string[],
  mariadb?: MariadbServer,
): StoreUnderTest {
  let server = first;
  const { mysqlPort, httpPort, redisPort } = first;
  return {
    ...first,
    get pid() {
      return server.pid;
    },
    get output() {
      return server.output;
    },
    get running() {
      return server.running;
    },
    childPids: () => server.childPids(),
    groupPids: () => server.groupPids(),
    kill9: (whom) => server.kill9(whom),
    async restart() {
      if (dataDir === undefined) throw new TypeError('only what has a data folder of the test can start anew');
      server = await startSluice({ dataDir, ports: { mysqlPort, httpPort, redisPort }, args });
    },
    async stop() {
      const code = server.running ? await server.stop() : null;
      await mariadb?.stop();
      return code;
    },
  };
}
