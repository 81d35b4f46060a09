// A row of main.feed as a page shows it. Its data is what PHP's serialize() made of it, as in the social network that the table is from, and it holds
// markup, of which the text alone is taken: nothing that a user wrote becomes markup here.

/**
 * The fields that this page uses.
 *
 * @typedef {{ pkey: number, uid: number, username: string, icon: string, dateline: number, hot: number, title_template: string, title_data: string,
 *   body_data: string, body_general: string, image_1: string, image_2: string, image_3: string, image_4: string }} Story
 */

/** @param {Story} story */
export function viewOf(story) {
  const title = unserialize(story.title_data);
  const body = unserialize(story.body_data);
  return {
    what: story.title_template
      .replace('{actor}', '')
      .replace(/\{(\w+)\}/g, (_, name) => title.get(name) ?? '')
      .replace(/^[:\s]+/, ''),
    subject: body.get('subject') ?? '',
    text: body.get('summary') || story.body_general,
    pictures: [story.image_1, story.image_2, story.image_3, story.image_4].filter((image) => image !== ''),
  };
}

/**
 * `a:1:{s:7:"subject";s:6:"秋天";}`: names and texts; lengths count bytes. Anything else has none.
 *
 * @param {string} text
 * @returns {Map<string, string>}
 */
function unserialize(text) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const texts = [];
  let at = text.startsWith('a:') ? text.indexOf('{') + 1 : bytes.length;
  // s:LENGTH:"...";
  while (bytes[at] === 0x73) {
    const colon = bytes.indexOf(0x3a, at + 2);
    const start = colon + 2;
    const end = start + Number(decoder.decode(bytes.subarray(at + 2, colon)));
    texts.push(decoder.decode(bytes.subarray(start, end)));
    at = end + 2;
  }
  const fields = new Map();
  for (let i = 0; i + 1 < texts.length; i += 2) fields.set(texts[i], plainText(texts[i + 1] ?? ''));
  return fields;
}

function plainText(/** @type {string} */ markup) {
  return new DOMParser().parseFromString(markup, 'text/html').body.textContent ?? '';
}

/** @param {number} dateline Unix seconds */
export function timeText(dateline) {
  const seconds = Date.now() / 1000 - dateline;
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return new Date(dateline * 1000).toLocaleDateString('en', { year: 'numeric', month: 'short', day: 'numeric' });
}
