/**
 * Where the source is: `mysql://user:password@host:port/?options`, with percent signs as in every URL. Options: `tls` (`off`, `on`: encrypted, the
 * certificate is not looked at; `verify`: it must be valid for the host), `ca` (a PEM file for `verify`), `connect_timeout_ms`.
 */
export interface SourceAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls: 'off' | 'on' | 'verify';
  /** Path of a PEM file; null: the authorities that Node knows. */
  readonly caFile: string | null;
  readonly connectTimeoutMs: number;
}

const DEFAULT_PORT = 3306;
const CONNECT_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS_MAX = 600_000;
const OPTIONS = ['tls', 'ca', 'connect_timeout_ms'];

/** Throws an Error that says what is wrong, without the password. */
export function parseSourceAddress(text: string): SourceAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'mysql:' || url.hostname === '')
    throw new Error('write it as mysql://user:password@host:port/');
  if (url.pathname !== '' && url.pathname !== '/')
    throw new Error(`a database (${url.pathname}) is not part of it: clients choose theirs`);
  if (url.hash !== '') throw new Error('a # in the password must be written as %23');
  const unknown = [...url.searchParams.keys()].find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) throw new Error(`there is no option ${unknown}; there are ${OPTIONS.join(', ')}`);
  const tls = url.searchParams.get('tls') ?? 'off';
  if (tls !== 'off' && tls !== 'on' && tls !== 'verify') throw new Error(`tls=${tls}: it is off, on or verify`);
  const caFile = url.searchParams.get('ca');
  if (caFile !== null && tls !== 'verify') throw new Error('ca is for tls=verify only');
  return {
    // An IPv6 address stands between brackets there.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: decodeURIComponent(url.username) || 'root',
    password: decodeURIComponent(url.password),
    tls,
    caFile,
    connectTimeoutMs: timeout(url.searchParams.get('connect_timeout_ms')),
  };
}

function timeout(text: string | null): number {
  if (text === null) return CONNECT_TIMEOUT_MS;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= CONNECT_TIMEOUT_MS_MAX) return number;
  throw new Error(`connect_timeout_ms=${text}: it is a whole number from 1 to ${CONNECT_TIMEOUT_MS_MAX}`);
}

/** For logs and messages: without the password. */
export function shownAddress({ host, port }: SourceAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
