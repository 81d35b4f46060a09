/** Every program in examples/ runs, and prints what it is there to show. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'sluice/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_DIR } from '../structure/sources.ts';
import { runCommand } from '../support/run-command.ts';
import { ServerProcess } from '../support/server-process.ts';
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
    expect(readdirSync(join(PROJECT_DIR, 'examples')).sort()).toEqual([
      'embedded.mjs',
      'feed.mjs',
      'feed.php',
      'keys',
      'live-feed',
      // By test/clients/python.test.ts.
      'python',
    ]);
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

  it("keys/manifesto.ts prints what CoolHash's manifesto says its program prints", async () => {
    const tsx = join(PROJECT_DIR, 'node_modules', '.bin', 'tsx');
    const { stdout } = await runCommand(tsx, [example('keys/manifesto.ts'), String(server.httpPort)]);
    const [keys = '', ...rest] = stdout.trimEnd().split('\n');
    // The manifesto's order is that of a hash table; here keys have one.
    const printed = '[user.001.weight, user.001.age, user.001.name, user.001.pet]';
    expect(keys).toBe(`[${printed.slice(1, -1).split(', ').sort().join(', ')}]`);
    expect(rest).toEqual(['[user.001.age=20, user.002.age=25]', 'zhang, 20, 50.55, 0 pets']);
  });

  it('live-feed serves its page, the client, and the lists with what changes in them', async () => {
    const args = [example('live-feed/serve.mjs'), '0', String(server.httpPort)];
    const site = new ServerProcess({ command: process.execPath, args });
    await site.waitUntil(() => site.output.includes('http://'), 'serving');
    const url = /http:\S+/.exec(site.output)?.[0] ?? '';
    for (const path of ['/', '/page.js', '/page.css', '/sluice/client/live-list.js', '/sluice/src/keys/values.js']) {
      expect((await fetch(url + path)).status, path).toBe(200);
    }
    for (const path of [
      '/..%2f..%2fpackage.json',
      '/serve.mjs',
      '/sluice/../package.json',
      '/sluice/client/index.d.ts',
      '/v1/sql',
    ]) {
      expect((await fetch(url + path)).status, path).toBe(404);
    }
    const me = (await (await fetch(`${url}/me`)).json()) as { uid: number };
    const mine = connect(url)
      .list('main.feed', { where: [['uid', 'NUMEQ', me.uid]], limit: 1, count: true })
      .subscribe();
    await mine.ready;
    const before = mine.count ?? 0;
    const changed = new Promise((resolve) => mine.onChange(resolve));
    expect((await fetch(`${url}/stories`, { method: 'POST', body: '{"text":"hello"}' })).status).toBe(204);
    expect(await changed).toMatchObject({ page: { count: before + 1 } });
    mine.close();
    expect(await site.stop()).toBe(0);
  });
});
