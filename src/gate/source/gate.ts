/**
 * The gate in front of a MySQL-protocol server (`--source`): the same sessions and the same contract (gate/request.ts) as before the embedded store.
 * Read session.ts for a statement's way. This file holds what sessions share: the source, the plans, the list of sessions.
 */
import type { Logger } from 'pino';
import { failure, type SluiceError } from '../../errors.ts';
import { MAX_SESSIONS } from '../../limits.ts';
import type { ProcessInfo } from '../../sql/context.ts';
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import { Source } from '../../stores/mysql/source.ts';
import type { SourceAddress } from '../../util/source-address.ts';
import { MYSQL_VERSION, SLUICE_VERSION } from '../../version.ts';
import { type Account, UserAccounts } from '../accounts/user-accounts.ts';
import { Protection } from '../protection/protection.ts';
import { TransactionPool } from '../protection/transaction-pool.ts';
import type { ClientInfo, Gate } from '../request.ts';
import { runningQueries } from '../running-statement.ts';
import { showsSchemaChange } from './commands.ts';
import { droppedDatabase } from './dropped-database.ts';
import { HotRows } from './hot-rows.ts';
import type { Job } from './job.ts';
import { SourceKeys } from './keys/source-keys.ts';
import { MirrorLists, type MirrorListsOptions } from './mirror/mirror-lists.ts';
import { type SourcePlan, SourcePlanCache } from './plan-cache.ts';
import { checkDatabase } from './rights.ts';
import { SourceSession } from './session.ts';
import { SharedReads } from './shared-reads.ts';
import { type SourceGateLimits, SourceVariables } from './source-options.ts';
import type { TokenFacts } from './token-facts.ts';
import { runWrite, writeStatistics } from './writes.ts';

export interface SourceGateOptions {
  readonly address: SourceAddress;
  /** Variables by full names, where they differ from the defaults. */
  readonly variables: Readonly<Record<string, string | number>>;
  readonly accounts: readonly Account[];
  /** A file that each statement is written to as a line of JSON; null: none. */
  readonly queryLog?: string | null | undefined;
  /** With the statements' values, not only their lengths. */
  readonly logValues?: boolean | undefined;
  /** The same for each transaction. */
  readonly transactionLog?: string | null | undefined;
  /** `db.t`: the table of list commands that name none. */
  readonly tcsqlTable: string;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
}

/** How often open transactions are looked at for their age. */
const TIMEOUT_CHECK_MS = 500;
const NOTHING_KEPT = { lists: [] };
const NO_CAP = { cap: 0, waitMs: 0 };

export class SourceGate implements Gate {
  readonly source: Source;
  readonly variables: SourceVariables;
  readonly accounts: UserAccounts;
  readonly log: SourceGateOptions['log'];
  readonly keys: SourceKeys;
  readonly protection: Protection;
  readonly tcsqlTable: string;
  readonly plans: SourcePlanCache;
  /** For their log: how many there may be the source's pool of connections says. */
  readonly transactions: TransactionPool;
  readonly shared: SharedReads;
  readonly hotRows = new HotRows();
  readonly writes = writeStatistics();
  /** null: no table is mirrored. */
  #mirror: MirrorLists | null = null;
  readonly #sessions = new Map<number, SourceSession>();
  readonly #timer: NodeJS.Timeout;
  #lastId = 0;

  constructor(options: SourceGateOptions) {
    const { address, variables, accounts, tcsqlTable, log } = options;
    this.tcsqlTable = tcsqlTable;
    this.variables = new SourceVariables(variables);
    this.log = log;
    this.protection = new Protection(options);
    this.plans = new SourcePlanCache(this.protection.statistics, () => this.limits.planCacheEntries);
    this.transactions = new TransactionPool(
      () => NO_CAP,
      (entry) => this.protection.transactionLog.write(entry),
    );
    this.accounts = new UserAccounts(accounts);
    const heedSettings = (): void => {
      this.protection.access.dryRun = this.limits.tableAccessDryRun === 1;
      // What limits answers may have changed.
      this.#mirror?.kept.forgetRepeated();
    };
    heedSettings();
    this.variables.onChange = heedSettings;
    this.source = new Source({ address, limits: this.variables.limits, log });
    this.shared = new SharedReads(this.source, () => this.limits.consolidationWaiters);
    this.keys = new SourceKeys(this.source, log);
    this.#timer = setInterval(() => this.#checkTimeouts(), TIMEOUT_CHECK_MS);
    this.#timer.unref();
  }

  /** Of sessions that set none for themselves. */
  get limits(): SourceGateLimits {
    return this.variables.limits;
  }

  /** Lists of mirrored tables are answered from the mirror from now on. Before anybody has asked anything. */
  useMirror(options: MirrorListsOptions): void {
    this.#mirror = new MirrorLists(options, this);
  }

  get mirror(): MirrorLists | null {
    return this.#mirror;
  }

  start(): Promise<void> {
    return this.source.start();
  }

  get isReady(): boolean {
    return this.source.isReady;
  }

  /** What clients are told: that of the source, as of the start. */
  get serverVersion(): string {
    return this.source.serverVersion === '' ? MYSQL_VERSION : `${this.source.serverVersion}-Sluice-${SLUICE_VERSION}`;
  }

  nextConnectionId(): number {
    return ++this.#lastId;
  }

  openSession(client: ClientInfo): SourceSession {
    if (this.#sessions.size >= MAX_SESSIONS) throw failure('ER_CON_COUNT_ERROR');
    const session = new SourceSession(this, client.connectionId ?? this.nextConnectionId(), client);
    // Whether it exists is seen when it is used.
    if (client.database !== undefined && client.database !== '') checkDatabase(session, client.database);
    this.#sessions.set(session.id, session);
    return session;
  }

  forget(session: SourceSession): void {
    this.#sessions.delete(session.id);
  }

  kill(id: number, what: 'query' | 'connection'): boolean {
    const session = this.#sessions.get(id);
    session?.kill(what);
    return session !== undefined;
  }

  listStatistics(): unknown {
    return this.#mirror?.kept.statistics() ?? NOTHING_KEPT;
  }

  noticeFailure(error: SluiceError): void {
    if (showsSchemaChange(error)) this.source.schemaMayHaveChanged();
  }

  /** A statement for the source. */
  run(session: SourceSession, plan: SourcePlan, job: Job): Promise<SourceAnswer> {
    const { kind } = plan.facts;
    return kind === 'ddl' || kind === 'set' ? this.#define(session, plan, job) : this.#answer(session, plan, job);
  }

  /** One that may change what is known of the source. */
  async #define(session: SourceSession, plan: SourcePlan, job: Job): Promise<SourceAnswer> {
    const answer = await this.#answer(session, plan, job);
    const { kind, verb } = plan.facts;
    if (kind === 'ddl' && answer.failure === null && session.state.database === droppedDatabase(job.text))
      session.state.database = null;
    const isGlobal = kind === 'set' && /\bsql_mode\b/i.test(job.text);
    if ((kind === 'ddl' && verb !== 'TRUNCATE') || isGlobal) await this.source.reloadAfterChange();
    return answer;
  }

  #answer(session: SourceSession, plan: SourcePlan, job: Job): Promise<SourceAnswer> {
    const mayShare = isShareable(job) && session.state.autocommit;
    if (mayShare && !session.lane.isHeld && this.limits.consolidation === 1)
      return this.shared.read(job, session, plan.fingerprint);
    return this.#ownAnswer(session, plan.facts, job);
  }

  async #ownAnswer(session: SourceSession, facts: TokenFacts, job: Job): Promise<SourceAnswer> {
    const { lane, state } = session;
    const { database } = state;
    try {
      const answer = facts.kind === 'write' ? await runWrite(session, job) : await lane.run(job);
      this.shared.wrote(facts, database);
      return answer;
    } catch (error) {
      // It may have taken effect all the same.
      if ((facts.kind !== 'select' && facts.kind !== 'show') || facts.callsUnknown) this.shared.wroteAnything();
      throw error;
    }
  }

  get sessions(): Iterable<SourceSession> {
    return this.#sessions.values();
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** What runs now, for operators. */
  running(): object {
    return runningQueries(this.sessions);
  }

  processes(): ProcessInfo[] {
    const now = Date.now();
    return Array.from(this.#sessions.values(), (session) => ({
      id: session.id,
      user: session.client.user,
      host: session.client.host,
      database: session.state.database,
      command: session.running === null ? 'Sleep' : 'Query',
      seconds: Math.floor((now - (session.running?.since ?? session.lastActiveAt)) / 1000),
      state: session.running === null ? session.lane.pins.reasons : 'executing',
      info: session.running?.text ?? null,
    }));
  }

  #checkTimeouts(): void {
    const now = Date.now();
    for (const session of [...this.#sessions.values()]) {
      session.checkTransactionAge(now);
      session.checkIdle(now);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const session of [...this.#sessions.values()]) session.close();
    this.#mirror?.close();
    this.keys.close();
    this.source.close();
    void this.protection.close();
  }
}

/** A statement that is marked may be though it answers differently each time, but not what depends on its session or does something to it. */
function isShareable({ facts, consolidate }: Job): boolean {
  if (facts.kind !== 'select' || consolidate === false) return false;
  if (facts.isDeterministic) return true;
  const isBound = facts.readsUserVariables || facts.locksRows || facts.callsUnknown || facts.lockFunctions.size > 0;
  return consolidate === true && !isBound && facts.sessionFunctions.size === 0 && !facts.calculatesFoundRows;
}
