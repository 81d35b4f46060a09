/** Keys, patterns and values for tests: few letters, so that they meet. */
import fc from 'fast-check';
import type { KeyData, KeyStructure } from './values.ts';

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

/** Numbers around every border: safe integers, 64 bits, doubles that are whole, NaN. */
export const anyNumber = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(
    -0,
    2 ** 53,
    2 ** 53 - 1,
    -(2 ** 53),
    2 ** 63,
    -(2 ** 63),
    2 ** 64,
    1e300,
    0.1,
    Infinity,
    -Infinity,
    NaN,
  ),
);

export const anyBigInt = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt(),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n, 10n ** 400n),
);

/** Half characters left out: they are an error. */
export const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'li', '\0', '%', '"', '\n', 'é', '\ue000', '😀'), maxLength: 5 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

export const anyDate = fc.date({ noInvalidDate: true });

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  anyNumber,
  anyBigInt,
  anyText,
  anyDate,
  fc.uint8Array({ maxLength: 6 }),
);

const nested = fc.letrec((tie) => ({
  data: fc.oneof({ depthSize: 'small' }, scalar, tie('array'), tie('object'), tie('map'), tie('set')),
  array: fc.array(tie('data'), { maxLength: 3 }),
  object: fc.dictionary(
    fc.oneof(anyText, fc.constantFrom('$date', '$map', '$object', '$x', '__proto__', 'constructor', '1')),
    tie('data'),
    { maxKeys: 3, noNullPrototype: true },
  ),
  map: fc.array(fc.tuple(tie('data'), tie('data')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  set: fc.array(tie('data'), { maxLength: 3 }).map((elements) => new Set(elements)),
}));

export const anyStructure = fc.oneof(nested.array, nested.object, nested.map, nested.set) as fc.Arbitrary<KeyStructure>;

export const anyValue = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: anyStructure },
) as fc.Arbitrary<KeyData>;
