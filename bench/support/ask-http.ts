import { Agent, get } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { SeededRandom } from '../../src/util/random.ts';
import type { KnownQuery } from './known-query.ts';
import { fillTemplate } from './template.ts';

/** The text of an answer. */
export async function askHttp(url: string, path: string): Promise<string> {
  const response = await fetch(`${url}${path}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: status ${response.status}, ${text}`);
  return text;
}

/**
 * Asks with values whose answers are known.
 * @returns the answers
 * @throws naming the first that is wrong
 */
export async function checkAnswers(
  url: string,
  query: Pick<KnownQuery, 'path' | 'draw' | 'expected'>,
  count: number,
  seed: number,
): Promise<string[]> {
  const random = new SeededRandom(seed);
  const answers: string[] = [];
  for (let i = 0; i < count; i++) {
    const values = query.draw(random);
    const path = fillTemplate(query.path, values);
    const text = await askHttp(url, path);
    const expected = query.expected(values);
    const isRight =
      typeof expected === 'number' ? text.trim() === String(expected) : isDeepStrictEqual(JSON.parse(text), expected);
    if (!isRight) throw new Error(`${path}: ${text}\n  instead of ${JSON.stringify(expected)}`);
    answers.push(text);
  }
  return answers;
}

/** Asks for all of them, `atOnce` at a time; what is answered is not looked at. */
export async function askAll(url: string, paths: Iterable<string>, atOnce: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const rest = paths[Symbol.iterator]();
  const askOn = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await askOne(`${url}${next.value}`, agent);
  };
  await Promise.all(Array.from({ length: atOnce }, askOn));
  agent.destroy();
}

function askOne(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url}: status ${response.statusCode}`));
      });
    });
    request.on('error', reject);
  });
}
