/**
 * A fixed number of connections to the source, opened when they are needed and shared by any number of clients, each for one statement or one
 * transaction. Whoever finds none free waits in line, for a bounded time.
 *
 * A connection that is given back is either as its notes say (database, settings), or it is reset before anybody else gets it.
 */
import type { SluiceError } from '../../errors.ts';
import { failure, SourceError } from '../../errors.ts';
import type { SourceConnection } from './connection.ts';
import type { PoolTotal, SharingPool } from './pool-total.ts';
import type { SettingsText } from './settings.ts';

/** The state in which a statement wants its connection. */
export interface WantedState {
  /** null: no database. */
  readonly database: string | null;
  readonly settings: SettingsText;
}

export interface PoolOptions {
  readonly name: string;
  /** Read each time: it may change while running. */
  readonly size: () => number;
  /** How long to wait for a connection. */
  readonly waitMs: () => number;
  readonly idleTimeoutMs: () => number;
  /** Rejects at once while the source is known to be away. */
  readonly open: () => Promise<SourceConnection>;
  /** What who has waited too long is told. */
  readonly full: (size: number, waitedMs: number) => SluiceError;
  /** What the pool shares with others; absent: nothing. */
  readonly total?: PoolTotal;
}

export interface PoolStatistics {
  readonly name: string;
  readonly size: number;
  readonly open: number;
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
  /** Since the start. */
  readonly waits: number;
  readonly waitMs: number;
  readonly timedOut: number;
  readonly opened: number;
  readonly lost: number;
}

interface Waiter {
  readonly wanted: WantedState;
  readonly resolve: (connection: SourceConnection) => void;
  readonly reject: (error: Error) => void;
  readonly since: number;
  timer: NodeJS.Timeout | null;
}

interface IdleConnection {
  readonly connection: SourceConnection;
  readonly since: number;
}

/** Beyond these, a connection is closed rather than reset: it is the source that has a problem. */
const RESET_TIMEOUT_MS = 5_000;

/** max_connections, max_user_connections, and a user's own limits of connections. */
const FULL = new Set([1040, 1203, 1226]);

/** A source that is full is asked again after this, with one attempt for all that wait, then after twice as long, up to the most. */
const FULL_PAUSE_MS = 200;
const FULL_PAUSE_MOST_MS = 800;

/** The source is there, and has no connection left for us. */
export function isFull(error: unknown): boolean {
  return error instanceof SourceError && FULL.has(error.errno);
}

export class ConnectionPool implements SharingPool {
  readonly #options: PoolOptions;
  /** The one that was used last is at the end. */
  readonly #idle: IdleConnection[] = [];
  readonly #inUse = new Set<SourceConnection>();
  readonly #waiters: Waiter[] = [];
  /** Being opened, or reset. */
  #pending = 0;
  /** What it refused the last attempt with, having no connection for us; null: it has not. */
  #full: SluiceError | null = null;
  #fullPauseMs = FULL_PAUSE_MS;
  /** Until then the source is not asked for more connections. */
  #notBefore = 0;
  #retry: NodeJS.Timeout | null = null;
  #waits = 0;
  #waitMs = 0;
  #timedOut = 0;
  #opened = 0;
  #lost = 0;
  #closed: SluiceError | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get openCount(): number {
    return this.#idle.length + this.#inUse.size + this.#pending;
  }

  get hungrySince(): number | null {
    const [waiter] = this.#waiters;
    if (waiter === undefined || this.#waiters.length <= this.#pending) return null;
    return this.openCount < this.#options.size() ? waiter.since : null;
  }

  get idleSince(): number | null {
    return this.#idle[0]?.since ?? null;
  }

  get statistics(): PoolStatistics {
    return {
      name: this.#options.name,
      size: this.#options.size(),
      open: this.openCount,
      inUse: this.#inUse.size,
      idle: this.#idle.length,
      waiting: this.#waiters.length,
      waits: this.#waits,
      waitMs: Math.round(this.#waitMs),
      timedOut: this.#timedOut,
      opened: this.#opened,
      lost: this.#lost,
    };
  }

  /** One that is idle in the very state that is wanted, without waiting; null when there is none. */
  takeMatching(wanted: WantedState): SourceConnection | null {
    if (this.#waiters.length > 0) return null;
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const { connection } = this.#idle[i] as IdleConnection;
      if (connection.settings !== wanted.settings.key || connection.database !== wanted.database) continue;
      this.#idle.splice(i, 1);
      this.#inUse.add(connection);
      return connection;
    }
    return null;
  }

  /** A connection, in some state that can be made the wanted one. Rejects when none was free in time, or the source is away. */
  take(wanted: WantedState): Promise<SourceConnection> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const connection = this.#waiters.length === 0 ? this.#takeIdle(wanted) : null;
    if (connection !== null) return Promise.resolve(connection);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { wanted, resolve, reject, since: performance.now(), timer: null };
      this.#waiters.push(waiter);
      this.#waits++;
      this.goOn();
      waiter.timer = setTimeout(() => this.#giveUp(waiter), this.#options.waitMs());
    });
  }

  /** Given back in the state that its notes say; a tainted one is reset first. */
  giveBack(connection: SourceConnection): void {
    if (!this.#inUse.delete(connection)) return;
    const isTooMany = this.openCount >= this.#options.size() || this.#options.total?.isExceeded === true;
    if (connection.isClosed || this.#closed !== null || isTooMany) {
      connection.end();
      this.goOn();
      return;
    }
    if (!connection.isTainted) {
      this.#free(connection);
      return;
    }
    this.#reset(connection);
  }

  /** For a connection that something else takes over for good, or that is broken: its place is free. */
  forget(connection: SourceConnection): void {
    if (!this.#inUse.delete(connection)) return;
    if (connection.isClosed) this.#lost++;
    this.goOn();
  }

  /** Takes over one that is in use and was another pool's. */
  adopt(connection: SourceConnection): void {
    connection.onClosed = () => this.#dropped(connection);
    this.#inUse.add(connection);
  }

  /** Takes over one that nobody uses. */
  receive(connection: SourceConnection): void {
    connection.onClosed = () => this.#dropped(connection);
    this.#toNext(connection);
  }

  takeLongestIdle(): SourceConnection | null {
    return this.#idle.shift()?.connection ?? null;
  }

  /** To be called now and then: closes those that were not used for too long, and opens what somebody waits for. */
  tidy(): void {
    const before = performance.now() - this.#options.idleTimeoutMs();
    for (const idle of this.#idle.filter(({ since }) => since < before)) {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      idle.connection.end();
    }
    // It may have grown, or the source may have a connection for us again.
    this.goOn();
  }

  close(reason: SluiceError): void {
    this.#closed = reason;
    for (const { connection } of this.#idle.splice(0)) connection.end();
    this.#refuse(reason);
    if (this.#retry !== null) clearTimeout(this.#retry);
    for (const connection of this.#inUse) connection.destroy('Sluice is being stopped');
    this.#inUse.clear();
  }

  #takeIdle(wanted: WantedState): SourceConnection | null {
    const matching = this.takeMatching(wanted);
    if (matching !== null) return matching;
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const { connection } = this.#idle[i] as IdleConnection;
      // A database can be changed, but not left.
      if (connection.database !== null && wanted.database === null) continue;
      this.#idle.splice(i, 1);
      this.#inUse.add(connection);
      return connection;
    }
    if (this.#idle.length > 0 && this.openCount >= this.#options.size()) {
      const [oldest] = this.#idle.splice(0, 1);
      oldest?.connection.end();
    }
    return null;
  }

  #open(): void {
    this.#pending++;
    this.#options.open().then(
      (connection) => {
        this.#pending--;
        this.#opened++;
        const wasFull = this.#full !== null;
        this.#full = null;
        this.#fullPauseMs = FULL_PAUSE_MS;
        const { total } = this.#options;
        if (total !== undefined) connection.whenGone(() => total.gone());
        if (this.#closed !== null) {
          connection.end();
          return;
        }
        connection.onClosed = () => this.#dropped(connection);
        this.#free(connection);
        if (wasFull) this.goOn();
      },
      (error: SluiceError) => {
        this.#pending--;
        this.#openFailed(error);
        this.#options.total?.gone();
      },
    );
  }

  /** Where the source only has no connection left for us, those that we have will come back, or others' will: who waits goes on waiting. Otherwise nobody is to wait for it. */
  #openFailed(error: SluiceError): void {
    if (!isFull(error)) {
      this.#full = null;
      this.#notBefore = 0;
      this.#refuse(error);
      return;
    }
    this.#full = error;
    // Several that are refused at the same time are one refusal.
    if (performance.now() < this.#notBefore) return;
    const pauseMs = this.#fullPauseMs;
    this.#fullPauseMs = Math.min(pauseMs * 2, FULL_PAUSE_MOST_MS);
    this.#notBefore = performance.now() + pauseMs;
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.goOn();
    }, pauseMs + 1);
    this.#retry.unref();
    // An idle one of another pool.
    this.goOn();
  }

  #refuse(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) {
      this.#settled(waiter);
      waiter.reject(error);
    }
  }

  #reset(connection: SourceConnection): void {
    this.#pending++;
    const timer = setTimeout(() => connection.destroy('it did not answer'), RESET_TIMEOUT_MS);
    connection.reset().then(
      () => {
        clearTimeout(timer);
        this.#pending--;
        this.#free(connection);
      },
      () => {
        clearTimeout(timer);
        this.#pending--;
        connection.end();
        this.goOn();
      },
    );
  }

  /** To who waits for it, here or in another pool, or to the idle ones. */
  #free(connection: SourceConnection): void {
    const { total } = this.#options;
    const since = this.#waiters[0]?.since ?? Number.POSITIVE_INFINITY;
    const hungrier = total?.isContended === true ? total.hungrier(this, since) : null;
    if (hungrier !== null) hungrier.receive(connection);
    else this.#toNext(connection);
  }

  #toNext(connection: SourceConnection): void {
    if (connection.isClosed) {
      this.goOn();
      return;
    }
    const waiter = this.#waiters[0];
    if (waiter !== undefined && connection.database !== null && waiter.wanted.database === null) {
      connection.end();
      this.goOn();
      return;
    }
    if (waiter === undefined) {
      this.#idle.push({ connection, since: performance.now() });
      return;
    }
    this.#waiters.shift();
    this.#settled(waiter);
    this.#inUse.add(connection);
    waiter.resolve(connection);
  }

  /** Places are free: somebody may wait for them. */
  goOn(): void {
    const { total } = this.#options;
    while (this.#waiters.length > this.#pending && this.openCount < this.#options.size()) {
      if (this.#mayOpen() && (total === undefined || total.tryOpen(this))) {
        this.#open();
        continue;
      }
      const lent = total?.lend(this) ?? null;
      if (lent === null) return;
      this.receive(lent);
    }
  }

  /** A source that was full is asked for one, and not for as many as are waited for. */
  #mayOpen(): boolean {
    return this.#full === null || (this.#pending === 0 && performance.now() >= this.#notBefore);
  }

  #giveUp(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return;
    this.#waiters.splice(at, 1);
    this.#settled(waiter);
    this.#timedOut++;
    if (this.#full !== null) {
      waiter.reject(this.#full);
      return;
    }
    const { total, full, size, waitMs } = this.#options;
    const isOfAll = total !== undefined && total.most > 0 && this.openCount < size();
    waiter.reject(isOfAll ? failure('SLUICE_SOURCE_CONNECTIONS', total.most, waitMs()) : full(size(), waitMs()));
  }

  #settled(waiter: Waiter): void {
    this.#waitMs += performance.now() - waiter.since;
    if (waiter.timer !== null) clearTimeout(waiter.timer);
  }

  #dropped(connection: SourceConnection): void {
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#lost++;
  }
}
