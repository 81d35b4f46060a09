import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FEED_COLUMNS, FEED_TABLE_SQL, feedRows } from '../../src/demo/feed.ts';
import { PROJECT_DIR } from '../structure/sources.ts';
import { mysqlClient, startMariadb } from './mariadb-server.ts';
import { freePorts } from './ports.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { isAlive, ServerProcess } from './server-process.ts';
import { makeTempDir } from './temp-dir.ts';

describe('freePorts', () => {
  it('gives different ports that can be listened on', async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    for (const port of ports) {
      const server = createServer().listen(port, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      server.close();
    }
  });
});

describe('makeTempDir', () => {
  it('is there until it is removed', () => {
    const dir = makeTempDir();
    writeFileSync(join(dir.path, 'file'), 'text');
    dir.remove();
    expect(existsSync(dir.path)).toBe(false);
  });
});

describe('runCommand', () => {
  it('gives what a command prints, and hands it its input', async () => {
    expect(await runCommand('cat', [], { input: '江湖' })).toMatchObject({ code: 0, stdout: '江湖' });
  });

  it('tells why a command failed', async () => {
    await expect(runCommand('sh', ['-c', 'echo oh >&2; exit 3'])).rejects.toThrow(/exited with 3[\s\S]*oh/);
    await expect(runCommand('no-such-command', [])).rejects.toThrow(/ENOENT/);
  });

  it('ends a command that takes too long, with all that it started', async () => {
    const result = await tryCommand('sh', ['-c', 'sleep 1000 & echo $!; wait'], { timeoutMs: 300 });
    expect(result).toMatchObject({ code: null, timedOut: true });
    expect(isAlive(Number(result.stdout))).toBe(false);
  });

  it('sets the limit of open files and the core', async () => {
    const limited = await runCommand('sh', ['-c', 'ulimit -n; taskset -cp $$'], { openFilesMax: 777, cores: '0' });
    expect(limited.stdout).toMatch(/^777\n.*: 0\n$/);
  });
});

describe('ServerProcess', () => {
  const withChild =
    "console.log('up'); require('node:child_process').spawn('sleep', ['1000']); setInterval(() => {}, 1000);";

  it('stops by SIGTERM and gives the exit code', async () => {
    const code = `process.on('SIGTERM', () => process.exit(5)); ${withChild}`;
    const server = new ServerProcess({ command: process.execPath, args: ['-e', code] });
    await server.waitUntil(() => server.output.includes('up'), 'up');
    await server.waitUntil(() => server.childPids().length === 1, 'a parent');
    const [child = 0] = server.childPids();
    expect(await server.stop()).toBe(5);
    expect(server.running).toBe(false);
    expect(server.groupPids(), 'what outlives it can be seen').toEqual([child]);
    process.kill(child, 'SIGKILL');
    await expect.poll(() => server.groupPids()).toEqual([]);
  });

  it('kills the whole group', async () => {
    const server = new ServerProcess({ command: process.execPath, args: ['-e', withChild] });
    await server.waitUntil(() => server.output.includes('up') && server.childPids().length === 1, 'up');
    const [child = 0] = server.childPids();
    await server.kill9();
    expect(server.exitCode).toBeNull();
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('says what a server printed that ended too early', async () => {
    const server = new ServerProcess({ command: 'sh', args: ['-c', 'echo port in use; exit 1'] });
    await expect(server.waitUntil(() => false, 'ready')).rejects.toThrow(/ended before it was ready[\s\S]*port in use/);
  });

  it('says that a program is missing', async () => {
    const server = new ServerProcess({ command: 'no-such-command', args: [] });
    await expect(server.waitUntil(() => false, 'ready')).rejects.toThrow(/ended before it was ready/);
  });
});

describe('what a test leaves behind', () => {
  it.each(['process.exit(0)', 'process.kill(process.pid, "SIGTERM")'])('is gone after %s', async (end) => {
    const script = `
      import { makeTempDir } from './test/support/temp-dir.ts';
      import { ServerProcess } from './test/support/server-process.ts';
      const dir = makeTempDir();
      const server = new ServerProcess({ command: 'sleep', args: ['1000'] });
      console.log(JSON.stringify({ path: dir.path, pid: server.pid }));
      setTimeout(() => ${end}, 50);
      setInterval(() => {}, 1000);`;
    const tsx = join(PROJECT_DIR, 'node_modules', 'tsx', 'dist', 'loader.mjs');
    const result = await tryCommand(process.execPath, ['--import', tsx, '--input-type=module', '-e', script], {
      cwd: PROJECT_DIR,
    });
    const left = JSON.parse(result.stdout) as { path: string; pid: number };
    expect(existsSync(left.path)).toBe(false);
    await expect.poll(() => isAlive(left.pid)).toBe(false);
  });
});

describe('startMariadb', () => {
  it('starts a server of its own, takes the demo table, and leaves nothing', async () => {
    const server = await startMariadb();
    try {
      expect(await mysqlClient(server, 'SELECT 1 AS one')).toBe('one\n1\n');
      const rows = [...feedRows(500)].map((row) => `(${row.map(quoted).join(',')})`);
      const columns = FEED_COLUMNS.join(', ');
      await mysqlClient(
        server,
        `CREATE DATABASE main; USE main; ${FEED_TABLE_SQL}; INSERT INTO feed (${columns}) VALUES ${rows.join(',')};`,
      );
      const answer = await mysqlClient({ ...server, database: 'main' }, 'SELECT COUNT(*), MAX(pkey) FROM feed');
      expect(answer).toBe('COUNT(*)\tMAX(pkey)\n500\t500\n');
    } finally {
      await server.stop();
    }
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(server.dataDir)).toBe(false);
  });
});

function quoted(value: number | string): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
