import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestGate } from '../../gate/testing.suite.ts';
import { TEST_TLS } from '../mysql/test-certificate.suite.ts';
import { HttpServer } from './server.ts';

let gate: TestGate;
let server: HttpServer;
let port: number;

beforeAll(async () => {
  gate = new TestGate();
  server = new HttpServer(gate.gate, { tls: TEST_TLS });
  port = await server.listen(0, '127.0.0.1');
  await gate.session().execute('CREATE TABLE feed (id INT PRIMARY KEY)');
});

afterAll(async () => {
  await server.close();
  await gate.close();
});

function ask(method: string, path: string, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('HTTP over TLS', () => {
  test('answers lists, statements and probes', async () => {
    expect(await ask('GET', '/?command=select&type=*&table=main.feed')).toMatch(/^200 /);
    expect(await ask('POST', '/v1/sql', '{"sql": "SELECT 7 AS n"}')).toContain('"rows":[{"n":7}]');
    expect(await ask('GET', '/healthz')).toBe('200 {"status":"ok"}');
  });

  test('says nothing to those who speak plainly', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});
