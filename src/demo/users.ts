import type { SeededRandom } from '../util/random.ts';

/** How many users the feed's social network has. */
export const USER_COUNT = 20_000;

/** How far activity is evened out among the most active: without it the first user alone would write 7 % of the feed. */
const EVENNESS = 20;

/** A stride that shares no factor with USER_COUNT: it scatters the most active over all uids, instead of 1, 2, 3. */
const SCATTER = 7919;

const EPITHETS = ['独孤', '江湖', '七夜', '小营', '逍遥', '月下', '听雨', '剑心', '清风', '无名', '青衫', '长安'];
const ROLES = ['拔剑', '粉丝', '魔君', '居士', '游侠', '书生', '浪子', '刀客', '旅人', '掌柜', '酒仙', '少年'];
const LATIN = ['freespy', 'wangduo', 'xiaoyao', 'moonlit', 'tiger', 'cloudy', 'panda', 'snow', 'lotus', 'kevin'];

/** A user, drawn by activity: like Zipf's law (Mandelbrot's form), a few write much and most write little. 1..USER_COUNT. */
export function drawUid(random: SeededRandom): number {
  const rank = Math.floor(EVENNESS * ((USER_COUNT + EVENNESS) / EVENNESS) ** random.next() - EVENNESS);
  return ((rank * SCATTER) % USER_COUNT) + 1;
}

/** The name of a user: always the same, and no other user's. */
export function usernameOf(uid: number): string {
  const base =
    uid % 4 === 0
      ? LATIN[uid % LATIN.length]
      : `${EPITHETS[uid % EPITHETS.length]}${ROLES[Math.floor(uid / EPITHETS.length) % ROLES.length]}`;
  return uid % 7 === 0 ? `${base}~${uid}` : `${base}${uid}`;
}
