/**
 * Which lists are kept, for each table: begins to keep what is asked for often, drops what is not worth it, is too large, or is of a table that has changed
 * as a whole. What answers is made in list-answers.ts.
 */
import { failure } from '../../errors.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { Store } from '../../stores/store.ts';
import { CommitFollower } from './commit-follower.ts';
import type { IndexPlan, NeededIndex } from './index-plan.ts';
import { KeptMemory } from './kept-memory.ts';
import { UnsupportedKeyError } from './key-column.ts';
import { type BuilderOptions, type BuildHost, ListBuilder } from './list-builder.ts';
import { type IndexEntry, isLive, type ListEntry, type WindowEntry } from './list-entry.ts';
import { keyColumnOf, type ListQuery } from './list-query.ts';
import { RowWarmer, type WarmerOptions, type WarmHost } from './row-warmer.ts';
import { CATALOG_VERSION } from './store-reads.ts';
import { sameDefinition, TableLists } from './table-lists.ts';

export interface KeeperOptions extends BuilderOptions, WarmerOptions {
  readonly memoryBytes: number;
  /** Requests (or milliseconds that the store took for them) after which a list is kept. */
  readonly keepAfter?: number;
  /** A list could not be built; it is tried again later. */
  readonly onProblem?: (error: unknown) => void;
}

/** Windows of LIKE, expressions and negations alone, or of no condition, are tried with every change of their table. */
const WINDOWS_TRIED_ALWAYS_MAX = 256;
/** Every so many changes of a list it is looked at whether it is still read often enough to be worth them. */
const WINDOW_CHANGES_CHECKED = 1_000;
const WINDOW_CHANGES_PER_HIT = 50;
const INDEX_CHANGES_CHECKED = 200_000;
const INDEX_CHANGES_PER_HIT = 10_000;
const DEFAULT_KEEP_AFTER = 3;

export class ListKeeper implements BuildHost, WarmHost {
  readonly follower: CommitFollower;
  readonly memory: KeptMemory;
  readonly warmer: RowWarmer;
  readonly onProblem: (error: unknown) => void;
  readonly #store: Store;
  readonly #keepAfter: number;
  readonly #tables = new Map<string, TableLists>();
  readonly #byDefinition = new WeakMap<TableDefinition, TableLists>();
  readonly #builder: ListBuilder;
  #closed = false;

  constructor(options: KeeperOptions) {
    this.#store = options.store;
    this.follower = new CommitFollower(options.store.sequence);
    this.memory = new KeptMemory(options.memoryBytes, (entry) => this.drop(entry));
    this.#keepAfter = options.keepAfter ?? DEFAULT_KEEP_AFTER;
    this.onProblem =
      options.onProblem ?? ((error) => process.emitWarning(`a list could not be kept: ${String(error)}`));
    this.#builder = new ListBuilder(options, this);
    this.warmer = new RowWarmer(options, this);
  }

  /** Of the newest commit that was applied. */
  get sequence(): number {
    return this.follower.sequence;
  }

  // ---- Tables

  tables(): Iterable<TableLists> {
    return this.#tables.values();
  }

  /** undefined: nothing is kept of it. */
  table(database: string, name: string): TableLists | undefined {
    return this.#tables.get(tableKey(database, name));
  }

  /** null: the table is of no kind that is kept, or the definition is not the current one. */
  of(definition: TableDefinition): TableLists | null {
    const known = this.#byDefinition.get(definition);
    return known?.isCurrent ? known : this.#find(definition);
  }

  #find(definition: TableDefinition): TableLists | null {
    const keyColumn = keyColumnOf(definition);
    if (keyColumn === null || this.#closed) return null;
    const current = this.#store.catalog.table(definition.database, definition.name);
    if (current === undefined || !sameDefinition(current, definition)) return null;
    const key = tableKey(definition.database, definition.name);
    let lists = this.#tables.get(key);
    if (lists === undefined) {
      lists = new TableLists(definition, keyColumn, this.memory.rows);
      this.#tables.set(key, lists);
    }
    if (!sameDefinition(lists.definition, definition)) return null;
    this.#byDefinition.set(definition, lists);
    return lists;
  }

  dropTable(lists: TableLists): void {
    this.#tables.delete(tableKey(lists.definition.database, lists.definition.name));
    for (const entry of [...lists.indexes.values(), ...lists.windows.values()]) this.drop(entry);
    lists.rows.drop();
  }

  /** Those that the catalog no longer has as they were. */
  dropChangedTables(): void {
    for (const lists of [...this.#tables.values()]) {
      const { definition } = lists;
      const current = this.#store.catalog.table(definition.database, definition.name);
      if (current === undefined || !sameDefinition(current, definition)) this.dropTable(lists);
    }
  }

  dropAll(): void {
    for (const lists of [...this.#tables.values()]) this.dropTable(lists);
  }

  // ---- Lists

  /** The index if it is ready. Otherwise its use is counted, and when that is enough it begins to be built. */
  indexFor(lists: TableLists, plan: IndexPlan, needed: NeededIndex, weight: number): IndexEntry | undefined {
    const entry = lists.indexFor(needed);
    if (entry !== undefined) return entry.index.isComplete ? entry : undefined;
    const { key } = needed;
    if (!lists.uses.count(key, weight, this.#keepAfter)) return undefined;
    lists.uses.kept(key);
    try {
      const added = lists.addIndex(needed, plan.grouping);
      this.memory.add(added);
      this.#builder.build(added);
    } catch (error) {
      this.#refuseUnsupported(lists, key, error);
    }
    return undefined;
  }

  /** The window, ready or not. When it is not kept its use is counted, and when that is enough it begins to be. */
  windowFor(lists: TableLists, query: ListQuery, key: string, weight: number): WindowEntry | undefined {
    const entry = lists.windows.get(key);
    if (entry !== undefined) return entry;
    return lists.uses.count(key, weight, this.#keepAfter) ? this.keepWindow(lists, query, key) : undefined;
  }

  keepWindow(lists: TableLists, query: ListQuery, key: string): WindowEntry {
    lists.uses.kept(key);
    const entry = lists.addWindow(key, query);
    this.memory.add(entry);
    if (lists.conditions.restSize > WINDOWS_TRIED_ALWAYS_MAX) {
      const oldest = lists.conditions.firstOfRest!;
      if (oldest.live.size === 0) this.drop(oldest);
    }
    return entry;
  }

  /** Has the window filled if it lacks what is wanted of it. */
  fillIfNeeded(entry: WindowEntry): void {
    if (entry.window.needsFill) this.#builder.fill(entry);
  }

  drop(entry: ListEntry): void {
    if (!this.isKept(entry)) return;
    entry.lists.remove(entry);
    this.memory.remove(entry);
    if (entry.kind === 'index') return;
    for (const live of entry.live.values()) live.end(failure('SLUICE_STALE_PLAN'));
    entry.live.clear();
  }

  /** A commit has changed so many rows of the list: one that changes far more often than it is read is not kept. */
  changed(entry: ListEntry, rows: number): void {
    entry.recentChanges += rows;
    if (entry.kind === 'window') {
      this.memory.account(entry, entry.window.bytes);
      if (entry.recentChanges >= WINDOW_CHANGES_CHECKED) this.#reconsider(entry, WINDOW_CHANGES_PER_HIT);
    } else if (entry.recentChanges >= INDEX_CHANGES_CHECKED) {
      this.memory.account(entry, entry.index.bytes);
      this.#reconsider(entry, INDEX_CHANGES_PER_HIT);
    }
  }

  #reconsider(entry: ListEntry, changesPerHit: number): void {
    const isWorthIt = entry.recentChanges <= (entry.recentHits + 1) * changesPerHit;
    entry.recentChanges = 0;
    entry.recentHits = 0;
    if (isWorthIt || isLive(entry)) return;
    entry.lists.uses.refuse(entry.key);
    this.drop(entry);
  }

  /** Values that cannot stand in an index: its lists are kept as windows from now on. Other errors are thrown again. */
  #refuseUnsupported(lists: TableLists, key: string, error: unknown): void {
    if (!(error instanceof UnsupportedKeyError)) throw error;
    lists.unsupported.add(key);
    const entry = lists.indexes.get(key);
    if (entry !== undefined) this.drop(entry);
  }

  /** Runs what may meet values that cannot stand in the index. False: it did, and the index is gone. */
  withIndex(entry: IndexEntry, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#refuseUnsupported(entry.lists, entry.key, error);
      return false;
    }
  }

  // ---- Building

  isKept(entry: ListEntry): boolean {
    const there = entry.kind === 'index' ? entry.lists.indexes.get(entry.key) : entry.lists.windows.get(entry.key);
    return there === entry;
  }

  /** The list has grown or is ready. */
  built(entry: ListEntry): void {
    if (entry.kind === 'window') for (const live of entry.live.values()) live.update(this.sequence);
    this.memory.account(entry, entry.kind === 'index' ? entry.index.bytes : entry.window.bytes);
    this.memory.enforce();
  }

  /** The list could not be built: it is tried again later, or kept in another form. */
  failed(entry: ListEntry, error: unknown): void {
    if (error instanceof UnsupportedKeyError) {
      this.#refuseUnsupported(entry.lists, entry.key, error);
      return;
    }
    entry.lists.uses.refuse(entry.key);
    this.drop(entry);
    this.readFailed(error);
  }

  readFailed(error: unknown): void {
    if (!this.#isSchemaAhead()) this.onProblem(error);
  }

  /** The store has another schema already, whose report is on its way: reading by the old one may fail. */
  #isSchemaAhead(): boolean {
    if (this.sequence < this.#store.sequence) return true;
    return this.#store.readInline(CATALOG_VERSION)[0]?.[0] !== this.#store.catalog.version;
  }

  /** Resolves when nothing is being built, filled or warmed. */
  async settled(): Promise<void> {
    while (!this.#builder.isIdle || !this.warmer.isIdle) {
      await this.#builder.settled();
      await this.warmer.settled();
    }
  }

  /** Ends what is being built. Nothing is kept any more. */
  close(): void {
    this.#closed = true;
    this.dropAll();
    this.#builder.close();
    this.warmer.close();
    this.follower.close();
  }
}

function tableKey(database: string, name: string): string {
  return `${database}\0${name}`;
}
