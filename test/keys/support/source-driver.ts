/** The client over HTTP, to a server in front of a MariaDB. */
// By its path: its values must be those of the model's modules.
import { connect } from '../../../client/index.ts';
import { startMariadb } from '../../support/mariadb-server.ts';
import { startSluice } from '../../support/sluice-server.ts';
import type { KeyDriver, ModelKeys } from './model-driver.ts';

const CLIENTS = 2;

export async function openSourceDriver(): Promise<KeyDriver> {
  const mariadb = await startMariadb({ args: ['--max-allowed-packet=64M'] });
  const args = ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`];
  let server = await startSluice({ args });
  const { mysqlPort, httpPort } = server;
  const keys = Array.from({ length: CLIENTS }, () => connect(server.httpUrl).keys as unknown as ModelKeys);
  return {
    name: 'source',
    keys,
    restart: async () => {
      await server.stop();
      server = await startSluice({ args, ports: { mysqlPort, httpPort } });
    },
    close: async () => {
      await server.stop();
      await mariadb.stop();
    },
  };
}
