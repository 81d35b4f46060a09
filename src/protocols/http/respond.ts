/** Answers, written to the raw response: head and body in one packet, without Fastify's serializers. */
import type { ServerResponse } from 'node:http';
import { errorAnswer } from './failures.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

export function sendJson(response: ServerResponse, status: number, json: string): void {
  if (response.destroyed) return;
  // A flat array is what Node writes fastest; the length spares chunked encoding.
  response.writeHead(status, ['content-type', JSON_TYPE, 'content-length', String(Buffer.byteLength(json))]);
  response.end(json);
}

/** JSON as binary text (util/binary-text.ts): its length is its bytes. */
export function sendBinaryJson(response: ServerResponse, json: string): void {
  if (response.destroyed) return;
  response.writeHead(200, ['content-type', JSON_TYPE, 'content-length', String(json.length)]);
  response.end(json, 'latin1');
}

export function sendError(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    // The middle of an answer cannot be turned into an error: the client must see that it is cut.
    response.destroy();
    return;
  }
  const { status, json } = errorAnswer(thrown);
  if (status === 401) response.setHeader('www-authenticate', 'Basic realm="sluice", charset="UTF-8"');
  sendJson(response, status, json);
}
