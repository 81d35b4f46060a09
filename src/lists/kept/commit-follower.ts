/**
 * What is read from the store in the background sees one commit, and says which; when it arrives, later ones have been applied. So from before a read is
 * begun the changes to its table are noted, and what was read is brought up to date with them, however long it took.
 */
import type { TableDefinition } from '../../stores/schema.ts';
import type { Commit, RowChange } from '../../stores/store.ts';

/** Changes noted for one read. Beyond them it is begun again: they are held in memory. */
const CHANGES_MAX = 200_000;

/** Of one commit, in one table. */
interface Noted {
  readonly sequence: number;
  readonly rows: readonly RowChange[];
}

/** Notes what commits change in one table, from when it is made until end(). */
export class ChangeNotes {
  readonly #definition: TableDefinition;
  readonly #end: (notes: ChangeNotes) => void;
  #noted: Noted[] = [];
  #rows = 0;

  constructor(definition: TableDefinition, end: (notes: ChangeNotes) => void) {
    this.#definition = definition;
    this.#end = end;
  }

  add({ sequence, changes }: Commit): void {
    for (const { database, table, rows } of changes) {
      // A change of the whole table ends everything that is kept of it.
      if (rows === null || table !== this.#definition.name || database !== this.#definition.database) continue;
      this.#rows += rows.length;
      if (this.#rows > CHANGES_MAX) this.#noted = [];
      else this.#noted.push({ sequence, rows });
    }
  }

  /** The changes of the commits after `sequence`, which the read has seen, oldest first; null: too many. */
  since(sequence: number): (readonly RowChange[])[] | null {
    if (this.#rows > CHANGES_MAX) return null;
    return this.#noted.filter((noted) => noted.sequence > sequence).map(({ rows }) => rows);
  }

  end(): void {
    this.#end(this);
  }
}

export class CommitFollower {
  readonly #notes = new Set<ChangeNotes>();
  #sequence: number;
  #waiting: { readonly sequence: number; readonly resolve: () => void }[] = [];

  /** `sequence`: the newest commit so far. */
  constructor(sequence: number) {
    this.#sequence = sequence;
  }

  /** Of the newest commit that was applied. */
  get sequence(): number {
    return this.#sequence;
  }

  /** To be called before the read is begun. */
  note(definition: TableDefinition): ChangeNotes {
    const notes = new ChangeNotes(definition, (ended) => this.#notes.delete(ended));
    this.#notes.add(notes);
    return notes;
  }

  /** The next commit is being applied. Who waits for it goes on when that is done: in a later turn. */
  apply(commit: Commit): void {
    this.#sequence = commit.sequence;
    for (const notes of this.#notes) notes.add(commit);
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ sequence }) => sequence > commit.sequence);
    for (const { sequence, resolve } of waiting) if (sequence <= commit.sequence) resolve();
  }

  /** Waits until the commits up to this one have been applied: the store may be ahead of its reports. */
  until(sequence: number): Promise<void> {
    if (sequence <= this.#sequence) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ sequence, resolve }));
  }

  /** Nobody waits any more. */
  close(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }
}
