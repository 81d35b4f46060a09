/**
 * Consolidation: a read that is running already answers the newcomers that ask the very same (Vtocc's "query merging"), result or error alike.
 *
 * Who calls says what is the same (`key`: final text, values, whatever else the answer depends on) and how new it is (`version`: grows with every write
 * acknowledged to the tables it reads). A newcomer joins only if its version is the leader's: so it never gets an answer older than a write that was
 * acknowledged before it began. What does not give the same answer twice (RAND()), streams without end and reads of transactions are not brought here.
 *
 * The leader's rows go to its client as they come; they are kept meanwhile, within limits, for whoever joins. Newcomers wait for the end, and get all.
 * Beyond the limits nobody is refused: a read just runs by itself.
 */
import { MAX_CONSOLIDATED_BYTES, MAX_CONSOLIDATED_READ_BYTES, MAX_CONSOLIDATION_WAITERS } from '../limits.ts';
import { SavedReads } from './saved-reads.ts';
import { type ChunkStream, SharedRead } from './shared-read.ts';

export interface ConsolidationLimits {
  /** Reads that wait for one another's rows, all together. */
  readonly waiters: number;
  /** Rows kept for newcomers, of one read and of all. */
  readonly readBytes: number;
  readonly bytes: number;
}

export interface ConsolidationStatistics {
  /** Reads answered by another one's run. */
  readonly saved: number;
  readonly waiting: number;
  /** Reads that might have joined but for the limits. */
  readonly refused: number;
  readonly keptBytes: number;
  /** What is shared most, by its text without values. */
  readonly top: readonly { readonly statement: string; readonly saved: number }[];
}

const DEFAULT_LIMITS: ConsolidationLimits = {
  waiters: MAX_CONSOLIDATION_WAITERS,
  readBytes: MAX_CONSOLIDATED_READ_BYTES,
  bytes: MAX_CONSOLIDATED_BYTES,
};

export class Consolidator<Chunk> {
  readonly #limitsNow: () => Partial<ConsolidationLimits>;
  readonly #bytesOf: (chunk: Chunk) => number;
  readonly #running = new Map<string, SharedRead<Chunk>>();
  readonly #saved = new SavedReads();
  #waiting = 0;
  #refused = 0;
  #bytes = 0;

  /** `limits`: what they are now, where they are not the defaults. */
  constructor(bytesOf: (chunk: Chunk) => number, limits: () => Partial<ConsolidationLimits> = () => ({})) {
    this.#bytesOf = bytesOf;
    this.#limitsNow = limits;
  }

  get #limits(): ConsolidationLimits {
    return { ...DEFAULT_LIMITS, ...this.#limitsNow() };
  }

  /** `statement`: the text without values, for the statistics. `start` is called when nothing that runs will do. */
  read(key: string, version: number, statement: string, start: () => ChunkStream<Chunk>): ChunkStream<Chunk> {
    const running = this.#running.get(key);
    if (running?.version === version && running.isOpen) {
      if (this.#waiting < this.#limits.waiters) return this.#join(running, statement, start);
      this.#refused++;
      return start();
    }
    const read = new SharedRead<Chunk>(start(), version, {
      take: (chunk, taken) => this.#take(this.#bytesOf(chunk), taken),
      ended: (taken) => {
        this.#bytes -= taken;
        if (this.#running.get(key) === read) this.#running.delete(key);
      },
    });
    this.#running.set(key, read);
    return read.leader();
  }

  statistics(): ConsolidationStatistics {
    return {
      saved: this.#saved.count,
      waiting: this.#waiting,
      refused: this.#refused,
      keptBytes: this.#bytes,
      top: this.#saved.top(),
    };
  }

  #join(running: SharedRead<Chunk>, statement: string, start: () => ChunkStream<Chunk>): ChunkStream<Chunk> {
    this.#waiting++;
    return running.follower(start, (outcome) => {
      this.#waiting--;
      if (outcome === 'shared') this.#saved.add(statement);
      else if (outcome === 'alone') this.#refused++;
    });
  }

  /** Room for a chunk's bytes; 0 when there is none. */
  #take(bytes: number, taken: number): number {
    const { readBytes, bytes: most } = this.#limits;
    if (taken + bytes > readBytes || this.#bytes + bytes > most) return 0;
    this.#bytes += bytes;
    return bytes;
  }
}
