/** The tree of keys. */
import { KEY_OPERATION_IN_SESSION_SCHEMAS } from './key-operations.ts';
import {
  EVENTS_MEDIA,
  header,
  inPath,
  JSON_MEDIA,
  jsonAnswer,
  LINES_MEDIA,
  type Parameter,
  query,
  type Route,
} from './route.ts';
import {
  anyOf,
  arrayOf,
  COUNT,
  described,
  FLAG,
  mapOf,
  object,
  oneOf,
  orNull,
  ref,
  type Schema,
  TEXT,
  WHOLE,
  words,
} from './schema.ts';

const TAG = 'keys';
const PATH = inPath('path', 'the key; what URLs give a meaning is percent-encoded');
const PREVIOUS: Schema = object({ previous: orNull(ref('KeyEntry')) });
const PUT_ANSWER: Schema = object({
  previous: orNull(ref('KeyEntry')),
  version: described(orNull(WHOLE), 'of the entry that is there now; null: its time had passed already'),
});
const OPERATIONS: Schema = arrayOf(ref('KeyOperation'), { maxItems: 10_000 });
const EXPECT: Schema = described(mapOf(COUNT), 'versions by key; 0: no such key. If one is another, nothing is done');
const OUTCOMES: Schema = arrayOf(ref('KeyOutcome'));

const FIND: readonly Parameter[] = [
  { ...query('find', 'a pattern', ref('KeyPattern')), required: true },
  query('filter', 'JSON: a test of values', {
    type: 'string',
    contentMediaType: JSON_MEDIA,
    contentSchema: ref('KeyFilter'),
  }),
  query('limit', 'how many at most; without it more than 10,000 are an error', WHOLE),
  query('cursor', 'goes on behind the page that gave it', TEXT),
  query('reverse', 'the other way round', FLAG),
  query('order_by', 'key, or value', words('key', 'value')),
  query('point', 'pointers stand for what they lead to', FLAG),
  query('keys_only', 'keys without entries', FLAG),
  query('super_keys', "the keys' first so many segments, each once", WHOLE),
  query('count', 'how many there are, instead', FLAG),
];

const PUT: readonly Parameter[] = [
  query('ttl', 'milliseconds from now', WHOLE),
  query('expires_at', 'milliseconds since 1970', WHOLE),
  query('keep_ttl', 'the expiry that the old entry has', FLAG),
  query('if_absent', 'only where nothing is', FLAG),
  query('if_present', 'only where something is', FLAG),
  query('if_version', 'only where this version is', WHOLE),
  header('If-None-Match', '* is if_absent'),
  header('If-Match', '* is if_present, an ETag if_version'),
];

const NAME = { key: 'user.001.name', type: 'string', value: 'zhang', version: 4711, expiresAt: null };
const AGE = { key: 'user.001.age', type: 'integer', value: 20, version: 4711, expiresAt: null };

export const KEY_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: '/v1/keys/{path}',
    tag: TAG,
    summary: "puts a key's value",
    parameters: [PATH, ...PUT],
    body: { [JSON_MEDIA]: ref('KeyValue') },
    answers: {
      200: jsonAnswer('what was there before', PUT_ANSWER),
      201: jsonAnswer('there was nothing before', PUT_ANSWER),
    },
    errors: [400, 412],
    examples: [
      {
        name: 'new',
        parameters: { path: 'user.001.name' },
        body: 'zhang',
        status: 201,
        answer: { previous: null, version: 4711 },
      },
      {
        name: 'again',
        parameters: { path: 'user.001.name', if_present: 'true' },
        body: 'zhang',
        status: 200,
        answer: { previous: NAME, version: 4711 },
      },
    ],
  },
  {
    method: 'GET',
    path: '/v1/keys/{path}',
    tag: TAG,
    summary: "a key's entry",
    parameters: [
      PATH,
      query('point', 'true: along pointers', FLAG),
      query('sub', 'sub-keys that are appended to the first targets, separated by commas', TEXT),
      header('If-None-Match', 'an ETag'),
    ],
    answers: {
      200: jsonAnswer(
        'the entry, its version as `ETag`; with `point` where the way ended',
        anyOf(
          ref('KeyEntry'),
          object({ key: TEXT, hops: COUNT, dangling: FLAG, 'type?': TEXT, 'value?': ref('KeyValue') }),
        ),
      ),
      304: { description: 'it has the version of If-None-Match', content: {} },
    },
    errors: [404],
    examples: [
      { name: 'entry', parameters: { path: 'user.001.name' }, status: 200, answer: NAME },
      {
        name: 'missing',
        parameters: { path: 'user.999.name' },
        status: 404,
        answer: { error: { code: 'HTTP_NO_SUCH_KEY', message: "there is no key 'user.999.name'", retryable: false } },
      },
    ],
  },
  {
    method: 'POST',
    path: '/v1/keys',
    tag: TAG,
    summary: 'one operation on keys',
    body: { [JSON_MEDIA]: oneOf(...Object.values(KEY_OPERATION_IN_SESSION_SCHEMAS)) },
    answers: { 200: jsonAnswer("the operation's result", object({ result: {} })) },
    errors: [400, 404, 412],
    examples: [
      {
        name: 'put',
        body: { op: 'put', key: 'user.001.age', value: 20 },
        status: 200,
        answer: { result: { done: true, previous: null } },
      },
      { name: 'add', body: { op: 'add', key: 'hits', n: 1 }, status: 200, answer: { result: 1 } },
      {
        name: 'findKeys',
        body: { op: 'findKeys', query: { find: 'user.*.age', filter: { test: 'gt', operands: [18] }, superKeys: 2 } },
        status: 200,
        answer: { result: { keys: ['user.001'], cursor: null } },
      },
    ],
  },
  {
    method: 'GET',
    path: '/v1/keys',
    tag: TAG,
    summary: 'finds keys by a pattern',
    description: `With \`Accept: ${LINES_MEDIA}\` entries (or keys) are sent as they are found, a line each, however many; the last line is \`{"count": n}\`.`,
    parameters: FIND,
    answers: {
      200: {
        description: 'what was found, of one snapshot',
        content: {
          [JSON_MEDIA]: anyOf(ref('KeyPage'), ref('KeysPage'), object({ count: COUNT })),
          [LINES_MEDIA]: described(TEXT, 'a line of JSON for each entry or key'),
        },
      },
    },
    errors: [400, 413],
    examples: [
      {
        name: 'entries',
        parameters: { find: 'user.*', filter: '{"test":"gt","operands":[18]}', order_by: 'value', limit: '10' },
        status: 200,
        answer: { entries: [AGE], cursor: null },
      },
      {
        name: 'keys',
        parameters: { find: 'user.*', super_keys: '2' },
        status: 200,
        answer: { keys: ['user.001'], cursor: null },
      },
      { name: 'count', parameters: { find: 'user.*', count: 'true' }, status: 200, answer: { count: 2 } },
    ],
  },
  {
    method: 'GET',
    path: '/v1/keys/watch',
    tag: TAG,
    summary: 'what changes in the keys of a pattern, as an event stream',
    description: 'Without `find` it is the key `watch`.',
    parameters: [
      query('find', 'a pattern', ref('KeyPattern')),
      query('last_event_id', 'instead of Last-Event-ID', WHOLE),
      header('Last-Event-ID', 'the number of the commit behind which to go on'),
    ],
    answers: {
      200: { description: 'events `start`, `change` and `reset`', content: { [EVENTS_MEDIA]: TEXT } },
    },
    errors: [400, 501, 503],
    examples: [
      {
        name: 'watch',
        parameters: { find: 'user.*' },
        status: 200,
        answer: 'retry: 1000\n\nevent: start\nid: 53\ndata: {"seq":53}\n\n',
      },
    ],
  },
  {
    method: 'DELETE',
    path: '/v1/keys/{path}',
    tag: TAG,
    summary: 'removes a key',
    parameters: [PATH, header('If-Match', '*, or an ETag')],
    answers: { 200: jsonAnswer('what was there before', PREVIOUS) },
    errors: [412],
    examples: [{ name: 'remove', parameters: { path: 'user.001.age' }, status: 200, answer: { previous: AGE } }],
  },
  {
    method: 'POST',
    path: '/v1/keys/batch',
    tag: TAG,
    summary: 'many operations on keys, in one transaction',
    body: {
      [JSON_MEDIA]: object({
        operations: OPERATIONS,
        'expect?': EXPECT,
        'atomic?': described(FLAG, 'the first failure undoes all, and is the answer'),
        'session?': TEXT,
      }),
    },
    answers: { 200: jsonAnswer('for each operation its result, or its error', object({ results: OUTCOMES })) },
    errors: [400, 404, 412],
    examples: [
      {
        name: 'batch',
        body: {
          operations: [
            { op: 'add', key: 'hits', n: 1 },
            { op: 'add', key: 'user.001.name', n: 1 },
          ],
          expect: { nobody: 0 },
        },
        status: 200,
        answer: {
          results: [
            { result: 2 },
            {
              error: {
                code: 'SLUICE_KEY_TYPE',
                message: "Key 'user.001.name' holds a value of type string, not a number",
                errno: 1105,
                sqlstate: '22018',
                retryable: false,
              },
            },
          ],
        },
      },
    ],
  },
  {
    method: 'POST',
    path: '/v1/keys/transaction',
    tag: TAG,
    summary: 'a transaction on keys (and SQL), at once or step by step',
    body: {
      [JSON_MEDIA]: anyOf(
        object({ operations: OPERATIONS, 'expect?': EXPECT }, 'at once'),
        object(
          {
            session: described(oneOf({ const: true }, TEXT), 'true begins one, its token goes on with it'),
            'operations?': OPERATIONS,
            'expect?': EXPECT,
            'end?': words('commit', 'rollback'),
          },
          'a step',
        ),
      ),
    },
    answers: {
      200: jsonAnswer(
        'for each operation its result',
        object({ results: OUTCOMES, 'session?': described(orNull(TEXT), "the transaction's token; null: it is over") }),
      ),
    },
    errors: [400, 404, 409, 412],
    examples: [
      {
        name: 'once',
        body: {
          operations: [
            { op: 'add', key: 'hits', n: 1 },
            { op: 'remove', key: 'nobody' },
          ],
        },
        status: 200,
        answer: { results: [{ result: 3 }, { result: null }] },
      },
      {
        name: 'step',
        body: { session: true, operations: [{ op: 'add', key: 'hits', n: 1 }], end: 'commit' },
        status: 200,
        answer: { results: [{ result: 4 }], session: null },
      },
    ],
  },
];
