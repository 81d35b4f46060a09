import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestGate, TestSession } from '../testing.suite.ts';
import { passwordDigests, UserAccounts } from './user-accounts.ts';

let gate: TestGate;
let root: TestSession;

beforeEach(async () => {
  gate = new TestGate({ accounts: [{ name: 'root', password: 'r' }] });
  root = as('root');
  await root.execute('CREATE DATABASE shop');
  await root.execute('CREATE TABLE shop.t (id INT PRIMARY KEY)');
});

afterEach(() => gate.close());

function as(user: string): TestSession {
  return new TestSession(gate.gate.openSession({ user, host: '10.0.0.9', protocol: 'mysql' }));
}

async function grantsOf(user: string): Promise<string[]> {
  return (await root.rows(`SHOW GRANTS FOR '${user}'@'%'`)).map(([line]) =>
    (line ?? '').replace(` TO \`${user}\`@\`%\``, ''),
  );
}

async function rights(user: string): Promise<string> {
  const session = as(user);
  const may: string[] = [];
  if ((await session.errno('SELECT * FROM shop.t')) === 0) may.push('read');
  if ((await session.errno('DELETE FROM shop.t')) === 0) may.push('write');
  if ((await session.errno('ALTER TABLE shop.t COMMENT = "x"')) === 0) may.push('define');
  return may.join(' ');
}

describe('users made by statements', () => {
  test('log in with their password, until it is another one or they are gone', async () => {
    await root.execute(
      "CREATE USER app IDENTIFIED BY 'one', 'other'@'%' IDENTIFIED WITH caching_sha2_password BY 'two'",
    );
    expect(gate.gate.accounts.find('app', '10.0.0.9')).toMatchObject(passwordDigests('one'));
    expect(gate.gate.accounts.find('other', '10.0.0.9')).toMatchObject(passwordDigests('two'));
    await root.execute("ALTER USER app IDENTIFIED BY 'three'");
    expect(gate.gate.accounts.find('app', '10.0.0.9')).toMatchObject(passwordDigests('three'));
    await root.execute('DROP USER app, other');
    expect(gate.gate.accounts.find('app', '10.0.0.9')).toBeNull();
  });

  test('with a hash, and without a password from this machine only', async () => {
    await root.execute(
      "CREATE USER a IDENTIFIED WITH mysql_native_password AS '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
    );
    const { nativeHash } = gate.gate.accounts.find('a', '10.0.0.9') ?? {};
    expect(Buffer.from(nativeHash ?? [])).toEqual(passwordDigests('password').nativeHash);
    await root.execute('CREATE USER b');
    expect(gate.gate.accounts.find('b', '10.0.0.9')).toBeNull();
    expect(gate.gate.accounts.find('b', '127.0.0.1')).not.toBeNull();
  });

  test('are there again for who opens the store later', async () => {
    await root.execute("CREATE USER app IDENTIFIED BY 'one'");
    await root.execute('GRANT SELECT ON shop.* TO app');
    const rows = gate.store.readInline({ kind: 'read', sql: 'SELECT name, databases FROM "sluice.users"', params: [] });
    expect(rows).toEqual([['app', '{"shop":"reader"}']]);
    expect(await root.rows('SELECT name FROM sluice.users')).toEqual([['app']]);
  });

  test.each([
    ['CREATE USER root', 1210],
    ["CREATE USER app@'10.0.0.1'", 1235],
    ['CREATE USER app', 1396],
    ['CREATE USER IF NOT EXISTS app', 0],
    ['DROP USER nobody', 1396],
    ['DROP USER IF EXISTS nobody', 0],
    ["ALTER USER nobody IDENTIFIED BY 'x'", 1396],
    ["CREATE USER x IDENTIFIED WITH p AS 'nonsense'", 1210],
    ['CREATE USER x REQUIRE SSL', 1235],
    ['GRANT SELECT ON shop.* TO nobody', 1141],
    ['GRANT SELECT ON nothing.* TO app', 1049],
    ['GRANT SELECT ON shop.t TO app', 1235],
    ['GRANT INSERT ON shop.* TO app', 1235],
    ['GRANT SELECT (id) ON shop.* TO app', 1235],
    ['DELETE FROM sluice.users', 1288],
    ['DROP TABLE sluice.users', 3554],
  ])('%s gives %s', async (text, errno) => {
    await root.execute('CREATE USER app');
    expect(await root.errno(text)).toBe(errno);
  });
});

describe('GRANT and REVOKE', () => {
  beforeEach(() => root.execute("CREATE USER app IDENTIFIED BY 'a'"));

  test.each([
    [[], '', ['GRANT USAGE ON *.*']],
    [['GRANT SELECT ON shop.* TO app'], 'read', ['GRANT USAGE ON *.*', 'GRANT SELECT ON `shop`.*']],
    [['GRANT SELECT, INSERT, UPDATE, DELETE, LOCK TABLES ON shop.* TO app'], 'read write', undefined],
    [['GRANT ALL PRIVILEGES ON `shop`.* TO app'], 'read write define', undefined],
    [
      ['GRANT ALL ON *.* TO app WITH GRANT OPTION'],
      'read write define',
      ['GRANT ALL PRIVILEGES ON *.* WITH GRANT OPTION'],
    ],
    [['GRANT ALL ON shop.* TO app', 'GRANT SELECT ON shop.* TO app'], 'read write define', undefined],
    [['GRANT ALL ON shop.* TO app', 'REVOKE CREATE, ALTER, DROP, INDEX ON shop.* FROM app'], 'read write', undefined],
    [['GRANT ALL ON shop.* TO app', 'REVOKE INSERT, UPDATE, DELETE ON shop.* FROM app'], 'read', undefined],
    [['GRANT ALL ON shop.* TO app', 'REVOKE ALL PRIVILEGES ON shop.* FROM app'], '', ['GRANT USAGE ON *.*']],
    [['GRANT SELECT ON *.* TO app', 'REVOKE SELECT ON *.* FROM app'], '', undefined],
  ])('%j', async (statements, may, grants) => {
    for (const text of statements) await root.execute(text);
    expect(await rights('app')).toBe(may);
    if (grants !== undefined) expect(await grantsOf('app')).toEqual(grants);
  });

  test('are an administrator’s; one’s own grants anyone may see', async () => {
    const app = as('app');
    for (const text of ['CREATE USER x', 'GRANT ALL ON *.* TO app', 'DROP USER app', 'SHOW GRANTS FOR root'])
      expect(await app.errno(text)).toBe(1227);
    expect(await app.rows('SHOW GRANTS')).toEqual([['GRANT USAGE ON *.* TO `app`@`%`']]);
    expect(await app.errno('SELECT * FROM sluice.users')).toBe(1044);
    await root.execute('GRANT ALL ON sluice.* TO app');
    expect(await app.errno('SELECT * FROM sluice.users')).toBe(1142);
  });
});

describe('root without a configuration', () => {
  test('is let in from this machine until somebody makes a user of that name', () => {
    const accounts = new UserAccounts([]);
    expect(accounts.find('root', '127.0.0.1')).not.toBeNull();
    expect(accounts.find('root', '10.0.0.1')).toBeNull();
    const user = (name: string) => ({ name, digests: passwordDigests('x'), privileges: accounts.privilegesOf('root') });
    accounts.replaceStored([user('app')]);
    expect(accounts.find('root', '127.0.0.1')).toMatchObject({ sha2Hash: null });
    accounts.replaceStored([user('root')]);
    expect(accounts.find('root', '127.0.0.1')).toMatchObject(passwordDigests('x'));
  });
});
