/** Answers of any length as lines of JSON (`application/x-ndjson`), no faster than the client reads. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

const NDJSON = 'application/x-ndjson';

export function wantsLines({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes(NDJSON) === true;
}

export function beginLines(response: ServerResponse): void {
  response.writeHead(200, ['content-type', `${NDJSON}; charset=utf-8`]);
}

/** Waits while the client reads more slowly than rows come. False when it has gone. */
export async function sendLines(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return false;
  if (text === '' || response.write(text)) return true;
  const left = new AbortController();
  const gone = (): void => left.abort();
  response.once('close', gone);
  try {
    await once(response, 'drain', { signal: left.signal });
    return true;
  } catch (error) {
    if (left.signal.aborted || response.destroyed) return false;
    throw error;
  } finally {
    response.off('close', gone);
  }
}
