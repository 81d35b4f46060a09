/** A read of the store in the background, with what commits have changed since the one that it saw. */
import type { TableDefinition } from '../../stores/schema.ts';
import type { ReadStatement } from '../../stores/statement.ts';
import type { RowChange, Store } from '../../stores/store.ts';
import type { ChangeNotes, CommitFollower } from './commit-follower.ts';
import { collectSequenced, type SequencedRows } from './store-reads.ts';

export class FollowedRead {
  /** What was read, when the commit that it saw has been applied: the store may be ahead of its reports. */
  readonly done: Promise<SequencedRows>;
  readonly #notes: ChangeNotes;
  #sequence = 0;

  /** `statement` is one of store-reads.ts that gives its sequence first. */
  constructor(store: Store, follower: CommitFollower, definition: TableDefinition, statement: ReadStatement) {
    this.#notes = follower.note(definition);
    this.done = this.#read(store, follower, statement);
    // Its failure is met where it is awaited; one that is not needed any more may fail unseen.
    this.done.catch(() => undefined);
  }

  async #read(store: Store, follower: CommitFollower, statement: ReadStatement): Promise<SequencedRows> {
    // Before the clients that wait: they wait for the very lists that are built by this, each step of which would else stand in their queue.
    const read = await collectSequenced(store.read(statement, true));
    this.#sequence = read.sequence;
    await follower.until(read.sequence);
    return read;
  }

  /**
   * The changes to the table from what was read to the newest commit, oldest first: complete only until the next turn of the event loop.
   * null: too many, it must be read again.
   */
  changes(): (readonly RowChange[])[] | null {
    return this.#notes.since(this.#sequence);
  }

  /** Nothing is noted any more. */
  end(): void {
    this.#notes.end();
  }
}
