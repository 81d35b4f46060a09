/**
 * How many connections all pools may have together. A pool that may not open one, or is refused one by a source that is full, gets an idle one of another pool, or the next that anybody gives back: whoever
 * has waited for longest is first. Of some pools a few places are never taken by others, so that connections which are kept for long (reserved ones, streams)
 * do not keep reads and transactions from running.
 */
import type { SourceConnection } from './connection.ts';

/** A pool, as the others see it. */
export interface SharingPool {
  readonly openCount: number;
  /** Since when somebody waits whom one more connection would help, as performance.now(); null: nobody. */
  readonly hungrySince: number | null;
  /** When the one that is idle for longest was given back; null: none is idle. */
  readonly idleSince: number | null;
  takeLongestIdle(): SourceConnection | null;
  receive(connection: SourceConnection): void;
  goOn(): void;
}

export class PoolTotal {
  readonly #most: () => number;
  /** With how many places are a pool's at least. */
  readonly #pools = new Map<SharingPool, (most: number) => number>();
  /** That were refused a place since somebody waits there. */
  readonly #hungry = new Set<SharingPool>();
  /** Connections that are being opened, open, or not quite closed. */
  #count = 0;

  /** `most`: read each time, as it may change; 0: any number. */
  constructor(most: () => number) {
    this.#most = most;
  }

  join(pool: SharingPool, least: (most: number) => number): void {
    this.#pools.set(pool, least);
  }

  get most(): number {
    return this.#most();
  }

  get count(): number {
    return this.#count;
  }

  /** It was lowered: what is given back is to be closed. */
  get isExceeded(): boolean {
    return this.most > 0 && this.#count > this.most;
  }

  get isContended(): boolean {
    return this.#hungry.size > 0;
  }

  /** Takes a place for a connection that is to be opened. false: there is none for that pool. */
  tryOpen(pool: SharingPool): boolean {
    if (this.most > 0 && (this.#count >= this.most || !this.#fits(pool, null))) return false;
    this.#count++;
    return true;
  }

  /** A connection is closed, or was not opened. */
  gone(): void {
    this.#count--;
    const [first] = [...this.#hungry].filter((pool) => pool.hungrySince !== null).sort(byWait);
    first?.goOn();
  }

  /** An idle connection of another pool; null: `pool` has to wait. */
  lend(pool: SharingPool): SourceConnection | null {
    let from: SharingPool | null = null;
    for (const other of this.#pools.keys()) {
      if (other === pool || other.idleSince === null || !this.#fits(pool, other)) continue;
      if (from === null || other.idleSince < (from.idleSince ?? 0)) from = other;
    }
    if (from !== null) return from.takeLongestIdle();
    this.#hungry.add(pool);
    return null;
  }

  /** Who is to get the connection that `pool` has just got back, rather than the one who waits there since `since`. */
  hungrier(pool: SharingPool, since: number): SharingPool | null {
    let first: SharingPool | null = null;
    for (const other of this.#hungry) {
      const waits = other.hungrySince;
      if (waits === null) this.#hungry.delete(other);
      else if (other !== pool && waits < (first?.hungrySince ?? since) && this.#fits(other, null)) first = other;
    }
    return first;
  }

  /** A connection in use may go on as one of the other pool's. */
  mayMove(from: SharingPool, to: SharingPool): boolean {
    return this.most === 0 || this.#fits(to, from);
  }

  /** With one more here, and one less there, everybody's least places are still left. */
  #fits(more: SharingPool, less: SharingPool | null): boolean {
    const { most } = this;
    if (most === 0) return true;
    let claimed = 0;
    for (const [pool, least] of this.#pools) {
      const count = pool.openCount + (pool === more ? 1 : 0) - (pool === less ? 1 : 0);
      claimed += Math.max(count, least(most));
    }
    return claimed <= most;
  }
}

function byWait(a: SharingPool, b: SharingPool): number {
  return (a.hungrySince ?? 0) - (b.hungrySince ?? 0);
}
