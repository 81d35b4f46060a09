/**
 * The plainest of requests, `GET /?... HTTP/1.1` with a few harmless headers, read by hand: for it, Node's parser and its request and response objects take
 * twice as long as finding the answer. Whatever is not surely such a request, whole and without a body, is not read here but left to Node's parser, so that
 * there is one place that says what is HTTP and what is not.
 */

export interface PlainHead {
  /** `/?...`, ASCII without blanks. */
  readonly url: string;
  readonly authorization: string | undefined;
  /** Where the next request begins. */
  readonly end: number;
}

/** Headers as they were read before, which mostly come again with the next request of a connection. */
export interface KnownHeaders {
  /** With the end of the request line before, and the empty line behind. */
  readonly text: string;
  readonly authorization: string | undefined;
}

const START = 'GET /?';
const VERSION = ' HTTP/1.1';
const URL_START = START.indexOf('/');
/** What may stand in a URL; Node's parser says what is wrong with others. */
const URL_CHARACTERS = /^[\x21-\x7e]*$/;
const HEADER = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?[ \t]*$/;
/** Longer ones are Node's to refuse. */
const HEAD_CHARS_MAX = 16 * 1024;

/** Headers that change nothing about the answer to a list command, or that are understood here. */
const HARMLESS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cache-control',
  'connection',
  'cookie',
  'dnt',
  'host',
  'pragma',
  'referer',
  // Node's own fetch() sends this one without the others of its kind, by which browsers tell who asks (foreign-pages.ts).
  'sec-fetch-mode',
  'user-agent',
]);

/** The request that begins at `at`; null: it is for Node's parser. `known` are headers that readHeaders() gave. */
export function readPlainHead(text: string, at: number, known: KnownHeaders | null): (PlainHead & KnownHeaders) | null {
  if (!text.startsWith(START, at)) return null;
  const lineEnd = text.indexOf('\r\n', at);
  const urlEnd = lineEnd - VERSION.length;
  if (lineEnd < 0 || !text.startsWith(VERSION, urlEnd)) return null;
  const headers = known !== null && text.startsWith(known.text, lineEnd) ? known : readHeaders(text, lineEnd);
  if (headers === null) return null;
  const url = text.slice(at + URL_START, urlEnd);
  if (!URL_CHARACTERS.test(url)) return null;
  return { url, authorization: headers.authorization, text: headers.text, end: lineEnd + headers.text.length };
}

function readHeaders(text: string, lineEnd: number): KnownHeaders | null {
  const end = text.indexOf('\r\n\r\n', lineEnd);
  if (end < 0 || end - lineEnd > HEAD_CHARS_MAX) return null;
  const names = new Set<string>();
  let authorization: string | undefined;
  for (const line of text.slice(lineEnd + 2, Math.max(end, lineEnd + 2)).split('\r\n')) {
    const [, given = '', value = ''] = HEADER.exec(line) ?? [];
    const name = given.toLowerCase();
    // A header twice is Node's to put together, or to refuse.
    if (!HARMLESS.has(name) || names.has(name)) return null;
    if (name === 'connection' && value.toLowerCase() !== 'keep-alive') return null;
    if (name === 'authorization') authorization = value;
    names.add(name);
  }
  return names.has('host') ? { text: text.slice(lineEnd, end + 4), authorization } : null;
}
