/**
 * Kept lists: pages and counts answered from memory, as fresh as the newest reported commit. Read first list-query.ts (what is asked), then kept-index.ts and
 * kept-window.ts (what is kept), then this: what is kept is decided here by use, built in the background, and brought up to date with each commit.
 *
 * It relies on apply() being called with every commit, in order, before the writer's client is answered, and after the feed has taken it. It promises
 * that an answer is exactly what the query gives at the commit `sequence`, the newest that was applied; null means that it does not know, and the
 * store is to be asked. Whether a commit is still unreported is the caller's to find out.
 */
import type { ChangeFeed } from '../../changes/feed.ts';
import { failure } from '../../errors.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { Commit, RowChange, Store } from '../../stores/store.ts';
import { countFromIndex, pageFromIndex, pageFromTwo } from './index-answer.ts';
import type { IndexPlan, NeededIndex } from './index-plan.ts';
import { type KeyValue, UnsupportedKeyError } from './key-column.ts';
import { type BuildHost, ListBuilder } from './list-builder.ts';
import { comparatorOfQuery, keyColumnOf, type ListQuery, matcherOfQuery } from './list-query.ts';
import { LiveList } from './live-list.ts';
import { keyOrderOf, pointKeys, sortKeys } from './point-query.ts';
import { RowCache } from './row-cache.ts';
import type { RowEncoder } from './row-encoder.ts';
import { RowLookup } from './row-lookup.ts';
import { CATALOG_VERSION } from './store-reads.ts';
import { Subscription } from './subscription.ts';
import {
  type IndexEntry,
  type ListEntry,
  sameDefinition,
  TableLists,
  valuesKeyOf,
  type WindowEntry,
} from './table-lists.ts';

export interface KeptListsOptions {
  readonly store: Store;
  /** Has taken a commit before apply() is called with it. */
  readonly feed: ChangeFeed;
  readonly memoryBytes: number;
  /** Requests (or milliseconds that the store took for them, see `answered`) after which a list is kept. */
  readonly keepAfter?: number;
  /** Rows read from the store in one step of a build: adding them takes the front a few milliseconds. */
  readonly buildStepRows?: number;
  /** A list could not be built; it is tried again later. */
  readonly onProblem?: (error: unknown) => void;
}

export interface ListAnswer<E> {
  /** The commit at which the query was answered. */
  readonly sequence: number;
  /** null when it was not asked for. */
  readonly count: number | null;
  /** As the encoder made them; null when they were not asked for. */
  readonly rows: readonly E[] | null;
  readonly from: 'key' | 'index' | 'window';
}

export interface ListStatistics {
  readonly table: string;
  readonly kind: 'index' | 'window';
  readonly key: string;
  readonly state: 'building' | 'ready';
  readonly rows: number;
  readonly bytes: number;
  readonly hits: number;
  readonly subscriptions: number;
}

export interface KeptListsStatistics {
  readonly sequence: number;
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  readonly memoryBytes: number;
  readonly rowBytes: number;
  readonly evictions: number;
  readonly lists: readonly ListStatistics[];
}

/** Rows that one window may hold, and the deepest page that one answers. */
export const WINDOW_ROWS_MAX = 2_000;
/** Windows without an equality are tried with every change of their table. */
const WINDOWS_WITHOUT_EQUALITY_MAX = 256;
const REFUSED_MS = 30_000;
/** Of the memory, what rows may always have. */
const ROWS_SHARE = 0.25;
/** Every so many changes of a list it is looked at whether it is still read often enough to be worth them. */
const WINDOW_CHANGES_CHECKED = 1_000;
const WINDOW_CHANGES_PER_HIT = 50;
const INDEX_CHANGES_CHECKED = 200_000;
const INDEX_CHANGES_PER_HIT = 10_000;
const LIVE_IDLE_MS = 60_000;
const DEFAULT_KEEP_AFTER = 3;

export class KeptLists implements BuildHost {
  readonly #store: Store;
  readonly #memoryBytes: number;
  readonly #keepAfter: number;
  readonly #onProblem: (error: unknown) => void;
  readonly #rows = new RowCache();
  readonly #tables = new Map<string, TableLists>();
  readonly #byDefinition = new WeakMap<TableDefinition, TableLists>();
  /** In the order of their last use, oldest first. */
  readonly #used = new Set<ListEntry>();
  readonly #builder: ListBuilder;
  readonly #lookup: RowLookup;
  #sequence: number;
  #listBytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #closed = false;

  constructor(options: KeptListsOptions) {
    this.#store = options.store;
    this.#memoryBytes = options.memoryBytes;
    this.#keepAfter = options.keepAfter ?? DEFAULT_KEEP_AFTER;
    this.#onProblem =
      options.onProblem ?? ((error) => process.emitWarning(`a list could not be kept: ${String(error)}`));
    this.#sequence = options.store.sequence;
    this.#builder = new ListBuilder(options, this);
    this.#lookup = new RowLookup(options.store, () => this.#sequence);
  }

  /** Of the newest commit that was applied. */
  get sequence(): number {
    return this.#sequence;
  }

  get bytes(): number {
    return this.#rows.bytes + this.#listBytes;
  }

  // ---- Asking

  /** The answer, or null: not from here. Never waits; reads at most a few hundred rows by their keys. */
  ask<E>(query: ListQuery, encoder: RowEncoder<E>): ListAnswer<E> | null {
    const lists = this.#listsOf(query.table);
    const answer = lists === null ? null : this.#answer(lists, query, encoder, 1);
    if (answer === null) this.#misses++;
    else this.#hits++;
    return answer;
  }

  /** Tells what the store took to answer a query that ask() did not: dear ones are kept sooner. */
  answered(query: ListQuery, milliseconds: number): void {
    if (milliseconds < 1) return;
    const lists = this.#listsOf(query.table);
    if (lists !== null) this.#answer(lists, query, null, milliseconds);
  }

  /** Without an encoder nothing is answered: what could answer is only counted as asked for. */
  #answer<E>(lists: TableLists, query: ListQuery, encoder: RowEncoder<E> | null, weight: number): ListAnswer<E> | null {
    const keys = pointKeys(query, lists.keyColumn);
    if (keys !== null) return encoder === null ? null : this.#answerByKeys(lists, query, keys, encoder);
    const { key, plan } = lists.shapeOf(query);
    if (plan !== null && !this.#isUnsupported(lists, plan, query)) {
      const found = this.#answerFromIndexes(lists, plan, query, encoder, weight);
      if (found !== 'too dear') return found;
    }
    return this.#answerFromWindow(lists, query, `${key}:${valuesKeyOf(query)}`, encoder, weight);
  }

  #answerByKeys<E>(
    lists: TableLists,
    query: ListQuery,
    keys: KeyValue[],
    encoder: RowEncoder<E>,
  ): ListAnswer<E> | null {
    const order = keyOrderOf(query, lists.keyColumn);
    let rows: E[] | null;
    if (order === null) rows = this.#matchingRows(lists, query, keys, encoder);
    else {
      sortKeys(keys, order);
      rows = this.#encodedRows(lists, keys, encoder);
    }
    if (rows === null) return null;
    const count = query.wantsCount ? rows.length : null;
    const { skip, max } = query;
    if (!query.wantsRows) rows = null;
    else if (skip > 0 || (max !== null && max < rows.length))
      rows = rows.slice(skip, max === null ? undefined : skip + max);
    return { sequence: this.#sequence, count, rows, from: 'key' };
  }

  /** Those of the rows with these keys that are there. */
  #encodedRows<E>(lists: TableLists, keys: readonly KeyValue[], encoder: RowEncoder<E>): E[] | null {
    const found = this.#lookup.encoded(lists, keys, encoder);
    this.#enforceMemory();
    if (found === null || !found.includes(undefined)) return found as E[] | null;
    return found.filter((encoded) => encoded !== undefined);
  }

  /** Those of the rows with these keys that fulfil all conditions, in order. */
  #matchingRows<E>(lists: TableLists, query: ListQuery, keys: readonly KeyValue[], encoder: RowEncoder<E>): E[] | null {
    const found = this.#lookup.whole(lists, keys);
    if (found === null) return null;
    const matches = matcherOfQuery(query);
    const rows = found.filter((kept) => matches(kept.row));
    if (rows.length > 1) {
      const compare = comparatorOfQuery(query, lists.keyColumn);
      rows.sort((a, b) => compare(a.row, b.row));
    }
    const encoded = rows.map((kept) => lists.rows.encodedRow(kept, encoder));
    this.#enforceMemory();
    return encoded;
  }

  #answerFromIndexes<E>(
    lists: TableLists,
    plan: IndexPlan,
    query: ListQuery,
    encoder: RowEncoder<E> | null,
    weight: number,
  ): ListAnswer<E> | null | 'too dear' {
    const single = plan.isOneIndex;
    // Both are asked for before either is missed, so that both begin to be built.
    const ordered = query.wantsRows ? this.#indexFor(lists, plan, plan.ordered, weight) : undefined;
    let counting: IndexEntry | undefined;
    if (query.wantsRows && single) counting = ordered;
    else if (!query.wantsRows && plan.range === null) {
      counting = lists.indexOfGrouping(plan.grouping) ?? this.#indexFor(lists, plan, plan.ranged, weight);
    } else counting = this.#indexFor(lists, plan, plan.ranged, weight);
    if (counting === undefined || (query.wantsRows && ordered === undefined)) return null;
    let count: number | null;
    let rows: E[] | null = null;
    if (ordered === undefined) count = countFromIndex(counting.index, plan, query);
    else {
      const page = single
        ? pageFromIndex(ordered.index, plan, query)
        : pageFromTwo(counting.index, ordered.index, plan, query);
      if (page === null) return 'too dear';
      count = page.count;
      rows = encoder === null ? null : this.#rowsOfIndex(lists, page.keys, encoder);
      if (rows === null) return null;
    }
    if (count === null) return 'too dear';
    if (ordered !== undefined) this.#touch(ordered);
    if (counting !== ordered) this.#touch(counting);
    return { sequence: this.#sequence, count: query.wantsCount ? count : null, rows, from: 'index' };
  }

  /** Rows that an index says are there. */
  #rowsOfIndex<E>(lists: TableLists, keys: readonly KeyValue[], encoder: RowEncoder<E>): E[] | null {
    const found = this.#lookup.encoded(lists, keys, encoder);
    this.#enforceMemory();
    if (found === null || !found.includes(undefined)) return found as E[] | null;
    this.#onProblem(
      new Error(`an index of ${lists.definition.database}.${lists.definition.name} has rows that are not there`),
    );
    this.#dropTable(lists);
    return null;
  }

  /** The index if it is ready. Otherwise its use is counted, and when that is enough it begins to be built. */
  #indexFor(lists: TableLists, plan: IndexPlan, needed: NeededIndex, weight: number): IndexEntry | undefined {
    const entry = lists.indexFor(needed);
    if (entry !== undefined) return entry.index.isComplete ? entry : undefined;
    const { key } = needed;
    if (!lists.uses.count(key, weight, this.#keepAfter)) return undefined;
    lists.uses.kept(key);
    try {
      const added = lists.addIndex(needed, plan.grouping);
      this.#used.add(added);
      this.#builder.build(added);
    } catch (error) {
      this.#refuseUnsupported(lists, key, error);
    }
    return undefined;
  }

  #isUnsupported(lists: TableLists, plan: IndexPlan, query: ListQuery): boolean {
    if (lists.unsupported.size === 0) return false;
    if (query.wantsRows && lists.unsupported.has(plan.ordered.key)) return true;
    return plan.range !== null && lists.unsupported.has(plan.ranged.key);
  }

  #answerFromWindow<E>(
    lists: TableLists,
    query: ListQuery,
    key: string,
    encoder: RowEncoder<E> | null,
    weight: number,
  ): ListAnswer<E> | null {
    const last = query.wantsRows ? (query.max === null ? WINDOW_ROWS_MAX : query.skip + query.max) : 0;
    if (last > WINDOW_ROWS_MAX) return null;
    let entry = lists.windows.get(key);
    if (entry === undefined) {
      if (!lists.uses.count(key, weight, this.#keepAfter)) return null;
      entry = this.#keepWindow(lists, key, query);
    }
    const { window } = entry;
    const isReady = window.want(last, query.wantsCount);
    if (window.needsFill) this.#builder.fill(entry);
    if (!isReady || (query.wantsRows && query.max === null && !window.isComplete) || encoder === null) return null;
    this.#touch(entry);
    let rows: E[] | null = null;
    if (query.wantsRows) {
      rows = window.slice(query.skip, query.max ?? WINDOW_ROWS_MAX).map((kept) => lists.rows.encodedRow(kept, encoder));
      this.#enforceMemory();
    }
    return { sequence: this.#sequence, count: query.wantsCount ? window.count : null, rows, from: 'window' };
  }

  #keepWindow(lists: TableLists, key: string, query: ListQuery): WindowEntry {
    lists.uses.kept(key);
    const entry = lists.addWindow(key, query);
    this.#used.add(entry);
    if (lists.conditions.restSize > WINDOWS_WITHOUT_EQUALITY_MAX) {
      const oldest = lists.conditions.firstOfRest!;
      if (oldest.live.size === 0) this.#drop(oldest);
    }
    return entry;
  }

  #touch(entry: ListEntry): void {
    entry.hits++;
    entry.recentHits++;
    this.#used.delete(entry);
    this.#used.add(entry);
  }

  /** null: the table is of no kind that is kept, or the definition is not the current one. */
  #listsOf(definition: TableDefinition): TableLists | null {
    const known = this.#byDefinition.get(definition);
    if (known?.isCurrent) return known;
    const keyColumn = keyColumnOf(definition);
    if (keyColumn === null || this.#closed) return null;
    const current = this.#store.catalog.table(definition.database, definition.name);
    if (current === undefined || !sameDefinition(current, definition)) return null;
    const name = tableName(definition.database, definition.name);
    let lists = this.#tables.get(name);
    if (lists === undefined) {
      lists = new TableLists(definition, keyColumn, this.#rows);
      this.#tables.set(name, lists);
    }
    if (!sameDefinition(lists.definition, definition)) return null;
    this.#byDefinition.set(definition, lists);
    return lists;
  }

  // ---- Changes

  /** The next commit, which the feed has taken already. Every list is up to date when this returns. */
  apply(commit: Commit): void {
    const isGap = commit.sequence !== this.#sequence + 1;
    this.#sequence = commit.sequence;
    if (isGap) for (const lists of [...this.#tables.values()]) this.#dropTable(lists);
    else {
      for (const { database, table, rows } of commit.changes) {
        const lists = this.#tables.get(tableName(database, table));
        if (lists === undefined) continue;
        if (rows === null) this.#dropTable(lists);
        else this.#applyTo(lists, rows);
      }
    }
    if (commit.schemaChanged) this.#dropChangedTables();
    this.#builder.reached();
    if (this.bytes > this.#memoryBytes) this.#enforceMemory();
  }

  #applyTo(lists: TableLists, changes: readonly RowChange[]): void {
    for (const change of changes) lists.rows.apply(change);
    for (const entry of lists.indexes.values()) this.#applyToIndex(entry, changes);
    for (const [entry, concerning] of lists.concerned(changes)) {
      const { window } = entry;
      window.apply(concerning);
      this.#account(entry, window.bytes);
      entry.recentChanges += concerning.length;
      for (const live of entry.live.values()) live.update(this.#sequence);
      if (window.needsFill) this.#builder.fill(entry);
      if (entry.recentChanges >= WINDOW_CHANGES_CHECKED) this.#reconsider(entry, WINDOW_CHANGES_PER_HIT);
    }
  }

  #applyToIndex(entry: IndexEntry, changes: readonly RowChange[]): void {
    try {
      for (const change of changes) entry.index.apply(change);
    } catch (error) {
      this.#refuseUnsupported(entry.lists, entry.key, error);
      return;
    }
    entry.recentChanges += changes.length;
    if (entry.recentChanges >= INDEX_CHANGES_CHECKED) {
      this.#account(entry, entry.index.bytes);
      this.#reconsider(entry, INDEX_CHANGES_PER_HIT);
    }
  }

  /** A list that changes far more often than it is read is not kept. */
  #reconsider(entry: ListEntry, changesPerHit: number): void {
    const isWorthIt = entry.recentChanges <= (entry.recentHits + 1) * changesPerHit;
    entry.recentChanges = 0;
    entry.recentHits = 0;
    if (isWorthIt || this.#isLive(entry)) return;
    entry.lists.uses.refuse(entry.key, REFUSED_MS);
    this.#drop(entry);
  }

  #dropChangedTables(): void {
    for (const lists of [...this.#tables.values()]) {
      const { definition } = lists;
      const current = this.#store.catalog.table(definition.database, definition.name);
      if (current === undefined || !sameDefinition(current, definition)) this.#dropTable(lists);
    }
  }

  #dropTable(lists: TableLists): void {
    this.#tables.delete(tableName(lists.definition.database, lists.definition.name));
    for (const entry of [...lists.indexes.values(), ...lists.windows.values()]) this.#drop(entry);
    lists.rows.drop();
  }

  #drop(entry: ListEntry): void {
    if (!this.isKept(entry)) return;
    entry.lists.remove(entry);
    this.#used.delete(entry);
    this.#account(entry, 0);
    if (entry.kind === 'window') {
      for (const live of entry.live.values()) live.end(failure('SLUICE_STALE_PLAN'));
      entry.live.clear();
    }
  }

  /** Values that cannot stand in an index: its lists are kept as windows from now on. Other errors are thrown again. */
  #refuseUnsupported(lists: TableLists, key: string, error: unknown): void {
    if (!(error instanceof UnsupportedKeyError)) throw error;
    lists.unsupported.add(key);
    const entry = lists.indexes.get(key);
    if (entry !== undefined) this.#drop(entry);
  }

  // ---- For the builder

  isKept(entry: ListEntry): boolean {
    const there = entry.kind === 'index' ? entry.lists.indexes.get(entry.key) : entry.lists.windows.get(entry.key);
    return there === entry;
  }

  /** The list has grown or is ready. */
  built(entry: ListEntry): void {
    if (entry.kind === 'window') for (const live of entry.live.values()) live.update(this.#sequence);
    this.#account(entry, entry.kind === 'index' ? entry.index.bytes : entry.window.bytes);
    this.#enforceMemory();
  }

  /** The list could not be built: it is tried again later, or kept in another form. */
  failed(entry: ListEntry, error: unknown): void {
    if (error instanceof UnsupportedKeyError) {
      this.#refuseUnsupported(entry.lists, entry.key, error);
      return;
    }
    entry.lists.uses.refuse(entry.key, REFUSED_MS);
    this.#drop(entry);
    if (!this.#isSchemaAhead()) this.#onProblem(error);
  }

  /** The store has another schema already, whose report is on its way: reading by the old one may fail. */
  #isSchemaAhead(): boolean {
    if (this.#sequence < this.#store.sequence) return true;
    return this.#store.readInline(CATALOG_VERSION)[0]?.[0] !== this.#store.catalog.version;
  }

  /** Resolves when nothing is being built or filled. */
  settled(): Promise<void> {
    return this.#builder.settled();
  }

  // ---- Memory

  #account(entry: ListEntry, bytes: number): void {
    this.#listBytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  #enforceMemory(): void {
    if (this.bytes <= this.#memoryBytes) return;
    this.#freeRows();
    for (const entry of this.#used) {
      if (this.bytes <= this.#memoryBytes) return;
      if (this.#isLive(entry)) continue;
      // Too large for what there is: not again at once.
      if (entry.bytes > this.#memoryBytes / 2) entry.lists.uses.refuse(entry.key, REFUSED_MS);
      this.#evictions++;
      this.#drop(entry);
      this.#freeRows();
    }
    if (this.bytes > this.#memoryBytes) this.#rows.free(this.bytes - this.#memoryBytes);
  }

  /** Rows go before lists do, as long as they have more than their share. */
  #freeRows(): void {
    const spare = Math.min(this.bytes - this.#memoryBytes, this.#rows.bytes - this.#memoryBytes * ROWS_SHARE);
    if (spare > 0) this.#rows.free(spare);
  }

  #isLive(entry: ListEntry): boolean {
    if (entry.kind === 'index' || entry.live.size === 0) return false;
    const now = Date.now();
    for (const [page, live] of entry.live)
      if (live.listeners.size === 0 && now - live.idleSince > LIVE_IDLE_MS) entry.live.delete(page);
    return entry.live.size > 0;
  }

  // ---- Live

  /**
   * A subscription to a page. Its first event is a snapshot, or, when `after` is a commit that the client has seen and the changes since are known,
   * the next change. @throws SluiceError when the table or the page cannot be kept live.
   */
  subscribe(query: ListQuery, after: number | null = null): Subscription {
    const lists = this.#listsOf(query.table);
    if (lists === null)
      throw failure('ER_NOT_SUPPORTED_YET', 'live lists of tables without a single integer primary key');
    const { skip, max } = query;
    if (max === null || skip + max > WINDOW_ROWS_MAX)
      throw failure('ER_BAD_PARAMETER', `limit: a live list goes no further than row ${WINDOW_ROWS_MAX}`);
    const key = `${lists.shapeOf(query).key}:${valuesKeyOf(query)}`;
    const entry = lists.windows.get(key) ?? this.#keepWindow(lists, key, query);
    entry.window.want(skip + max, query.wantsCount);
    const page = `${skip},${max},${query.wantsCount}`;
    let live = entry.live.get(page);
    if (live === undefined) {
      const counts = query.wantsCount;
      live = new LiveList(entry.window, lists.keyColumn, { skip, max, counts }, () => this.#sequence);
      entry.live.set(page, live);
      live.update(this.#sequence);
    }
    if (entry.window.needsFill) this.#builder.fill(entry);
    return new Subscription(live, after, () => undefined);
  }

  // ---- Status

  statistics(): KeptListsStatistics {
    const lists: ListStatistics[] = [];
    for (const { definition, indexes, windows } of this.#tables.values()) {
      const table = `${definition.database}.${definition.name}`;
      for (const { index, key, bytes, hits } of indexes.values()) {
        const state = index.isComplete ? 'ready' : 'building';
        lists.push({ table, kind: 'index', key, state, rows: index.size, bytes, hits, subscriptions: 0 });
      }
      for (const { window, key, bytes, hits, live } of windows.values()) {
        const state = window.isReady ? 'ready' : 'building';
        let subscriptions = 0;
        for (const { listeners } of live.values()) subscriptions += listeners.size;
        lists.push({ table, kind: 'window', key, state, rows: window.size, bytes, hits, subscriptions });
      }
    }
    return {
      sequence: this.#sequence,
      hits: this.#hits,
      misses: this.#misses,
      bytes: this.bytes,
      memoryBytes: this.#memoryBytes,
      rowBytes: this.#rows.bytes,
      evictions: this.#evictions,
      lists,
    };
  }

  /** Ends what is being built. Nothing is answered any more. */
  close(): void {
    this.#closed = true;
    for (const lists of [...this.#tables.values()]) this.#dropTable(lists);
    this.#builder.close();
  }
}

function tableName(database: string, table: string): string {
  return `${database}\0${table}`;
}
