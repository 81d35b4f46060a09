/** A URL's query in one pass: the hot route's parser, and the only one here. */
import type { IncomingMessage } from 'node:http';
import { MAX_URL_BYTES } from '../../limits.ts';
import { HttpFailure } from './failures.ts';
import { utf8Text } from './utf8-text.ts';

export type QueryParameters = readonly (readonly [name: string, value: string])[];

/** A request's URL. Throws 414 for one that is too long. */
export function checkedUrl(request: Pick<IncomingMessage, 'url'>): string {
  const url = request.url ?? '/';
  if (url.length > MAX_URL_BYTES)
    throw new HttpFailure(414, 'HTTP_URL_TOO_LONG', `the URL is longer than ${MAX_URL_BYTES} bytes`);
  return url;
}

/** The parameters of a request. Throws 414 for a URL that is too long. */
export function readQuery(request: IncomingMessage): QueryParameters {
  return parseQuery(checkedUrl(request));
}

/**
 * The parameters of `url` in their order, decoded. As libevent did it for TCSQL: `+` is a blank, and a `%` that two hex digits do not
 * follow stands for itself. A part without `=` has an empty value; empty parts are left out. Throws ER_BAD_PARAMETER for bytes that are no UTF-8: what
 * they might have meant (another encoding, a value cut off) must not be guessed, least of all for a delete.
 */
export function parseQuery(url: string): QueryParameters {
  const start = url.indexOf('?') + 1;
  if (start === 0) return [];
  const hash = url.indexOf('#', start);
  return parseParameters(url, start, hash < 0 ? url.length : hash);
}

/** The same for a body of application/x-www-form-urlencoded, its bytes as latin1. */
export function parseForm(body: string): QueryParameters {
  return parseParameters(body, 0, body.length);
}

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;

function parseParameters(text: string, from: number, to: number): QueryParameters {
  const parameters: [string, string][] = [];
  let start = from;
  let equals = -1;
  let plainName = true;
  let plain = true;
  for (let at = from; at <= to; at++) {
    const code = at === to ? AMPERSAND : text.charCodeAt(at);
    if (code === AMPERSAND) {
      if (at > start) {
        const nameEnd = equals < 0 ? at : equals;
        const namePlain = equals < 0 ? plain : plainName;
        const rawName = text.slice(start, nameEnd);
        const name = namePlain ? rawName : decode(rawName, "a parameter's name");
        const value = equals < 0 ? '' : text.slice(equals + 1, at);
        parameters.push([name, plain ? value : decode(value, name.slice(0, 100))]);
      }
      start = at + 1;
      equals = -1;
      plainName = true;
      plain = true;
    } else if (code === EQUALS && equals < 0) {
      equals = at;
      plainName = plain;
      plain = true;
    } else if (code === PERCENT || code === PLUS || code > 0x7f) plain = false;
  }
  return parameters;
}

/** Node gives a URL's bytes as latin1, so characters beyond ASCII are bytes too. */
function decode(text: string, what: string): string {
  const bytes = Buffer.allocUnsafe(text.length);
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === PLUS) bytes[size++] = 0x20;
    else if (code === PERCENT) {
      const byte = hexByte(text, at + 1);
      bytes[size++] = byte < 0 ? PERCENT : byte;
      if (byte >= 0) at += 2;
    } else bytes[size++] = code;
  }
  return utf8Text(bytes.subarray(0, size), what);
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
