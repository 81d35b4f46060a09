/** `/v1/sql`, `/v1/batch`, `/v1/sessions`. */
import { inPath, JSON_MEDIA, jsonAnswer, LINES_MEDIA, type Route } from './route.ts';
import {
  anyOf,
  arrayOf,
  COUNT,
  described,
  FLAG,
  object,
  oneOf,
  orNull,
  ref,
  type Schema,
  TEXT,
  words,
} from './schema.ts';

const TAG = 'SQL';
/** Stands in examples for a session's token. */
export const EXAMPLE_TOKEN = 'dIXkGyrmNmFf0jIVIVD0jIQC';

const RESULT = {
  fields: arrayOf(ref('Field')),
  rows: arrayOf(ref('Row')),
  rowsAffected: COUNT,
  insertId: ref('InsertId'),
  warnings: arrayOf(ref('Warning')),
};
const SESSION: Schema = described(orNull(TEXT), "the session's token");
const STATEMENT = {
  sql: described(TEXT, 'the statement, one'),
  'params?': ref('Parameters'),
  'as?': described(words('object', 'array'), 'what a row is; object by default'),
};
const PLACE = {
  'database?': described(TEXT, 'the database of unqualified names'),
  'session?': described(oneOf(FLAG, TEXT), 'true opens a session, a token goes on with one'),
};

const RUN = (rowsAffected: number, insertId = 0): Record<string, unknown> => ({
  fields: [],
  rows: [],
  rowsAffected,
  insertId,
  warnings: [],
});

export const SQL_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/batch',
    tag: TAG,
    summary: 'many statements in one request, as one transaction if wanted',
    body: {
      [JSON_MEDIA]: object({
        statements: arrayOf(anyOf(TEXT, object(STATEMENT)), { maxItems: 10_000 }),
        'atomic?': described(FLAG, 'all in one transaction, or none'),
        'stop_on_error?': described(FLAG, 'statements behind one that fails are not run'),
        'as?': words('object', 'array'),
        ...PLACE,
      }),
    },
    answers: {
      200: jsonAnswer(
        'for each statement its result, or its error',
        object({ results: arrayOf(oneOf(object(RESULT), ref('Error'))), session: SESSION }),
      ),
    },
    errors: [400, 404, 409, 413, 422],
    examples: [
      {
        name: 'definitions',
        body: {
          statements: [
            'CREATE DATABASE shop',
            'CREATE TABLE shop.item (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, price DECIMAL(8,2), stock INT)',
          ],
        },
        status: 200,
        answer: { results: [RUN(0), RUN(0)], session: null },
      },
      {
        name: 'atomic',
        body: {
          database: 'shop',
          atomic: true,
          statements: [
            { sql: 'INSERT INTO item (name, price, stock) VALUES (?, ?, ?)', params: ['tea', 4.5, 10] },
            { sql: 'INSERT INTO item (name, price, stock) VALUES (?, ?, ?)', params: ['coffee', 7.25, 3] },
          ],
        },
        status: 200,
        answer: { results: [RUN(1, 1), RUN(1, 2)], session: null },
      },
    ],
  },
  {
    method: 'POST',
    path: '/v1/sql',
    tag: TAG,
    summary: 'one statement',
    description: `With \`Accept: ${LINES_MEDIA}\` rows are sent as they are found, a line each, however many; the first line has the fields, the last one the rest.`,
    body: { [JSON_MEDIA]: object({ ...STATEMENT, ...PLACE }) },
    answers: {
      200: {
        description: 'the result',
        content: {
          [JSON_MEDIA]: object({ ...RESULT, session: SESSION }),
          [LINES_MEDIA]: described(TEXT, 'a line of JSON for each row'),
        },
      },
    },
    errors: [400, 404, 409, 413, 422],
    examples: [
      {
        name: 'read',
        body: {
          database: 'shop',
          as: 'array',
          sql: 'SELECT name, price FROM item WHERE price < :limit',
          params: { limit: 5 },
        },
        status: 200,
        answer: {
          fields: [
            {
              name: 'name',
              type: 'varchar(40)',
              nullable: false,
              database: 'shop',
              table: 'item',
              originalTable: 'item',
              originalName: 'name',
            },
            {
              name: 'price',
              type: 'decimal(8,2)',
              nullable: true,
              database: 'shop',
              table: 'item',
              originalTable: 'item',
              originalName: 'price',
            },
          ],
          rows: [['tea', '4.50']],
          rowsAffected: 0,
          insertId: 0,
          warnings: [],
          session: null,
        },
      },
      {
        name: 'duplicate',
        body: { sql: 'INSERT INTO shop.item (name) VALUES (?)', params: ['tea'] },
        status: 409,
        answer: {
          error: {
            code: 'ER_DUP_ENTRY',
            message: "Duplicate entry 'tea' for key 'item.name'",
            errno: 1062,
            sqlstate: '23000',
            retryable: false,
          },
        },
      },
      {
        name: 'session',
        body: { sql: 'BEGIN', session: true },
        status: 200,
        answer: { ...RUN(0), session: EXAMPLE_TOKEN },
      },
    ],
  },
  {
    method: 'DELETE',
    path: '/v1/sessions/{token}',
    tag: TAG,
    summary: 'rolls back and ends a session',
    parameters: [inPath('token', 'as an answer gave it')],
    answers: { 200: jsonAnswer('it is ended', object({ ok: { const: true } })) },
    errors: [404],
    examples: [{ name: 'end', parameters: { token: EXAMPLE_TOKEN }, status: 200, answer: { ok: true } }],
  },
];
