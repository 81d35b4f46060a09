import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 100;

/**
 * While `load` runs, and has run for `afterMs`, new clients come: each opens a connection, asks, and takes its answer to the end.
 * @returns how long each took, in milliseconds
 * @throws if one was not answered, or not with `expected`
 */
export async function newClientsDuring(
  { url, path, expected, afterMs }: { url: string; path: string; expected: string; afterMs: number },
  load: () => Promise<unknown>,
): Promise<number[]> {
  let running = true;
  const done = load().finally(() => {
    running = false;
  });
  const tookMs: number[] = [];
  await Promise.race([sleep(afterMs), done]);
  while (running) {
    const startedAt = performance.now();
    const answer = await askOnce(`${url}${path}`);
    tookMs.push(performance.now() - startedAt);
    if (answer !== expected) throw new Error(`${url}${path}: ${answer}\n  instead of ${expected}`);
    await Promise.race([sleep(EVERY_MS), done]);
  }
  await done;
  return tookMs;
}

function askOnce(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Without an agent the connection is this request's own.
    const request = get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
