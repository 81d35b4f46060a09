/**
 * Composition root of the server: opens everything in order (store, gate, protocols), closes it in reverse. Nothing else knows all the parts.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { LocalGate } from './gate/gate.ts';
import { openStore } from './processes/open-store.ts';
import type { JsonServerOptions } from './protocols/json/server.ts';
import type { MysqlServerOptions } from './protocols/mysql/server.ts';
import type { SourceAddress } from './util/source-address.ts';
import { MYSQL_VERSION, SLUICE_VERSION } from './version.ts';

export interface RunningServer {
  /** Of the protocols that listen. */
  readonly ports: { readonly mysql?: number; readonly http?: number; readonly json?: number; readonly redis?: number };
  /** Lets running statements finish, then closes; safe to call twice. */
  close(): Promise<void>;
}

/** Throws what keeps it from starting: the directory is in use, the file is of a later format, a port is taken. */
export function startServer(config: Config, log: Logger): Promise<RunningServer> {
  return config.source === null ? startEmbedded(config, log) : startInFront(config, config.source, log);
}

/** In front of a MySQL server. Starts also while that is away: /readyz tells. */
async function startInFront(config: Config, address: SourceAddress, log: Logger): Promise<RunningServer> {
  const [{ SourceGate }, http, mysql] = await Promise.all([
    import('./gate/source/gate.ts'),
    config.httpPort === 0 ? null : import('./protocols/http/server.ts'),
    config.mysqlPort === 0 ? null : import('./protocols/mysql/server.ts'),
  ]);
  const { poolSize, streamPoolSize, transactionCap, reservedCap } = config;
  const limits = { poolSize, streamPoolSize, transactionCap, reservedCap };
  const gate = new SourceGate({ address, limits, accounts: config.users, log });
  const opened: { close(): Promise<void> | void }[] = [gate];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    await gate.start();
    const ports: { mysql?: number; http?: number } = {};
    if (mysql !== null) {
      const options = await mysqlOptions(config, gate, log);
      const server = new mysql.MysqlServer(gate, { ...options, serverVersion: gate.serverVersion });
      opened.push(server);
      ports.mysql = await server.listen(config.mysqlPort, config.host);
    }
    if (http !== null) {
      const server = new http.HttpServer(gate, { isReady: () => gate.isReady });
      opened.push(server);
      ports.http = await server.listen(config.httpPort, config.host);
    }
    return { ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startEmbedded(config: Config, log: Logger): Promise<RunningServer> {
  // The writer process starts while this one loads the rest of its code: on two cores that is half of the time.
  const opening = openStore({ directory: config.data, synchronous: config.synchronous, readers: config.readers });
  opening.catch(() => undefined);
  const [{ LocalGate }, { VariableStore }, http, mysql, json, redis] = await Promise.all([
    import('./gate/gate.ts'),
    import('./sql/variables/variable-store.ts'),
    config.httpPort === 0 ? null : import('./protocols/http/server.ts'),
    config.mysqlPort === 0 ? null : import('./protocols/mysql/server.ts'),
    config.jsonPort === 0 ? null : import('./protocols/json/server.ts'),
    config.redisPort === 0 ? null : import('./protocols/redis/server.ts'),
  ]);
  const store = await opening;
  const opened: { close(): Promise<void> | void }[] = [store];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    const gate = new LocalGate({
      store,
      variables: new VariableStore(facts(config)),
      accounts: config.users,
      tcsqlTable: config.tcsqlTable,
      listsMemoryBytes: config.listsMemoryBytes,
      log,
    });
    opened.push(gate);
    if (config.demo) await (await import('./demo/load.ts')).loadDemo(gate);
    const ports: { mysql?: number; http?: number; json?: number; redis?: number } = {};
    if (mysql !== null) {
      const server = new mysql.MysqlServer(gate, await mysqlOptions(config, gate, log));
      opened.push(server);
      ports.mysql = await server.listen(config.mysqlPort, config.host);
    }
    if (http !== null) {
      const server = new http.HttpServer(gate);
      opened.push(server);
      ports.http = await server.listen(config.httpPort, config.host);
    }
    if (json !== null) {
      const server = new json.JsonServer(gate, jsonOptions(gate, log));
      opened.push(server);
      ports.json = await server.listen(config.jsonPort, config.host);
    }
    if (redis !== null) {
      const server = new redis.RedisServer(gate, {
        serverVersion: SLUICE_VERSION,
        onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the Redis protocol'),
      });
      opened.push(server);
      ports.redis = await server.listen(config.redisPort, config.host);
    }
    if (config.demo && config.demoTraffic > 0) {
      const { DemoTraffic } = await import('./demo/traffic.ts');
      const traffic = new DemoTraffic(gate, { perSecond: config.demoTraffic, log });
      opened.push(traffic);
      traffic.start();
    }
    return { ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function mysqlOptions(
  config: Config,
  gate: Pick<LocalGate, 'nextConnectionId'>,
  log: Logger,
): Promise<MysqlServerOptions> {
  const tls = config.mysqlTls;
  return {
    serverVersion: MYSQL_VERSION,
    nextConnectionId: () => gate.nextConnectionId(),
    onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the MySQL protocol'),
    ...(tls !== null && {
      tls: { key: await readFile(tls.keyFile, 'utf8'), cert: await readFile(tls.certFile, 'utf8') },
    }),
  };
}

function jsonOptions({ variables }: LocalGate, log: Logger): JsonServerOptions {
  return {
    keepAlive: () => variables.get('sluice_json_keep_alive') === 1,
    signTimeoutSeconds: () => Number(variables.get('sluice_json_sign_timeout')),
    onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the JSON protocol'),
  };
}

/** What this server's variables say about it. */
function facts(config: Config): Record<string, string | number> {
  return {
    version: MYSQL_VERSION,
    hostname: hostname(),
    port: config.mysqlPort,
    datadir: `${config.data}/`,
    server_uuid: randomUUID(),
    sluice_version: SLUICE_VERSION,
    sluice_data: config.data,
    sluice_http_port: config.httpPort,
    sluice_json_keep_alive: config.jsonKeepAlive ? 1 : 0,
    sluice_json_port: config.jsonPort,
    sluice_readers: config.readers,
    sluice_synchronous: config.synchronous,
    sluice_tcsql_table: config.tcsqlTable,
  };
}
