/** What the gate relies on of a mirror (src/mirror/mirror.ts): tables of the source in a store that is here. */
/**
 * live: the table is here, as of what has come from the source so far. loading: it is being copied, and what the store has of it is not to be shown. absent: the
 * source has none of that name. failed: it cannot be mirrored.
 */
export interface MirrorState {
  readonly state: 'loading' | 'live' | 'absent' | 'failed';
  readonly why?: string;
}

export interface MirroredName {
  readonly database: string;
  readonly table: string;
}

/** Since the start, where nothing else is said. */
export interface MirrorStatistics {
  readonly tables: readonly (MirroredName &
    MirrorState & {
      readonly copies: number;
      readonly rowsCopied: number;
      /** Why it is, or was last, copied. */
      readonly lastCopyFor?: string;
    })[];
  /** Whether the source's binlog is being followed. */
  readonly isFollowing: boolean;
  /** Everything before it is in the mirror; null: not known now, as for the lag. */
  readonly position: { readonly file: string; readonly offset: number } | null;
  readonly lagMs: number | null;
  readonly lagBytes: number | null;
  /** Applied. */
  readonly transactions: number;
  readonly rows: number;
  /** Times that following began, and that the process which reads the source did. */
  readonly runs: number;
  readonly processStarts: number;
  /** How often the source was asked where its binlog ends. */
  readonly questions: number;
  readonly lastError: string | null;
}

export interface SourceMirror {
  /** null: it is not one of its tables. */
  stateOf(database: string, table: string): MirrorState | null;
  /**
   * Resolves to true when everything that was committed at the source before the call is in the store and reported, and each table's state says what became of
   * it; to false when that takes too long. Never rejects.
   */
  freshen(): Promise<boolean>;
  statistics(): MirrorStatistics;
  /** Some table's state has changed. */
  onStateChange: (() => void) | null;
}
