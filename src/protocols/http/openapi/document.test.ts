import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { TestGate } from '../../../gate/testing.suite.ts';
import { HttpServer } from '../server.ts';
import { AnswerChecks } from './answer-checks.suite.ts';
import { openApiJson, ROUTES } from './document.ts';

describe('the tables of routes', () => {
  it('are the routes that the server has', async () => {
    const gate = new TestGate();
    const server = new HttpServer(gate.gate);
    const registered = [...server.routes].sort();
    await server.close();
    await gate.close();
    const told = ROUTES.flatMap(({ method, path }) =>
      method === 'GET' ? [`GET ${path}`, `HEAD ${path}`] : [`${method} ${path}`],
    );
    expect(told.sort()).toEqual(registered);
  });

  it('name the parts of each path, and only those', () => {
    for (const { path, parameters = [] } of ROUTES) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(parts);
    }
  });

  it('have examples whose bodies, parameters and answers are as their schemas say', () => {
    const checks = new AnswerChecks();
    for (const route of ROUTES) {
      for (const example of route.examples) {
        const known = (route.parameters ?? []).map(({ name }) => name);
        expect(Object.keys(example.parameters ?? {}).filter((name) => !known.includes(name))).toEqual([]);
        expect(checks.bodyFaults(route, example.body)).toEqual([]);
        expect(checks.answerFaults(route, example.status, example.answer)).toEqual([]);
      }
    }
  });

  it('would find an answer with a member that is not told', () => {
    const checks = new AnswerChecks();
    const route = ROUTES.find(({ path }) => path === '/healthz')!;
    expect(checks.answerFaults(route, 200, { status: 'ok', more: 1 })).not.toEqual([]);
    expect(checks.answerFaults(route, 204, { status: 'ok' })).not.toEqual([]);
  });
});

describe('/openapi.json', () => {
  it("is what OpenAPI's own schema says", async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(openApiJson()) as Record<string, unknown>)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('names each operation once, for clients that are generated', () => {
    const { paths } = JSON.parse(openApiJson()) as { paths: Record<string, Record<string, { operationId: string }>> };
    const names = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(names).toHaveLength(ROUTES.length);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z0-9]+$/);
  });
});
