/**
 * The mirror: tables of the source (a MariaDB), copied into an SQLite store of Sluice's own and kept up to date from the source's binlog. Lists on them are answered from there.
 *
 * This is the front's part, which decides what is copied and from where the binlog is followed. The mirror process (mirror-service.ts) reads the source: copy-job.ts and
 * follower.ts. The store's writer applies what it sends: procedure.ts, with the positions in the same transactions (mirror-state.ts). Read next: protocol.ts.
 *
 * Promises: what is answered of a table whose state is `live` is what the source's table was after some transaction, and after freshen() has said true, after every transaction
 * that was committed when it was called. A table about which there is any doubt is not live, and is copied anew.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { asFailure, failure } from '../errors.ts';
import { BackOff } from '../stores/mysql/back-off.ts';
import { SourceConnection } from '../stores/mysql/connection.ts';
import type { Store } from '../stores/store.ts';
import { type SourceAddress, shownAddress } from '../util/source-address.ts';
import { type BinlogPosition, comparePositions } from './binlog/position.ts';
import { Copying } from './copying.ts';
import { Freshness } from './freshness.ts';
import { MirrorProcess } from './mirror-process.ts';
import type { StoredTable } from './mirror-state.ts';
import { MirrorStore } from './mirror-store.ts';
import { type MirroredState, MirroredTable, type TableState, type TableStatistics } from './mirrored-table.ts';
import type { EndReason, LostTable, MirroredName, MirrorReply } from './protocol.ts';
import { Run } from './run.ts';
import type { SourceIdentity } from './source-identity.ts';
import { settingsProblems } from './source-settings.ts';

export interface MirrorOptions {
  readonly address: SourceAddress;
  /** As the source writes them. */
  readonly tables: readonly MirroredName[];
  /** The mirror's alone. close() leaves it open. */
  readonly store: Store;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** File URL of the mirror process's entry point. */
  readonly processScript: string;
  /** How long freshen() may take. */
  readonly freshenTimeoutMs?: number;
}

export interface MirrorStatistics {
  readonly tables: readonly TableStatistics[];
  /** Whether the source's binlog is being followed. */
  readonly isFollowing: boolean;
  /** Everything before it is in the mirror; null: not known now. */
  readonly position: BinlogPosition | null;
  /** How long the source has been ahead, as of the last question; null: not known now. */
  readonly lagMs: number | null;
  readonly lagBytes: number | null;
  readonly transactions: number;
  readonly rows: number;
  readonly batches: number;
  /** Times that following began. */
  readonly runs: number;
  readonly processStarts: number;
  /** Questions for the end of the source's binlog. */
  readonly questions: number;
  readonly lastError: string | null;
  readonly processId: number | null;
}

const FRESHEN_TIMEOUT_MS = 1_000;
/** How often the lag is looked at, and whether something is to be done. */
const BEAT_MS = 1_000;
/** How often tables that are not there, or cannot be mirrored, are looked at again. */
const RETRY_MS = 30_000;

export class Mirror {
  /** Some table's state has changed. */
  onStateChange: (() => void) | null = null;
  readonly #options: MirrorOptions;
  readonly #store: MirrorStore;
  readonly #tables: readonly MirroredTable[];
  readonly #byName = new Map<string, MirroredTable>();
  readonly #freshness: Freshness;
  readonly #process: MirrorProcess;
  readonly #backOff = new BackOff();
  #timer: NodeJS.Timeout | undefined;
  #run: Run | null = null;
  #copying: Copying | null = null;
  #jobs = 0;
  /** What stands between two states of affairs: a run being exchanged for another. */
  #busy = 0;
  #closed = false;
  /** The last run met what makes no sense: once more at the same place, and it is not gone on from there. */
  #wasUnreadable = false;
  #lastError: string | null = null;
  #past = { transactions: 0, rows: 0, batches: 0, runs: 0 };

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#store = new MirrorStore(options.store);
    this.#tables = options.tables.map((name) => new MirroredTable(name));
    for (const table of this.#tables) this.#byName.set(keyOf(table.name), table);
    this.#freshness = new Freshness({
      address: options.address,
      timeoutMs: options.freshenTimeoutMs ?? FRESHEN_TIMEOUT_MS,
      identity: () => this.#store.state.identity,
      onStranger: (why) => this.#strange(why),
    });
    this.#process = new MirrorProcess({
      script: options.processScript,
      address: options.address,
      onReply: (reply) => this.#take(reply),
      onEnd: (reason) => this.#processEnded(reason),
    });
  }

  /**
   * Resolves when it works in the background; a source that is away is waited for there.
   * @throws SluiceError when the source's settings do not allow a mirror, naming them.
   */
  async start(): Promise<void> {
    await this.#checkSource();
    await this.#store.prepare();
    await this.#store.forget((name) => this.#byName.has(keyOf(name)));
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#timer.unref();
    this.#plan();
  }

  get store(): Store {
    return this.#options.store;
  }

  /** null: the table is not mirrored. To be asked after freshen(), which may be what shows that a table is no longer live. */
  stateOf(database: string, table: string): TableState | null {
    return this.#byName.get(keyOf({ database, table }))?.state ?? null;
  }

  /** True: everything that was committed at the source before this call has been applied. False: that is not so within the time, or not known. */
  freshen(): Promise<boolean> {
    return this.#freshness.freshen();
  }

  statistics(): MirrorStatistics {
    const run = this.#run;
    const { lag, applied, questions } = this.#freshness;
    return {
      tables: this.#tables.map((table) => table.statistics),
      isFollowing: run?.isFollowing ?? false,
      position: applied,
      lagMs: lag?.ms ?? null,
      lagBytes: lag?.bytes ?? null,
      transactions: this.#past.transactions + (run?.transactions ?? 0),
      rows: this.#past.rows + (run?.rows ?? 0),
      batches: this.#past.batches + (run?.batches ?? 0),
      runs: this.#past.runs,
      processStarts: this.#process.starts,
      questions,
      lastError: this.#lastError,
      processId: this.#process.pid ?? null,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#freshness.close();
    await this.#process.close();
    await this.#run?.stop();
    await this.#copying?.stop();
  }

  async #checkSource(): Promise<void> {
    const { address, tables, log } = this.#options;
    let connection: SourceConnection;
    try {
      connection = await SourceConnection.open(address);
    } catch (error) {
      log.warn({ source: shownAddress(address), why: asFailure(error).message }, 'the mirror waits for its source');
      return;
    }
    try {
      const problems = await settingsProblems(connection, tables);
      if (problems.length > 0) throw failure('SLUICE_MIRROR_SOURCE', shownAddress(address), problems.join('; '));
    } finally {
      connection.end();
    }
  }

  // ---- What is to be done

  #beat(): void {
    this.#plan();
    // For the lag that the statistics tell, when nobody else asks.
    if (this.#run?.isFollowing) this.#freshness.freshen();
  }

  #plan(): void {
    if (this.#closed || this.#busy > 0 || this.#process.readyInMs > 0 || this.#backOff.remainingMs > 0) return;
    if (this.#copying === null) {
      const wanted = this.#tables.filter((table) => this.#isToCopy(table));
      if (wanted.length > 0) this.#copy(wanted);
    }
    if (this.#run === null) this.#follow();
  }

  #isToCopy(table: MirroredTable): boolean {
    if (table.copyInMs > 0 || table.state.state === 'live') return false;
    return !this.#store.state.tables.some((stored) => keyOf(stored) === keyOf(table.name));
  }

  #copy(tables: readonly MirroredTable[]): void {
    const job = ++this.#jobs;
    const names = tables.map(({ name }) => name);
    for (const table of tables) {
      if (table.state.state === 'loading') this.#set(table, 'loading', 'it is being copied');
    }
    this.#copying = new Copying(job, tables, this.#store, {
      taken: () => this.#process.send({ kind: 'taken', job }),
      refused: (table, state, why) => {
        this.#set(table, state, why);
        table.retryIn(RETRY_MS);
      },
      copied: (copying, position, identity) => this.#copied(copying, position, identity),
      ended: (why) => {
        this.#copying = null;
        if (why !== null) this.#trouble('tables could not be copied', why);
        this.#plan();
      },
    });
    this.#process.send({ kind: 'copy', job, tables: names });
  }

  /** The run that there is does not know the new tables: another takes its place, from the oldest position of all. */
  async #copied(copying: Copying, position: BinlogPosition, identity: SourceIdentity): Promise<void> {
    const { copies } = copying;
    if (copies.length === 0) return;
    this.#busy++;
    try {
      await this.#stopRun();
      const put: StoredTable[] = copies.map(({ table, copy, signature }) => ({
        ...table.name,
        position,
        signature,
        copy,
      }));
      await this.#store.amend({ identity, put });
      for (const stored of put) await this.#store.putInPlace(stored);
      for (const { table, rows } of copies) {
        table.copies++;
        table.rowsCopied += rows;
        this.#options.log.info({ ...table.name, rows, position }, 'a table of the source was copied into the mirror');
      }
    } finally {
      this.#busy--;
    }
  }

  #follow(): void {
    const { identity, tables: stored } = this.#store.state;
    if (stored.length === 0) return;
    if (stored.some(({ copy }) => copy !== null)) {
      this.#finishCopies(stored);
      return;
    }
    const tables = stored.map((each) => this.#byName.get(keyOf(each))!);
    const id = randomBytes(8).toString('hex');
    const run = new Run(id, tables, this.#store, {
      applied: () => this.#process.send({ kind: 'applied', run: id }),
      reached: (position) => {
        if (this.#run === run) this.#freshness.applied = position;
      },
      following: (lost) => this.#following(run, stored, lost),
      lost: (table, why) => this.#lost(table, why),
      noticed: ({ tables: noticed }) => {
        for (const name of noticed) this.#byName.get(keyOf(name))?.copyAtOnce();
        this.#plan();
      },
      ended: (why, reason) => this.#ended(run, why, reason),
    });
    this.#run = run;
    this.#past.runs++;
    const watched = this.#tables.filter((table) => !tables.includes(table)).map(({ name }) => name);
    this.#process.send({ kind: 'follow', run: id, identity, tables: stored, watched });
  }

  /** Whole copies that could not be put in place when they were. */
  #finishCopies(stored: readonly StoredTable[]): void {
    this.#aside('a copy could not be put in place', async () => {
      for (const each of stored) await this.#store.putInPlace(each);
    });
  }

  /** Nothing is begun meanwhile. */
  #aside(what: string, work: () => Promise<void>): void {
    this.#busy++;
    work()
      .catch((error) => this.#trouble(what, asFailure(error).message))
      .finally(() => {
        this.#busy--;
        this.#plan();
      });
  }

  async #following(run: Run, stored: readonly StoredTable[], lost: readonly LostTable[]): Promise<void> {
    this.#backOff.succeeded();
    this.#lastError = null;
    if (lost.length > 0) await this.#store.amend({ remove: lost.map(({ table }) => run.tables[table]!.name) });
    for (const { table, why } of lost) this.#lost(run.tables[table]!, why);
    const isLost = new Set(lost.map(({ table }) => table));
    const followed = stored.filter((_, i) => !isLost.has(i));
    for (const [i, table] of run.tables.entries()) if (!isLost.has(i)) this.#set(table, 'live');
    const [first] = followed;
    if (first !== undefined && this.#run === run) this.#freshness.applied = oldestOf(followed, first);
  }

  /** It is no longer in the store's state. */
  #lost(table: MirroredTable, why: string): void {
    table.lastCopyFor = why;
    table.delayCopy();
    this.#set(table, 'loading', `it is copied anew: ${why}`);
    // After what led to this has been dealt with.
    setImmediate(() => this.#plan());
  }

  #ended(run: Run, why: string, reason: EndReason): void {
    if (this.#run !== run) return;
    this.#forgetRun(run);
    const isStuck = reason === 'unreadable' && this.#wasUnreadable && run.batches === 0;
    this.#wasUnreadable = reason === 'unreadable';
    if (reason === 'gone' || isStuck) this.#loseAll(why);
    else this.#trouble('the source is not followed', why);
    this.#plan();
  }

  #loseAll(why: string): void {
    const { tables } = this.#store.state;
    for (const stored of tables) this.#set(this.#byName.get(keyOf(stored))!, 'loading', `it is copied anew: ${why}`);
    this.#aside('the mirror could not be emptied', async () => {
      await this.#store.amend({ remove: tables });
      for (const stored of tables) this.#lost(this.#byName.get(keyOf(stored))!, why);
    });
  }

  /** The source that answers questions is not the one whose binlog is followed, or has begun it anew: a new run finds out. */
  #strange(why: string): void {
    this.#freshness.applied = null;
    this.#aside('the source is not followed', async () => {
      await this.#stopRun();
      this.#trouble('the source is not followed', why);
    });
  }

  async #stopRun(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    this.#process.send({ kind: 'unfollow', run: run.id });
    this.#forgetRun(run);
    await run.stop();
  }

  #forgetRun(run: Run): void {
    this.#run = null;
    this.#freshness.applied = null;
    this.#past.transactions += run.transactions;
    this.#past.rows += run.rows;
    this.#past.batches += run.batches;
  }

  // ---- What the mirror process says

  #take(reply: MirrorReply): void {
    if ('job' in reply) {
      if (this.#copying?.job === reply.job) this.#copying.take(reply);
    } else if (this.#run?.id === reply.run) this.#run.take(reply);
  }

  #processEnded(reason: string): void {
    const why = `the mirror process ended (${reason})`;
    const [run, copying] = [this.#run, this.#copying];
    run?.take({ kind: 'ended', run: run.id, why, reason: 'lost' });
    copying?.take({ kind: 'copy-failed', job: copying.job, why });
  }

  #trouble(what: string, why: string): void {
    this.#lastError = why;
    if (this.#closed) return;
    this.#backOff.failed(new Error(why));
    this.#options.log.warn({ source: shownAddress(this.#options.address), why }, what);
  }

  #set(table: MirroredTable, state: MirroredState, why?: string): void {
    if (!table.set(state, why)) return;
    const { log } = this.#options;
    const detail = { ...table.name, state, ...(why === undefined ? {} : { why }) };
    if (state === 'failed') log.warn(detail, 'the state of a mirrored table');
    else log.info(detail, 'the state of a mirrored table');
    this.onStateChange?.();
  }
}

function oldestOf(tables: readonly StoredTable[], first: StoredTable): BinlogPosition {
  let { position } = first;
  for (const table of tables) if (comparePositions(table.position, position) < 0) ({ position } = table);
  return position;
}

function keyOf({ database, table }: MirroredName): string {
  return `${database}\u0000${table}`;
}
