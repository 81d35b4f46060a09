/** A mirror that says what a test tells it to, over a store of its own: so it can be seen who answers. */
import type { MirrorState, MirrorStatistics, SourceMirror } from '../../../src/gate/source/mirror/source-mirror.ts';
import { TestGate, type TestSession } from '../../../src/gate/testing.suite.ts';
import type { Store } from '../../../src/stores/store.ts';

export class FakeMirror implements SourceMirror {
  readonly store: Store;
  readonly session: TestSession;
  state: MirrorState = { state: 'live' };
  /** What freshen() answers. */
  fresh: () => Promise<boolean> = () => Promise.resolve(true);
  freshened = 0;
  onStateChange: (() => void) | null = null;
  readonly #gate = new TestGate();

  /** `wrap`: what lists are to take for the store. */
  constructor(wrap: (store: Store) => Store = (store) => store) {
    this.store = wrap(this.#gate.store);
    this.session = this.#gate.session();
  }

  stateOf(): MirrorState {
    return this.state;
  }

  freshen(): Promise<boolean> {
    this.freshened++;
    return this.fresh();
  }

  become(state: MirrorState): void {
    this.state = state;
    this.onStateChange?.();
  }

  statistics(): MirrorStatistics {
    return {
      tables: [{ database: 'main', table: 't', ...this.state, copies: 1, rowsCopied: 3 }],
      isFollowing: true,
      position: { file: 'bin.000001', offset: 4 },
      lagMs: 0,
      lagBytes: 0,
      transactions: 0,
      rows: 0,
      runs: 1,
      processStarts: 1,
      questions: this.freshened,
      lastError: null,
    };
  }

  close(): Promise<void> {
    return this.#gate.close();
  }
}
