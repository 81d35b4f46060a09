/** What the gate relies on of a mirror (src/mirror/mirror.ts): tables of the source in a store that is here. */
import type { Store } from '../../../stores/store.ts';

/**
 * live: the table is here, as of what has come from the source so far. loading: it is being copied, and what the store has of it is not to be shown. absent: the
 * source has none of that name. failed: it cannot be mirrored.
 */
export interface MirrorState {
  readonly state: 'loading' | 'live' | 'absent' | 'failed';
  readonly why?: string;
}

export interface SourceMirror {
  readonly store: Store;
  /** null: it is not one of its tables. */
  stateOf(database: string, table: string): MirrorState | null;
  /**
   * Resolves to true when everything that was committed at the source before the call is in the store and reported, and each table's state says what became of
   * it; to false when that takes too long. Never rejects.
   */
  freshen(): Promise<boolean>;
  /** For operators: plain data, ready for JSON. */
  statistics(): object;
  /** Some table's state has changed. */
  onStateChange: (() => void) | null;
}
