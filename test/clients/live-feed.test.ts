/** examples/live-feed in Chromium: two tabs that show what happens in the table, wherever it is written. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_DIR } from '../structure/sources.ts';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { ServerProcess } from '../support/server-process.ts';
import { type StoreUnderTest, startStoreUnderTest } from '../support/store-under-test.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** A story's element, as the page makes it. */
const story = (pkey: number): string => `.story[data-pkey="${pkey}"]`;
const ROWS = 20;

describe('the live feed', () => {
  const data = makeTempDir('live-feed');
  const dataDir = join(data.path, 'data');
  let sluice: StoreUnderTest;
  let site: ServerProcess;
  let url: string;
  let browser: Browser;
  let connection: Connection;
  let tabs: readonly [Page, Page];
  const problems: string[] = [];

  beforeAll(async () => {
    const demo = ['--demo', '--demo-traffic', '0'];
    sluice = await startStoreUnderTest({ dataDir, mirror: 'main.feed', args: demo, readyTimeoutMs: 120_000 });
    const args = [join(PROJECT_DIR, 'examples', 'live-feed', 'serve.mjs'), '0', String(sluice.httpPort)];
    site = new ServerProcess({ command: process.execPath, args });
    await site.waitUntil(() => site.output.includes('http://'), 'serving');
    url = /http:\S+/.exec(site.output)?.[0] ?? '';
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    const context = await browser.newContext({ viewport: { width: 720, height: 900 } });
    tabs = [await context.newPage(), await context.newPage()];
    for (const tab of tabs) {
      tab.on('pageerror', (error) => problems.push(error.message));
      await tab.goto(url);
      await tab.waitForSelector('[data-status="live"]');
    }
    connection = await connectDriver(sluice, { database: 'main' });
  });
  afterAll(async () => {
    await connection?.end();
    // Both while lists are subscribed to.
    expect(await sluice?.stop()).toBe(0);
    expect(await site?.stop()).toBe(0);
    await browser?.close();
    data.remove();
  });

  async function insert(dateline: number, hot = 0): Promise<number> {
    const [result] = await connection.execute(
      "INSERT INTO feed (icon, uid, username, dateline, title_template, title_data, hot) VALUES ('doing', 7, 'ann', ?, '{actor}:{message}', ?, ?)",
      [dateline, 'a:1:{s:7:"message";s:14:"<b>江湖</b>!";}', hot],
    );
    return (result as { insertId: number }).insertId;
  }

  /** Keys in the order in which they are shown. */
  async function shown(tab: Page): Promise<number[]> {
    return tab.$$eval('.story', (elements) => elements.map((element) => Number(element.getAttribute('data-pkey'))));
  }

  async function page(where = '1'): Promise<number[]> {
    const [rows] = await connection.query(
      `SELECT pkey FROM feed WHERE ${where} ORDER BY dateline DESC, pkey LIMIT ${ROWS}`,
    );
    return (rows as { pkey: number }[]).map(({ pkey }) => pkey);
  }

  async function untilShown(tab: Page, expected: readonly number[]): Promise<void> {
    await tab.waitForFunction(
      // Runs in the page.
      `[...document.querySelectorAll('.story')].map((element) => element.dataset.pkey).join() === '${expected.join()}'`,
    );
  }

  it('shows the newest stories and their number', async () => {
    for (const tab of tabs) {
      expect(await shown(tab)).toEqual(await page());
      expect(await tab.textContent('#count')).toBe('100,000');
    }
  });

  it('shows an insert through MySQL in both tabs, in the right place', async () => {
    const [first = 0, second = 0] = await page();
    const newest = Number(await singleValue(connection, 'SELECT MAX(dateline) FROM feed'));
    // Between two rows that are there, and then before all.
    await connection.execute('UPDATE feed SET dateline = ? WHERE pkey = ?', [newest + 100, first]);
    const between = await insert(newest + 50);
    const top = await insert(newest + 200);
    for (const tab of tabs) {
      await untilShown(tab, await page());
      expect((await shown(tab)).slice(0, 4)).toEqual([top, first, between, second]);
      // Markup that somebody wrote is shown as text.
      expect(await tab.textContent(`${story(top)} .title`)).toBe('ann 江湖!');
      expect(await tab.textContent('#count')).toBe('100,002');
    }
  });

  it('within a moment, which is told here', async () => {
    const newest = Number(await singleValue(connection, 'SELECT MAX(dateline) FROM feed'));
    const milliseconds: number[] = [];
    for (let i = 1; i <= 20; i++) {
      // When an element comes is noted by the page itself: asking it takes longer.
      for (const tab of tabs) {
        await tab.evaluate(`window.cameAt = new Promise((resolve) => {
          new MutationObserver((_, observer) => { observer.disconnect(); resolve(Date.now()); })
            .observe(document.getElementById('stories'), { childList: true });
        }); undefined`);
      }
      const began = Date.now();
      await insert(newest + i);
      for (const tab of tabs) milliseconds.push(Number(await tab.evaluate('window.cameAt')) - began);
    }
    milliseconds.sort((a, b) => a - b);
    console.log(`from INSERT to both tabs: median ${milliseconds[20]} ms, longest ${milliseconds.at(-1)} ms`);
    expect(milliseconds).toHaveLength(40);
  });

  it('moves a story to the hot ones as it gets warm, and takes away what is deleted', async () => {
    const [, hot] = tabs;
    await hot.click('a[href="#hot"]');
    await untilShown(hot, await page('hot >= 3'));
    const newest = Number(await singleValue(connection, 'SELECT MAX(dateline) FROM feed'));
    const pkey = await insert(newest + 1, 2);
    const [everything] = tabs;
    await everything.click(`${story(pkey)} .hot`);
    await hot.waitForSelector(story(pkey));
    await untilShown(hot, await page('hot >= 3'));
    expect(await hot.textContent(`${story(pkey)} .degrees`)).toBe('3');
    await connection.execute('DELETE FROM feed WHERE pkey = ?', [pkey]);
    await untilShown(everything, await page());
    await untilShown(hot, await page('hot >= 3'));
  });

  it('has feeds of friends and of the one who looks, who may write, too', async () => {
    const [one, other] = tabs;
    await other.goto(`${url}/#mine`);
    await other.waitForSelector('.story');
    const me = (await (await fetch(`${url}/me`)).json()) as { uid: number; friends: number[] };
    await untilShown(other, await page(`uid = ${me.uid}`));
    await one.fill('#compose input', 'hello | : \\ 江湖');
    await one.click('#compose button');
    await other.waitForSelector('.story:first-child .what:text-is("hello | : \\\\ 江湖")');
    await one.click('a[href="#friends"]');
    await untilShown(one, await page(`uid IN (${me.friends.join()})`));
  });

  it('goes on when the server was away', async () => {
    const [one] = tabs;
    await one.click('a[href="#everything"]');
    await untilShown(one, await page());
    await connection.end();
    await sluice.kill9();
    await one.waitForSelector('[data-status="connecting"]');
    await sluice.restart();
    connection = await connectDriver(sluice, { database: 'main' });
    await insert(4_000_000_000);
    await one.waitForSelector('[data-status="live"]');
    await untilShown(one, await page());
    const file = join(tmpdir(), 'sluice-live-feed.png');
    await one.screenshot({ path: file });
    console.log(`screenshot: ${file}`);
    expect(problems).toEqual([]);
  });
});
