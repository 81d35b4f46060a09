/** Sluice in front of a MariaDB of its own. */
import { type MariadbOptions, type MariadbServer, startMariadb } from './mariadb-server.ts';
import { type SluiceOptions, type SluiceServer, startSluice } from './sluice-server.ts';

export interface InFront {
  readonly sluice: SluiceServer;
  readonly mariadb: MariadbServer;
  stop(): Promise<void>;
}

export async function startInFront(
  sluiceOptions: SluiceOptions = {},
  mariadbOptions: MariadbOptions = {},
): Promise<InFront> {
  const mariadb = await startMariadb(mariadbOptions);
  try {
    const source = ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`];
    const sluice = await startSluice({ ...sluiceOptions, args: [...source, ...(sluiceOptions.args ?? [])] });
    return {
      sluice,
      mariadb,
      async stop() {
        await sluice.stop();
        await mariadb.stop();
      },
    };
  } catch (error) {
    await mariadb.stop();
    throw error;
  }
}
