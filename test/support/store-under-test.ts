/** Tests of clients run twice: before the embedded store, and in front of a MariaDB (the project "in-front" of vitest.config.ts). */
import { startInFront } from './in-front.ts';
import { mysqlClient } from './mariadb-server.ts';
import { type SluiceOptions, type SluiceServer, startSluice } from './sluice-server.ts';

export const IS_IN_FRONT = process.env.SLUICE_TEST_STORE === 'source';

/** Stopping it stops the MariaDB behind it too. */
export async function startStoreUnderTest(options: SluiceOptions = {}): Promise<SluiceServer> {
  if (!IS_IN_FRONT) return startSluice(options);
  // The embedded store's limits are others.
  const limits = ['--max-result-rows', '0', '--max-dml-rows', '0'];
  const args = [...limits, ...(options.args ?? [])];
  const { sluice, mariadb, stop } = await startInFront({ ...options, args }, { args: ['--max-allowed-packet=64M'] });
  // That has it from the start.
  await mysqlClient(mariadb, 'CREATE DATABASE main');
  return {
    ...sluice,
    get output() {
      return sluice.output;
    },
    get running() {
      return sluice.running;
    },
    async stop() {
      const code = sluice.running ? await sluice.stop() : null;
      await stop();
      return code;
    },
  };
}
