/**
 * Several readers on one snapshot: a read that is split over them is of one commit, however long its parts take.
 */
import type { ReadStatement } from './statement.ts';
import type { RowStream } from './store.ts';

export interface SharedReads {
  /** The commit that every read sees. */
  readonly sequence: number;
  /** How many reads can run at the same time. */
  readonly width: number;
  /**
   * Runs on whichever reader is free first. A read that has given no row yet when its reader ends is run again by another one; one that has, rejects with
   * SLUICE_READER_LOST, and its rest may be asked for anew. When no reader is left, all reject with it.
   */
  read(statement: ReadStatement): RowStream;
  /** Gives the readers back; ends what still runs. Safe to call twice. */
  close(): void;
}
