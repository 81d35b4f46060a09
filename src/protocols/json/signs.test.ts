/** Who is logged in, and for how long. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserAccounts } from '../../gate/accounts/user-accounts.ts';
import { TestGate } from '../../gate/testing.suite.ts';
import { MAX_JSON_SIGNS_PER_USER } from '../../limits.ts';
import { Signs } from './signs.ts';

const HOST = '10.0.0.1';
let server: TestGate;
let signs: Signs;
let now: number;
let idleSeconds: number;
let accounts: UserAccounts;

beforeEach(() => {
  accounts = new UserAccounts([
    { name: 'root', password: 'secret' },
    { name: 'app', password: 'other' },
  ]);
  server = new TestGate({ accounts: ['root', 'app', 'new'].map((name) => ({ name, password: 'secret' })) });
  now = 1_000_000;
  idleSeconds = 10;
  const gate = {
    openSession: server.gate.openSession.bind(server.gate),
    kill: server.gate.kill.bind(server.gate),
    accounts: { find: (user: string, host: string) => accounts.find(user, host) },
  };
  signs = new Signs(
    gate,
    () => idleSeconds,
    () => now,
  );
});
afterEach(async () => {
  signs.close();
  await server.close();
});

const login = (user = 'root', password = 'secret'): string => signs.login(user, password, HOST, 'main');
const unknown = { code: 'SLUICE_UNKNOWN_SIGN' };

describe('signs', () => {
  it('are 96 random hexadecimal digits', () => {
    const all = Array.from({ length: 100 }, () => login());
    expect(all.every((sign) => /^[0-9a-f]{96}$/.test(sign))).toBe(true);
    expect(new Set(all).size).toBe(100);
  });

  it.each([
    ['root', 'wrong'],
    ['root', ''],
    ['nobody', 'secret'],
  ])('are not given to %s with %j', (user, password) => {
    expect(() => login(user, password)).toThrow(expect.objectContaining({ errno: 1045 }));
    expect(signs.size).toBe(0);
  });

  it('name their user, in one session', async () => {
    const sign = login('app', 'other');
    const first = await signs.lease(sign, HOST);
    expect(first.session).toMatchObject({ user: 'app', host: HOST, database: 'main' });
    first.release();
    const second = await signs.lease(sign, HOST);
    expect(second.session).toBe(first.session);
    second.release();
  });

  it('are good from their own host alone', async () => {
    await expect(signs.lease(login(), '10.0.0.2')).rejects.toMatchObject(unknown);
    await expect(signs.lease('0'.repeat(96), HOST)).rejects.toMatchObject(unknown);
  });

  it('take one statement at a time', async () => {
    const sign = login();
    const first = await signs.lease(sign, HOST);
    let entered = false;
    const second = signs.lease(sign, HOST).then((lease) => {
      entered = true;
      return lease;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toBe(false);
    first.release();
    (await second).release();
  });

  it('expire when they are idle, not while they are used', async () => {
    const sign = login();
    const lease = await signs.lease(sign, HOST);
    now += 60_000;
    signs.sweep();
    expect(signs.size).toBe(1);
    lease.release();
    now += 9_000;
    (await signs.lease(sign, HOST)).release();
    now += 11_000;
    await expect(signs.lease(sign, HOST)).rejects.toMatchObject(unknown);
    login();
    now += 11_000;
    signs.sweep();
    expect(signs.size).toBe(0);
    expect(server.gate.processes()).toEqual([]);
  });

  it('end with their user, and with its password', async () => {
    const sign = login();
    accounts = new UserAccounts([{ name: 'root', password: 'another' }]);
    await expect(signs.lease(sign, HOST)).rejects.toMatchObject(unknown);
    const renewed = login('root', 'another');
    accounts = new UserAccounts([{ name: 'app', password: 'other' }]);
    await expect(signs.lease(renewed, HOST)).rejects.toMatchObject(unknown);
  });

  it('end when their session is killed', async () => {
    const sign = login();
    const { session, release } = await signs.lease(sign, HOST);
    release();
    server.gate.kill(session.id, 'connection');
    await expect(signs.lease(sign, HOST)).rejects.toMatchObject(unknown);
  });

  it('a flood of logins costs its own user alone, and no sign that is busy', async () => {
    const other = login('app', 'other');
    const busy = login();
    const lease = await signs.lease(busy, HOST);
    const inTransaction = login();
    const open = await signs.lease(inTransaction, HOST);
    await open.session.execute({ kind: 'sql', text: 'BEGIN' });
    open.release();
    const oldest = login();
    const used = login();
    while (signs.size < MAX_JSON_SIGNS_PER_USER + 1) login();
    (await signs.lease(used, HOST)).release();
    login();
    expect(signs.size).toBe(MAX_JSON_SIGNS_PER_USER + 1);
    await expect(signs.lease(oldest, HOST)).rejects.toMatchObject(unknown);
    lease.release();
    for (const sign of [other, busy, inTransaction, used]) (await signs.lease(sign, HOST)).release();
  });
});
