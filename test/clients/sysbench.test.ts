/** sysbench's own scripts with their default options and 16 threads. What they reach is the bench's business; here nothing may fail. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mysqlClient } from '../support/mariadb-server.ts';
import { runCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

const THREADS = 16;
const SECONDS = 3;

const SCRIPTS = [
  'oltp_point_select',
  'oltp_read_only',
  'oltp_read_write',
  'oltp_insert',
  'oltp_write_only',
  'oltp_update_index',
  'oltp_delete',
  'bulk_insert',
] as const;

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest();
});

afterAll(() => server.stop());

async function sysbench(database: string, script: string, command: string): Promise<string> {
  const { stdout, stderr } = await runCommand('sysbench', [
    script,
    '--mysql-host=127.0.0.1',
    `--mysql-port=${server.mysqlPort}`,
    '--mysql-user=root',
    `--mysql-db=${database}`,
    `--threads=${THREADS}`,
    `--time=${SECONDS}`,
    command,
  ]);
  return stdout + stderr;
}

/** A count of sysbench's report, such as `ignored errors: 0 (0.00 per sec.)`. */
function counted(report: string, name: string): number {
  const found = new RegExp(`${name}:\\s+(\\d+)`).exec(report);
  if (found === null) throw new Error(`the report does not tell ${name}:\n${report}`);
  return Number(found[1]);
}

describe('sysbench', () => {
  it.each(SCRIPTS)('%s', async (script) => {
    await mysqlClient({ port: server.mysqlPort }, `CREATE DATABASE ${script}`);
    await sysbench(script, script, 'prepare');
    const report = await sysbench(script, script, 'run');
    expect(counted(report, 'transactions')).toBeGreaterThan(THREADS);
    expect(counted(report, 'reconnects')).toBe(0);
    // InnoDB has deadlocks of its own.
    if (!IS_IN_FRONT)
      expect(
        counted(report, 'ignored errors'),
        'errors of the server, of which sysbench tries the transaction again',
      ).toBe(0);
    expect(report).not.toMatch(/FATAL|ALERT/);
    await sysbench(script, script, 'cleanup');
    expect(await mysqlClient({ port: server.mysqlPort, database: script }, 'SHOW TABLES')).toBe('');
  });
});
