/** How long things took: counts in buckets whose bounds grow by a little more than two. Taking one costs a few comparisons. */

/** Upper bounds in milliseconds; what is longer is in one bucket more. */
export const LATENCY_BOUNDS_MS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
] as const;

export class LatencyHistogram {
  readonly #counts = new Float64Array(LATENCY_BOUNDS_MS.length + 1);
  #count = 0;
  #sumMs = 0;

  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** One for each bound, and the last for what is beyond. */
  get counts(): Float64Array {
    return this.#counts;
  }

  observe(milliseconds: number): void {
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_MS.length && milliseconds > (LATENCY_BOUNDS_MS[bucket] as number)) bucket++;
    (this.#counts[bucket] as number)++;
    this.#count++;
    this.#sumMs += milliseconds;
  }

  /** The bound below which `share` of all are; null when there are none, Infinity beyond the last bound. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    let below = 0;
    for (let bucket = 0; bucket < LATENCY_BOUNDS_MS.length; bucket++) {
      below += this.#counts[bucket] as number;
      if (below >= share * this.#count) return LATENCY_BOUNDS_MS[bucket] as number;
    }
    return Number.POSITIVE_INFINITY;
  }
}
