/**
 * The memory of all kept rows, whichever table they are of. Rows that windows hold stay; of the others those go that were not used lately, when the memory
 * is needed.
 */
import type { KeptRow } from './kept-row.ts';
import type { RowsOfTable } from './rows-of-table.ts';

/** Rows that were used get a second chance; after so many of them in a row, the next one goes whether or not it was. */
const CHANCES_MAX = 32;
/** Pinned rows that are passed over in vain, in all: about a millisecond. */
const PINNED_PASSED_MAX = 20_000;

export class RowCache {
  #bytes = 0;
  #tables: RowsOfTable[] = [];
  /** Where the search for rows to let go is: the table, and the rows in it still to come. */
  #at = 0;
  #coming: Iterator<KeptRow, void> | null = null;

  /** Of all rows, those that windows hold included. */
  get bytes(): number {
    return this.#bytes;
  }

  account(bytes: number): void {
    this.#bytes += bytes;
  }

  addTable(table: RowsOfTable): void {
    this.#tables.push(table);
  }

  removeTable(table: RowsOfTable): void {
    this.#tables = this.#tables.filter((other) => other !== table);
    this.#at = 0;
    this.#coming = null;
  }

  /**
   * Lets rows go until so many bytes are free, those that were not used since the search last came by; false when there were not enough. The search goes
   * on where it ended: no order of use has to be kept up with each hit.
   */
  free(bytes: number): boolean {
    const enough = this.#bytes - bytes;
    let chances = 0;
    let pinned = 0;
    let ends = 0;
    while (this.#bytes > enough) {
      const table = this.#tables[this.#at];
      if (table === undefined) return false;
      this.#coming ??= table.round();
      const { value: kept } = this.#coming.next();
      if (kept === undefined) {
        this.#coming = null;
        this.#at = (this.#at + 1) % this.#tables.length;
        // Twice round: the first time may only take chances away.
        if (++ends > 2 * this.#tables.length) return false;
      } else if (kept.isPinned) {
        if (++pinned > PINNED_PASSED_MAX) return false;
      } else if (kept.isUsed && chances < CHANCES_MAX) {
        table.age(kept);
        chances++;
      } else {
        chances = 0;
        table.evict(kept);
      }
    }
    return true;
  }
}
