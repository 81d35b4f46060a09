/**
 * The peer of the HTTP claims: what Node's own server can do at best. It reads no request and computes no answer, but sends
 * the answers that Sluice gave to a sample of the requests, one after another.
 *
 * Arguments: port, file with the sample (a JSON array of texts).
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, sampleFile = ''] = process.argv.slice(2);
const sample = (JSON.parse(readFileSync(sampleFile, 'utf8')) as string[]).map((text) => Buffer.from(text));
let next = 0;

const server = createServer((_request, response) => {
  next = next + 1 === sample.length ? 0 : next + 1;
  const body = sample[next];
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body?.length ?? 0 });
  response.end(body);
});
// As Sluice keeps them: connections that are idle for a while are part of what is measured.
server.keepAliveTimeout = 72_000;
// 10,000 connections come at once; the kernel cuts this to what it allows.
const BACKLOG = 65_535;
server.listen({ port: Number(port), host: '127.0.0.1', backlog: BACKLOG }, () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
