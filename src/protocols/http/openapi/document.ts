/**
 * `GET /openapi.json`: the OpenAPI 3.1 document of all routes, made of the tables in this folder (route.ts tells their form). It is made once, when it is asked
 * for first.
 */
import { SLUICE_VERSION } from '../../../version.ts';
import { COMPONENTS } from './components.ts';
import { KEY_ROUTES } from './key-routes.ts';
import { LIST_ROUTES } from './list-routes.ts';
import { OPERATION_ROUTES } from './operation-routes.ts';
import { PSDB_ROUTES } from './psdb-routes.ts';
import { type Example, JSON_MEDIA, type Parameter, type Route } from './route.ts';
import { ref, type Schema } from './schema.ts';
import { SQL_ROUTES } from './sql-routes.ts';

/** In the order in which their examples can be run. */
export const ROUTES: readonly Route[] = [
  ...SQL_ROUTES,
  ...LIST_ROUTES,
  ...KEY_ROUTES,
  ...PSDB_ROUTES,
  ...OPERATION_ROUTES,
];

const ERRORS: Readonly<Record<number, string>> = {
  400: 'the request or the statement is wrong',
  403: 'not allowed',
  404: 'no such table, database, session or key',
  409: 'a duplicate, a foreign key, or a conflict between transactions',
  412: 'a condition does not hold; nothing was done',
  413: 'too many rows, or too long a body',
  422: 'a value does not fit',
  501: 'not supported in front of a MySQL server',
  503: 'overload, or the server starts or stops',
};

const DESCRIPTION = `MySQL, lists, and a tree of keys over HTTP with JSON. What each route does, docs/http.md, docs/lists.md and docs/keys.md tell with examples.
HEAD works where GET does. What a request's content type says does not matter, but for forms at \`/\`.`;

let text: string | null = null;

/** As JSON. */
export function openApiJson(): string {
  text ??= JSON.stringify(openApiDocument());
  return text;
}

function openApiDocument(): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of ROUTES) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version: SLUICE_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    // Without configured users, everyone on this machine is root: then there is no need of a name.
    security: [{ basic: [] }, {}],
    paths,
    components: {
      schemas: COMPONENTS,
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
    },
  };
}

function operation(route: Route): Schema {
  const { method, path, tag, summary, description, isPublic = false, parameters = [], body, examples } = route;
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters: parameters.map((parameter) => parameterOf(parameter, examples)) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: contentOf(
              body,
              examples.filter((example) => example.body !== undefined),
              (example) => example.body,
            ),
          },
        }),
    responses: responsesOf(route),
  };
}

/** `getV1KeysPath`: names for generated clients. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const capitals = words.map((word) => word[0]!.toUpperCase() + word.slice(1));
  return method.toLowerCase() + (capitals.length === 0 ? 'Root' : capitals.join(''));
}

function parameterOf(parameter: Parameter, examples: readonly Example[]): Schema {
  const given = examples.filter(({ parameters }) => parameters?.[parameter.name] !== undefined);
  if (given.length === 0) return { ...parameter };
  return {
    ...parameter,
    examples: namedExamples(given, ({ parameters }) => typed(parameter, parameters?.[parameter.name])),
  };
}

/** As the parameter's schema has it: an example is a value, not its text in a URL. */
function typed({ schema }: Parameter, value: string | undefined): unknown {
  if (schema.type === 'integer') return Number(value);
  return schema.type === 'boolean' ? value === 'true' : value;
}

function responsesOf({ answers, errors = [], errorForm = ref('Error'), isPublic = false, examples }: Route): Schema {
  const responses: Record<string, Schema> = {};
  const at = (status: number): Example[] => examples.filter((example) => example.status === status);
  for (const [status, { description, content }] of Object.entries(answers)) {
    responses[status] = { description, content: contentOf(content, at(Number(status)), ({ answer }) => answer) };
  }
  const failure = (description: string, given: readonly Example[] = []): Schema => ({
    description,
    content: contentOf({ [JSON_MEDIA]: errorForm }, given, ({ answer }) => answer),
  });
  if (!isPublic) responses[401] = failure('not that user');
  for (const status of errors) responses[status] = failure(ERRORS[status]!, at(status));
  responses.default = failure('another failure, with its status: docs/http.md, "Errors"');
  return responses;
}

/** Examples are of the first media type. */
function contentOf(
  content: Readonly<Record<string, Schema>>,
  examples: readonly Example[],
  value: (example: Example) => unknown,
): Schema {
  return Object.fromEntries(
    Object.entries(content).map(([media, schema], index) => [
      media,
      { schema, ...(index > 0 || examples.length === 0 ? {} : { examples: namedExamples(examples, value) }) },
    ]),
  );
}

function namedExamples(examples: readonly Example[], value: (example: Example) => unknown): Schema {
  return Object.fromEntries(examples.map((example) => [example.name, { value: value(example) }]));
}
