/** PyMySQL, from Debian's packages. What it checks is in pymysql-client.py, which ends with the first failure. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

it('PyMySQL', async () => {
  const server = await startStoreUnderTest();
  try {
    const script = join(import.meta.dirname, 'pymysql-client.py');
    const { stdout } = await runCommand('/usr/bin/python3', [script, String(server.mysqlPort)]);
    expect(stdout).toMatch(/^all passed$/m);
  } finally {
    await server.stop();
  }
});
