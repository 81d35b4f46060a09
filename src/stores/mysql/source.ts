/**
 * The MySQL-protocol server that Sluice stands in front of: its pools of connections, one more connection that is always there (to see whether the
 * source answers, and to kill what runs too long), and what is known of its schema. Promises that nobody waits for a connection without end, and
 * that a source which is away is asked again after 1 s, 2 s, up to 32 s.
 */
import type { Logger } from 'pino';
import { failure, type SluiceError, SourceError } from '../../errors.ts';
import { type SourceAddress, shownAddress } from '../../util/source-address.ts';
import { BackOff, type BackOffState } from './back-off.ts';
import { SourceConnection } from './connection.ts';
import { ConnectionPool, isFull, type PoolStatistics } from './pool.ts';
import { PoolTotal } from './pool-total.ts';
import { textTable } from './rows.ts';
import { loadSchema, SourceSchema, type SourceTable } from './schema.ts';
import { Settings } from './settings.ts';

/** Read each time: all of it may change while running. */
export interface SourceLimits {
  readonly poolSize: number;
  readonly streamPoolSize: number;
  readonly transactionCap: number;
  readonly reservedCap: number;
  /** Of all connections together; 0: as many as the pools say. */
  readonly sourceConnections: number;
  readonly poolWaitMs: number;
  readonly transactionWaitMs: number;
  readonly idleTimeoutMs: number;
  readonly schemaReloadMs: number;
}

/** What became of statements, since the start. */
export interface SourceCounts {
  /** Reads that were run once more, as their connection had broken. */
  readsRepeated: number;
  /** Whose connection broke while they ran. */
  statementsBroken: number;
  /** Of those, whose outcome nobody knows. */
  outcomesUnknown: number;
  /** For their time, by KILL, or as their client went. */
  statementsKilled: number;
}

export interface SourceOptions {
  readonly address: SourceAddress;
  readonly limits: SourceLimits;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** One for each pool. */
const POOLED_MIN = 4;
/** How often the source is asked whether it is there. */
const HEARTBEAT_MS = 1_000;
/** A source that takes longer to say so is not ready. */
const PULSE_TIMEOUT_MS = 2_000;
/** Errors that may show a change of the schema are believed this often. */
const SUSPICION_MS = 5_000;
/** How long a schema change waits for what it has changed to be known here. */
const RELOAD_PATIENCE_MS = 2_000;
const NO_SETTINGS = new Settings().text;

export class Source {
  readonly address: SourceAddress;
  readonly limits: SourceLimits;
  /** For statements that read, outside of transactions. */
  readonly reads: ConnectionPool;
  /** For results without a limit, which take as long as their client takes to read them. */
  readonly streams: ConnectionPool;
  /** For transactions, statements that write included: those are transactions of their own. */
  readonly transactions: ConnectionPool;
  /** For sessions that keep something on their connection. */
  readonly reserved: ConnectionPool;
  /** Of the pools together. */
  readonly total: PoolTotal;
  readonly counts: SourceCounts = { readsRepeated: 0, statementsBroken: 0, outcomesUnknown: 0, statementsKilled: 0 };
  readonly #log: SourceOptions['log'];
  readonly #backOff = new BackOff();
  readonly #timer: NodeJS.Timeout;
  #control: SourceConnection | null = null;
  #isReady = false;
  #isBeating = false;
  #isGalera = false;
  #isModeKnown = false;
  #isUtc = false;
  #hasSchema = false;
  #schema = new SourceSchema([], [], new Map());
  #schemaLoad: Promise<void> | null = null;
  #schemaIsStale = true;
  #serverVersion = '';
  #sqlMode: string | null = null;
  #closed = false;

  constructor({ address, limits, log }: SourceOptions) {
    this.address = address;
    this.limits = limits;
    this.#log = log;
    const waitMs = () => limits.poolWaitMs;
    // One of them is no pool's, but always there.
    this.total = new PoolTotal(() =>
      limits.sourceConnections === 0 ? 0 : Math.max(POOLED_MIN, limits.sourceConnections - 1),
    );
    this.reads = this.#pool('read', () => limits.poolSize, waitMs);
    this.streams = this.#pool('stream', () => limits.streamPoolSize, waitMs);
    this.reserved = this.#pool('reserved', () => limits.reservedCap, waitMs);
    this.transactions = this.#pool(
      'transaction',
      () => limits.transactionCap,
      () => limits.transactionWaitMs,
      (size, waited) => failure('SLUICE_TX_POOL_FULL', size, waited),
    );
    for (const pool of [this.reads, this.transactions]) this.total.join(pool, (most) => Math.max(1, most >> 3));
    for (const pool of [this.streams, this.reserved]) this.total.join(pool, () => 1);
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Whether it answers. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** null: it is not waited for. */
  get backOff(): BackOffState | null {
    return this.#backOff.state;
  }

  /** As of the last time it was reached; empty before. */
  get serverVersion(): string {
    return this.#serverVersion;
  }

  /** That of sessions which set none; null until it was reached. */
  get sqlMode(): string | null {
    return this.#sqlMode;
  }

  /** Whether TIMESTAMPs are shown in UTC to sessions that set no time zone, as of the last time it was reached. */
  get isUtc(): boolean {
    return this.#isUtc;
  }

  /** Its schema has been read once; before that no table is known. */
  get hasSchema(): boolean {
    return this.#hasSchema;
  }

  get schema(): SourceSchema {
    return this.#schema;
  }

  get pools(): readonly PoolStatistics[] {
    return [this.reads, this.streams, this.transactions, this.reserved].map((pool) => pool.statistics);
  }

  /** Tries to reach it. A source that is away keeps nobody from starting: it may come. */
  async start(): Promise<void> {
    await this.#openControl();
    if (!this.#isReady) {
      const why = this.#backOff.refusal()?.message;
      this.#log.warn({ source: shownAddress(this.address), why }, 'the source cannot be reached yet');
    } else await this.reloadSchema().catch(() => undefined);
  }

  async #open(): Promise<SourceConnection> {
    const refusal = this.#backOff.refusal();
    if (refusal !== null) throw refusal;
    try {
      const connection = await SourceConnection.open(this.address);
      this.#backOff.succeeded();
      this.#serverVersion = connection.serverVersion;
      return connection;
    } catch (error) {
      // It is there, but full: connections that we have already go on working.
      if (isFull(error)) throw error;
      // Whose access is denied is Sluice, and not the client that is told of it.
      const refused =
        error instanceof SourceError
          ? failure('SLUICE_SOURCE_UNAVAILABLE', `it refuses Sluice's login: ${error.errno} ${error.message}`)
          : error;
      this.#backOff.failed(refused);
      throw refused;
    }
  }

  /** Ends what runs on a connection. Resolves when the source has taken the order; false when it could not be given. */
  async killQuery(connection: SourceConnection): Promise<boolean> {
    const control = this.#control;
    if (control === null || control.isClosed || connection.isClosed) return false;
    try {
      await control.query(`KILL QUERY ${connection.threadId}`);
      return true;
    } catch (error) {
      // 1094: it is gone already.
      return error instanceof SourceError && error.errno === 1094;
    }
  }

  /** To be called when what is known may be wrong: after a schema change, or an error that shows one. */
  schemaChanged(): void {
    this.#schemaIsStale = true;
    if (this.#schemaLoad === null) this.reloadSchema().catch(() => undefined);
  }

  /** After an error that may come of a change, or of a client that is wrong again and again. */
  schemaMayHaveChanged(): void {
    if (Date.now() - this.#schema.loadedAt > SUSPICION_MS) this.schemaChanged();
  }

  /** A table that was not known a moment ago: it may have been made since. Clients that are wrong again and again have the schema read now and then only. */
  async newlySeen(database: string, name: string): Promise<SourceTable | undefined> {
    if (Date.now() - this.#schema.loadedAt > SUSPICION_MS) await this.reloadAfterChange();
    return this.#schema.table(database, name);
  }

  /** Resolves when the schema is as new as this call, or that takes too long: it is loaded then all the same. */
  async reloadAfterChange(): Promise<void> {
    this.#schemaIsStale = true;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RELOAD_PATIENCE_MS);
    });
    await Promise.race([this.reloadSchema().catch(() => undefined), patience]);
    clearTimeout(timer);
  }

  /** Resolves when the schema is as new as this call. */
  async reloadSchema(): Promise<void> {
    // One that runs already may have read before the change.
    await this.#schemaLoad?.catch(() => undefined);
    this.#schemaLoad ??= this.#loadSchema().finally(() => {
      this.#schemaLoad = null;
    });
    await this.#schemaLoad;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    const reason = failure('ER_SERVER_SHUTDOWN');
    for (const pool of [this.reads, this.streams, this.transactions, this.reserved]) pool.close(reason);
    this.#control?.end();
  }

  #pool(
    name: string,
    size: () => number,
    waitMs: () => number,
    full: (size: number, waitedMs: number) => SluiceError = (most, waited) =>
      failure('SLUICE_POOL_FULL', most, name, waited),
  ): ConnectionPool {
    return new ConnectionPool({
      name,
      size,
      waitMs,
      full,
      idleTimeoutMs: () => this.limits.idleTimeoutMs,
      open: () => this.#open(),
      total: this.total,
    });
  }

  async #loadSchema(): Promise<void> {
    this.#schemaIsStale = false;
    const connection = await this.reads.take({ database: null, settings: NO_SETTINGS });
    try {
      this.#schema = await loadSchema(connection);
      this.#hasSchema = true;
      this.#sqlMode = await sqlModeOf(connection);
    } catch (error) {
      this.#schemaIsStale = true;
      this.#log.warn({ err: error }, 'the schema of the source could not be read');
      throw error;
    } finally {
      connection.isTainted = true;
      this.reads.giveBack(connection);
    }
  }

  #beat(): void {
    for (const pool of [this.reads, this.streams, this.transactions, this.reserved]) pool.tidy();
    const age = Date.now() - this.#schema.loadedAt;
    if (this.#isReady && (this.#schemaIsStale || age > this.limits.schemaReloadMs)) this.schemaChanged();
    if (this.#isBeating) return;
    this.#isBeating = true;
    const beating = this.#control === null || this.#control.isClosed ? this.#openControl() : this.#pulse(this.#control);
    beating.finally(() => {
      this.#isBeating = false;
    });
  }

  /** Never rejects. A source that does not answer in time is not ready; it may be paused, so its connection is kept. */
  async #pulse(control: SourceConnection): Promise<void> {
    const timer = setTimeout(() => this.#setReady(false, 'it does not answer'), PULSE_TIMEOUT_MS);
    try {
      await this.#check(control);
    } catch (error) {
      this.#control = null;
      this.#setReady(false, (error as Error).message);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Never rejects. */
  async #openControl(): Promise<void> {
    const refusal = this.#backOff.refusal();
    if (refusal !== null) {
      this.#setReady(false, refusal.message);
      return;
    }
    try {
      const control = await this.#open();
      if (this.#closed) {
        control.end();
        return;
      }
      this.#control = control;
      this.#isModeKnown = false;
      this.#isGalera = (await shownValue(control, "SHOW GLOBAL VARIABLES LIKE 'wsrep_on'")) === 'ON';
      this.#isUtc = await showsUtc(control).catch(notIfRefused);
      await this.#check(control);
    } catch (error) {
      this.#setReady(false, (error as Error).message);
    }
  }

  /** Rejects when the connection is lost. A node of Galera that is cut off from the others answers, but refuses statements. */
  async #check(control: SourceConnection): Promise<void> {
    if (this.#isGalera && (await shownValue(control, "SHOW GLOBAL STATUS LIKE 'wsrep_ready'")) !== 'ON') {
      this.#setReady(false, 'it is cut off from its Galera cluster (wsrep_ready is OFF)');
      return;
    }
    if (this.#isModeKnown) await control.ping();
    else this.#sqlMode = await sqlModeOf(control);
    this.#isModeKnown = true;
    this.#setReady(true);
  }

  #setReady(isReady: boolean, why = ''): void {
    if (isReady === this.#isReady) return;
    this.#isReady = isReady;
    const source = shownAddress(this.address);
    if (isReady) this.#log.info({ source }, 'the source answers');
    else this.#log.warn({ source, why }, 'the source does not answer');
  }
}

/** Of SHOW ... LIKE, with one row: its value; undefined without any. */
async function shownValue(connection: SourceConnection, show: string): Promise<string | null | undefined> {
  const { results } = await connection.query(show);
  return results[0] === undefined ? undefined : textTable(results[0])[0]?.[1];
}

async function sqlModeOf(connection: SourceConnection): Promise<string> {
  const { results } = await connection.query('SELECT @@global.sql_mode');
  return results[0] === undefined ? '' : (textTable(results[0])[0]?.[0] ?? '');
}

/** Whatever its time zone is called: by what it makes of the middle of each winter and summer that a TIMESTAMP can tell. */
async function showsUtc(connection: SourceConnection): Promise<boolean> {
  const instants = Array.from({ length: TIMESTAMP_HALF_YEARS }, (_, i) => (i + 1) * HALF_YEAR_S);
  const { results } = await connection.query(`SELECT ${instants.map((at) => `FROM_UNIXTIME(${at})`).join(', ')}`);
  const shown = results[0] === undefined ? [] : (textTable(results[0])[0] ?? []);
  return instants.every((at, i) => shown[i]?.slice(0, SECOND_CHARS) === utcText(at));
}

/** What is no MySQL server to the last function is one nevertheless. */
function notIfRefused(error: unknown): boolean {
  if (error instanceof SourceError) return false;
  throw error;
}

const HALF_YEAR_S = 15_778_800;
/** 1970 to 2037. */
const TIMESTAMP_HALF_YEARS = 135;
const SECOND_CHARS = 'YYYY-MM-DD hh:mm:ss'.length;

function utcText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, SECOND_CHARS).replace('T', ' ');
}
