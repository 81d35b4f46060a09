/** PHP's two ways to MySQL, mysqli and PDO (mysqlnd below both), from Debian's packages. The checks are in PHP; the first failure ends them. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest();
});

afterAll(() => server.stop());

describe('PHP', () => {
  it.each(['mysqli', 'pdo'])('%s', async (name) => {
    const script = join(import.meta.dirname, `php-${name}.php`);
    const { stdout } = await runCommand('php', ['-d', 'zend.assertions=1', script, String(server.mysqlPort)]);
    expect(stdout).toMatch(/^all passed$/m);
  });
});
