/**
 * The gate: what stands between every protocol and the store. Read session.ts for one request's way. This file holds what sessions share: the plan
 * cache, the change feed, the variables, and the list of sessions for SHOW PROCESSLIST and KILL.
 */
import type { Logger } from 'pino';
import { ChangeFeed } from '../changes/feed.ts';
import { failure } from '../errors.ts';
import { MAX_SESSIONS } from '../limits.ts';
import type { ListPlanner } from '../lists/planner.ts';
import type { ProcessInfo, ServerView } from '../sql/context.ts';
import { databasesOf, isVirtualDatabase } from '../sql/information-schema/virtual-tables.ts';
import type { SessionSettings } from '../sql/variables/settings.ts';
import type { GlobalSnapshot, VariableStore } from '../sql/variables/variable-store.ts';
import { Catalog } from '../stores/catalog.ts';
import type { Store } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import type { Privileges } from './accounts/privileges.ts';
import { StoredUsers } from './accounts/stored-users.ts';
import { type Account, UserAccounts } from './accounts/user-accounts.ts';
import { readConsolidator } from './consolidated-read.ts';
import type { Consolidator } from './consolidation.ts';
import { type GateSettings, gateSettings } from './gate-settings.ts';
import { KeptAnswers } from './kept-answers.ts';
import { KeyCache } from './key-cache.ts';
import { KeySweeper } from './key-sweeper.ts';
import { KeyWatches } from './key-watches.ts';
import { listPlanner } from './list-reader.ts';
import { PlanCache } from './plan-cache.ts';
import { Protection } from './protection/protection.ts';
import { TransactionPool } from './protection/transaction-pool.ts';
import type { ClientInfo, Gate } from './request.ts';
import { runningQueries } from './running-statement.ts';
import { GateSession } from './session.ts';
import { TableClock } from './table-clock.ts';
import { WriterTurns } from './writer-turns.ts';

export interface GateOptions {
  readonly store: Store;
  readonly variables: VariableStore;
  readonly accounts: readonly Account[];
  /** `db.t` */
  readonly tcsqlTable: string;
  /** What kept lists may take. */
  readonly listsMemoryBytes: number;
  /** Requests after which a list is kept; tests keep them at once. */
  readonly keepListsAfter?: number | undefined;
  /** A file that each statement is written to as a line of JSON; null: none. */
  readonly queryLog?: string | null | undefined;
  /** With the statements' values, not only their lengths. */
  readonly logValues?: boolean | undefined;
  /** The same for each transaction. */
  readonly transactionLog?: string | null | undefined;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
}

/** Of the memory for kept lists, the part that entries of keys may take beside it. */
const KEY_CACHE_SHARE = 8;

/** How often open transactions are looked at for their age. */
const TIMEOUT_CHECK_MS = 500;

export class LocalGate implements Gate, ServerView {
  readonly store: Store;
  readonly variables: VariableStore;
  readonly accounts: UserAccounts;
  /** Those that statements make. */
  readonly users: StoredUsers;
  readonly log: GateOptions['log'];
  readonly plans = new PlanCache(() => this.settings.planCacheEntries);
  readonly protection: Protection;
  readonly transactions: TransactionPool;
  readonly consolidator: Consolidator<readonly StoreRow[]>;
  /** How new the tables are, for reads that share an answer. */
  readonly clock = new TableClock();
  readonly turns = new WriterTurns();
  readonly feed: ChangeFeed;
  readonly lists: ListPlanner;
  readonly kept: KeptAnswers;
  readonly keyWatches: KeyWatches;
  readonly keyCache: KeyCache;
  readonly #sweeper: KeySweeper;
  readonly #sessions = new Map<number, GateSession>();
  readonly #startedAt = Date.now();
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #settingsOf: GlobalSnapshot | null = null;
  #settings: GateSettings | null = null;
  readonly #visible = new WeakMap<Privileges, Catalog>();
  #lastId = 0;
  #questions = 0;
  #opened = 0;

  constructor(options: GateOptions) {
    this.store = options.store;
    this.variables = options.variables;
    this.log = options.log;
    this.accounts = new UserAccounts(options.accounts);
    this.users = new StoredUsers(options.store, this.accounts);
    this.protection = new Protection(options);
    this.transactions = new TransactionPool(
      () => ({ cap: this.settings.transactionCap, waitMs: this.settings.transactionWaitMs }),
      (entry) => this.protection.transactionLog.write(entry),
    );
    this.consolidator = readConsolidator(() => this.settings.consolidationWaiters);
    this.feed = new ChangeFeed(options.store.sequence);
    this.keyWatches = new KeyWatches(this.feed);
    this.keyCache = new KeyCache(options.listsMemoryBytes / KEY_CACHE_SHARE);
    this.kept = new KeptAnswers({
      store: options.store,
      memoryBytes: options.listsMemoryBytes,
      keepAfter: options.keepListsAfter,
      log: options.log,
    });
    this.#stopListening = options.store.onCommit((commit) => {
      this.feed.push(commit);
      this.users.apply(commit);
      this.clock.apply(commit);
      this.kept.apply(commit);
      this.keyCache.apply(commit);
      this.keyWatches.apply(commit);
    });
    this.lists = listPlanner(this.kept, options.tcsqlTable, () => this.settings.httpMaxResultRows);
    this.#sweeper = new KeySweeper(options.store, options.log);
    this.#timer = setInterval(() => this.#checkTimeouts(), TIMEOUT_CHECK_MS);
    this.#timer.unref();
  }

  /** The id that the next session gets when it is opened with it: protocols tell clients theirs before they have logged in. */
  nextConnectionId(): number {
    return ++this.#lastId;
  }

  openSession(client: ClientInfo): GateSession {
    if (this.#sessions.size >= MAX_SESSIONS) throw failure('ER_CON_COUNT_ERROR');
    const session = new GateSession(this, client.connectionId ?? this.nextConnectionId(), client);
    this.#sessions.set(session.id, session);
    this.#opened++;
    return session;
  }

  forget(session: GateSession): void {
    this.#sessions.delete(session.id);
  }

  kill(id: number, what: 'query' | 'connection'): boolean {
    const session = this.#sessions.get(id);
    session?.kill(what);
    return session !== undefined;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** What runs now, for operators. */
  running(): object {
    return runningQueries(this.#sessions.values());
  }

  /** Whose session it is; undefined when there is none with that id. */
  ownerOf(id: number): string | undefined {
    return this.#sessions.get(id)?.user;
  }

  listStatistics(): unknown {
    return this.kept.statistics();
  }

  countQuestion(): void {
    this.#questions++;
  }

  /** A result of more rows fails rather than being cut. 0: any number. */
  maxRows(protocol: ClientInfo['protocol'], settings: SessionSettings): number {
    if (protocol === 'embedded') return 0;
    return protocol === 'mysql' ? settings.maxResultRows : this.settings.httpMaxResultRows;
  }

  /** The database's name as it was created; virtual ones too. */
  findDatabase(name: string): string | undefined {
    const database = this.store.catalog.database(name)?.name;
    if (database !== undefined || !isVirtualDatabase(name)) return database;
    return (
      databasesOf(this.store.catalog).find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())?.name ??
      name.toLowerCase()
    );
  }

  /** The server's own settings, as SET GLOBAL has left them. */
  get settings(): GateSettings {
    const { snapshot } = this.variables;
    if (snapshot !== this.#settingsOf) {
      const before = this.#settings;
      this.#settingsOf = snapshot;
      this.#settings = gateSettings(snapshot);
      if (before?.httpMaxResultRows !== this.#settings.httpMaxResultRows) this.kept.forgetRepeated();
      this.protection.access.dryRun = this.#settings.tableAccessDryRun;
    }
    return this.#settings as GateSettings;
  }

  /** The databases in which somebody has a role. */
  visibleTo(privileges: Privileges): Catalog {
    const { catalog } = this.store;
    const known = this.#visible.get(privileges);
    if (known?.version === catalog.version) return known;
    const databases = catalog.databases().filter(({ name }) => privileges.sees(name));
    const tables = databases.flatMap(({ name }) =>
      catalog.tables(name).filter((table) => privileges.allows({ database: name, table: table.name, access: 'read' })),
    );
    const visible = new Catalog(catalog.version, databases, tables);
    this.#visible.set(privileges, visible);
    return visible;
  }

  // ---- ServerView

  processes(): ProcessInfo[] {
    const now = Date.now();
    return [...this.#sessions.values()].map((session) => ({
      id: session.id,
      user: session.user,
      host: session.host,
      database: session.database,
      command: session.running === null ? 'Sleep' : 'Query',
      seconds: Math.floor((now - (session.running?.since ?? session.lastActiveAt)) / 1000),
      state: session.running === null ? '' : 'executing',
      info: session.running?.text ?? null,
    }));
  }

  statusCounters(): ReadonlyMap<string, number | string> {
    const running = [...this.#sessions.values()].filter((session) => session.running !== null).length;
    return new Map<string, number | string>([
      ['Connections', this.#opened],
      ['Questions', this.#questions],
      ['Queries', this.#questions],
      ['Threads_connected', this.#sessions.size],
      ['Threads_running', running],
      ['Uptime', Math.floor((Date.now() - this.#startedAt) / 1000)],
      ['Sluice_plan_cache_entries', this.plans.size],
      ['Sluice_plan_cache_hits', this.plans.hits],
      ['Sluice_plan_cache_misses', this.plans.misses],
    ]);
  }

  #checkTimeouts(): void {
    const now = Date.now();
    for (const session of [...this.#sessions.values()]) {
      session.transactions.checkAge(now);
      session.checkIdle(now);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sweeper.close();
    for (const session of [...this.#sessions.values()]) session.close();
    this.#stopListening();
    this.keyWatches.close();
    this.kept.close();
    void this.protection.close();
  }
}
