/** What the pages show, the server answers. See page.ts for how blocks are marked and how outputs are renewed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { pagePath, readPage, runnableBlocks } from './page.ts';
import { runPage } from './run-page.ts';

/** With the number of blocks that they have at least: a change of the marks must not let them go unseen. */
const PAGES: readonly (readonly [page: string, blocks: number])[] = [
  ['docs/http.md', 9],
  ['docs/lists.md', 13],
  ['docs/transactions.md', 2],
  ['docs/gotchas.md', 3],
  ['docs/embedding.md', 1],
  ['docs/client.md', 2],
  ['docs/keys.md', 11],
  ['docs/json-port.md', 1],
  ['docs/python.md', 1],
];

describe('what the pages show is what the server answers', () => {
  let server: SluiceServer;
  let jsonPort: number;

  beforeAll(async () => {
    jsonPort = await freePort();
    server = await startSluice({ args: ['--demo', '--demo-traffic', '0', '--json-port', String(jsonPort)] });
  });
  afterAll(async () => {
    await server.stop();
  });

  it.each(PAGES)('%s', async (page, blocks) => {
    expect(runnableBlocks(readPage(page)).length).toBeGreaterThanOrEqual(blocks);
    await expect(await runPage(page, { ...server, jsonPort })).toMatchFileSnapshot(pagePath(page));
  });
});
