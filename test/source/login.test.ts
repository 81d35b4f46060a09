/** How Sluice logs in to its source: passwords and plugins, TLS, and what is told where it cannot. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_TLS } from '../../src/protocols/mysql/test-certificate.suite.ts';
import { SourceConnection } from '../../src/stores/mysql/connection.ts';
import { textTable } from '../../src/stores/mysql/rows.ts';
import { parseSourceAddress } from '../../src/util/source-address.ts';
import { TLS_OF_A_NAME, TLS_OF_ELSEWHERE } from '../support/certificates.ts';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { connectDriver, failureOf, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const dir = makeTempDir('login');
const file = (name: string): string => join(dir.path, name);
let mariadb: MariadbServer;
let direct: Connection;
/** With TLS and without. */
let secure: SluiceServer;
let plain: SluiceServer;

beforeAll(async () => {
  useCertificate(TEST_TLS);
  writeFileSync(file('own.crt'), TEST_TLS.cert);
  writeFileSync(file('own.key'), TEST_TLS.key);
  writeFileSync(file('elsewhere.crt'), TLS_OF_ELSEWHERE.cert);
  writeFileSync(file('name.crt'), TLS_OF_A_NAME.cert);
  // Of the password they know this alone: nothing but caching_sha2_password can prove it.
  const once = createHash('sha256').update('p@ss/w:rd?ü').digest();
  const hash = createHash('sha256').update(once).digest('hex');
  writeFileSync(file('users.toml'), `[[users]]\nname = "app"\npassword_hash = "${hash}"\n`);
  mariadb = await startMariadb({ args: [`--ssl-cert=${file('server.crt')}`, `--ssl-key=${file('server.key')}`] });
  direct = await connectDriver({ mysqlPort: mariadb.port });
  await direct.query("CREATE USER app IDENTIFIED BY 'p@ss/w:rd?ü'");
  await direct.query("CREATE USER late IDENTIFIED BY 'right'");
  await direct.query('CREATE USER empty');
  await direct.query('CREATE USER here IDENTIFIED VIA unix_socket');
  await direct.query("INSTALL SONAME 'auth_ed25519'");
  await direct.query("CREATE USER curve IDENTIFIED VIA ed25519 USING PASSWORD('p@ss/w:rd?ü')");
  await direct.query(`CREATE USER longest IDENTIFIED VIA ed25519 USING PASSWORD('${'long '.repeat(40)}')`);
  await direct.query("CREATE USER few IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 1");
  const users = ['--config', file('users.toml')];
  secure = await startSluice({ args: [...users, '--tls-cert', file('own.crt'), '--tls-key', file('own.key')] });
  plain = await startSluice({ args: users });
});

afterAll(async () => {
  await direct.end();
  await Promise.all([secure.stop(), plain.stop()]);
  await mariadb.stop();
  dir.remove();
});

function useCertificate({ key, cert }: { readonly key: string; readonly cert: string }): void {
  writeFileSync(file('server.crt'), cert);
  writeFileSync(file('server.key'), key);
}

const PASSWORD = encodeURIComponent('p@ss/w:rd?ü');

/** Logs in, and asks something. */
async function logIn(url: string): Promise<(string | null)[][]> {
  const connection = await SourceConnection.open(parseSourceAddress(url));
  try {
    const { results } = await connection.query('SELECT 1');
    return results[0] === undefined ? [] : textTable(results[0]);
  } finally {
    connection.end();
  }
}

describe('passwords', () => {
  it.each<[string, () => string]>([
    ['mysql_native_password', () => `app:${PASSWORD}@127.0.0.1:${mariadb.port}`],
    ['ed25519', () => `curve:${PASSWORD}@127.0.0.1:${mariadb.port}`],
    [
      'ed25519, of a long password',
      () => `longest:${encodeURIComponent('long '.repeat(40))}@127.0.0.1:${mariadb.port}`,
    ],
    ['none', () => `empty@127.0.0.1:${mariadb.port}`],
    ['caching_sha2_password', () => `app:${PASSWORD}@127.0.0.1:${plain.mysqlPort}`],
    ['caching_sha2_password over TLS', () => `app:${PASSWORD}@127.0.0.1:${secure.mysqlPort}/?tls=on`],
  ])('%s', async (_, url) => {
    expect(await logIn(`mysql://${url()}`)).toEqual([['1']]);
  });

  it.each<[string, () => string, RegExp]>([
    ['wrong', () => `app:no@127.0.0.1:${mariadb.port}`, /^Access denied for user 'app'@/],
    [
      "wrong, by caching_sha2_password, encrypted with the source's key",
      () => `app:no@127.0.0.1:${plain.mysqlPort}`,
      /^Access denied for user 'app'@/,
    ],
    [
      'wrong, by caching_sha2_password, within TLS',
      () => `app:no@127.0.0.1:${secure.mysqlPort}/?tls=on`,
      /^Access denied for user 'app'@/,
    ],
    ['of nobody', () => `nobody:x@127.0.0.1:${mariadb.port}`, /^Access denied for user 'nobody'@/],
    [
      'proven by a socket',
      () => `here@127.0.0.1:${mariadb.port}`,
      /plugin auth_socket, which Sluice does not know: give|Access denied for user 'here'@/,
    ],
    ['wrong, by ed25519', () => `curve:x@127.0.0.1:${mariadb.port}`, /^Access denied for user 'curve'@/],
  ])('%s: is told', async (_, url, message) => {
    await expect(logIn(`mysql://${url()}`)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('TLS', () => {
  const url = (options: string, host = '127.0.0.1'): string =>
    `mysql://app:${PASSWORD}@${host}:${mariadb.port}/?${options}`;
  const cipher = async (address: string): Promise<string | null | undefined> => {
    const connection = await SourceConnection.open(parseSourceAddress(address));
    const { results } = await connection.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    connection.end();
    return results[0] === undefined ? undefined : textTable(results[0])[0]?.[1];
  };

  it('off, on, and with a certificate that is looked at', async () => {
    expect(await cipher(url('tls=off'))).toBe('');
    expect(await cipher(url('tls=on'))).toMatch(/AES|CHACHA/);
    expect(await cipher(url(`tls=verify&ca=${file('own.crt')}`))).toMatch(/AES|CHACHA/);
    expect(await cipher(url(`tls=verify&ca=${file('own.crt')}`, 'localhost'))).toMatch(/AES|CHACHA/);
  });

  it.each<[string, { key: string; cert: string }, string, string, RegExp]>([
    ['of an authority that is not known', TEST_TLS, 'tls=verify', '127.0.0.1', /TLS: self-signed certificate/],
    ['of another authority', TEST_TLS, 'tls=verify&ca=elsewhere', '127.0.0.1', /TLS: self-signed certificate/],
    [
      'for another name',
      TLS_OF_ELSEWHERE,
      'tls=verify&ca=elsewhere',
      'localhost',
      /TLS: Hostname\/IP does not match .*elsewhere\.example/,
    ],
    [
      'for a name, where an address is asked for',
      TLS_OF_A_NAME,
      'tls=verify&ca=name',
      '127.0.0.1',
      /TLS: Hostname\/IP does not match .*127\.0\.0\.1/,
    ],
    ['and none to compare it with', TEST_TLS, 'tls=verify&ca=nothing', '127.0.0.1', /option ca cannot be read: ENOENT/],
  ])('a certificate %s', async (_, certificate, options, host, message) => {
    useCertificate(certificate);
    await direct.query('FLUSH SSL');
    const given = options.replace(/ca=(\w+)/, (_, name: string) => `ca=${file(`${name}.crt`)}`);
    await expect(logIn(url(given, host))).rejects.toMatchObject({
      errno: 1429,
      message: expect.stringMatching(message),
    });
    // Without looking at it, it is encrypted all the same.
    expect(await cipher(url('tls=on', host))).toMatch(/AES|CHACHA/);
  });

  it('that the source does not have', async () => {
    const address = `mysql://app:${PASSWORD}@127.0.0.1:${plain.mysqlPort}/?tls=on`;
    await expect(logIn(address)).rejects.toMatchObject({
      message: expect.stringContaining('offers no TLS, which the option tls asks for'),
    });
  });
});

describe('a source that refuses the login', () => {
  it('clients are told why, at once; readiness says no, and yes as soon as the password is right', async () => {
    const sluice = await startSluice({ args: ['--source', `mysql://late:wrong@127.0.0.1:${mariadb.port}/`] });
    try {
      const ready = async () => (await fetch(`${sluice.httpUrl}/readyz`)).status;
      expect(await ready()).toBe(503);
      expect(sluice.output).toMatch(/refuses Sluice's login: 1045 Access denied for user 'late'/);
      expect(sluice.output).not.toContain('wrong@');
      const client = await connectDriver(sluice);
      for (let i = 0; i < 3; i++) {
        const failure = await failureOf(client.query('SELECT 1'));
        expect(failure).toMatchObject({
          errno: 1429,
          message: expect.stringMatching(
            /cannot be reached: it refuses Sluice's login: 1045 Access denied for user 'late'/,
          ),
        });
      }
      await direct.query("ALTER USER late IDENTIFIED BY 'wrong'");
      await expect.poll(ready, { timeout: 60_000, interval: 200 }).toBe(200);
      expect(await singleValue(client, 'SELECT CURRENT_USER()')).toBe('late@%');
      await client.end();
    } finally {
      await sluice.stop();
    }
  });

  it("a user's own limit of connections is no absence", async () => {
    const sluice = await startSluice({ args: ['--source', `mysql://few:x@127.0.0.1:${mariadb.port}/`] });
    try {
      const client = await connectDriver(sluice);
      expect(await failureOf(client.query('SELECT 1'))).toMatchObject({ errno: 1226 });
      expect((await fetch(`${sluice.httpUrl}/readyz`)).status).toBe(200);
      await client.end();
    } finally {
      await sluice.stop();
    }
  });
});

it('Sluice in front of Sluice', async () => {
  const address = `mysql://app:${PASSWORD}@127.0.0.1:${secure.mysqlPort}/?tls=on`;
  const front = await startSluice({ args: ['--source', address] });
  try {
    const client = await connectDriver(front);
    await client.query('CREATE DATABASE twice');
    await client.query('USE twice');
    await client.query('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20))');
    await client.query("INSERT INTO t (name) VALUES ('a'), ('b')");
    await client.execute('UPDATE t SET name = ? WHERE id = ?', ['ü', 2]);
    await client.query('BEGIN');
    await client.query("UPDATE t SET name = 'x' WHERE name = 'a'");
    await client.query('ROLLBACK');
    const [rows] = await client.execute('SELECT * FROM t ORDER BY id');
    expect(rows).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'ü' },
    ]);
    await client.end();
  } finally {
    await front.stop();
  }
});
