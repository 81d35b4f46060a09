/** What `@planetscale/database` speaks. */
import { JSON_MEDIA, jsonAnswer, type Route } from './route.ts';
import { ANYTHING, arrayOf, described, mapOf, object, orNull, type Schema, TEXT, WHOLE } from './schema.ts';

const TAG = "PlanetScale's driver";

const SESSION: Schema = object(
  { signature: TEXT, vitessSession: mapOf(ANYTHING) },
  'what the driver sends back with the next statement; what is in it is the affair of the server',
);
const ERROR: Schema = object({ code: described(TEXT, "gRPC's name"), message: TEXT });

const FIELD: Schema = object({
  name: TEXT,
  type: described(TEXT, "Vitess' name: INT64"),
  'table?': TEXT,
  'orgTable?': TEXT,
  'database?': TEXT,
  'orgName?': TEXT,
  charset: WHOLE,
  'flags?': WHOLE,
  'decimals?': WHOLE,
  columnType: TEXT,
});
const RESULT: Schema = object({
  'fields?': arrayOf(FIELD),
  'rows?': arrayOf(
    object({ lengths: described(arrayOf(TEXT), 'in bytes; -1: NULL'), values: described(TEXT, 'base64') }),
  ),
  'rowsAffected?': TEXT,
  'insertId?': TEXT,
});

const NEW_SESSION = {
  signature: '',
  vitessSession: { autocommit: true, inTransaction: false, isPlain: true, lastInsertId: '0' },
};

export const PSDB_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/psdb.v1alpha1.Database/CreateSession',
    tag: TAG,
    summary: 'a session to begin with',
    body: { [JSON_MEDIA]: ANYTHING },
    answers: { 200: jsonAnswer('the session', object({ session: SESSION })) },
    errorForm: object({ error: ERROR }),
    examples: [{ name: 'new', body: {}, status: 200, answer: { session: NEW_SESSION } }],
  },
  {
    method: 'POST',
    path: '/psdb.v1alpha1.Database/Execute',
    tag: TAG,
    summary: 'one statement',
    body: { [JSON_MEDIA]: { ...object({ query: TEXT, 'session?': orNull(SESSION) }), additionalProperties: true } },
    answers: {
      200: jsonAnswer(
        'the result, or what went wrong',
        object({
          session: SESSION,
          'result?': RESULT,
          'error?': ERROR,
          timing: described({ type: 'number' }, 'seconds'),
        }),
      ),
    },
    errorForm: object({ error: ERROR }),
    errors: [400],
    examples: [
      {
        name: 'read',
        body: { query: 'SELECT name, stock FROM shop.item WHERE id = 1', session: null },
        status: 200,
        answer: {
          session: NEW_SESSION,
          result: {
            fields: [
              {
                name: 'name',
                type: 'VARCHAR',
                table: 'item',
                orgTable: 'item',
                database: 'shop',
                orgName: 'name',
                charset: 255,
                flags: 5,
                columnType: 'varchar(40)',
              },
              {
                name: 'stock',
                type: 'INT32',
                table: 'item',
                orgTable: 'item',
                database: 'shop',
                orgName: 'stock',
                charset: 63,
                flags: 128,
                columnType: 'int',
              },
            ],
            rows: [{ lengths: ['3', '2'], values: 'dGVhMTA=' }],
          },
          timing: 0.000512,
        },
      },
      {
        name: 'wrong',
        body: { query: 'SELECT nothing FROM shop.item' },
        status: 200,
        answer: {
          session: NEW_SESSION,
          error: {
            code: 'INVALID_ARGUMENT',
            message:
              "rpc error: code = InvalidArgument desc = Unknown column 'nothing' in 'field list' (errno 1054) (sqlstate 42S22)",
          },
          timing: 0.000512,
        },
      },
    ],
  },
];
