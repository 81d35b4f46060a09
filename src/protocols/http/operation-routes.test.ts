/** /v1/status, /v1/config, /metrics and KILL over HTTP, in front of a real gate. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedOperations } from '../../gate/embedded-operations.ts';
import { TestGate } from '../../gate/testing.suite.ts';
import { HttpServer } from './server.ts';

let gate: TestGate;
let server: HttpServer;
let url: string;
let broken: Error | null = null;
let reloads = 0;

beforeAll(async () => {
  gate = new TestGate({
    accounts: [
      { name: 'root', password: 'secret' },
      { name: 'reader', password: 'r', role: 'reader' },
    ],
  });
  const operations = embeddedOperations(gate.gate, async () => {
    if (broken !== null) throw broken;
    reloads++;
  });
  server = new HttpServer(gate.gate, { operations });
  url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
});

afterAll(async () => {
  await server.close();
  await gate.close();
});

async function ask(
  path: string,
  init: RequestInit = {},
  who = 'root:secret',
): Promise<{ status: number; text: string }> {
  const authorization = `Basic ${Buffer.from(who).toString('base64')}`;
  const response = await fetch(url + path, { ...init, headers: { authorization } });
  return { status: response.status, text: await response.text() };
}

async function json(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const { status, text } = await ask(path, init);
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('pages of status', () => {
  test('are named, and each answers', async () => {
    const session = gate.session();
    await session.rows('SELECT 1');
    await session.errno('SELECT nothing');
    const { pages } = (await json('/v1/status')) as { pages: string[] };
    expect(pages).toContain('plans');
    for (const page of pages) await json(`/v1/status/${page}`);
    expect(await json('/v1/status/plans')).toMatchObject({ plans: expect.arrayContaining([]) });
    expect(JSON.stringify(await json('/v1/status/plans'))).toContain('"statement":"SELECT ?"');
    expect(await json('/v1/status/errors')).toEqual({
      errors: [{ code: 'ER_BAD_FIELD_ERROR', errno: 1054, count: 1 }],
    });
    expect(await json('/v1/status/users')).toMatchObject({
      users: [{ name: 'reader', role: 'reader' }, { name: 'root' }],
    });
  });

  test('are for administrators; one that is not there says which there are', async () => {
    expect((await ask('/v1/status/plans', {}, 'reader:r')).status).toBe(403);
    expect((await ask('/v1/status/plans', {}, 'reader:wrong')).status).toBe(401);
    const { status, text } = await ask('/v1/status/nothing');
    expect(status).toBe(404);
    expect(text).toContain('there are consolidations, errors, latency');
    expect((await ask('/v1/status/plans?kind=scan')).text).toContain("unknown parameter 'kind'; there are none");
  });
});

describe('KILL', () => {
  test('ends a session; one that is not there is 404', async () => {
    const session = gate.session();
    let ended = false;
    session.session.onKill = () => {
      ended = true;
    };
    const path = `/v1/status/queries/${session.session.id}/kill`;
    expect((await ask(path, { method: 'POST' }, 'reader:r')).status).toBe(403);
    expect(await json(path, { method: 'POST' })).toEqual({ killed: session.session.id, what: 'query' });
    expect(ended).toBe(false);
    await json(`${path}?connection=true`, { method: 'POST' });
    expect(ended).toBe(true);
    expect((await ask(path, { method: 'POST' })).status).toBe(404);
    expect((await ask('/v1/status/queries/x/kill', { method: 'POST' })).status).toBe(404);
  });

  test.each(['conection=true', 'connection=yes', 'connection=true&connection=true'])(
    '?%s ends nothing',
    async (query) => {
      const session = gate.session();
      let ended = false;
      session.session.onKill = () => {
        ended = true;
      };
      const { status, text } = await ask(`/v1/status/queries/${session.session.id}/kill?${query}`, { method: 'POST' });
      expect([status, text]).toEqual([400, expect.stringContaining('connection')]);
      expect(ended).toBe(false);
    },
  );
});

describe('settings', () => {
  const patch = (body: string, who?: string) => ask('/v1/config', { method: 'PATCH', body }, who);

  test('are shown and set, with or without sluice_ before them', async () => {
    expect(await json('/v1/config')).toMatchObject({ sluice_max_result_rows: 1_000_000 });
    const set = { method: 'PATCH', body: '{"max_result_rows": 5, "sluice_consolidation": false}' };
    expect(await json('/v1/config', set)).toMatchObject({ sluice_max_result_rows: 5, sluice_consolidation: 0 });
    expect(await gate.session().rows("SHOW GLOBAL VARIABLES LIKE 'sluice_max_result_rows'")).toEqual([
      ['sluice_max_result_rows', '5'],
    ]);
    const unset = { method: 'PATCH', body: '{"max_result_rows": null, "consolidation": null}' };
    expect(await json('/v1/config', unset)).toMatchObject({
      sluice_max_result_rows: 1_000_000,
      sluice_consolidation: 1,
    });
  });

  test.each([
    ['{"max_result_rows": 5, "plan_cash": 7}', 400],
    ['{"max_result_rows": 5, "readers": 7}', 400],
    ['{"max_result_rows": 5, "plan_cache": "x"}', 400],
    ['{"max_result_rows": 5, "plan_cache": [1]}', 400],
    ['{"max_result_rows": 5, "plan_cache": 0}', 400],
    ['{"max_result_rows": 5, "slow_query_ms": -1}', 400],
    ['{"max_result_rows": 5, "slow_query_ms": 1.5}', 400],
    ['{"max_result_rows": 5, "slow_query_ms": 1e400}', 400],
    ['[]', 400],
    ['{', 400],
  ])('%s is refused, and nothing is set', async (body, status) => {
    expect((await patch(body)).status).toBe(status);
    expect(await json('/v1/config')).toMatchObject({ sluice_max_result_rows: 1_000_000 });
  });

  test('are an administrator’s', async () => {
    expect((await patch('{"max_result_rows": 5}', 'reader:r')).status).toBe(403);
  });

  test('files are read again; what is wrong with them is told', async () => {
    expect(await json('/v1/config/reload', { method: 'POST' })).toEqual({ reloaded: true });
    expect(reloads).toBe(1);
    broken = new Error('rule "x": action must be');
    const { status, text } = await ask('/v1/config/reload', { method: 'POST' });
    expect([status, text]).toEqual([422, expect.stringContaining('nothing has changed: rule \\"x\\"')]);
  });
});

describe('/metrics', () => {
  test('has counters and a histogram for each kind of plan, for any user', async () => {
    const { status, text } = await ask('/metrics', {}, 'reader:r');
    expect(status).toBe(200);
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{.*\})? [-+.\de]+)$/);
    expect(text).toContain('sluice_errors_total{code="ER_BAD_FIELD_ERROR"} 1');
    expect(text).toContain('sluice_statement_seconds_bucket{kind="scan",le="+Inf"}');
    expect((await ask('/metrics', {}, 'reader:wrong')).status).toBe(401);
  });
});
