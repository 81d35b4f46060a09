import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, didYouMean, isLoopback, resolveConfig } from './config.ts';

interface Given {
  readonly flags?: Readonly<Record<string, string | boolean>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: Readonly<Record<string, unknown>>;
}

function config({ flags = {}, environment = {}, file }: Given = {}) {
  return resolveConfig({
    flags: new Map(Object.entries(flags)),
    environment,
    file: file === undefined ? null : { name: 'sluice.toml', values: file },
  });
}

const SOURCE = { source: 'mysql://root@127.0.0.1:3306/' };
const ROOT = { name: 'root', password: 'secret' };

describe('options', () => {
  it('have the defaults of the command line', () => {
    expect(config()).toMatchObject({
      data: resolve('data'),
      host: '127.0.0.1',
      mysqlPort: 3307,
      httpPort: 3888,
      redisPort: 6380,
      jsonPort: 0,
      jsonKeepAlive: true,
      demo: false,
      demoTraffic: 1,
      logLevel: 'info',
      source: null,
      synchronous: 'FULL',
      tcsqlTable: 'main.feed',
      mysqlTls: null,
      users: [],
    });
    expect(Object.isFrozen(config())).toBe(true);
  });

  it('are taken from the flag, then the environment, then the file', () => {
    const file = { mysql_port: 1, http_port: 1001, readers: 1 };
    const environment = { SLUICE_MYSQL_PORT: '2', SLUICE_HTTP_PORT: '2002' };
    expect(config({ flags: { 'mysql-port': '3' }, environment, file })).toMatchObject({
      mysqlPort: 3,
      httpPort: 2002,
      readers: 1,
    });
  });

  it('of the gate are told apart from defaults, for a gate whose defaults are others', () => {
    const given = config({ flags: { 'max-dml-rows': '7' }, environment: { SLUICE_QUERY_TIMEOUT: '5' } });
    expect(given.gateGiven).toEqual({ sluice_max_dml_rows: 7, sluice_query_timeout: 5 });
    expect(given.gate).toMatchObject({ sluice_max_dml_rows: 7, sluice_query_timeout: 5, sluice_consolidation: 1 });
  });

  it.each([
    ['--readers: it has no effect in front of a MySQL server; leave it out', { readers: '2' }],
    [
      '--lists-memory-bytes: it has no effect in front of a MySQL server; leave it out',
      { 'lists-memory-bytes': '1048576' },
    ],
    ['--synchronous: it has no effect in front of a MySQL server; leave it out', { synchronous: 'FULL' }],
    ['--write-queue: it has no effect in front of a MySQL server; leave it out', { 'write-queue': '2' }],
    [
      '--transaction-wait-ms: "0" is not a whole number from 1 to 3600000, in front of a MySQL server',
      { 'transaction-wait-ms': '0' },
    ],
  ])('%s', (message, flags) => {
    expect(() => config({ flags })).not.toThrow();
    expect(() => config({ flags: { ...flags, source: 'mysql://root@127.0.0.1:3306/' } })).toThrow(
      new ConfigError(message),
    );
  });

  it('may be written as their kind allows', () => {
    expect(
      config({
        flags: { demo: true, 'log-level': 'WARN', synchronous: 'normal' },
        environment: { SLUICE_REDIS_PORT: '0', SLUICE_PORT: 'tcp://10.0.0.1:3307' },
        file: { tcsql_table: 'shop.sns_feed', mysql_tls_cert: 'c.pem', mysql_tls_key: '/k.pem', json_port: 0 },
      }),
    ).toMatchObject({
      demo: true,
      logLevel: 'warn',
      source: null,
      synchronous: 'NORMAL',
      tcsqlTable: 'shop.sns_feed',
      mysqlTls: { certFile: resolve('c.pem'), keyFile: '/k.pem' },
    });
    expect(config({ environment: { SLUICE_DEMO: '1' } }).demo).toBe(true);
  });

  it('mirrors the tables that are named, with a store of its own', () => {
    const mirror = [
      { database: 'shop', table: 'users' },
      { database: 'shop', table: 'sns_feed' },
    ];
    const given = { ...SOURCE, 'lists-memory-bytes': '2000000', readers: '1', 'mirror-freshness': 'STREAM' };
    expect(config({ flags: { ...given, mirror: 'shop.users, shop.sns_feed' } })).toMatchObject({
      mirror,
      listsMemoryBytes: 2_000_000,
      gateGiven: { sluice_mirror_freshness: 'stream' },
    });
    expect(config({ flags: SOURCE, file: { mirror: ['shop.users', 'shop.sns_feed'] } }).mirror).toEqual(mirror);
    expect(config({ flags: SOURCE, environment: { SLUICE_MIRROR: 'shop.users,shop.sns_feed' } }).mirror).toEqual(
      mirror,
    );
    expect(config({ flags: SOURCE }).mirror).toEqual([]);
  });

  it.each<[string, Given]>([
    ['--mysql-port: "33o7" is not a whole number from 0 to 65535', { flags: { 'mysql-port': '33o7' } }],
    ['SLUICE_HTTP_PORT: "70000" is not a whole number from 0 to 65535', { environment: { SLUICE_HTTP_PORT: '70000' } }],
    ['mysql_port in sluice.toml: 1.5 is not a whole number from 0 to 65535', { file: { mysql_port: 1.5 } }],
    ['mysqlport in sluice.toml: there is no such option; did you mean mysql_port?', { file: { mysqlport: 1 } }],
    ['--readers: "0" is not a whole number from 1 to 64', { flags: { readers: '0' } }],
    [
      '--log-level: "loud" is none of trace, debug, info, warn, error, fatal, silent',
      { flags: { 'log-level': 'loud' } },
    ],
    ['demo in sluice.toml: "maybe" is neither true nor false', { file: { demo: 'maybe' } }],
    ['--data: needs a value', { flags: { data: '' } }],
    ['--tcsql-table: "feed" is not database.table', { flags: { 'tcsql-table': 'feed' } }],
    [
      'http-port and json-port are both 3888: each needs its own port',
      { flags: { 'json-port': '3888', 'http-port': '3888' } },
    ],
    ['--source: write it as mysql://user:password@host:port/', { flags: { source: 'localhost:3306' } }],
    ['mirror in sluice.toml: it is about a source, and there is no --source', { file: { mirror: ['shop.users'] } }],
    ['--mirror: "shop" is not database.table', { flags: { ...SOURCE, mirror: 'shop.users,shop' } }],
    ['--mirror: needs a value', { flags: { ...SOURCE, mirror: '' } }],
    ['--mirror: shop.users is given twice', { flags: { ...SOURCE, mirror: 'shop.users,shop.users' } }],
    ['--mirror: "shop.*": tables are named one by one', { flags: { ...SOURCE, mirror: 'shop.*' } }],
    ['--mirror-freshness: "old" is none of source, stream', { flags: { ...SOURCE, 'mirror-freshness': 'old' } }],
    [
      '--mirror-freshness: it is about mirrored tables, and there is no --mirror',
      { flags: { ...SOURCE, 'mirror-freshness': 'stream' } },
    ],
    [
      'SLUICE_MIRROR_FRESHNESS: it is about a source, and there is no --source',
      { environment: { SLUICE_MIRROR_FRESHNESS: 'source' } },
    ],
    [
      'all ports are 0: there is nothing to serve',
      { flags: { 'mysql-port': '0', 'http-port': '0', 'redis-port': '0' } },
    ],
    ['mysql-port and http-port are both 3888: each needs its own port', { flags: { 'mysql-port': '3888' } }],
    ['http-port and redis-port are both 3888: each needs its own port', { flags: { 'redis-port': '3888' } }],
    ['--pool-size: it is about a source, and there is no --source', { flags: { 'pool-size': '4' } }],
    [
      'transaction_cap in sluice.toml: it is about a source, and there is no --source',
      { file: { transaction_cap: 4 } },
    ],
    ['mysql-tls-cert is given without mysql-tls-key', { flags: { 'mysql-tls-cert': 'c.pem' } }],
    ['users in sluice.toml: write each user as a table of its own, [[users]]', { file: { users: 'root' } }],
    [
      'users in sluice.toml, number 1: a user has no passwort; did you mean password?',
      { file: { users: [{ passwort: '' }] } },
    ],
    [
      'users in sluice.toml, number 1: name must be a text of 1 to 32 characters',
      { file: { users: [{ password: '' }] } },
    ],
    ['users in sluice.toml: root is there twice', { file: { users: [ROOT, ROOT] } }],
    [
      'users in sluice.toml, number 1: role must be one of reader, writer, admin',
      { file: { users: [{ ...ROOT, role: 'owner' }] } },
    ],
    [
      'users in sluice.toml, number 1: role is missing: what the user may do in databases',
      { file: { users: [{ ...ROOT, databases: ['shop'] }] } },
    ],
    [
      'users in sluice.toml, number 1: password and password_hash are both given: one is enough',
      { file: { users: [{ ...ROOT, password_hash: 'a'.repeat(64) }] } },
    ],
    [
      'users in sluice.toml, number 1: password_hash must be * and 40 hexadecimal digits, or 64 of them',
      { file: { users: [{ name: 'root', password_hash: '*123' }] } },
    ],
    ['rules in sluice.toml: write each as a table of its own, [[rules]]', { file: { rules: 'none' } }],
    ['--max-dml-rows: "-1" is not a whole number from 0 to 4294967295', { flags: { 'max-dml-rows': '-1' } }],
    ['tls-key is given without tls-cert', { flags: { 'tls-key': 'k.pem' } }],
  ])('%s', (message, given) => {
    expect(() => config(given)).toThrow(new ConfigError(message));
  });
});

describe('access from other machines', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.2', false],
    ['127.0.0.1.example.org', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  it('needs a user with a password', () => {
    const flags = { host: '0.0.0.0' };
    expect(() => config({ flags })).toThrow(
      /^host 0\.0\.0\.0 can be reached from other machines, and no user has a password/,
    );
    expect(() => config({ flags, file: { users: [{ name: 'root', password: '' }] } })).toThrow(
      /no user has a password/,
    );
    expect(config({ flags, file: { users: [ROOT] } }).users).toEqual([ROOT]);
  });
});

describe('didYouMean', () => {
  it.each([
    ['hots', ['host', 'data'], '; did you mean host?'],
    ['port', ['mysql_port'], ''],
    ['verbose', ['host'], ''],
  ])('%s among %o: %j', (given, candidates, expected) => {
    expect(didYouMean(given, candidates)).toBe(expected);
  });
});
