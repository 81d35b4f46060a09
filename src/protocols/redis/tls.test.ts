import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestGate } from '../../gate/testing.suite.ts';
import { JsonServer } from '../json/server.ts';
import { TEST_TLS } from '../mysql/test-certificate.suite.ts';
import { RedisServer } from './server.ts';

let gate: TestGate;
beforeAll(() => {
  gate = new TestGate();
});
afterAll(() => gate.close());

const PORTS = [
  {
    name: 'Redis',
    open: () => new RedisServer(gate.gate, { serverVersion: '0', tls: TEST_TLS }),
    says: 'SET a 1\r\nGET a\r\n',
    hears: '+OK\r\n$1\r\n1\r\n',
  },
  {
    name: 'JSON',
    open: () => new JsonServer(gate.gate, { tls: TEST_TLS }),
    says: '{"user":"root","password":"","type":"login"}\n',
    hears: '{"code":0,"message":"success"',
  },
];

describe.each(PORTS)('$name over TLS', ({ open, says, hears }) => {
  test('answers those who speak it, and sends others away', async () => {
    const server = open();
    const port = await server.listen(0, '127.0.0.1');
    const plain = connect(port, '127.0.0.1');
    plain.on('error', () => undefined);
    const gone = new Promise((resolve) => plain.on('close', resolve));
    plain.resume().write(says);
    await gone;
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    socket.write(says);
    while (heard.length < hears.length) await new Promise((resolve) => socket.once('data', resolve));
    expect(heard.slice(0, hears.length)).toBe(hears);
    socket.destroy();
    await server.close();
  });
});
