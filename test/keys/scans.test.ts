/** Finds over many keys, split over real reader processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionKeys } from '../../src/gate/session-keys.ts';
import type { KeyEntry } from '../../src/keys/entries.ts';
import { type KeyServer, openKeyServer } from './support/key-server.ts';

const KEYS = 60_000;
const name = (i: number): string => `user.${String(i).padStart(6, '0')}.name`;

let server: KeyServer;
let keys: SessionKeys;

beforeAll(async () => {
  server = await openKeyServer({ readers: 3 });
  keys = new SessionKeys(server.session());
  await keys.putMany(Array.from({ length: KEYS }, (_, i) => [name(i), `value ${i % 1000}`] as const));
}, 60_000);
afterAll(() => server.close());

const contains = (text: string) => ({ test: 'contains', operands: [text] }) as const;

async function streamed(pattern: string, take = Number.POSITIVE_INFINITY): Promise<KeyEntry[]> {
  const outcome = await server.session().execute({ kind: 'key-stream', command: { op: 'find', pattern } });
  if (outcome.kind !== 'key-stream') throw new Error(outcome.kind);
  const entries: KeyEntry[] = [];
  for await (const chunk of outcome.chunks) {
    entries.push(...chunk);
    if (entries.length >= take) break;
  }
  return entries;
}

describe('a find that is split over readers', () => {
  const wanted = Array.from({ length: KEYS }, (_, i) => i).filter((i) => i % 1000 === 77);

  it('gives its entries in the order of their keys, forwards and backwards, as a whole and in pages', async () => {
    const filter = { test: 'eq', operands: ['value 77'] } as const;
    const found = async (options: { reverse?: boolean; limit?: number; cursor?: string }) =>
      keys.find('user.*', filter, options);
    expect((await found({})).entries.map(({ key }) => key)).toEqual(wanted.map(name));
    expect((await found({ reverse: true })).entries.map(({ key }) => key)).toEqual(wanted.map(name).reverse());
    const paged: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await found({ limit: 25, ...(cursor !== undefined && { cursor }) });
      paged.push(...page.entries.map(({ key }) => key));
      ({ cursor } = page);
    }
    expect(paged).toEqual(wanted.map(name));
    expect(await keys.count('user.*', contains('value 77'))).toBe((KEYS / 1000) * 11);
    expect(await keys.count('*')).toBe(KEYS);
  });

  it('streams everything, and may be left early', async () => {
    expect((await streamed('*')).map(({ key }) => key)).toEqual(Array.from({ length: KEYS }, (_, i) => name(i)));
    expect((await streamed('*', 10)).length).toBeLessThan(KEYS);
    // The readers are free again.
    expect(await keys.count('*')).toBe(KEYS);
  });

  it('sees one snapshot while others write', async () => {
    const writer = new SessionKeys(server.session());
    let isWriting = true;
    // Each round moves a mark from the first key to the last one and back, in one transaction: a find that sees two commits sees none or two of them.
    const writing = (async () => {
      for (let at = 0; isWriting; at = 1 - at)
        await writer.putMany([
          [name(0), at === 0 ? 'mark' : 'none'],
          [name(KEYS - 1), at === 0 ? 'none' : 'mark'],
        ]);
    })();
    for (let i = 0; i < 20; i++) {
      const { entries } = await keys.find('user.*', contains('mark'));
      expect(entries.length).toBeLessThanOrEqual(1);
      if (i > 0) expect(entries).toHaveLength(1);
    }
    isWriting = false;
    await writing;
    await writer.putMany([
      [name(0), 'value 0'],
      [name(KEYS - 1), `value ${(KEYS - 1) % 1000}`],
    ]);
  });

  it('loses nothing when a reader is killed', async () => {
    for (let round = 0; round < 5; round++) {
      const finding = Promise.resolve(keys.find('user.*', { test: 'matches', operands: ['value 7+'] }));
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      const [victim] = server.readerPids();
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
      const { entries } = await finding;
      expect(entries.map(({ key }) => key)).toEqual(
        Array.from({ length: KEYS }, (_, i) => i)
          .filter((i) => /^7+$/.test(String(i % 1000)))
          .map(name),
      );
    }
  });

  it('ends when its session is killed', async () => {
    const session = server.session();
    const finding = Promise.resolve(
      new SessionKeys(session).find('user.*', { test: 'matches', operands: ['(?:[a-z]+ ?)+[0-9]+x'] }),
    );
    setTimeout(() => server.kill(session.id), 5);
    await expect(finding).rejects.toMatchObject({ code: 'ER_QUERY_INTERRUPTED' });
    expect(await keys.count('*')).toBe(KEYS);
  });
});
