/** One table of the mirror, as the front sees it. */
import type { MirroredName } from './protocol.ts';

/** live: what was committed at the source and has been followed is there. absent: the source has no such table. failed: it cannot be mirrored. */
export type MirroredState = 'loading' | 'live' | 'absent' | 'failed';

export interface TableState {
  readonly state: MirroredState;
  readonly why?: string;
}

export interface TableStatistics extends TableState {
  readonly database: string;
  readonly table: string;
  /** Of all copies. */
  readonly copies: number;
  readonly rowsCopied: number;
  /** Why it is, or was last, copied. */
  readonly lastCopyFor?: string;
}

const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 64_000;
/** One that stayed live so long begins with the shortest pause again. */
const CALM_MS = 120_000;

export class MirroredTable {
  readonly name: MirroredName;
  #state: TableState = { state: 'loading', why: 'the mirror has just begun' };
  /** In the clock of performance.now(). */
  #copyFrom = 0;
  #pauseMs = 0;
  #liveSince = 0;
  copies = 0;
  rowsCopied = 0;
  lastCopyFor: string | undefined;

  constructor(name: MirroredName) {
    this.name = name;
  }

  get state(): TableState {
    return this.#state;
  }

  /** Returns whether that is new. */
  set(state: MirroredState, why?: string): boolean {
    if (state === this.#state.state && why === this.#state.why) return false;
    if (state === 'live' && this.#state.state !== 'live') this.#liveSince = performance.now();
    this.#state = why === undefined ? { state } : { state, why };
    return true;
  }

  /** It is to be copied, after a pause that grows when that happens again and again. */
  delayCopy(): void {
    const wasCalm = this.#state.state === 'live' && performance.now() - this.#liveSince > CALM_MS;
    this.#copyFrom = performance.now() + (wasCalm ? 0 : this.#pauseMs);
    this.#pauseMs = wasCalm || this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(LAST_PAUSE_MS, this.#pauseMs * 2);
  }

  retryIn(ms: number): void {
    this.#copyFrom = performance.now() + ms;
  }

  copyAtOnce(): void {
    this.#copyFrom = 0;
  }

  /** 0: now. */
  get copyInMs(): number {
    return Math.max(0, this.#copyFrom - performance.now());
  }

  get statistics(): TableStatistics {
    const { name, state, copies, rowsCopied, lastCopyFor } = this;
    return { ...name, ...state, copies, rowsCopied, ...(lastCopyFor === undefined ? {} : { lastCopyFor }) };
  }
}
