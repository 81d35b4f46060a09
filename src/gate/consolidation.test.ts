import { describe, expect, test } from 'vitest';
import { type ConsolidationLimits, Consolidator } from './consolidation.ts';
import type { ChunkStream } from './shared-read.ts';
import { TableClock } from './table-clock.ts';

/** A stream whose chunks come when the test says so. */
class HandStream implements ChunkStream<string> {
  readonly #waiting: (() => void)[] = [];
  readonly #ready: string[] = [];
  #ended = false;
  #failure: Error | null = null;
  cancelled: Error | null = null;
  readonly chunks = this.#chunks();

  give(chunk: string): void {
    this.#ready.push(chunk);
    this.#wake();
  }

  end(failed: Error | null = null): void {
    this.#ended = true;
    this.#failure = failed;
    this.#wake();
  }

  cancel(reason: Error): void {
    this.cancelled = reason;
    this.end(reason);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async *#chunks(): AsyncGenerator<string> {
    for (;;) {
      const chunk = this.#ready.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#failure !== null) throw this.#failure;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

class Runs {
  readonly streams: HandStream[] = [];
  readonly consolidator: Consolidator<string>;

  constructor(limits: Partial<ConsolidationLimits> = {}) {
    this.consolidator = new Consolidator(
      (chunk) => chunk.length,
      () => limits,
    );
  }

  read(key = 'q', version = 0): ChunkStream<string> {
    return this.consolidator.read(key, version, 'select', () => {
      const stream = new HandStream();
      this.streams.push(stream);
      return stream;
    });
  }
}

async function all(stream: ChunkStream<string>): Promise<string> {
  let text = '';
  for await (const chunk of stream.chunks) text += chunk;
  return text;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('consolidation', () => {
  test('a thousand of the same run once', async () => {
    const runs = new Runs();
    const answers = Array.from({ length: 1000 }, () => all(runs.read()));
    runs.streams[0]?.give('a');
    await turn();
    answers.push(all(runs.read()));
    runs.streams[0]?.give('b');
    runs.streams[0]?.end();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['ab']));
    expect(runs.streams).toHaveLength(1);
    expect(runs.consolidator.statistics()).toMatchObject({ saved: 1000, waiting: 0, keptBytes: 0 });
  });

  test('other questions, and those asked after the end, run by themselves', async () => {
    const runs = new Runs();
    const first = all(runs.read('q'));
    const other = all(runs.read('r'));
    for (const stream of runs.streams) stream.end();
    await Promise.all([first, other]);
    const later = all(runs.read('q'));
    expect(runs.streams).toHaveLength(3);
    runs.streams[2]?.end();
    await later;
  });

  test('a failure is everyone’s', async () => {
    const runs = new Runs();
    const answers = [all(runs.read()), all(runs.read())];
    runs.streams[0]?.end(new Error('broken'));
    for (const answer of await Promise.allSettled(answers))
      expect(answer).toMatchObject({ reason: { message: 'broken' } });
  });

  test('who comes after a write does not join', async () => {
    const clock = new TableClock();
    const runs = new Runs();
    const before = all(runs.read('q', clock.versionOf(['shop.t'])));
    clock.touch(['shop.other']);
    const same = all(runs.read('q', clock.versionOf(['shop.t'])));
    clock.touch(['Shop.T']);
    const after = all(runs.read('q', clock.versionOf(['shop.t'])));
    clock.touchAll();
    const last = all(runs.read('q', clock.versionOf(['shop.t'])));
    expect(runs.streams).toHaveLength(3);
    for (const [i, stream] of runs.streams.entries()) {
      stream.give(String(i));
      stream.end();
    }
    expect(await Promise.all([before, same, after, last])).toEqual(['0', '0', '1', '2']);
  });

  test('the newest run is the one that is joined', async () => {
    const runs = new Runs();
    const old = all(runs.read('q', 1));
    const fresh = all(runs.read('q', 2));
    runs.streams[0]?.end();
    await old;
    const joined = all(runs.read('q', 2));
    expect(runs.streams).toHaveLength(2);
    runs.streams[1]?.end();
    await Promise.all([fresh, joined]);
  });

  test('a leader that leaves does not take the rows from the others; when all have left the read ends', async () => {
    const runs = new Runs();
    const leader = runs.read();
    const led = all(leader);
    const follower = runs.read();
    const followed = all(follower);
    leader.cancel(new Error('killed'));
    await expect(led).rejects.toThrow('killed');
    expect(runs.streams[0]?.cancelled).toBeNull();
    runs.streams[0]?.give('x');
    await turn();
    follower.cancel(new Error('gone'));
    await expect(followed).rejects.toThrow('gone');
    expect(runs.streams[0]?.cancelled).not.toBeNull();
    expect(runs.consolidator.statistics()).toMatchObject({ waiting: 0, saved: 0, keptBytes: 0 });
  });

  test('a leader alone that leaves early ends the read', async () => {
    const runs = new Runs();
    const stream = runs.read();
    runs.streams[0]?.give('a');
    for await (const _ of stream.chunks) break;
    expect(runs.streams[0]?.cancelled).not.toBeNull();
  });

  test('a leader whose client reads nothing does not keep the others waiting', async () => {
    const runs = new Runs();
    runs.read();
    const followed = all(runs.read());
    for (const chunk of ['a', 'b', 'c']) runs.streams[0]?.give(chunk);
    runs.streams[0]?.end();
    expect(await followed).toBe('abc');
  });

  test('rows beyond the limit are not kept: who waited runs by itself, the leader goes on', async () => {
    const runs = new Runs({ readBytes: 3 });
    const led = all(runs.read());
    const followed = all(runs.read());
    runs.streams[0]?.give('abc');
    await turn();
    expect(runs.streams).toHaveLength(1);
    runs.streams[0]?.give('d');
    await turn();
    expect(runs.streams).toHaveLength(2);
    runs.streams[0]?.end();
    runs.streams[1]?.give('abcd');
    runs.streams[1]?.end();
    expect(await Promise.all([led, followed])).toEqual(['abcd', 'abcd']);
    expect(runs.consolidator.statistics()).toMatchObject({ saved: 0, refused: 1, keptBytes: 0 });
  });

  test('rows of all reads together are limited too', async () => {
    const runs = new Runs({ bytes: 4 });
    const led = [all(runs.read('q')), all(runs.read('r'))];
    runs.streams[0]?.give('abc');
    runs.streams[1]?.give('de');
    await turn();
    expect(runs.consolidator.statistics().keptBytes).toBe(3);
    const alone = all(runs.read('r'));
    expect(runs.streams).toHaveLength(3);
    for (const stream of runs.streams) stream.end();
    await Promise.all([...led, alone]);
  });

  test('waiters are limited: one more runs by itself', async () => {
    const runs = new Runs({ waiters: 2 });
    const answers = Array.from({ length: 4 }, () => all(runs.read()));
    expect(runs.streams).toHaveLength(2);
    for (const stream of runs.streams) stream.end();
    await Promise.all(answers);
    expect(runs.consolidator.statistics()).toMatchObject({ saved: 2, refused: 1 });
  });
});
