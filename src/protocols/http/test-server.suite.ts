/** For tests of the HTTP protocol: a server on a free port over a gate that the test scripts. It is closed after the test. */
import { afterEach } from 'vitest';
import { type Answer, FakeGate } from './fake-gate.suite.ts';
import { HttpServer, type HttpServerOptions } from './server.ts';

let servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});

export interface Running {
  readonly gate: FakeGate;
  readonly port: number;
  readonly server: HttpServer;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export async function start(
  answer: Answer,
  options?: HttpServerOptions,
  gate: FakeGate = new FakeGate(answer),
): Promise<Running> {
  const server = new HttpServer(gate, options);
  servers.push(server);
  const port = await server.listen(0, '127.0.0.1');
  const request = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, init);
  const post = (path: string, body: unknown, headers = {}): Promise<Response> =>
    request(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { gate, port, server, fetch: request, post };
}
