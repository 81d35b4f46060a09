/**
 * Every option: its flag, its default and its check. A flag wins over the environment, the environment over the file, the file over the
 * default; all three say the same things (`--mysql-port`, SLUICE_MYSQL_PORT, `mysql_port`), only users, rules and table access are in files alone. What is
 * wrong is told with where it was written. An option whose feature is not built yet is refused, not ignored.
 */
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { flagOf, GATE_SETTINGS, type SettingRange, variableOf } from './gate-options.ts';
import { hasPassword, readUsers, type UserConfig } from './user-options.ts';
import { parseSourceAddress, type SourceAddress } from './util/source-address.ts';

export interface Config {
  /** Absolute. */
  readonly data: string;
  readonly host: string;
  /** 0 = off, as for the other ports. */
  readonly mysqlPort: number;
  readonly httpPort: number;
  readonly redisPort: number;
  readonly jsonPort: number;
  /** Whether the JSON port keeps connections behind an answer, until SET GLOBAL sluice_json_keep_alive says otherwise. */
  readonly jsonKeepAlive: boolean;
  /** null: the embedded store. */
  readonly source: SourceAddress | null;
  /** Tables of the source that are mirrored; mostly none. */
  readonly mirror: readonly { readonly database: string; readonly table: string }[];
  readonly readers: number;
  readonly demo: boolean;
  /** Changes per second in the demo's table; 0: none. */
  readonly demoTraffic: number;
  readonly logLevel: LogLevel;
  readonly synchronous: 'FULL' | 'NORMAL';
  /** What kept lists may take of the front process's memory. */
  readonly listsMemoryBytes: number;
  /** `db.t`: the table of TCSQL commands that name none. */
  readonly tcsqlTable: string;
  /** PEM files for the MySQL port, absolute; null: no TLS. */
  readonly mysqlTls: { readonly certFile: string; readonly keyFile: string } | null;
  /** PEM files for the other ports, absolute; null: no TLS. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** None: `root` with an empty password, from loopback only. */
  readonly users: readonly UserConfig[];
  /** As they were written: the gate checks them. */
  readonly rules: readonly unknown[];
  readonly tableAccess: readonly unknown[];
  /** Absolute; null: none. */
  readonly queryLog: string | null;
  readonly logValues: boolean;
  /** Absolute; null: none. */
  readonly transactionLog: string | null;
  /** The gate's settings before the embedded store (gate-options.ts), by variable. */
  readonly gate: Readonly<Record<string, number | string>>;
  /** Those of them that were given: in front of a MySQL server the others have defaults of their own. */
  readonly gateGiven: Readonly<Record<string, number | string>>;
}

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A mistake in what the options were given, told so that it can be put right. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** What options were given, by where. */
export interface GivenOptions {
  /** By flag without its dashes. `true` for a flag without a value. */
  readonly flags: ReadonlyMap<string, string | boolean>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the TOML file holds; `name` is for messages. */
  readonly file: { readonly name: string; readonly values: Readonly<Record<string, unknown>> } | null;
  /** The same of the file that `rules-file` names. */
  readonly rulesFile?: GivenOptions['file'];
}

export interface Option {
  readonly flag: string;
  /** What stands for the value in the help; none for a switch. */
  readonly placeholder: string | null;
  /** As the help shows it. */
  readonly defaultText: string;
  readonly help: string;
}

interface CheckedOption<T> extends Option {
  readonly default: T;
  /** Throws an Error that says what is wrong, without naming the option. */
  readonly check: (value: unknown) => T;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const PORT_MAX = 65_535;
const READERS_MAX = 64;
const DEMO_TRAFFIC_MAX = 1000;
/** A reader costs about 50 MB, idle or not. */
const READERS_DEFAULT_MAX = 2;
const LISTS_MEMORY_BYTES_MIN = 1024 * 1024;
const LISTS_MEMORY_BYTES_DEFAULT_MAX = 2 * 1024 ** 3;
const LISTS_HEAP_SHARE_DEFAULT = 0.5;
const LISTS_HEAP_SHARE_MAX = 0.75;

const NO_TABLES: Config['mirror'] = [];

const OPTIONS = {
  data: option('data', 'DIR', './data', 'where the data is kept', checkText),
  host: option('host', 'ADDRESS', '127.0.0.1', 'address to listen on', checkHost),
  mysqlPort: option('mysql-port', 'PORT', 3307, 'MySQL protocol (0 = off)', checkPort),
  httpPort: option('http-port', 'PORT', 3888, 'HTTP (0 = off)', checkPort),
  redisPort: option('redis-port', 'PORT', 6380, 'Redis protocol (0 = off)', checkPort),
  jsonPort: option('json-port', 'PORT', 0, "AvenirSQL's JSON over TCP (0 = off)", checkPort),
  jsonKeepAlive: option('json-keep-alive', null, true, 'keep its connections behind an answer', checkSwitch),
  source: option(
    'source',
    'URL',
    null as SourceAddress | null,
    'stand in front of a MySQL server: mysql://user:password@host:port/',
    checkSource,
  ),
  mirror: option('mirror', 'TABLES', NO_TABLES, 'its tables whose lists are kept here: db.t,db.t2', checkMirror),
  readers: option('readers', 'N', defaultReaders(), 'processes for what takes long', checkWhole(1, READERS_MAX)),
  demo: option('demo', null, false, 'load a social feed to play with', checkSwitch),
  demoTraffic: option('demo-traffic', 'N', 1, 'changes per second in the demo', checkWhole(0, DEMO_TRAFFIC_MAX)),
  logLevel: option('log-level', 'LEVEL', 'info', LOG_LEVELS.join(', '), checkOneOf(LOG_LEVELS)),
  synchronous: option(
    'synchronous',
    'MODE',
    'FULL',
    'FULL: a commit survives a power failure; NORMAL: a crash',
    checkSynchronous,
  ),
  listsMemoryBytes: option(
    'lists-memory-bytes',
    'BYTES',
    'auto' as number | 'auto',
    'memory for kept lists; auto: an eighth of what there is, 2 GiB at most',
    checkListsMemory,
  ),
  tcsqlTable: option('tcsql-table', 'DB.T', 'main.feed', 'table of TCSQL commands that name none', checkTableName),
  mysqlTlsCert: option('mysql-tls-cert', 'FILE', '', 'PEM certificate for the MySQL port', checkText),
  mysqlTlsKey: option('mysql-tls-key', 'FILE', '', 'PEM key for the MySQL port', checkText),
  tlsCert: option('tls-cert', 'FILE', '', 'PEM certificate for all ports', checkText),
  tlsKey: option('tls-key', 'FILE', '', 'PEM key for all ports', checkText),
  rulesFile: option('rules-file', 'FILE', '', 'rules and table access, in TOML', checkText),
  queryLog: option('query-log', 'FILE', '', 'each statement as a line of JSON', checkText),
  logValues: option('log-values', null, false, 'with its values, not only their lengths', checkSwitch),
  transactionLog: option('transaction-log', 'FILE', '', 'each transaction as a line of JSON', checkText),
} as const;

const GATE = GATE_SETTINGS.flatMap((setting) => {
  const range = setting.option?.needsSource === true ? setting.inFront : setting.embedded;
  if (setting.option === null || range === null) return [];
  const { placeholder, help, needsSource } = setting.option;
  return [
    {
      variable: variableOf(setting),
      needsSource,
      inFront: setting.inFront === null ? null : checkSetting(setting.inFront, setting.words),
      option: option(
        flagOf(setting),
        placeholder,
        setting.words?.[range.default] ?? range.default,
        help,
        checkSetting(range, setting.words),
      ),
    },
  ];
});

/** For the help and for reading the command line, in the order of the help. */
export const SERVE_OPTIONS: readonly Option[] = [...Object.values(OPTIONS), ...GATE.map(({ option }) => option)];

/** Whether only this machine can reach what listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Throws ConfigError. */
export function resolveConfig(given: GivenOptions): Config {
  rejectUnknownKeys(given.file);
  rejectOtherKeys(given.rulesFile ?? null);
  const value = <T>(option: CheckedOption<T>): T => resolveOption(option, given);
  const config: Config = {
    data: resolve(value(OPTIONS.data)),
    host: value(OPTIONS.host),
    mysqlPort: value(OPTIONS.mysqlPort),
    httpPort: value(OPTIONS.httpPort),
    source: value(OPTIONS.source),
    mirror: value(OPTIONS.mirror),
    redisPort: value(OPTIONS.redisPort),
    jsonPort: value(OPTIONS.jsonPort),
    jsonKeepAlive: value(OPTIONS.jsonKeepAlive),
    readers: value(OPTIONS.readers),
    demo: value(OPTIONS.demo),
    demoTraffic: value(OPTIONS.demoTraffic),
    logLevel: value(OPTIONS.logLevel),
    synchronous: value(OPTIONS.synchronous),
    listsMemoryBytes: listsMemory(value(OPTIONS.listsMemoryBytes)),
    tcsqlTable: value(OPTIONS.tcsqlTable),
    mysqlTls: tlsFiles(value(OPTIONS.mysqlTlsCert), value(OPTIONS.mysqlTlsKey), 'mysql-'),
    tls: tlsFiles(value(OPTIONS.tlsCert), value(OPTIONS.tlsKey), ''),
    users: checkUsers(given.file),
    rules: listsOf('rules', [given.file, given.rulesFile ?? null]),
    tableAccess: listsOf('table_access', [given.file, given.rulesFile ?? null]),
    queryLog: fileOrNone(value(OPTIONS.queryLog)),
    logValues: value(OPTIONS.logValues),
    transactionLog: fileOrNone(value(OPTIONS.transactionLog)),
    gate: gateSettings(
      GATE.filter(({ needsSource }) => !needsSource),
      given,
    ),
    gateGiven: gateSettings(
      GATE.filter(({ option }) => placesOf(option, given).some(([, written]) => written !== undefined)),
      given,
    ),
  };
  checkTogether(config);
  if (config.source === null) refuseWithoutSource(given);
  else refuseInFront(given, config.mirror.length > 0);
  return Object.freeze(config);
}

function option<T>(
  flag: string,
  placeholder: string | null,
  value: T,
  help: string,
  check: (value: unknown) => T,
): CheckedOption<T> {
  const defaultText = value === false || value === null ? '' : String(value);
  return { flag, placeholder, defaultText, help, default: value, check };
}

/** What is about a source is nothing without one. */
function refuseWithoutSource(given: GivenOptions): void {
  const ofSource = GATE.filter(({ needsSource }) => needsSource).map(({ option }) => option);
  refuse(given, [OPTIONS.mirror, ...ofSource], 'it is about a source, and there is no --source');
}

/** Of a store that is here. */
const OF_STORES: readonly Option[] = [OPTIONS.readers, OPTIONS.listsMemoryBytes];

/** In front of a source, what would have no effect is refused, and ranges are its own. A mirror has a store, too. */
function refuseInFront(given: GivenOptions, isMirrored: boolean): void {
  const written = (option: Option) => placesOf(option, given).find(([, value]) => value !== undefined);
  const ofEmbedded = GATE.filter(({ inFront }) => inFront === null).map(({ option }) => option);
  const notHere = 'it has no effect in front of a MySQL server; leave it out';
  refuse(given, [OPTIONS.synchronous, ...ofEmbedded], notHere);
  if (!isMirrored) {
    refuse(given, OF_STORES, notHere);
    const ofMirror = GATE.filter(({ variable }) => variable.startsWith('sluice_mirror_')).map(({ option }) => option);
    refuse(given, ofMirror, 'it is about mirrored tables, and there is no --mirror');
  }
  for (const { option, inFront } of GATE) {
    const [where, value] = written(option) ?? [];
    if (where === undefined || inFront === null) continue;
    try {
      inFront(value);
    } catch (error) {
      throw new ConfigError(`${where}: ${(error as Error).message}, in front of a MySQL server`);
    }
  }
}

/** Throws when one of them is written somewhere. */
function refuse(given: GivenOptions, options: readonly Option[], why: string): void {
  for (const option of options) {
    const [where] = placesOf(option, given).find(([, written]) => written !== undefined) ?? [];
    if (where !== undefined) throw new ConfigError(`${where}: ${why}`);
  }
}

/** Where an option may be written, the first that counts first, and what is written there. */
function placesOf(option: Option, { flags, environment, file }: GivenOptions): [where: string, value: unknown][] {
  const variable = `SLUICE_${option.flag.replaceAll('-', '_').toUpperCase()}`;
  const key = fileKey(option);
  return [
    [`--${option.flag}`, flags.get(option.flag)],
    [variable, environment[variable]],
    [`${key} in ${file?.name}`, file?.values[key]],
  ];
}

function gateSettings(options: typeof GATE, given: GivenOptions): Record<string, number | string> {
  return Object.fromEntries(options.map(({ variable, option }) => [variable, resolveOption(option, given)]));
}

function resolveOption<T>(option: CheckedOption<T>, given: GivenOptions): T {
  const found = placesOf(option, given).find(([, value]) => value !== undefined);
  if (found === undefined) return option.default;
  try {
    return option.check(found[1]);
  } catch (error) {
    throw new ConfigError(`${found[0]}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fileKey(option: Option): string {
  return option.flag.replaceAll('-', '_');
}

function rejectUnknownKeys(file: GivenOptions['file']): void {
  const known = [...SERVE_OPTIONS.map(fileKey), 'users', 'rules', 'table_access'];
  for (const key of Object.keys(file?.values ?? {})) {
    if (known.includes(key)) continue;
    throw new ConfigError(`${key} in ${file?.name}: there is no such option${didYouMean(key, known)}`);
  }
}

/** `; did you mean mysql_port?`, or nothing when no candidate is near. */
export function didYouMean(given: string, candidates: readonly string[]): string {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(given.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  const near = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(nearest.candidate.length / 3));
  return near ? `; did you mean ${nearest.candidate}?` : '';
}

/** Letters to put in, take out or replace to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What is right by itself and wrong together. */
function checkTogether(config: Config): void {
  const { mysqlPort, httpPort, redisPort, jsonPort } = config;
  const ports = { 'mysql-port': mysqlPort, 'http-port': httpPort, 'redis-port': redisPort, 'json-port': jsonPort };
  const open = Object.entries(ports).filter(([, port]) => port !== 0);
  if (open.length === 0) throw new ConfigError('all ports are 0: there is nothing to serve');
  for (const [name, port] of open) {
    const [other] = open.find(([otherName, otherPort]) => otherPort === port && otherName !== name) ?? [];
    if (other !== undefined) throw new ConfigError(`${name} and ${other} are both ${port}: each needs its own port`);
  }
  if (!isLoopback(config.host) && !config.users.some(hasPassword)) {
    throw new ConfigError(
      `host ${config.host} can be reached from other machines, and no user has a password. Add one to the file that --config names:\n` +
        '  [[users]]\n  name = "root"\n  password = "..."',
    );
  }
}

function fileOrNone(name: string): string | null {
  return name === '' ? null : resolve(name);
}

function tlsFiles(certFile: string, keyFile: string, prefix: string): Config['mysqlTls'] {
  if (certFile === '' && keyFile === '') return null;
  if (certFile === '') throw new ConfigError(`${prefix}tls-key is given without ${prefix}tls-cert`);
  if (keyFile === '') throw new ConfigError(`${prefix}tls-cert is given without ${prefix}tls-key`);
  return { certFile: resolve(certFile), keyFile: resolve(keyFile) };
}

function checkUsers(file: GivenOptions['file']): UserConfig[] {
  try {
    return readUsers(file?.values.users ?? [], didYouMean);
  } catch (error) {
    throw new ConfigError(`users in ${file?.name}${error instanceof Error ? joined(error.message) : ''}`);
  }
}

/** Mistakes name the user by its number, or all of them. */
function joined(message: string): string {
  return message.startsWith('number ') ? `, ${message}` : `: ${message}`;
}

/** `[[rules]]` and `[[table_access]]` of the file and of the one with rules; the gate reads them. */
function listsOf(key: 'rules' | 'table_access', files: readonly GivenOptions['file'][]): unknown[] {
  return files.flatMap((file) => {
    const given = file?.values[key] ?? [];
    if (!Array.isArray(given))
      throw new ConfigError(`${key} in ${file?.name}: write each as a table of its own, [[${key}]]`);
    return given as unknown[];
  });
}

function rejectOtherKeys(file: GivenOptions['file']): void {
  for (const key of Object.keys(file?.values ?? {}))
    if (key !== 'rules' && key !== 'table_access')
      throw new ConfigError(`${key} in ${file?.name}: a file of rules has [[rules]] and [[table_access]] only`);
}

function checkText(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Error('needs a value');
  return value;
}

function checkHost(value: unknown): string {
  const host = checkText(value);
  if (/[\s/]/.test(host)) throw new Error(`${JSON.stringify(host)} is not an address or a host's name`);
  return host;
}

function checkPort(value: unknown): number {
  return checkWhole(0, PORT_MAX)(value);
}

function checkSource(value: unknown): SourceAddress {
  return parseSourceAddress(checkText(value));
}

/** `db.t,db.t2`, or a list of such names in a file. */
function checkMirror(value: unknown): Config['mirror'] {
  const names: unknown[] = Array.isArray(value) ? value : checkText(value).split(',');
  const seen = new Set<string>();
  return names.map((given) => {
    const name = checkTableName(typeof given === 'string' ? given.trim() : given);
    if (name.includes('*')) throw new Error(`${shown(name)}: tables are named one by one`);
    if (seen.has(name)) throw new Error(`${name} is given twice`);
    seen.add(name);
    const [database = '', table = ''] = name.split('.');
    return { database, table };
  });
}

/** Whole numbers, also as text: flags and the environment have nothing else. */
function checkWhole(min: number, max: number): (value: unknown) => number {
  return (value) => {
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
    throw new Error(`${shown(value)} is not a whole number from ${min} to ${max}`);
  };
}

function checkSetting(
  { min, max }: SettingRange,
  words: readonly string[] | null,
): (value: unknown) => number | string {
  return words === null ? checkWhole(min, max) : checkOneOf(words);
}

/** Kept lists live in the heap, whose limit only Node's own flags can move. */
function checkListsMemory(value: unknown): number | 'auto' {
  if (value === 'auto') return value;
  const bytes = checkWhole(LISTS_MEMORY_BYTES_MIN, Number.MAX_SAFE_INTEGER)(value);
  const most = Math.floor(getHeapStatistics().heap_size_limit * LISTS_HEAP_SHARE_MAX);
  if (bytes <= most) return bytes;
  throw new Error(
    `${bytes} is more than ${LISTS_HEAP_SHARE_MAX * 100} % of Node's heap (${most} bytes); start with a larger one: NODE_OPTIONS=--max-old-space-size=MEBIBYTES`,
  );
}

function listsMemory(given: number | 'auto'): number {
  return given === 'auto' ? defaultListsMemoryBytes() : given;
}

/** What kept lists take where nothing else is said. */
export function defaultListsMemoryBytes(): number {
  const heap = getHeapStatistics().heap_size_limit * LISTS_HEAP_SHARE_DEFAULT;
  return Math.floor(Math.min(totalmem() / 8, heap, LISTS_MEMORY_BYTES_DEFAULT_MAX));
}

function checkSwitch(value: unknown): boolean {
  const words: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };
  const on = words[String(value).toLowerCase()];
  if (on === undefined) throw new Error(`${shown(value)} is neither true nor false`);
  return on;
}

function checkOneOf<const T extends readonly string[]>(words: T): (value: unknown) => T[number] {
  return (value) => {
    const found = words.find((word) => word.toLowerCase() === String(value).toLowerCase());
    if (found === undefined) throw new Error(`${shown(value)} is none of ${words.join(', ')}`);
    return found;
  };
}

function checkSynchronous(value: unknown): 'FULL' | 'NORMAL' {
  return checkOneOf(['FULL', 'NORMAL'] as const)(value);
}

function checkTableName(value: unknown): string {
  const name = checkText(value);
  if (!/^[^.\s]+\.[^.\s]+$/.test(name)) throw new Error(`${shown(name)} is not database.table`);
  return name;
}

function shown(value: unknown): string {
  return value === true ? 'nothing' : (JSON.stringify(value) ?? String(value));
}

function defaultReaders(): number {
  return Math.min(READERS_DEFAULT_MAX, availableParallelism());
}
