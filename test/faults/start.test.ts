/** Reasons not to start, and what a server takes that has nothing to do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { PROJECT_DIR } from '../structure/sources.ts';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { freePorts } from '../support/ports.ts';
import { sharedOutBytes } from '../support/process-memory.ts';
import { type CommandResult, tryCommand } from '../support/run-command.ts';
import { startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const IDLE_BYTES_MAX = 300_000_000;

/** A start that has to fail by itself. */
async function startInVain(dataDir: string, takenPort?: number): Promise<CommandResult> {
  const [mysqlPort, httpPort] = await freePorts(2);
  const ports = ['--mysql-port', String(takenPort ?? mysqlPort), '--http-port', String(httpPort), '--redis-port', '0'];
  const main = join(PROJECT_DIR, 'dist', 'main.js');
  const result = await tryCommand(process.execPath, [main, 'serve', '--data', dataDir, ...ports]);
  expect(result.timedOut).toBe(false);
  expect(result.code).toBeGreaterThan(0);
  expect(result.stdout).not.toMatch(/^ready/m);
  expect(result.stderr, 'a sentence, not a stack').not.toMatch(/^\s+at /m);
  return result;
}

describe('a server that cannot start says why', () => {
  it('the data directory is in use; the first server is not disturbed', async () => {
    const first = await startSluice();
    try {
      expect((await startInVain(first.dataDir)).stderr).toMatch(/data directory .* in use by another Sluice process/);
      const connection = await connectDriver(first);
      await connection.query('CREATE DATABASE still_here');
      await connection.end();
    } finally {
      expect(await first.stop()).toBe(0);
    }
  });

  it('the file is of a later format; it stays as it is', async () => {
    const dir = makeTempDir('later');
    const first = await startSluice({ dataDir: dir.path });
    await first.stop();
    const path = join(dir.path, 'sluice.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(path);
    expect((await startInVain(dir.path)).stderr).toMatch(/format version 99.*use a later release/);
    expect(readFileSync(path).equals(before)).toBe(true);
    dir.remove();
  });

  it('the file is no database, or of another program', async () => {
    const dir = makeTempDir('other');
    writeFileSync(
      join(dir.path, 'sluice.db'),
      'this is not a database, but long enough to look like a file of one '.repeat(100),
    );
    expect((await startInVain(dir.path)).stderr).toMatch(/sluice\.db|not a database/);
    dir.remove();
    const foreign = makeTempDir('foreign');
    const database = new DatabaseSync(join(foreign.path, 'sluice.db'));
    database.exec('CREATE TABLE of_another_program (a)');
    database.close();
    expect((await startInVain(foreign.path)).stderr).toMatch(/sluice\.db/);
    foreign.remove();
  });

  it('a port is taken', async () => {
    const first = await startSluice();
    const dir = makeTempDir('port');
    const { stderr } = await startInVain(dir.path, first.mysqlPort);
    expect(stderr).toContain(String(first.mysqlPort));
    expect(await first.stop()).toBe(0);
    dir.remove();
  });

  it('the data directory cannot be made', async () => {
    const dir = makeTempDir('file');
    const file = join(dir.path, 'file');
    writeFileSync(file, '');
    expect((await startInVain(join(file, 'data'))).stderr).toContain(file);
    dir.remove();
  });
});

describe('an idle server on existing data', () => {
  it('takes less than 300 MB, all processes together', async () => {
    const dir = makeTempDir('idle');
    const dataDir = join(dir.path, 'data');
    const first = await startSluice({ dataDir, args: ['--demo', '--demo-traffic', '0'], readyTimeoutMs: 120_000 });
    await first.stop();
    const server = await startSluice({ dataDir });
    const connection = await connectDriver(server, { database: 'main' });
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM feed')).toBe(100_000);
    const bytes = sharedOutBytes(server.groupPids());
    console.log(`${server.groupPids().length} processes, ${Math.round(bytes / 1e6)} MB`);
    expect(bytes).toBeLessThan(IDLE_BYTES_MAX);
    await connection.end();
    await server.stop();
    dir.remove();
  });
});
