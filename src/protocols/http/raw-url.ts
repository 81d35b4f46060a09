/**
 * URLs with bytes beyond ASCII. Node's parser refuses them, but TCSQL's clients send them: `where=name:STREQ:江湖` typed into curl or put
 * into PHP's file_get_contents(). Such a request is read here instead, if it is a GET that arrived in one piece, and answered on a
 * connection that is then closed.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What Node's parser reports about a request it could not read. */
export interface ParserFailure extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/** The request in a packet that Node's parser refused for its URL; null when it is anything else. */
export function readRawRequest(error: ParserFailure, socket: Socket): IncomingMessage | null {
  if (error.code !== 'HPE_INVALID_URL' || !Buffer.isBuffer(error.rawPacket)) return null;
  const packet = error.rawPacket.toString('latin1');
  const match = /^(GET|HEAD) (\/[^\s]*) HTTP\/1\.[01]\r\n((?:[^\r\n]+\r\n)*)\r\n$/.exec(packet);
  if (match === null) return null;
  const [, method, url, headers = ''] = match;
  const request = new IncomingMessage(socket);
  request.method = method;
  request.url = url;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  for (const line of headers.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) request.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return request;
}

/** The response to such a request; it closes the connection when it has been sent. */
export function rawResponse(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  return response;
}
