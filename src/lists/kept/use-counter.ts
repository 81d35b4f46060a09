/** How much each list that is not kept was asked for: what is asked often, or costs the store much, is worth keeping. */

const ENTRIES_MAX = 20_000;
/** What could not be kept, or was not worth it, is not tried again sooner. */
const REFUSED_MS = 30_000;

interface Use {
  score: number;
  /** Not to be kept until then, in the clock of Date.now(). */
  refusedUntil: number;
}

export class UseCounter {
  readonly #uses = new Map<string, Use>();

  /** Counts a request of this weight; true when the list has reached `enough` and may be kept. */
  count(key: string, weight: number, enough: number): boolean {
    let use = this.#uses.get(key);
    if (use === undefined) {
      if (this.#uses.size >= ENTRIES_MAX) this.#forgetOldest();
      use = { score: 0, refusedUntil: 0 };
    } else this.#uses.delete(key);
    this.#uses.set(key, use);
    use.score += weight;
    return use.score >= enough && (use.refusedUntil === 0 || use.refusedUntil <= Date.now());
  }

  /** It is kept now: counting begins anew when it goes. */
  kept(key: string): void {
    const use = this.#uses.get(key);
    if (use !== undefined) use.score = 0;
  }

  refuse(key: string): void {
    this.#uses.set(key, { score: 0, refusedUntil: Date.now() + REFUSED_MS });
  }

  #forgetOldest(): void {
    for (const key of this.#uses.keys()) {
      this.#uses.delete(key);
      return;
    }
  }
}
