/**
 * The gate: what stands between every protocol and the store. Read session.ts for one request's way. This file holds what sessions share: the plan
 * cache, the change feed, the variables, and the list of sessions for SHOW PROCESSLIST and KILL.
 */
import type { Logger } from 'pino';
import { ChangeFeed } from '../changes/feed.ts';
import { failure } from '../errors.ts';
import { MAX_RESULT_ROWS_HTTP, MAX_SESSIONS } from '../limits.ts';
import { ListPlanner } from '../lists/planner.ts';
import type { ProcessInfo, ServerView } from '../sql/context.ts';
import { databasesOf, isVirtualDatabase } from '../sql/information-schema/virtual-tables.ts';
import type { SessionSettings } from '../sql/variables/settings.ts';
import type { VariableStore } from '../sql/variables/variable-store.ts';
import type { Store } from '../stores/store.ts';
import { type Account, ConfiguredAccounts } from './accounts.ts';
import { KeptAnswers } from './kept-answers.ts';
import { KeyCache } from './key-cache.ts';
import { KeySweeper } from './key-sweeper.ts';
import { KeyWatches } from './key-watches.ts';
import { listValueForms } from './list-values.ts';
import { PlanCache } from './plan-cache.ts';
import type { Accounts, ClientInfo, Gate } from './request.ts';
import { GateSession } from './session.ts';
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
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
}

/** Of the memory for kept lists, the part that entries of keys may take beside it. */
const KEY_CACHE_SHARE = 8;

/** How often open transactions are looked at for their age. */
const TIMEOUT_CHECK_MS = 500;

export class LocalGate implements Gate, ServerView {
  readonly store: Store;
  readonly variables: VariableStore;
  readonly accounts: Accounts;
  readonly log: GateOptions['log'];
  readonly plans = new PlanCache();
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
  #lastId = 0;
  #questions = 0;
  #opened = 0;

  constructor(options: GateOptions) {
    this.store = options.store;
    this.variables = options.variables;
    this.log = options.log;
    this.accounts = new ConfiguredAccounts(options.accounts);
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
      this.kept.apply(commit);
      this.keyCache.apply(commit);
      this.keyWatches.apply(commit);
    });
    this.lists = new ListPlanner({
      forms: listValueForms(),
      defaultTable: options.tcsqlTable,
      maxRows: MAX_RESULT_ROWS_HTTP,
      explainKept: (query) => this.kept.explain(query),
      keptOf: ({ database, name }) =>
        this.kept.statistics().lists.filter((list) => list.table === `${database}.${name}`),
    });
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

  listStatistics(): unknown {
    return this.kept.statistics();
  }

  countQuestion(): void {
    this.#questions++;
  }

  /** A result of more rows fails rather than being cut. 0: any number. */
  maxRows(protocol: ClientInfo['protocol'], settings: SessionSettings): number {
    if (protocol === 'embedded') return 0;
    return protocol === 'mysql' ? settings.maxResultRows : MAX_RESULT_ROWS_HTTP;
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
    for (const session of this.#sessions.values()) session.checkTransactionAge(now);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sweeper.close();
    for (const session of [...this.#sessions.values()]) session.close();
    this.#stopListening();
    this.keyWatches.close();
    this.kept.close();
  }
}
