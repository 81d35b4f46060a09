/**
 * The line of this server's writers of keys. Only one transaction in all servers writes keys at a time (key-tables.ts), so commands that wait here share
 * one: each has a version of its own and sees what those before it did, one that fails leaves nothing behind, and all are answered when it is committed. A
 * client's commands run in the order in which they came.
 *
 * Two round trips for however many: the versions and the rows that they look at first; what they have changed and, where that is one statement, the commit.
 */
import { SluiceError, SourceError } from '../../../errors.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import { KILL_GRACE_MS } from '../interruption.ts';
import { commit, giveBack, inOrder, takeForWriting } from './clean-connections.ts';
import { advanceBy, noState } from './key-tables.ts';
import { type PlannedCommand, PlanRun, SourceStopped } from './plan-run.ts';
import type { Scratch } from './scratch.ts';
import type { ScratchPool } from './scratch-pool.ts';

const GROUP_MAX = 128;
/** A group that has brought more takes no further command: those wait for the next one. */
const GROUP_ROWS = 5_000;
const GROUP_BYTES = 8 * 1024 * 1024;
/** A statement that is longer is answered before the commit is sent. */
const SENT_TOGETHER_BYTES = 256 * 1024;
const DEADLOCK = 1213;
const TRIES = 8;
const PAUSE_MS = 20;

export class WriteLine {
  readonly #source: Source;
  readonly #scratches: ScratchPool;
  readonly #waiting: Write[] = [];
  #isServing = false;

  constructor(source: Source, scratches: ScratchPool) {
    this.#source = source;
    this.#scratches = scratches;
  }

  /** The result of the command, which writes. */
  add(command: PlannedCommand<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(new Write(command, resolve, reject));
      if (this.#isServing) return;
      this.#isServing = true;
      // Commands that come in the same piece of a pipeline share the first group.
      queueMicrotask(() => void this.#serve());
    });
  }

  /** A transaction of one's own. */
  async alone<Result>(work: (connection: SourceConnection) => Promise<Result>): Promise<Result> {
    return this.#onConnection(async (connection) => {
      await advance(connection, 1);
      const result = await work(connection);
      await commit(connection);
      return result;
    });
  }

  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        if (group.length > 0) await this.#onConnection((connection) => this.#run(group, connection));
      } catch (error) {
        await this.#failed(group, error);
      }
    }
    this.#isServing = false;
  }

  #nextGroup(): Write[] {
    const group: Write[] = [];
    while (group.length < GROUP_MAX) {
      const write = this.#waiting[0];
      if (write === undefined || (write.isAlone && group.length > 0)) break;
      this.#waiting.shift();
      if (!write.isSettled) group.push(write);
      if (write.isAlone) break;
    }
    return group;
  }

  /** Whatever fails leaves no transaction open: the pool resets the connection, which rolls back. */
  async #onConnection<Result>(work: (connection: SourceConnection) => Promise<Result>): Promise<Result> {
    const { transactions } = this.#source;
    const connection = await takeForWriting(transactions);
    try {
      return await work(connection);
    } catch (error) {
      connection.isTainted = true;
      throw error;
    } finally {
      giveBack(transactions, connection);
    }
  }

  #run(group: readonly Write[], connection: SourceConnection): Promise<void> {
    for (const write of group) write.runsOn(connection);
    return this.#scratches.with(0, async (scratch) => {
      const run = new PlanRun(connection, scratch, { writes: true, now: 0 });
      const advanced = advance(connection, group.length).catch((error: unknown) => {
        throw new GroupStopped(group, error);
      });
      const [last] = await bothOf(advanced, run.prefetch(group.map(({ command }) => command.named)));
      const results = await this.#runPlans(group, last, scratch, run);
      await writeAndCommit(connection, run.writes());
      for (const [each, result] of results) each.resolve(result);
    });
  }

  async #runPlans(
    group: readonly Write[],
    lastVersion: number,
    scratch: Scratch,
    run: PlanRun,
  ): Promise<Map<Write, unknown>> {
    const results = new Map<Write, unknown>();
    for (const [at, each] of group.entries()) {
      if (at > 0 && (run.broughtRows > GROUP_ROWS || run.broughtBytes > GROUP_BYTES)) {
        this.#waiting.unshift(...group.slice(at));
        break;
      }
      if (each.isSettled) continue;
      scratch.setVersion(lastVersion - group.length + 1 + at);
      try {
        results.set(each, await run.runAlone(each.begin()));
      } catch (error) {
        const cause = error instanceof SourceStopped ? error.cause : error;
        if (error instanceof SourceStopped && !isOwn(cause)) throw new GroupStopped([each], cause);
        each.reject(cause);
      }
    }
    return results;
  }

  /** Nothing was committed, unless its outcome is unknown. Who can, tries again. */
  async #failed(group: readonly Write[], error: unknown): Promise<void> {
    const cause = error instanceof GroupStopped ? error.cause : error;
    const unsettled = group.filter((each) => !each.isSettled && !this.#waiting.includes(each));
    for (const each of unsettled) each.waitsAgain();
    if (isRepeatable(cause)) {
      const again = unsettled.filter(({ tries }) => tries < TRIES);
      for (const each of unsettled) if (each.tries >= TRIES) each.reject(cause);
      this.#waiting.unshift(...again);
      await pause((again[0]?.tries ?? 0) * PAUSE_MS);
      return;
    }
    // It may be one of them that the source refuses: the others are not to suffer for it.
    const isWhole = group.length === 1 || !mayBeOfOne(cause) || !this.#source.isReady;
    const guilty = error instanceof GroupStopped ? error.writes : isWhole ? unsettled : [];
    for (const each of guilty) each.reject(cause);
    const others = unsettled.filter((each) => !each.isSettled);
    for (const each of others) each.isAlone = true;
    this.#waiting.unshift(...others);
  }
}

/** A command in the line. */
class Write {
  readonly command: PlannedCommand<unknown>;
  isSettled = false;
  /** It shares with nobody: what went wrong with its group may have been its own. */
  isAlone = false;
  tries = 0;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #connection: SourceConnection | null = null;
  #hasBegun = false;
  #grace: NodeJS.Timeout | null = null;

  constructor(command: PlannedCommand<unknown>, resolve: (result: unknown) => void, reject: (error: unknown) => void) {
    this.command = command;
    this.#resolve = resolve;
    this.#reject = reject;
    command.cancellation.onCancel = (reason) => this.#cancel(reason);
  }

  runsOn(connection: SourceConnection): void {
    this.#connection = connection;
  }

  waitsAgain(): void {
    this.tries++;
    this.#connection = null;
    this.#hasBegun = false;
    if (this.#grace !== null) clearTimeout(this.#grace);
  }

  /** Its plan runs: what comes of it will be told. */
  begin(): PlannedCommand<unknown> {
    this.#hasBegun = true;
    return this.command;
  }

  resolve(result: unknown): void {
    this.#settle();
    this.#resolve(result);
  }

  reject(error: unknown): void {
    if (this.isSettled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.isSettled = true;
    this.command.cancellation.onCancel = null;
    if (this.#grace !== null) clearTimeout(this.#grace);
  }

  /** Until its plan runs nothing has come of it. From then on it ends by itself, soon, or with its connection. */
  #cancel(reason: SluiceError): void {
    if (!this.#hasBegun) this.reject(reason);
    else {
      const cutOff = (): void => this.#connection?.destroy('a command was cancelled and did not end');
      this.#grace = setTimeout(cutOff, KILL_GRACE_MS);
      this.#grace.unref();
    }
  }
}

/** The source stopped a group, and these commands' own work, or that of all, is why. */
class GroupStopped extends Error {
  readonly writes: readonly Write[];
  override readonly cause: unknown;

  constructor(writes: readonly Write[], cause: unknown) {
    super('the source stopped a group of commands');
    this.writes = writes;
    this.cause = cause;
  }
}

/** Gives the last of the versions. */
async function advance(connection: SourceConnection, versions: number): Promise<number> {
  const { results } = await connection.query(advanceBy(versions));
  if (results[0]?.end.affectedRows !== 1) throw noState();
  return Number(results[0].end.insertId);
}

/** Where one statement fails, what is behind it commits the new version alone. A large one may cost the connection: then nobody is to wonder whether it was committed. */
async function writeAndCommit(connection: SourceConnection, statements: readonly string[]): Promise<void> {
  const [only] = statements;
  if (only === undefined) await connection.query('ROLLBACK');
  else if (statements.length === 1 && only.length < SENT_TOGETHER_BYTES)
    await bothOf(connection.query(only), commit(connection));
  else {
    await inOrder(connection, statements);
    await commit(connection);
  }
}

/** Of two that were sent together. Rejects when both have ended; that an outcome is unknown is told before anything else. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (b.status === 'rejected' && isUnknown(b.reason)) throw b.reason;
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

function isUnknown(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLUICE_SOURCE_OUTCOME_UNKNOWN';
}

/** A command's failure, not its group's. */
function isOwn(error: unknown): boolean {
  const own = ['SLUICE_ROW_LIMIT', 'SLUICE_BYTE_LIMIT', 'ER_QUERY_TIMEOUT', 'ER_QUERY_INTERRUPTED'];
  return error instanceof SluiceError && !(error instanceof SourceError) && own.includes(error.code);
}

/** What the source says of a statement, or that it has cut off the connection: of one that was too large. Nothing was committed. */
function mayBeOfOne(error: unknown): boolean {
  return error instanceof SourceError || (error instanceof SluiceError && error.code === 'SLUICE_SOURCE_LOST');
}

function isRepeatable(error: unknown): boolean {
  return error instanceof SourceError && error.errno === DEADLOCK;
}

function pause(mostMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.random() * mostMs);
  });
}
