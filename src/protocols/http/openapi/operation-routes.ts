/** What operators ask for: the state of the server, probes, this document. */
import { inPath, JSON_MEDIA, jsonAnswer, query, type Route } from './route.ts';
import { ANYTHING, anyOf, arrayOf, FLAG, mapOf, object, type Schema, TEXT, WHOLE, words } from './schema.ts';

const TAG = 'operation';
const OBJECT: Schema = mapOf(ANYTHING);
const SETTINGS: Schema = mapOf(anyOf({ type: 'number' }, TEXT, { type: 'null' }));
const ADMINISTRATORS = 'For administrators of the whole server.';

export const OPERATION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/status',
    tag: TAG,
    summary: 'which pages of status there are',
    description: ADMINISTRATORS,
    answers: { 200: jsonAnswer('their names', object({ pages: arrayOf(TEXT) })) },
    errors: [403],
    examples: [
      {
        name: 'all',
        status: 200,
        answer: {
          pages: [
            ...['consolidations', 'errors', 'latency', 'lists', 'plans', 'pools', 'queries', 'rules', 'schema', 'slow'],
            ...['transactions', 'users'],
          ],
        },
      },
    ],
  },
  {
    method: 'GET',
    path: '/v1/status/{page}',
    tag: TAG,
    summary: 'a page of status',
    description: `${ADMINISTRATORS} What each has, docs/gate.md tells.`,
    parameters: [inPath('page', 'one of those that /v1/status names')],
    answers: { 200: jsonAnswer('its counters', anyOf(OBJECT, arrayOf(ANYTHING))) },
    errors: [403, 404],
    examples: [
      {
        name: 'rules',
        parameters: { page: 'rules' },
        status: 200,
        answer: { rules: [], table_access: [], table_access_dry_run: false },
      },
    ],
  },
  {
    method: 'POST',
    path: '/v1/status/queries/{id}/kill',
    tag: TAG,
    summary: 'ends what a session runs, or the session',
    description: ADMINISTRATORS,
    parameters: [inPath('id', "the session's"), query('connection', 'true: the session', FLAG)],
    answers: { 200: jsonAnswer('it is ended', object({ killed: WHOLE, what: words('query', 'connection') })) },
    errors: [403, 404],
    examples: [
      {
        name: 'missing',
        parameters: { id: '987654' },
        status: 404,
        answer: {
          error: {
            code: 'ER_NO_SUCH_THREAD',
            message: 'Unknown thread id: 987654',
            errno: 1094,
            sqlstate: 'HY000',
            retryable: false,
          },
        },
      },
    ],
  },
  {
    method: 'PATCH',
    path: '/v1/config',
    tag: TAG,
    summary: 'sets some of the settings while the server runs, all or none',
    description: ADMINISTRATORS,
    body: { [JSON_MEDIA]: mapOf(anyOf({ type: 'number' }, TEXT, FLAG, { type: 'null' }), 'null: the default') },
    answers: { 200: jsonAnswer('all settings', SETTINGS) },
    errors: [400, 403],
    examples: [
      {
        name: 'part',
        body: { sluice_max_dml_rows: 100_000 },
        status: 200,
        answer: { sluice_max_dml_rows: 100_000 },
      },
    ],
  },
  {
    method: 'GET',
    path: '/v1/config',
    tag: TAG,
    summary: 'the settings of the gate',
    description: ADMINISTRATORS,
    answers: { 200: jsonAnswer('by name', SETTINGS) },
    errors: [403],
    examples: [{ name: 'part', status: 200, answer: { sluice_max_dml_rows: 100_000 } }],
  },
  {
    method: 'POST',
    path: '/v1/config/reload',
    tag: TAG,
    summary: 'reads users, rules and table access from their files again',
    description: ADMINISTRATORS,
    answers: { 200: jsonAnswer('they are read', object({ reloaded: { const: true } })) },
    errors: [403, 422],
    examples: [{ name: 'reload', status: 200, answer: { reloaded: true } }],
  },
  {
    method: 'GET',
    path: '/metrics',
    tag: TAG,
    summary: 'counters for Prometheus',
    answers: { 200: { description: "Prometheus' text format", content: { 'text/plain': TEXT } } },
    examples: [],
  },
  {
    method: 'GET',
    path: '/v1/status/lists',
    tag: TAG,
    summary: 'which lists are kept, and how they are used',
    answers: { 200: jsonAnswer('counters', OBJECT) },
    examples: [],
  },
  {
    method: 'GET',
    path: '/healthz',
    tag: TAG,
    summary: '200 as long as the process answers',
    isPublic: true,
    answers: { 200: jsonAnswer('it does', object({ status: { const: 'ok' } })) },
    examples: [{ name: 'well', status: 200, answer: { status: 'ok' } }],
  },
  {
    method: 'GET',
    path: '/readyz',
    tag: TAG,
    summary: '200 when it takes requests, 503 while it stops, or its source does not answer',
    isPublic: true,
    answers: { 200: jsonAnswer('it does', object({ status: { const: 'ready' } })) },
    errors: [503],
    examples: [{ name: 'ready', status: 200, answer: { status: 'ready' } }],
  },
  {
    method: 'GET',
    path: '/openapi.json',
    tag: TAG,
    summary: 'this document',
    isPublic: true,
    answers: { 200: jsonAnswer('OpenAPI 3.1', OBJECT) },
    examples: [],
  },
];
