import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './project.mjs';
import { fail, say } from './say.mjs';

/**
 * Debian packages that tests and benches use, what proves that one is there, and what it is for.
 *
 * @type {Readonly<Record<string, { isThere: () => boolean, for: string }>>}
 */
const PACKAGES = {
  'mariadb-server': { isThere: () => hasCommand('mariadbd'), for: 'the server that answers are compared with' },
  'mariadb-client': { isThere: () => hasCommand('mariadb'), for: 'the command-line client' },
  'galera-4': { isThere: () => existsSync('/usr/lib/galera/libgalera_smm.so'), for: 'a cluster of MariaDB servers' },
  rsync: { isThere: () => hasCommand('rsync'), for: 'a new node of that cluster' },
  lsof: { isThere: () => hasCommand('lsof'), for: 'the same' },
  sysbench: { isThere: () => hasCommand('sysbench'), for: 'SQL load' },
  wrk: { isThere: () => hasCommand('wrk'), for: 'HTTP load' },
  curl: { isThere: () => hasCommand('curl'), for: "the manual's commands" },
  'php-cli': { isThere: () => hasCommand('php'), for: 'clients in PHP' },
  'php-mysql': {
    isThere: () => succeeds('php', '-r', 'exit(extension_loaded("mysqli") ? 0 : 1);'),
    for: 'clients in PHP',
  },
  'python3-pymysql': { isThere: () => succeeds('/usr/bin/python3', '-c', 'import pymysql'), for: 'clients in Python' },
  chromium: { isThere: () => hasCommand('chromium'), for: 'pages as browsers show them' },
  'redis-server': { isThere: () => hasCommand('redis-server'), for: 'the server that answers are compared with' },
  'redis-tools': { isThere: () => hasCommand('redis-cli'), for: 'the Redis protocol' },
  'util-linux': { isThere: () => hasCommand('taskset'), for: 'keeping load and server on cores of their own' },
  procps: { isThere: () => hasCommand('ps'), for: 'memory of processes' },
};

/** What `npm test` needs. */
export const FOR_TESTS = Object.keys(PACKAGES);

/** What `npm run bench` needs. */
export const FOR_BENCH = [
  'mariadb-server',
  'mariadb-client',
  'sysbench',
  'wrk',
  'curl',
  'redis-server',
  'redis-tools',
  'util-linux',
];

/** Installs the missing ones as root; otherwise says which to install, and fails: a test never skips in silence. */
export async function ensurePackages(/** @type {readonly string[]} */ names) {
  const missing = names.filter((name) => !PACKAGES[name]?.isThere());
  if (missing.length === 0) return;
  const list = missing.map((name) => `${name} (${PACKAGES[name]?.for})`).join(', ');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    fail(`missing: ${list}\n  install them first: sudo apt-get install ${missing.join(' ')}`);
  }
  say(`Debian packages: installing ${list}`);
  await withoutStartingServices(async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    await aptGet(['update'], env);
    await aptGet(['install', '-y', '--no-install-recommends', ...missing], env);
  });
  const still = missing.filter((name) => !PACKAGES[name]?.isThere());
  if (still.length > 0) fail(`installed, but not to be found: ${still.join(', ')}`);
}

async function aptGet(/** @type {string[]} */ args, /** @type {NodeJS.ProcessEnv} */ env) {
  const code = await run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], { env, quiet: true });
  if (code !== 0) fail(`apt-get ${args.join(' ')} ended with ${code}`);
}

/**
 * Debian starts a server when its package is installed, unless this script says no (101: forbidden by policy). Tests
 * start their own servers on their own ports. An administrator's own policy is left in place.
 *
 * @param {() => Promise<void>} install
 */
async function withoutStartingServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // `fail` ends the process without unwinding, so the file is removed at exit as well.
  const remove = () => rmSync(policy, { force: true });
  process.once('exit', remove);
  try {
    await install();
  } finally {
    remove();
  }
}

/** Server programs are outside an ordinary user's PATH. */
function hasCommand(/** @type {string} */ command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, command)));
}

function succeeds(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
