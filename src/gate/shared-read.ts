/** One running read with a leader, whose client gets its rows as they come, and followers that get all of them at the end. */

/** As a store's RowStream, of whatever a store's rows come in. */
export interface ChunkStream<Chunk> {
  readonly chunks: AsyncIterable<Chunk>;
  cancel(reason: Error): void;
}

interface Keeping<Chunk> {
  /** Bytes that a chunk was given; 0: there is no room for it. */
  take(chunk: Chunk, taken: number): number;
  /** `taken`: what all its chunks were given. */
  ended(taken: number): void;
}

/** `alone`: the rows were too many to be kept, so it runs by itself. `left`: it was cancelled, or failed with the leader's error. */
type Followed = 'shared' | 'alone' | 'left';

interface Follower {
  readonly settle: (how: 'complete' | 'alone' | { readonly error: unknown }) => void;
}

export class SharedRead<Chunk> {
  readonly version: number;
  readonly #source: ChunkStream<Chunk>;
  readonly #iterator: AsyncIterator<Chunk>;
  readonly #keeping: Keeping<Chunk>;
  readonly #followers = new Set<Follower>();
  /** Everything so far while newcomers may join; afterwards what the leader has still to take. */
  #chunks: Chunk[] = [];
  #taken = 0;
  #leaderAt = 0;
  #leaderLeft = false;
  #state: 'open' | 'alone' | 'complete' | { readonly error: unknown } = 'open';
  #pulling: Promise<void> | null = null;

  constructor(source: ChunkStream<Chunk>, version: number, keeping: Keeping<Chunk>) {
    this.#source = source;
    this.#iterator = source.chunks[Symbol.asyncIterator]();
    this.version = version;
    this.#keeping = keeping;
  }

  /** Newcomers may join. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  leader(): ChunkStream<Chunk> {
    let fail: (reason: Error) => void = () => undefined;
    const cancelled = new Promise<never>((_, reject) => {
      fail = reject;
    });
    cancelled.catch(() => undefined);
    return {
      chunks: this.#led(cancelled),
      cancel: (reason) => {
        fail(reason);
        this.#leave(reason);
      },
    };
  }

  /** `ended` is called once. */
  follower(alone: () => ChunkStream<Chunk>, ended: (how: Followed) => void): ChunkStream<Chunk> {
    let own: ChunkStream<Chunk> | null = null;
    let settled = false;
    let fail: (reason: Error) => void = () => undefined;
    const end = (how: Followed): void => {
      if (!settled) ended(how);
      settled = true;
    };
    const waited = new Promise<'complete' | 'alone'>((resolve, reject) => {
      const follower: Follower = {
        settle: (how) => {
          end(how === 'complete' ? 'shared' : how === 'alone' ? 'alone' : 'left');
          if (typeof how === 'string') resolve(how);
          else reject(how.error);
        },
      };
      this.#followers.add(follower);
      fail = (reason) => {
        this.#followers.delete(follower);
        end('left');
        reject(reason);
        this.#cancelUnwanted(reason);
      };
    });
    waited.catch(() => undefined);
    void this.#pump();
    const kept = this.#chunks;
    async function* chunks(): AsyncGenerator<Chunk> {
      let taken = false;
      try {
        if ((await waited) === 'complete') {
          taken = true;
          yield* kept;
          return;
        }
        own = alone();
        taken = true;
        yield* own.chunks;
      } finally {
        if (!taken) fail(new Error('left'));
      }
    }
    return {
      chunks: chunks(),
      cancel: (reason) => {
        if (own !== null) own.cancel(reason);
        else fail(reason);
      },
    };
  }

  async *#led(cancelled: Promise<never>): AsyncGenerator<Chunk> {
    try {
      for (;;) {
        while (this.#leaderAt < this.#chunks.length) {
          const chunk = this.#chunks[this.#leaderAt++] as Chunk;
          if (this.#state === 'alone') this.#forgetTaken();
          yield chunk;
        }
        if (this.#state === 'complete') return;
        if (typeof this.#state === 'object') throw this.#state.error;
        await Promise.race([this.#pull(), cancelled]);
      }
    } finally {
      this.#leave(new Error('nobody waits for this read any more'));
    }
  }

  /** While somebody waits for all of it, it goes on however slowly the leader's client reads. */
  async #pump(): Promise<void> {
    while (this.#state === 'open' && this.#followers.size > 0) await this.#pull();
  }

  /** The next chunk; one at a time, whoever asks. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#pullOne().finally(() => {
      this.#pulling = null;
    });
    return this.#pulling;
  }

  async #pullOne(): Promise<void> {
    try {
      const { done, value } = await this.#iterator.next();
      if (done === true) this.#end('complete');
      else this.#keep(value);
    } catch (error) {
      this.#end({ error });
    }
  }

  #keep(chunk: Chunk): void {
    this.#chunks.push(chunk);
    if (this.#state !== 'open') return;
    const given = this.#keeping.take(chunk, this.#taken);
    if (given > 0) this.#taken += given;
    else this.#end('alone');
  }

  /** Nobody can join from now on. */
  #end(how: 'complete' | 'alone' | { readonly error: unknown }): void {
    const wasOpen = this.#state === 'open';
    this.#state = how;
    if (!wasOpen) return;
    this.#keeping.ended(this.#taken);
    for (const follower of this.#followers) follower.settle(how);
    this.#followers.clear();
    if (how !== 'alone') return;
    this.#chunks = this.#chunks.slice(this.#leaderAt);
    this.#leaderAt = 0;
    if (this.#leaderLeft) this.#stop(new Error('nobody waits for this read any more'));
  }

  #forgetTaken(): void {
    this.#chunks.splice(0, this.#leaderAt);
    this.#leaderAt = 0;
  }

  #leave(reason: Error): void {
    if (this.#leaderLeft) return;
    this.#leaderLeft = true;
    this.#cancelUnwanted(reason);
  }

  #cancelUnwanted(reason: Error): void {
    if (!this.#leaderLeft || this.#followers.size > 0) return;
    if (this.#state !== 'open' && this.#state !== 'alone') return;
    this.#stop(reason);
  }

  #stop(reason: Error): void {
    this.#source.cancel(reason);
    // An iterator that nobody goes on with must still end: its own cleaning up is in there.
    void this.#pull();
    if (this.#state === 'open') this.#end({ error: reason });
  }
}
