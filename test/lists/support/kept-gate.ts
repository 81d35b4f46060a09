/** A gate that keeps every list at once, over a store in this process, and how its lists were answered. */
import { setImmediate as turn } from 'node:timers/promises';
import { TestGate } from '../../../src/gate/testing.suite.ts';
import type { KeptListsStatistics } from '../../../src/lists/kept/kept-lists.ts';
import type { SeededRandom } from '../../../src/util/random.ts';
import { GateClient } from './gate-client.ts';

/** How many were answered by the key alone, by an index, by a window, by the store. */
export interface Answers {
  key: number;
  index: number;
  window: number;
  store: number;
  evictions: number;
  commits: number;
}

export const NO_ANSWERS: Answers = { key: 0, index: 0, window: 0, store: 0, evictions: 0, commits: 0 };

export function addAnswers(total: Answers, more: Answers): void {
  for (const way of Object.keys(NO_ANSWERS) as (keyof Answers)[]) total[way] += more[way];
}

export class KeptGate {
  readonly #test: TestGate;
  readonly answers: Answers = { ...NO_ANSWERS };
  /** Problems of kept lists: an index that has rows that are not there, say. */
  readonly problems: unknown[] = [];

  /** `isTight`: it has next to no memory for lists. */
  constructor(random: SeededRandom, isTight = false) {
    const tell = (...told: unknown[]): void => {
      this.problems.push(told);
    };
    this.#test = new TestGate({
      listsMemoryBytes: isTight ? 30_000 + random.below(200_000) : 64 * 1024 * 1024,
      keepListsAfter: random.pick([1, 1, 1, 3]),
      log: { error: tell, warn: tell, info: () => undefined },
    });
  }

  get store() {
    return this.#test.store;
  }

  client(database: string | null = 'main'): GateClient {
    const place = database === null ? {} : { database };
    return new GateClient(this.#test.gate.openSession({ user: 'root', host: 'localhost', protocol: 'http', ...place }));
  }

  get #statistics(): KeptListsStatistics {
    return this.#test.gate.listStatistics() as KeptListsStatistics;
  }

  /** Does what asks for lists, and counts where the answers came from. */
  async counted(work: () => Promise<void>): Promise<void> {
    const before = this.#statistics;
    await work();
    const after = this.#statistics;
    const hitsOf = ({ lists }: KeptListsStatistics, kind: 'index' | 'window'): number =>
      lists.reduce((sum, list) => sum + (list.kind === kind ? list.hits : 0), 0);
    const index = hitsOf(after, 'index') - hitsOf(before, 'index');
    const window = hitsOf(after, 'window') - hitsOf(before, 'window');
    // One answer may take two indexes; those of lists that were dropped meanwhile are not known.
    this.answers.index += Math.max(0, index);
    this.answers.window += Math.max(0, window);
    if (index === 0 && window === 0) this.answers.key += after.hits - before.hits;
    this.answers.store += after.misses - before.misses;
  }

  /** Lists are built in the background: they have had no time for it, or some, or enough. */
  async pause(random: SeededRandom): Promise<void> {
    const how = random.below(10);
    if (how < 3) return;
    if (how < 6) await turn();
    else await this.settled();
  }

  /** Resolves when no list is being built. */
  settled(): Promise<void> {
    return this.#test.gate.kept.settled();
  }

  async close(): Promise<void> {
    this.answers.evictions = this.#statistics.evictions;
    this.answers.commits = this.store.sequence;
    await this.#test.close();
  }
}
