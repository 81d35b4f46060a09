/** The examples of /openapi.json, one after the other, are sent to a server: it answers with their status, what the schemas allow, and what they show. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnswerChecks } from '../../src/protocols/http/openapi/answer-checks.suite.ts';
import { ROUTES } from '../../src/protocols/http/openapi/document.ts';
import { EVENTS_MEDIA, type Example, JSON_MEDIA, type Route } from '../../src/protocols/http/openapi/route.ts';
import { EXAMPLE_TOKEN } from '../../src/protocols/http/openapi/sql-routes.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

/** What a MariaDB behind Sluice answers in its own way: only the answer's form is looked at there. */
const OTHER_IN_FRONT: readonly string[] = [
  // It counts one row for CREATE DATABASE.
  'POST /v1/batch: definitions',
  // Its messages.
  'POST /v1/sql: duplicate',
  'POST /psdb.v1alpha1.Database/Execute: wrong',
  // It has one more, that of the mirror.
  'GET /v1/status: all',
  // Not there: whoever else changes the tables would not be seen.
  'GET /v1/keys/watch: watch',
];

describe('/openapi.json', () => {
  const checks = new AnswerChecks();
  let server: SluiceServer;
  /** The last one that an answer gave. */
  let token = '';

  beforeAll(async () => {
    server = await startStoreUnderTest();
  });
  afterAll(async () => {
    await server.stop();
  });

  async function send(
    { method, path, parameters = [] }: Route,
    { parameters: given = {}, body }: Example,
  ): Promise<Response> {
    const url = new URL(server.httpUrl);
    const headers: Record<string, string> = {};
    let place = path;
    for (const { name, in: where } of parameters) {
      const value = given[name]?.replaceAll(EXAMPLE_TOKEN, token);
      if (value === undefined) continue;
      if (where === 'path') place = place.replace(`{${name}}`, encodeURIComponent(value));
      else if (where === 'query') url.searchParams.set(name, value);
      else headers[name] = value;
    }
    url.pathname = place;
    return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  it('is what the server gives', async () => {
    const document = (await (await fetch(`${server.httpUrl}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths).sort()).toEqual([...new Set(ROUTES.map(({ path }) => path))].sort());
  });

  it.each(
    ROUTES.flatMap((route) =>
      route.examples.map((example) => ({ route, example, name: `${route.method} ${route.path}: ${example.name}` })),
    ),
  )('$name', async ({ route, example }) => {
    const response = await send(route, example);
    const media = response.headers.get('content-type')?.split(';')[0] ?? '';
    if (media === EVENTS_MEDIA) {
      expect(checks.mediaTypes(route, response.status)).toContain(media);
      expect(stable(await firstEvent(response))).toEqual(stable(example.answer));
      return;
    }
    expect(media).toBe(JSON_MEDIA);
    const answer = (await response.json()) as unknown;
    // Its lists make a table by their first insert, which is for the embedded store alone.
    const isOther =
      IS_IN_FRONT &&
      (route.tag === 'lists' || OTHER_IN_FRONT.includes(`${route.method} ${route.path}: ${example.name}`));
    if (!isOther)
      expect({ status: response.status, answer: stable(answer) }).toMatchObject({
        status: example.status,
        answer: stable(example.answer),
      });
    expect(checks.answerFaults(route, response.status, answer)).toEqual([]);
    token = tokenOf(answer) ?? token;
  });

  it.each(ROUTES.filter((route) => route.method === 'GET' && route.examples.length === 0))(
    '$method $path, which shows no example',
    async (route) => {
      const response = await send(route, { name: 'none', status: 200, answer: null });
      const media = response.headers.get('content-type')?.split(';')[0] ?? '';
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(checks.mediaTypes(route, 200)).toEqual([media]);
      expect(checks.answerFaults(route, 200, media === JSON_MEDIA ? JSON.parse(text) : text)).toEqual([]);
    },
  );

  it('has an example for each route that changes something', () => {
    const without = ROUTES.filter(({ method, examples }) => method !== 'GET' && examples.length === 0);
    expect(without).toEqual([]);
  });
});

function tokenOf(answer: unknown): string | undefined {
  const { session } = (answer ?? {}) as { session?: unknown };
  return typeof session === 'string' ? session : undefined;
}

/** Without what differs from run to run: commits' numbers, tokens, times. */
function stable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/"(seq|version|timing)":[\d.]+/g, '"$1":0')
      .replaceAll(/"session":"[\w-]{24}"/g, `"session":"${EXAMPLE_TOKEN}"`)
      .replaceAll(/id: \d+|\\"seq\\":\d+/g, 'seq'),
  ) as unknown;
}

async function firstEvent(response: Response): Promise<string> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!/\ndata: .*\n\n/.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
