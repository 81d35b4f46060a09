/**
 * Composition root of the server: opens everything in order (store, gate, protocols), closes it in reverse. Nothing else knows all the parts.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { loadDemo } from './demo/load.ts';
import { LocalGate } from './gate/gate.ts';
import { openStore } from './processes/open-store.ts';
import { HttpServer } from './protocols/http/server.ts';
import { MysqlServer } from './protocols/mysql/server.ts';
import { VariableStore } from './sql/variables/variable-store.ts';
import { MYSQL_VERSION, SLUICE_VERSION } from './version.ts';

export interface RunningServer {
  /** Of the protocols that listen. */
  readonly ports: { readonly mysql?: number; readonly http?: number };
  /** Lets running statements finish, then closes; safe to call twice. */
  close(): Promise<void>;
}

/** Throws what keeps it from starting: the directory is in use, the file is of a later format, a port is taken. */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const store = await openStore({ directory: config.data, synchronous: config.synchronous, readers: config.readers });
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
      log,
    });
    opened.push(gate);
    if (config.demo) await loadDemo(gate);
    const mysql = config.mysqlPort === 0 ? undefined : await openMysql(config, gate, log, opened);
    const http = config.httpPort === 0 ? undefined : await openHttp(config, gate, opened);
    return { ports: { ...(mysql !== undefined && { mysql }), ...(http !== undefined && { http }) }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openMysql(
  config: Config,
  gate: LocalGate,
  log: Logger,
  opened: { close(): Promise<void> | void }[],
): Promise<number> {
  const tls =
    config.mysqlTls === null
      ? null
      : {
          key: await readFile(config.mysqlTls.keyFile, 'utf8'),
          cert: await readFile(config.mysqlTls.certFile, 'utf8'),
        };
  const server = new MysqlServer(gate, {
    serverVersion: MYSQL_VERSION,
    nextConnectionId: () => gate.nextConnectionId(),
    onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the MySQL protocol'),
    ...(tls !== null && { tls }),
  });
  opened.push(server);
  return server.listen(config.mysqlPort, config.host);
}

async function openHttp(config: Config, gate: LocalGate, opened: { close(): Promise<void> | void }[]): Promise<number> {
  const server = new HttpServer(gate);
  opened.push(server);
  return server.listen(config.httpPort, config.host);
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
    sluice_readers: config.readers,
    sluice_synchronous: config.synchronous,
    sluice_tcsql_table: config.tcsqlTable,
  };
}
