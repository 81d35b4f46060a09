/**
 * The demo's data: the activity feed of a social network, `main.feed`, with the 26 fields of the feed that TCSQL's manual
 * shows. A seed determines every row, and a longer feed begins with the shorter one, so tests and benches can rely on
 * what a given row holds.
 */
import { createHash } from 'node:crypto';
import { SeededRandom } from '../util/random.ts';
import { type Story, tellStory } from './stories.ts';
import { drawUid, usernameOf } from './users.ts';

/** In the order of the manual's insert example. */
export const FEED_COLUMNS = [
  'pkey',
  'appid',
  'icon',
  'uid',
  'username',
  'dateline',
  'friend',
  'hash_template',
  'hash_data',
  'title_template',
  'title_data',
  'body_template',
  'body_data',
  'body_general',
  'image_1',
  'image_1_link',
  'image_2',
  'image_2_link',
  'image_3',
  'image_3_link',
  'image_4',
  'image_4_link',
  'target_ids',
  'id',
  'idtype',
  'hot',
] as const;

/** The table without its database. VARCHAR throughout: MySQL gives a TEXT column no default. */
export const FEED_TABLE_SQL = `CREATE TABLE feed (
  pkey BIGINT NOT NULL AUTO_INCREMENT,
  appid SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  icon VARCHAR(30) NOT NULL DEFAULT '',
  uid INT UNSIGNED NOT NULL DEFAULT 0,
  username VARCHAR(60) NOT NULL DEFAULT '',
  dateline INT UNSIGNED NOT NULL DEFAULT 0,
  friend TINYINT NOT NULL DEFAULT 0,
  hash_template VARCHAR(32) NOT NULL DEFAULT '',
  hash_data VARCHAR(32) NOT NULL DEFAULT '',
  title_template VARCHAR(255) NOT NULL DEFAULT '',
  title_data VARCHAR(1000) NOT NULL DEFAULT '',
  body_template VARCHAR(255) NOT NULL DEFAULT '',
  body_data VARCHAR(3000) NOT NULL DEFAULT '',
  body_general VARCHAR(1000) NOT NULL DEFAULT '',
  image_1 VARCHAR(255) NOT NULL DEFAULT '',
  image_1_link VARCHAR(255) NOT NULL DEFAULT '',
  image_2 VARCHAR(255) NOT NULL DEFAULT '',
  image_2_link VARCHAR(255) NOT NULL DEFAULT '',
  image_3 VARCHAR(255) NOT NULL DEFAULT '',
  image_3_link VARCHAR(255) NOT NULL DEFAULT '',
  image_4 VARCHAR(255) NOT NULL DEFAULT '',
  image_4_link VARCHAR(255) NOT NULL DEFAULT '',
  target_ids VARCHAR(1000) NOT NULL DEFAULT '',
  id INT UNSIGNED NOT NULL DEFAULT 0,
  idtype VARCHAR(15) NOT NULL DEFAULT '',
  hot INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (pkey),
  KEY uid (uid, dateline),
  KEY dateline (dateline),
  KEY hot (hot, dateline),
  KEY idtype (idtype)
)`;

/** The values of one row, in the order of FEED_COLUMNS. */
export type FeedRow = readonly (number | string)[];

/** When the feed begins: the manual's first row, 1 September 2009. Unix seconds. */
export const FEED_FIRST_DATELINE = 1_251_768_576;

/** Between two rows pass 0 to 2 * this many seconds. */
const GAP_MEAN_SECONDS = 60;

const APPID = 3;
const IMAGES_MAX = 4;

/** Rows with pkey 1 to `count`; `dateline` never falls. */
export function* feedRows(count: number, seed = 1): Generator<FeedRow, void, undefined> {
  const random = new SeededRandom(seed);
  let dateline = FEED_FIRST_DATELINE;
  for (let pkey = 1; pkey <= count; pkey++) {
    dateline += random.below(2 * GAP_MEAN_SECONDS + 1);
    yield [pkey, APPID, ...drawStory(random, dateline, pkey + 1000)];
  }
}

/** A story as values from the third column on. `id`: the number of the thing that it is about. */
export function drawStory(random: SeededRandom, dateline: number, id: number): FeedRow {
  const uid = drawUid(random);
  const story = tellStory(random, { uid, dateline, id });
  const about = story.idtype === '' ? [0, '', 0] : [id, story.idtype, drawHot(random)];
  return [
    story.icon,
    uid,
    usernameOf(uid),
    dateline,
    drawFriend(random),
    md5(story.titleTemplate, story.bodyTemplate),
    md5(story.titleTemplate, story.titleData, story.bodyTemplate, story.bodyData),
    story.titleTemplate,
    story.titleData,
    story.bodyTemplate,
    story.bodyData,
    story.bodyGeneral,
    ...imageColumns(story),
    '',
    ...about,
  ];
}

function imageColumns(story: Story): string[] {
  return Array.from({ length: IMAGES_MAX }, (_, index) => story.images[index] ?? ['', '']).flat();
}

/** Most things stay cold; three in a hundred get warm, and each degree is less likely than the one before. */
function drawHot(random: SeededRandom): number {
  if (!random.chance(0.03)) return 0;
  let hot = 1;
  while (hot < 50 && random.chance(0.6)) hot += 1;
  return hot;
}

/** Who may see it: mostly everyone (0), else friends (1), chosen ones (2), the author alone (3). */
function drawFriend(random: SeededRandom): number {
  return random.chance(0.9) ? 0 : 1 + random.below(3);
}

/** The manual's own rows hash their texts in this form. */
function md5(...texts: string[]): string {
  return createHash('md5').update(texts.join('\t')).digest('hex');
}
