/** What a session keeps on its connection, and which nobody else may get or lose: while there is some, the connection is its own. */
import type { TableName } from './found-tables.ts';
import type { TokenFacts } from './token-facts.ts';

export interface Pin {
  /** As `temporary table t`, `user variable @a`. */
  readonly reason: string;
  /** Epoch, ms. */
  readonly since: number;
}

export class Pins {
  readonly #pins = new Map<string, number>();
  /** GET_LOCKs that were granted, less those given back. */
  #locks = 0;

  get isEmpty(): boolean {
    return this.#pins.size === 0;
  }

  get list(): Pin[] {
    return Array.from(this.#pins, ([reason, since]) => ({ reason, since }));
  }

  get reasons(): string {
    return [...this.#pins.keys()].join(', ');
  }

  add(reason: string): void {
    if (!this.#pins.has(reason)) this.#pins.set(reason, Date.now());
  }

  delete(reason: string): void {
    this.#pins.delete(reason);
  }

  clear(): void {
    this.#pins.clear();
    this.#locks = 0;
  }

  /** Before a statement is sent: the session may have it on its connection from then on. */
  addFor(facts: TokenFacts): void {
    for (const name of facts.assigned) this.add(`user variable @${name}`);
    if (facts.createsTemporary !== null) this.add(temporary(facts.createsTemporary));
    if (facts.lockFunctions.has('GET_LOCK')) this.add(USER_LOCK);
    if (facts.kind === 'call') this.add(facts.verb);
    if (facts.kind !== 'keep') return;
    if (facts.verb === 'PREPARE') this.add(`prepared statement ${facts.name?.toLowerCase()}`);
    else this.add(facts.verb === 'LOCK' || facts.verb === 'FLUSH' ? TABLE_LOCKS : facts.verb);
  }

  /** Would pin a session. */
  static isNeeded(facts: TokenFacts): boolean {
    return (
      facts.assigned.length > 0 ||
      facts.createsTemporary !== null ||
      facts.lockFunctions.has('GET_LOCK') ||
      facts.kind === 'call' ||
      facts.kind === 'keep'
    );
  }

  /**
   * After a statement has been executed: what it has ended. `value`: the one value of its result, where it has one; undefined: not known. A lock
   * counts as given back only where that is known.
   */
  endedBy(facts: TokenFacts, value: string | null | undefined): void {
    for (const table of facts.dropsTables) this.delete(temporary(table));
    if (facts.verb === 'UNLOCK') this.delete(TABLE_LOCKS);
    if (facts.verb === 'XA' && value === undefined && facts.name !== null && /^(?:commit|rollback)$/i.test(facts.name))
      this.delete('XA');
    if (facts.verb === 'DEALLOCATE' || (facts.verb === 'DROP' && facts.name !== null))
      this.delete(`prepared statement ${facts.name?.toLowerCase()}`);
    if (facts.lockFunctions.has('GET_LOCK')) {
      if (value !== '0' && value !== null) this.#locks++;
      else if (this.#locks === 0) this.delete(USER_LOCK);
    }
    if (facts.lockFunctions.has('RELEASE_LOCK') && value === '1') this.#locks--;
    if (facts.lockFunctions.has('RELEASE_ALL_LOCKS')) this.#locks = 0;
    if (facts.lockFunctions.size > 0 && this.#locks <= 0) {
      this.#locks = 0;
      this.delete(USER_LOCK);
    }
  }
}

const USER_LOCK = 'GET_LOCK';
const TABLE_LOCKS = 'table locks';

function temporary({ name }: TableName): string {
  return `temporary table ${name}`;
}
