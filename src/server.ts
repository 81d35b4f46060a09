/**
 * Composition root of the server: opens everything in order (store, gate, protocols), closes it in reverse. Nothing else knows all the parts.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Config, ConfigError } from './config.ts';
import type { TrafficOptions } from './demo/traffic.ts';
import type { LocalGate } from './gate/gate.ts';
import type { Gate } from './gate/request.ts';
import type { SourceGate } from './gate/source/gate.ts';
import { openStore } from './processes/open-store.ts';
import type { HttpServerOptions } from './protocols/http/server.ts';
import type { JsonServerOptions } from './protocols/json/server.ts';
import type { MysqlServerOptions } from './protocols/mysql/server.ts';
import type { RedisServerOptions } from './protocols/redis/server.ts';
import type { TlsKeys } from './util/socket-server.ts';
import type { SourceAddress } from './util/source-address.ts';
import { MYSQL_VERSION, SLUICE_VERSION } from './version.ts';

export interface RunningServer {
  /** Of the protocols that listen. */
  readonly ports: { readonly mysql?: number; readonly http?: number; readonly json?: number; readonly redis?: number };
  /** After log files were moved away. */
  reopenLogs(): void;
  /** Takes users, rules and table access of `config`, all or none of them: throws what is wrong. */
  reload(config: Config): void;
  /** Lets running statements finish, then closes; safe to call twice. */
  close(): Promise<void>;
}

/**
 * `readAgain`: the configuration as its files have it now. Throws what keeps it from starting: the directory is in use, the file is of a later format, a port is
 * taken.
 */
export function startServer(
  config: Config,
  log: Logger,
  readAgain: () => Promise<Config> = () => Promise.resolve(config),
): Promise<RunningServer> {
  return config.source === null
    ? startEmbedded(config, log, readAgain)
    : startInFront(config, config.source, log, readAgain);
}

/** In front of a MySQL server. Starts also while that is away: /readyz tells. */
async function startInFront(
  config: Config,
  address: SourceAddress,
  log: Logger,
  readAgain: () => Promise<Config>,
): Promise<RunningServer> {
  const [{ SourceGate }, { sourceOperations }, protocols] = await Promise.all([
    import('./gate/source/gate.ts'),
    import('./gate/source/operations.ts'),
    loadProtocols(config),
  ]);
  const mirror = config.mirror.length === 0 ? null : await openMirrorOf(config, address, log);
  const gate = new SourceGate({
    address,
    variables: variablesInFront(config),
    accounts: config.users,
    tcsqlTable: config.tcsqlTable,
    queryLog: config.queryLog,
    logValues: config.logValues,
    transactionLog: config.transactionLog,
    log,
  });
  const { opened, close } = openParts([...(mirror === null ? [] : [mirror.store]), gate]);
  try {
    await checkLogs(gate);
    gate.protection.configure(config.rules, config.tableAccess);
    await gate.start();
    if (config.demo) await (await import('./demo/load.ts')).loadDemoAtSource(gate);
    if (mirror !== null) {
      gate.useMirror({ ...mirror, tables: config.mirror, memoryBytes: config.listsMemoryBytes });
      opened.push(mirror.mirror);
      await mirror.mirror.start();
    }
    const operations = sourceOperations(gate, () => readAndReload(gate, readAgain));
    const mysql = { ...(await mysqlOptions(config, gate, log)), serverVersion: gate.serverVersion };
    const tls = await allPortsTls(config);
    const http = { operations, isReady: () => gate.isReady, ...tls };
    const options = {
      mysql,
      http,
      json: { ...jsonOptions(jsonSettingsInFront(gate), log), ...tls },
      redis: redisOptions(tls, log),
    };
    const ports = await openPorts(config, gate, protocols, options, opened);
    if (config.demo && config.demoTraffic > 0) {
      const columns = () => gate.source.schema.table('main', 'feed')?.columns ?? [];
      opened.push(await startTraffic(gate, config, columns, log));
    }
    return { ports, close, reload: (again) => reload(gate, again), reopenLogs: () => gate.protection.reopenLogs() };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Not started yet. */
async function openMirrorOf({ data, readers, mirror: tables }: Config, address: SourceAddress, log: Logger) {
  const { openMirror } = await import('./processes/open-mirror.ts');
  return openMirror({ directory: join(data, 'mirror'), readers, address, tables, log });
}

/** What its options set. */
function variablesInFront(config: Config): Record<string, string | number> {
  return {
    sluice_version: SLUICE_VERSION,
    sluice_http_port: config.httpPort,
    sluice_json_port: config.jsonPort,
    sluice_tcsql_table: config.tcsqlTable,
    sluice_json_keep_alive: config.jsonKeepAlive ? 1 : 0,
    ...config.gateGiven,
  };
}

async function startEmbedded(config: Config, log: Logger, readAgain: () => Promise<Config>): Promise<RunningServer> {
  // The writer process starts while this one loads the rest of its code: on two cores that is half of the time.
  const opening = openStore({ directory: config.data, synchronous: config.synchronous, readers: config.readers });
  opening.catch(() => undefined);
  const [{ LocalGate }, { embeddedOperations }, { VariableStore }, protocols] = await Promise.all([
    import('./gate/gate.ts'),
    import('./gate/embedded-operations.ts'),
    import('./sql/variables/variable-store.ts'),
    loadProtocols(config),
  ]);
  const store = await opening;
  const { opened, close } = openParts([store]);
  try {
    const gate = new LocalGate({
      store,
      variables: new VariableStore(facts(config)),
      accounts: config.users,
      queryLog: config.queryLog,
      logValues: config.logValues,
      transactionLog: config.transactionLog,
      tcsqlTable: config.tcsqlTable,
      listsMemoryBytes: config.listsMemoryBytes,
      log,
    });
    opened.push(gate);
    await checkLogs(gate);
    gate.protection.configure(config.rules, config.tableAccess);
    if (config.demo) await (await import('./demo/load.ts')).loadDemo(gate);
    const operations = embeddedOperations(gate, () => readAndReload(gate, readAgain));
    const tls = await allPortsTls(config);
    const options = {
      mysql: await mysqlOptions(config, gate, log),
      http: { operations, ...tls },
      json: { ...jsonOptions(jsonSettings(gate), log), ...tls },
      redis: redisOptions(tls, log),
    };
    const ports = await openPorts(config, gate, protocols, options, opened);
    if (config.demo && config.demoTraffic > 0) {
      const columns = () => gate.store.catalog.table('main', 'feed')?.columns ?? [];
      opened.push(await startTraffic(gate, config, columns, log));
    }
    return { ports, close, reload: (again) => reload(gate, again), reopenLogs: () => gate.protection.reopenLogs() };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Of the demo, which has columns. */
async function startTraffic(
  gate: Gate,
  { demoTraffic: perSecond }: Config,
  columns: TrafficOptions['columns'],
  log: Logger,
): Promise<Part> {
  const { DemoTraffic } = await import('./demo/traffic.ts');
  const traffic = new DemoTraffic(gate, { perSecond, columns, log });
  traffic.start();
  return traffic;
}

interface Part {
  close(): Promise<void> | void;
}

/** What has been opened, and what closes it in reverse. */
function openParts(first: Part[]): { opened: Part[]; close: () => Promise<void> } {
  const opened = first;
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  return { opened, close };
}

/** The code of those protocols that have a port. */
async function loadProtocols(config: Config) {
  const [http, mysql, json, redis] = await Promise.all([
    config.httpPort === 0 ? null : import('./protocols/http/server.ts'),
    config.mysqlPort === 0 ? null : import('./protocols/mysql/server.ts'),
    config.jsonPort === 0 ? null : import('./protocols/json/server.ts'),
    config.redisPort === 0 ? null : import('./protocols/redis/server.ts'),
  ]);
  return { http, mysql, json, redis };
}

interface PortOptions {
  readonly mysql: MysqlServerOptions;
  readonly http: HttpServerOptions;
  readonly json: JsonServerOptions;
  readonly redis: RedisServerOptions;
}

async function openPorts(
  config: Config,
  gate: Gate,
  { http, mysql, json, redis }: Awaited<ReturnType<typeof loadProtocols>>,
  options: PortOptions,
  opened: Part[],
): Promise<RunningServer['ports']> {
  const ports: { mysql?: number; http?: number; json?: number; redis?: number } = {};
  if (mysql !== null) {
    const server = new mysql.MysqlServer(gate, options.mysql);
    opened.push(server);
    ports.mysql = await server.listen(config.mysqlPort, config.host);
  }
  if (http !== null) {
    const server = new http.HttpServer(gate, options.http);
    opened.push(server);
    ports.http = await server.listen(config.httpPort, config.host);
  }
  if (json !== null) {
    const server = new json.JsonServer(gate, options.json);
    opened.push(server);
    ports.json = await server.listen(config.jsonPort, config.host);
  }
  if (redis !== null) {
    const server = new redis.RedisServer(gate, options.redis);
    opened.push(server);
    ports.redis = await server.listen(config.redisPort, config.host);
  }
  return ports;
}

async function mysqlOptions(
  config: Config,
  gate: Pick<LocalGate, 'nextConnectionId'>,
  log: Logger,
): Promise<MysqlServerOptions> {
  const tls = config.mysqlTls ?? config.tls;
  return {
    serverVersion: MYSQL_VERSION,
    nextConnectionId: () => gate.nextConnectionId(),
    onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the MySQL protocol'),
    ...(tls !== null && { tls: await readTls(tls) }),
  };
}

interface PortTls {
  readonly tls?: TlsKeys;
}

async function allPortsTls({ tls }: Config): Promise<PortTls> {
  return tls === null ? {} : { tls: await readTls(tls) };
}

function redisOptions(tls: PortTls, log: Logger): RedisServerOptions {
  return {
    serverVersion: SLUICE_VERSION,
    onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the Redis protocol'),
    ...tls,
  };
}

async function readTls({ keyFile, certFile }: NonNullable<Config['tls']>): Promise<TlsKeys> {
  return { key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') };
}

type JsonSettings = Required<Pick<JsonServerOptions, 'keepAlive' | 'signTimeoutSeconds'>>;

/** Asked each time: they are changed while it runs. */
function jsonSettings({ variables }: LocalGate): JsonSettings {
  return {
    keepAlive: () => variables.get('sluice_json_keep_alive') === 1,
    signTimeoutSeconds: () => Number(variables.get('sluice_json_sign_timeout')),
  };
}

function jsonSettingsInFront({ limits }: SourceGate): JsonSettings {
  return { keepAlive: () => limits.jsonKeepAlive === 1, signTimeoutSeconds: () => limits.jsonSignTimeoutMs / 1_000 };
}

function jsonOptions(settings: JsonSettings, log: Logger): JsonServerOptions {
  return {
    ...settings,
    onUnexpectedError: (error) => log.error({ err: error }, 'unexpected failure in the JSON protocol'),
  };
}

function reload(gate: LocalGate | SourceGate, config: Config): void {
  gate.protection.configure(config.rules, config.tableAccess);
  gate.accounts.replaceConfigured(config.users);
}

/** Throws ConfigError: a log that was asked for and is not there is missed only when it is needed. */
async function checkLogs({ protection: { queryLog, transactionLog } }: LocalGate | SourceGate): Promise<void> {
  const check = async (name: string, opened: Promise<void>): Promise<void> => {
    try {
      await opened;
    } catch (error) {
      throw new ConfigError(`${name}: it cannot be written: ${(error as Error).message}`);
    }
  };
  await Promise.all([check('query-log', queryLog.opened()), check('transaction-log', transactionLog.opened())]);
}

/** Log files are opened anew whatever the others hold: what rotates them needs it. */
async function readAndReload(gate: LocalGate | SourceGate, readAgain: () => Promise<Config>): Promise<void> {
  gate.protection.reopenLogs();
  reload(gate, await readAgain());
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
    ...config.gate,
  };
}
