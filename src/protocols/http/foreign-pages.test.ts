import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { refuseForeignPages } from './foreign-pages.ts';
import { start } from './test-server.suite.ts';

function request(method: string, url: string, headers: Record<string, string>): IncomingMessage {
  return { method, url, headers: { host: '127.0.0.1:3888', ...headers } } as unknown as IncomingMessage;
}

const LINK = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

describe('a page of another site', () => {
  it.each([
    ['GET', '/?command=delete&type=*', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['GET', '/?command=select&type=*', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
    ['GET', '/?command=delete&type=*', LINK],
    ['GET', '/?%63ommand=delete&type=*', LINK],
    ['GET', '/?command=select&command=delete&type=*', LINK],
    ['POST', '/?command=select&type=*', LINK],
    ['POST', '/v1/sql', { origin: 'https://elsewhere.example' }],
    ['POST', '/v1/sql', { origin: 'null' }],
    ['POST', '/v1/sql', { origin: 'http://127.0.0.1:8080' }],
  ])('may not %s %s with %j', (method, url, headers) => {
    expect(() => refuseForeignPages(request(method, url, headers))).toThrow(/another site/);
  });

  it.each([
    ['GET', '/?command=select&type=*', LINK],
    ['GET', '/v1/status/lists', LINK],
    ['POST', '/v1/sql', { origin: 'http://127.0.0.1:3888' }],
    ['POST', '/v1/sql', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:3888' }],
    ['POST', '/v1/sql', { 'sec-fetch-site': 'none' }],
    ['POST', '/v1/sql', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8080' }],
    ['POST', '/v1/sql', {}],
  ])('what is none may %s %s with %j', (method, url, headers) => {
    expect(() => refuseForeignPages(request(method, url, headers))).not.toThrow();
  });

  it('is answered with 403 and the reason', async () => {
    const { fetch, gate } = await start(() => ({ kind: 'list', json: '[]', isBinary: false }));
    const answer = await fetch('/?command=delete&type=*', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'HTTP_CROSS_SITE', retryable: false } });
    expect(gate.sessions).toEqual([]);
  });
});
