/** How much each list that is not kept was asked for: what is asked often, or costs the store much, is worth keeping. */

const ENTRIES_MAX = 20_000;
const CHARS_MAX = 4_000_000;
/** What could not be kept, or was not worth it, is not tried again sooner. */
const REFUSED_MS = 30_000;

interface Use {
  score: number;
  /** Not to be kept until then, in the clock of Date.now(). */
  refusedUntil: number;
}

export class UseCounter {
  readonly #uses = new Map<string, Use>();
  /** Of all keys. */
  #chars = 0;

  /** Counts a request of this weight; true when the list has reached `enough` and may be kept. */
  count(key: string, weight: number, enough: number): boolean {
    let use = this.#uses.get(key);
    if (use === undefined) use = { score: 0, refusedUntil: 0 };
    this.#set(key, use);
    use.score += weight;
    return use.score >= enough && (use.refusedUntil === 0 || use.refusedUntil <= Date.now());
  }

  /** It is kept now: counting begins anew when it goes. */
  kept(key: string): void {
    const use = this.#uses.get(key);
    if (use !== undefined) use.score = 0;
  }

  refuse(key: string): void {
    this.#set(key, { score: 0, refusedUntil: Date.now() + REFUSED_MS });
  }

  /** As the newest; the oldest are forgotten. */
  #set(key: string, use: Use): void {
    if (!this.#uses.delete(key)) this.#chars += key.length;
    this.#uses.set(key, use);
    if (this.#uses.size <= ENTRIES_MAX && this.#chars <= CHARS_MAX) return;
    for (const oldest of this.#uses.keys()) {
      this.#uses.delete(oldest);
      this.#chars -= oldest.length;
      if (this.#uses.size <= ENTRIES_MAX && this.#chars <= CHARS_MAX) return;
    }
  }
}
