/** Keys, patterns and values for tests: few letters, so that they meet. */
import fc from 'fast-check';

const letter = fc.constantFrom(
  'a',
  'b',
  'A',
  '0',
  '!',
  '-',
  '/',
  '[',
  ']',
  '?',
  '^',
  '%',
  '_',
  'é',
  '值',
  '\ue000',
  '😀',
);
const segment = fc.array(letter, { minLength: 1, maxLength: 3 }).map((letters) => letters.join(''));

export const anyKey = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.'));

const starred = fc
  .tuple(fc.string({ unit: letter, maxLength: 2 }), fc.string({ unit: letter, maxLength: 1 }))
  .map(([before, after]) => `${before}*${after}`);

export const anyPattern = fc
  .array(fc.oneof({ weight: 3, arbitrary: segment }, { weight: 2, arbitrary: fc.constant('*') }, starred), {
    minLength: 1,
    maxLength: 4,
  })
  .map((segments) => segments.join('.'));
