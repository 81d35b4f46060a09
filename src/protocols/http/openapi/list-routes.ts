/** TCSQL's protocol at `/`, and pages of lists. */
import { EVENTS_MEDIA, header, inPath, JSON_MEDIA, jsonAnswer, type Parameter, query, type Route } from './route.ts';
import {
  ANYTHING,
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

const TAG = 'lists';

const SELECTION: readonly Parameter[] = [
  query('where', 'conditions, field:OPERATOR:value, separated by |; all must hold', TEXT),
  query('order_by', 'up to three fields, separated by commas; by primary key without it', TEXT),
  query('order_sort', 'for each field STRASC, STRDESC, NUMASC or NUMDESC', TEXT),
  query('limit_skip', 'rows to leave out', WHOLE),
  query('limit_max', 'rows at most', WHOLE),
];

export const LIST_COMMANDS = ['select', 'count', 'update', 'delete', 'insert', 'setindex', 'get', 'tables', 'stat'];

const COMMAND: readonly Parameter[] = [
  { ...query('command', 'what to do', words(...LIST_COMMANDS)), required: true },
  query('table', 'db.t, or t in the database of the default table, which is meant without it', TEXT),
  query('type', 'of select: * or count; of delete: * for every row; of setindex: the type of the index', TEXT),
  ...SELECTION,
  query('pkey', 'of get: the primary key', TEXT),
  query('field', 'of setindex', TEXT),
  query('explain', 'of select and count: 1 for the plan', words('0', '1')),
];

/** Every value is a string, but for what stands for the table or the plan as a whole. */
const LIST_ANSWER: Schema = anyOf(
  described(arrayOf(mapOf(TEXT)), 'rows; tables'),
  described(COUNT, 'a count'),
  object({ ok: { const: true }, 'affected?': COUNT, 'pkey?': oneOf(TEXT, arrayOf(TEXT)) }, 'what was written'),
  object(
    {
      table: TEXT,
      kind: TEXT,
      rows: TEXT,
      fields: arrayOf(TEXT),
      indexes: arrayOf(mapOf(ANYTHING)),
      kept: arrayOf(ANYTHING),
    },
    'the state of a table',
  ),
  described(mapOf(ANYTHING), 'a plan'),
);

const ROWS: Schema = anyOf(mapOf(ANYTHING), arrayOf(mapOf(ANYTHING)));
const DOCUMENTED = 'The operators and everything else: docs/lists.md.';

export const LIST_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/',
    tag: TAG,
    summary: 'a command on lists, with a body: insert and update, or a long where',
    description: `The parameters may be in a form instead. ${DOCUMENTED}`,
    // In the URL or in the form.
    parameters: COMMAND.map(({ required: _, ...parameter }) => parameter),
    body: { [JSON_MEDIA]: ROWS, 'application/x-www-form-urlencoded': mapOf(TEXT) },
    answers: { 200: jsonAnswer('as the command gives it', LIST_ANSWER) },
    errors: [400, 404, 413, 422, 501],
    examples: [
      {
        name: 'insert',
        parameters: { command: 'insert', table: 'shop.book' },
        body: [
          { title: 'The Art of War', price: 4.5 },
          { title: 'Red Chamber', price: 12 },
        ],
        status: 200,
        answer: { ok: true, affected: 2, pkey: ['1', '2'] },
      },
      {
        name: 'update',
        parameters: { command: 'update', table: 'shop.book', where: 'pkey:NUMEQ:2' },
        body: { price: '11.90' },
        status: 200,
        answer: { ok: true, affected: 1 },
      },
    ],
  },
  {
    method: 'GET',
    path: '/',
    tag: TAG,
    summary: 'a command on lists',
    description: DOCUMENTED,
    parameters: COMMAND,
    answers: { 200: jsonAnswer('as the command gives it', LIST_ANSWER) },
    errors: [400, 404, 413, 501],
    examples: [
      {
        name: 'select',
        parameters: {
          command: 'select',
          type: '*',
          table: 'shop.book',
          where: 'price:NUMLT:20|title:STRINC:a',
          order_by: 'price',
          order_sort: 'NUMDESC',
          limit_skip: '0',
          limit_max: '1',
        },
        status: 200,
        answer: [{ pkey: '2', title: 'Red Chamber', price: '11.90' }],
      },
      { name: 'count', parameters: { command: 'count', table: 'shop.book' }, status: 200, answer: 2 },
      {
        name: 'get',
        parameters: { command: 'get', table: 'shop.book', pkey: '1' },
        status: 200,
        answer: [{ pkey: '1', title: 'The Art of War', price: '4.5' }],
      },
      {
        name: 'setindex',
        parameters: { command: 'setindex', table: 'shop.book', field: 'price', type: 'TDBITDECIMAL' },
        status: 200,
        answer: { ok: true },
      },
      {
        name: 'stat',
        parameters: { command: 'stat', table: 'shop.book' },
        status: 200,
        answer: {
          table: 'shop.book',
          kind: 'schemaless',
          rows: '2',
          fields: ['pkey', 'title', 'price'],
          indexes: [{ name: 'price', type: 'TDBITDECIMAL', fields: ['price'] }],
          kept: [],
        },
      },
      {
        name: 'wrong',
        parameters: { command: 'select' },
        status: 400,
        answer: {
          error: {
            code: 'ER_BAD_PARAMETER',
            message: 'type is missing; it is * or count',
            errno: 1210,
            sqlstate: 'HY000',
            retryable: false,
          },
        },
      },
    ],
  },
  {
    method: 'GET',
    path: '/v1/lists/{table}',
    tag: TAG,
    summary: 'a page of a list, typed or live',
    description: `With \`Accept: ${EVENTS_MEDIA}\` it stays open and tells what changes in the page.`,
    parameters: [
      inPath('table', "db.t, or t in the default table's database"),
      ...SELECTION,
      query('count', 'true: the number of rows on all pages, too', FLAG),
      query('last_event_id', 'of an event stream: instead of Last-Event-ID', TEXT),
      header('Last-Event-ID', 'of an event stream: go on behind this event'),
    ],
    answers: {
      200: {
        description: 'the page',
        content: {
          [JSON_MEDIA]: object({
            rows: arrayOf(ref('Row')),
            'count?': COUNT,
            seq: described(
              orNull(COUNT),
              'the page is at least as new as this commit; null where a MySQL server answers',
            ),
          }),
          [EVENTS_MEDIA]: described(TEXT, 'events `snapshot` and `change`'),
        },
      },
    },
    errors: [400, 404, 413, 501, 503],
    examples: [
      {
        name: 'page',
        parameters: { table: 'shop.item', order_by: 'price', order_sort: 'NUMDESC', limit_max: '1', count: 'true' },
        status: 200,
        answer: { rows: [{ id: 2, name: 'coffee', price: '7.25', stock: 3 }], count: 2, seq: 53 },
      },
    ],
  },
];
