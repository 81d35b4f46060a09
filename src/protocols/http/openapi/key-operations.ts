/** The operations on keys: their members, by name. That all are here, the types see to; that they are right, src/protocols/http/key-operations.ts. */
import type { KeyOperation } from '../../../keys/command.ts';
import { arrayOf, COUNT, described, FLAG, object, orNull, ref, type Schema, TEXT, WHOLE, words } from './schema.ts';

const KEY = { key: TEXT };
const KEYS = { keys: arrayOf(TEXT) };
const PATTERN = { pattern: ref('KeyPattern'), 'filter?': ref('KeyFilter') };
const EXPIRY = {
  'ttl?': described(WHOLE, 'milliseconds from now'),
  'expiresAt?': described(WHOLE, 'milliseconds since 1970'),
};
const PUT = {
  ...EXPIRY,
  'keepTtl?': FLAG,
  'ifAbsent?': FLAG,
  'ifPresent?': FLAG,
  'ifVersion?': WHOLE,
};
const PAGE = { 'limit?': WHOLE, 'cursor?': TEXT, 'reverse?': FLAG };

const MEMBERS: { readonly [Op in KeyOperation]: Readonly<Record<string, Schema>> } = {
  put: { ...KEY, value: ref('KeyValue'), ...PUT },
  putMany: {
    entries: arrayOf({ type: 'array', prefixItems: [TEXT, ref('KeyValue')], minItems: 2, maxItems: 2 }),
    ...EXPIRY,
  },
  putPointer: { ...KEY, target: TEXT, ...PUT },
  getEntry: KEY,
  getMany: KEYS,
  getPointer: { ...KEY, 'subKeys?': arrayOf(TEXT) },
  remove: KEY,
  removeMany: KEYS,
  removeAll: { pattern: ref('KeyPattern') },
  find: { ...PATTERN, ...PAGE, 'orderBy?': words('key', 'value'), 'point?': FLAG },
  findKeys: { query: ref('KeySet'), ...PAGE },
  count: PATTERN,
  countKeys: { query: ref('KeySet') },
  add: { ...KEY, n: ref('KeyValue') },
  append: { ...KEY, addition: ref('KeyValue') },
  expire: { ...KEY, 'ttl?': WHOLE, 'expiresAt?': orNull(WHOLE) },
  setBit: { ...KEY, bit: COUNT, value: words(0, 1) },
  getBit: { ...KEY, bit: COUNT },
  bitCount: { ...KEY, 'from?': COUNT, 'to?': COUNT },
  bitOp: { operator: words('and', 'or', 'xor', 'andnot'), target: TEXT, sources: arrayOf(TEXT) },
  getBytes: KEY,
};

/** Of the bodies of `POST /v1/keys` (which may name a session, too), and of the elements of batches. */
export const KEY_OPERATION_SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(MEMBERS).map(([op, members]) => [op, object({ op: { const: op }, ...members })]),
);

export const KEY_OPERATION_IN_SESSION_SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(MEMBERS).map(([op, members]) => [op, object({ op: { const: op }, ...members, 'session?': TEXT })]),
);
