/** Every program in examples/ runs, and prints what it is there to show. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_DIR } from '../structure/sources.ts';
import { runCommand } from '../support/run-command.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const example = (name: string): string => join(PROJECT_DIR, 'examples', name);

describe('examples', () => {
  let server: SluiceServer;

  beforeAll(async () => {
    server = await startSluice({ args: ['--demo', '--demo-traffic', '0'] });
  });
  afterAll(async () => {
    await server.stop();
  });

  it('are all run here', () => {
    expect(readdirSync(join(PROJECT_DIR, 'examples')).sort()).toEqual(['embedded.mjs', 'feed.mjs', 'feed.php']);
  });

  it('embedded.mjs moves money, or refuses to, also on the data of its first run', async () => {
    const folder = makeTempDir('example');
    for (const _run of [1, 2]) {
      const { stdout } = await runCommand('node', [example('embedded.mjs'), folder.path]);
      expect(stdout).toBe("refused: Check constraint 'account_chk_1' is violated.\nann 69.50\nben 50.50\n");
    }
    folder.remove();
  });

  it('feed.mjs and feed.php show the same page', async () => {
    const { stdout: byUrl } = await runCommand('php', [example('feed.php'), String(server.httpPort)]);
    const { stdout: bySql } = await runCommand('node', [example('feed.mjs'), String(server.mysqlPort)]);
    const [count = '', ...stories] = byUrl.trim().split('\n');
    expect(count).toMatch(/^[1-9]\d* stories$/);
    expect(stories).toHaveLength(5);
    expect(bySql).toContain(`stories: ${Number.parseInt(count, 10)} `);
    for (const story of stories) expect(bySql).toContain(`pkey: ${story.split(' ')[0]},`);
  });
});
