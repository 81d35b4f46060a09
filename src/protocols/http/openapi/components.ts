/** Schemas that several routes share, by name. */
import { KEY_OPERATION_SCHEMAS } from './key-operations.ts';
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

const VALUE_TYPES = ['null', 'boolean', 'integer', 'double', 'bigint', 'date', 'string', 'bytes', 'array', 'object'];

const error: Schema = object({
  error: object({
    code: described(TEXT, 'a name of docs/errors.md'),
    message: described(TEXT, 'what was wrong, and what would be right'),
    'errno?': described(WHOLE, "MySQL's; absent where the HTTP request itself is wrong"),
    'sqlstate?': described(TEXT, "MySQL's"),
    retryable: described(FLAG, 'the same request, or transaction, may succeed when it is sent again'),
  }),
});

const field: Schema = object({
  name: TEXT,
  type: described(TEXT, 'as MySQL writes it: int unsigned'),
  nullable: FLAG,
  'database?': TEXT,
  'table?': TEXT,
  'originalTable?': TEXT,
  'originalName?': TEXT,
});

const parameters: Schema = described(
  anyOf(arrayOf({}), mapOf({})),
  'values for ? in their order, or for :name and ::name (a list) by name. A number with a point is an exact DECIMAL, {"$bytes": "QUJD"} are bytes in base64',
);

const row: Schema = described(
  anyOf(arrayOf({}), mapOf({})),
  'by name of the column, or in their order. DECIMAL and integers beyond 2^53 are strings, BINARY is base64',
);

const entry: Schema = object({
  key: TEXT,
  type: words(...VALUE_TYPES, 'map', 'set', 'pointer', 'bits'),
  value: ref('KeyValue'),
  version: described(COUNT, 'grows with each change of the key'),
  expiresAt: described(orNull(WHOLE), 'milliseconds since 1970; null: never'),
});

const filter: Schema = described(
  anyOf(
    object({ test: TEXT, operands: arrayOf(ref('KeyValue')) }),
    object({ test: words('and', 'or'), filters: arrayOf(ref('KeyFilter')) }),
    object({ test: words('not'), filter: ref('KeyFilter') }),
  ),
  'a test of values: {"test": "gt", "operands": [18]}',
);

const keySet: Schema = described(
  anyOf(
    object({ find: ref('KeyPattern'), 'filter?': ref('KeyFilter'), 'superKeys?': WHOLE }),
    object({ op: words('and', 'or', 'except'), sets: arrayOf(ref('KeySet')), 'superKeys?': WHOLE }),
  ),
  'what a find finds, or sets of keys put together',
);

export const COMPONENTS: Readonly<Record<string, Schema>> = {
  Error: error,
  Field: field,
  Row: row,
  Parameters: parameters,
  Warning: object({ level: TEXT, code: WHOLE, message: TEXT }),
  InsertId: described(
    oneOf(COUNT, TEXT),
    'the first AUTO_INCREMENT value that was given; text beyond 2^53; 0: none was',
  ),
  KeyValue: described(
    {},
    'a value in JSON; {"$date": ms}, {"$bytes": base64}, {"$bigint": digits} and the like stand for what JSON has no form for: docs/keys.md',
  ),
  KeyPattern: described(TEXT, 'user.001, user.*, user.*.age, *'),
  KeyEntry: entry,
  KeyPage: object({ entries: arrayOf(ref('KeyEntry')), cursor: orNull(TEXT) }),
  KeysPage: object({ keys: arrayOf(TEXT), cursor: orNull(TEXT) }),
  KeyFilter: filter,
  KeySet: keySet,
  KeyOperation: described(oneOf(...Object.values(KEY_OPERATION_SCHEMAS)), 'its name, and its members: docs/keys.md'),
  KeyOutcome: oneOf(object({ result: {} }), ref('Error')),
};
