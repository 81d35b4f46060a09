import { expect, it } from 'vitest';
import { parseSourceAddress, shownAddress } from './source-address.ts';

it('reads an address', () => {
  expect(parseSourceAddress('mysql://app:p%40ss%2F@db.example:3310/?tls=verify&ca=/etc/ca.pem')).toEqual({
    host: 'db.example',
    port: 3310,
    user: 'app',
    password: 'p@ss/',
    tls: 'verify',
    caFile: '/etc/ca.pem',
    connectTimeoutMs: 5000,
  });
  const plain = parseSourceAddress('mysql://[::1]/?connect_timeout_ms=100');
  expect(plain).toMatchObject({
    host: '::1',
    port: 3306,
    user: 'root',
    password: '',
    tls: 'off',
    connectTimeoutMs: 100,
  });
  expect(shownAddress(plain)).toBe('[::1]:3306');
});

it.each([
  ['localhost:3306', 'write it as'],
  ['http://localhost:3306/', 'write it as'],
  ['mysql://localhost/shop', 'clients choose'],
  ['mysql://root:a#b@localhost/', 'write it as'],
  ['mysql://localhost/#x', '%23'],
  ['mysql://localhost/?ssl=1', 'no option ssl'],
  ['mysql://localhost/?tls=yes', 'tls=yes'],
  ['mysql://localhost/?ca=x', 'tls=verify only'],
  ['mysql://localhost/?connect_timeout_ms=0', 'connect_timeout_ms=0'],
])('refuses %s', (text, message) => {
  expect(() => parseSourceAddress(text)).toThrow(message);
});
