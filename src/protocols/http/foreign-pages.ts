/**
 * Requests that a browser sends for a page of another site: it cannot read the answer, but a write would be done. Without users it would be done as `root`, by whatever
 * page is open in a browser on this machine. Browsers tell (w3.org/TR/fetch-metadata); other clients send none of these headers.
 */
import type { IncomingMessage } from 'node:http';
import { HttpFailure } from './failures.ts';
import { parseQuery } from './query-string.ts';

/** What a link may lead to: commands that change nothing. */
const READING = new Set(['select', 'count', 'get', 'tables', 'stat']);

/** Throws 403. */
export function refuseForeignPages(request: IncomingMessage): void {
  const { headers } = request;
  if (headers['sec-fetch-site'] !== 'cross-site' && !isForeignOrigin(headers)) return;
  if (headers['sec-fetch-mode'] === 'navigate' && isPlainRead(request)) return;
  throw new HttpFailure(
    403,
    'HTTP_CROSS_SITE',
    'a page of another site asks; put a proxy in front that serves both from one origin, or that removes Sec-Fetch-Site and Origin for the sites that you trust',
  );
}

/** Browsers that send no fetch metadata send at least this with what is not a plain GET. */
function isForeignOrigin({ origin, host, 'sec-fetch-site': site }: IncomingMessage['headers']): boolean {
  if (origin === undefined || site !== undefined) return false;
  return origin.replace(/^https?:\/\//, '') !== host;
}

function isPlainRead({ method, url = '/' }: IncomingMessage): boolean {
  if (method !== 'GET') return false;
  const commands = parseQuery(url).filter(([name]) => name === 'command');
  return commands.every(([, command]) => READING.has(command));
}
