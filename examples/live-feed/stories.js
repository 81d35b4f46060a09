// The list of stories: what comes slides in, what goes fades, what moves glides to its place.
import { timeText, viewOf } from './story.js';

/** @typedef {import('./story.js').Story} Story */

const MOVE = { duration: 260, easing: 'cubic-bezier(0.2, 0, 0, 1)' };

/**
 * Empties the list; gives the function that shows rows in it from then on. Elements of rows that stay are kept.
 *
 * @param {HTMLElement} list
 * @returns {(rows: readonly Story[], updated: readonly Story[]) => void}
 */
export function showStories(list) {
  list.replaceChildren();
  /** @type {Map<number, HTMLElement>} */
  let elements = new Map();
  return (rows, updated) => {
    const isFirst = elements.size === 0;
    const before = new Map([...elements.values()].map((element) => [element, element.getBoundingClientRect().top]));
    const next = new Map(rows.map((row) => [row.pkey, elements.get(row.pkey) ?? storyElement(row)]));
    for (const row of updated) fill(next.get(row.pkey), row);
    for (const [pkey, element] of elements) if (!next.has(pkey)) element.remove();
    elements = next;
    arrange(list, next.values());
    if (isFirst || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const element of next.values()) move(element, before.get(element));
    for (const row of updated) flash(next.get(row.pkey));
  };
}

/** Only those that are not in their place are put there: one that moves in the document loses its focus. */
function arrange(/** @type {HTMLElement} */ list, /** @type {Iterable<HTMLElement>} */ elements) {
  let place = list.firstElementChild;
  for (const element of elements) {
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
}

function move(/** @type {HTMLElement} */ element, /** @type {number | undefined} */ top) {
  if (top === undefined) {
    element.animate(
      [
        { opacity: 0, transform: 'translateY(-24px) scale(0.98)' },
        { opacity: 1, transform: 'none' },
      ],
      MOVE,
    );
    return;
  }
  const distance = top - element.getBoundingClientRect().top;
  if (distance !== 0) element.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], MOVE);
}

function flash(/** @type {HTMLElement | undefined} */ element) {
  element?.querySelector('.hot')?.animate([{ transform: 'scale(1.3)' }, { transform: 'none' }], 400);
}

function storyElement(/** @type {Story} */ row) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById('story'));
  const element = /** @type {HTMLElement} */ (template.content.cloneNode(true).firstChild?.nextSibling);
  element.dataset.pkey = String(row.pkey);
  element
    .querySelector('.hot')
    ?.addEventListener('click', () => fetch(`/stories/${row.pkey}/warm`, { method: 'POST' }));
  fill(element, row);
  return element;
}

function fill(/** @type {HTMLElement | undefined} */ element, /** @type {Story} */ row) {
  if (element === undefined) return;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
  const view = viewOf(row);
  part('avatar').textContent = [...row.username][0]?.toUpperCase() ?? '';
  part('avatar').style.setProperty('--hue', String((row.uid * 47) % 360));
  part('who').textContent = row.username;
  part('what').textContent = view.what;
  part('subject').textContent = view.subject;
  part('text').textContent = view.text;
  part('pictures').replaceChildren(...view.pictures.map(pictureElement));
  part('kind').textContent = row.icon;
  part('degrees').textContent = String(row.hot);
  part('hot').toggleAttribute('data-warm', row.hot >= 3);
  const time = /** @type {HTMLTimeElement} */ (element.querySelector('time'));
  time.dateTime = new Date(row.dateline * 1000).toISOString();
  time.textContent = timeText(row.dateline);
}

/** The demo's pictures have addresses, but nobody serves them. */
function pictureElement(/** @type {string} */ address) {
  const element = document.createElement('span');
  let hash = 0;
  for (const character of address) hash = (hash * 31 + character.charCodeAt(0)) % 3600;
  element.style.setProperty('--hue', String(hash % 360));
  element.style.setProperty('--angle', `${hash / 10}deg`);
  return element;
}

// "12 s" does not stay true.
setInterval(() => {
  for (const time of document.querySelectorAll('time')) time.textContent = timeText(Date.parse(time.dateTime) / 1000);
}, 5000);
