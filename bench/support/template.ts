/**
 * Texts with a value of its own in every request: `uid:NUMEQ:{1..20000}` takes a random whole number, `{picid,tid}` one of
 * the words. template.lua is the same for the load generators, which make the requests that are measured; here they are
 * made that are checked.
 */
import type { SeededRandom } from '../../src/util/random.ts';

const PLACE = /\{(.*?)\}/g;
const RANGE = /^(\d+)\.\.(\d+)$/;

/** The template with these values in its places. */
export function fillTemplate(template: string, values: readonly (string | number)[]): string {
  let at = 0;
  const text = template.replace(PLACE, () => {
    const value = values[at++];
    if (value === undefined) throw new RangeError(`${template} has more places than ${values.length}`);
    return String(value);
  });
  if (at !== values.length) throw new RangeError(`${template} has ${at} places, not ${values.length}`);
  return text;
}

/** A random value for each place. */
export function drawValues(template: string, random: SeededRandom): string[] {
  return [...template.matchAll(PLACE)].map(([, body = '']) => {
    const range = RANGE.exec(body);
    if (range === null) return random.pick(body.split(','));
    const [low, high] = [Number(range[1]), Number(range[2])];
    return String(low + random.below(high - low + 1));
  });
}
