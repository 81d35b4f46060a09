/** The client over HTTP, to a real server. */
// By its path: its values must be those of the model's modules.
import { connect } from '../../../client/index.ts';
import { startSluice } from '../../support/sluice-server.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { KeyDriver, ModelKeys } from './model-driver.ts';

const CLIENTS = 2;

export async function openHttpDriver(): Promise<KeyDriver> {
  const data = makeTempDir('keys-http');
  let server = await startSluice({ dataDir: data.path });
  const { mysqlPort, httpPort } = server;
  // The same names; classes of its own stand for the results of find and watch.
  const keys = Array.from({ length: CLIENTS }, () => connect(server.httpUrl).keys as unknown as ModelKeys);
  return {
    name: 'http',
    keys,
    restart: async () => {
      await server.stop();
      server = await startSluice({ dataDir: data.path, ports: { mysqlPort, httpPort } });
    },
    close: async () => {
      await server.stop();
      data.remove();
    },
  };
}
