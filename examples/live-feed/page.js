// Four feeds, each a live list: the one whose tab is open is subscribed to, and what changes in it moves on the page.
import { connect } from 'sluice/client';
import { showStories } from './stories.js';

/**
 * @typedef {import('./story.js').Story} Story
 * @typedef {import('sluice/client').ListOptions<Story>['where']} Where
 * @typedef {{ uid: number, username: string, friends: number[] }} Person
 */

const db = connect('');
const me = /** @type {Person} */ (await (await fetch('/me')).json());

/** @type {Record<string, { name: string, text: string, where: NonNullable<Where> }>} */
const FEEDS = {
  everything: { name: 'Everything', text: 'stories, newest first', where: [] },
  hot: { name: 'Hot', text: 'stories of 3 degrees and more', where: [['hot', 'NUMGE', 3]] },
  friends: {
    name: 'Friends',
    text: `stories of ${me.friends.length} friends`,
    where: [['uid', 'NUMOREQ', me.friends]],
  },
  mine: { name: 'Mine', text: `stories of ${me.username}`, where: [['uid', 'NUMEQ', me.uid]] },
};

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {import('sluice/client').LiveList<Story> | undefined} */
let live;

function openFeed() {
  const id = location.hash.slice(1) in FEEDS ? location.hash.slice(1) : 'everything';
  const feed = FEEDS[id];
  if (feed === undefined) return;
  for (const link of byId('tabs').querySelectorAll('a')) {
    if (link.hash === `#${id}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  byId('feed-text').textContent = feed.text;
  byId('count').textContent = '…';
  byId('problem').hidden = true;
  live?.close();
  /** @type {import('sluice/client').List<Story>} */
  const list = db.list('main.feed', { where: feed.where, orderBy: ['dateline', 'NUMDESC'], limit: 20, count: true });
  live = list.subscribe();
  const show = showStories(byId('stories'));
  live.onChange(({ page, update }) => {
    show(page.rows, update);
    showCount(page.count ?? 0);
  });
  live.onStatus(showStatus);
}

function showCount(/** @type {number} */ count) {
  const element = byId('count');
  const text = count.toLocaleString('en');
  if (element.textContent === text) return;
  element.textContent = text;
  element.animate([{ transform: 'scale(1.15)' }, { transform: 'none' }], 200);
}

function showStatus(/** @type {import('sluice/client').Status} */ status, /** @type {Error | null} */ error) {
  // A feed that was left is closed, which is no news.
  if (status === 'closed' && error === null) return;
  byId('status').dataset.status = status;
  byId('status-text').textContent = status;
  byId('problem').hidden = status !== 'closed';
  byId('problem').textContent = error?.message ?? '';
}

for (const [id, { name }] of Object.entries(FEEDS)) {
  const link = document.createElement('a');
  link.href = `#${id}`;
  link.textContent = name;
  byId('tabs').append(link);
}

byId('my-avatar').textContent = [...me.username][0] ?? '';
byId('compose').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const text = String(new FormData(form).get('text'));
  const response = await fetch('/stories', { method: 'POST', body: JSON.stringify({ text }) });
  if (response.ok) form.reset();
});

addEventListener('hashchange', openFeed);
openFeed();
