/**
 * Keys in front of a MySQL server: the tree lies in tables of the source (key-tables.ts), and the plans of keys/ run as they are, each on the part of the tree
 * that it needs (plan-run.ts).
 *
 * By itself a command is a transaction on a pooled connection; within a session's transaction it is part of that, on its connection, and commits or is undone
 * with the rows. Whoever writes first takes the next version (ADVANCE), a row that stays locked to the commit: writers of keys come one after the other,
 * whichever server they use, as in the embedded store, and versions grow in the order of commits. A deadlock with a transaction of other statements runs the
 * whole command again, a few times.
 */
import type { Logger } from 'pino';
import { failure, SourceError } from '../../../errors.ts';
import { type KeyCommand, planKeyCommand } from '../../../keys/command.ts';
import type { KeyEntry } from '../../../keys/entries.ts';
import { type FoundPage, foundEntry } from '../../../keys/find-plans.ts';
import { afterKey, type KeyRange } from '../../../keys/paths.ts';
import type { KeyPlan, KeySplit } from '../../../keys/plan.ts';
import { RESULT_BYTES } from '../../../limits.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import type { ConnectionPool } from '../../../stores/mysql/pool.ts';
import type { SourceAnswer } from '../../../stores/mysql/result.ts';
import { textTable } from '../../../stores/mysql/rows.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import type { StoreRow } from '../../../stores/values.ts';
import { rowBytes } from '../../outcomes.ts';
import type { SourceSession } from '../session.ts';
import { commit, giveBack, inOrder, takeClean } from './clean-connections.ts';
import { KeyTables } from './create-tables.ts';
import { ADVANCE, READ_VERSION } from './key-tables.ts';
import { nextPart, PlanRun, ROWS_AT_ONCE, SourceStopped } from './plan-run.ts';
import { Scratch } from './scratch.ts';
import { SourceSweeper } from './sweeper.ts';

type FindCommand = Extract<KeyCommand, { op: 'find' }>;

const DEADLOCK = 1213;
const TRIES = 8;
const PAUSE_MS = 20;
/** Those of plans that run at the same time; each takes about 100 KiB. */
const IDLE_SCRATCHES = 8;
const SNAPSHOT = [
  'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];
const BEGIN_WRITE = ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'START TRANSACTION', ADVANCE, READ_VERSION];
const SAVEPOINT = 'sluice_keys';

export class SourceKeys {
  readonly #source: Source;
  readonly #tables: KeyTables;
  readonly #sweeper: SourceSweeper;
  readonly #scratches: Scratch[] = [];
  #closed = false;

  constructor(source: Source, log: Pick<Logger, 'warn'>) {
    this.#source = source;
    this.#tables = new KeyTables(source);
    this.#sweeper = new SourceSweeper(
      (work) => this.#onConnection(source.reads, work),
      (work) => this.#writing(work),
      log,
    );
  }

  close(): void {
    this.#closed = true;
    this.#sweeper.close();
    for (const scratch of this.#scratches.splice(0)) scratch.close();
  }

  async run(session: SourceSession, command: KeyCommand): Promise<unknown> {
    const now = Date.now();
    const plan = planKeyCommand(far(command), now) as KeyPlan<unknown>;
    await this.#ready();
    if (session.lane.inTransaction || !session.state.autocommit) {
      return this.#inSession(session, (connection) => this.#inTransaction(connection, plan, now));
    }
    return plan.writes ? this.#write(plan, now) : this.#read(plan, now);
  }

  /** Throws what is wrong with the command. */
  stream(session: SourceSession, command: FindCommand): AsyncGenerator<readonly KeyEntry[], void, undefined> {
    const now = Date.now();
    const plan = planKeyCommand(command, now);
    const isAlone = !session.lane.inTransaction && session.state.autocommit;
    if (plan.split === undefined || !isAlone) return this.#atOnce(session, command);
    return this.#streamed(plan.split, now);
  }

  async *#atOnce(session: SourceSession, command: FindCommand) {
    yield ((await this.run(session, command)) as FoundPage).entries.slice(0, command.options?.limit);
  }

  async *#streamed(split: KeySplit<unknown>, now: number) {
    await this.#ready();
    const { streams } = this.#source;
    const connection = await takeClean(streams);
    let isDone = false;
    try {
      await inOrder(connection, SNAPSHOT);
      // One that was asked for beyond the limit only tells that there is more.
      let left = split.limit === null ? Number.POSITIVE_INFINITY : split.limit - 1;
      for await (const rows of this.#parts(connection, split, now)) {
        yield rows.slice(0, left).map(foundEntry);
        left -= rows.length;
        if (left <= 0) break;
      }
      await connection.query('COMMIT');
      isDone = true;
    } finally {
      if (!isDone) connection.isTainted = true;
      giveBack(streams, connection);
    }
  }

  async #ready(): Promise<void> {
    await this.#tables.ready();
    this.#sweeper.start();
  }

  // ---- By itself

  async #read(plan: KeyPlan<unknown>, now: number): Promise<unknown> {
    const { reads } = this.#source;
    return this.#onConnection(reads, async (connection) => {
      const { split, only } = plan;
      const keys = only?.statement.reach.keys ?? [];
      const isOneSelect = only !== undefined && keys.length <= ROWS_AT_ONCE && keys.every(isOneKey);
      if (isOneSelect) return this.#inScratch(connection, plan, now, 0, (run) => run.run(plan));
      await inOrder(connection, SNAPSHOT);
      const result =
        split === undefined
          ? await this.#inScratch(connection, plan, now, 0, (run) => run.run(plan))
          : split.resultOf(await this.#collect(connection, split, now));
      await connection.query('COMMIT');
      return result;
    });
  }

  #write(plan: KeyPlan<unknown>, now: number): Promise<unknown> {
    return this.#writing((connection, version) =>
      this.#inScratch(connection, plan, now, version, async (run) => {
        const result = await run.run(plan);
        const statements = run.writes();
        await inOrder(connection, statements);
        return result;
      }),
    );
  }

  /** A transaction of its own. */
  async #writing<Result>(
    work: (connection: SourceConnection, version: number) => Promise<Result>,
    tries = TRIES,
  ): Promise<Result> {
    try {
      return await this.#onConnection(this.#source.transactions, async (connection) => {
        const answers = await inOrder(connection, BEGIN_WRITE);
        const result = await work(connection, versionIn(answers.at(-1)));
        await commit(connection);
        return result;
      });
    } catch (error) {
      if (!isDeadlock(error) || tries <= 1 || this.#closed) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, Math.random() * PAUSE_MS * (TRIES - tries + 1));
    });
    return this.#writing(work, tries - 1);
  }

  /** Whatever fails leaves no transaction open. */
  async #onConnection<Result>(
    pool: ConnectionPool,
    work: (connection: SourceConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await takeClean(pool);
    try {
      return await work(connection);
    } catch (error) {
      // The pool resets it, which rolls back.
      connection.isTainted = true;
      throw this.#told(error);
    } finally {
      giveBack(pool, connection);
    }
  }

  // ---- In a session's transaction

  async #inSession<Result>(
    session: SourceSession,
    work: (connection: SourceConnection) => Promise<Result>,
  ): Promise<Result> {
    const { lane, state, gate } = session;
    // For the lane it is a statement that writes.
    const { facts } = gate.plans.find('DELETE FROM sluice.`keys`', state.syntax);
    return lane.with(facts, async (connection) => {
      try {
        return await work(connection);
      } catch (error) {
        throw this.#told(error);
      } finally {
        // It may have begun one, and a deadlock ends it.
        if (!connection.isClosed)
          lane.noteStatus({ results: [nothing(await connection.ping())], failure: null, bytes: 0 });
      }
    });
  }

  async #inTransaction(connection: SourceConnection, plan: KeyPlan<unknown>, now: number): Promise<unknown> {
    if (!plan.writes) {
      const { split } = plan;
      if (split !== undefined) return split.resultOf(await this.#collect(connection, split, now));
      return this.#inScratch(connection, plan, now, 0, (run) => run.run(plan));
    }
    const version = versionIn((await inOrder(connection, [ADVANCE, READ_VERSION])).at(-1));
    return this.#inScratch(connection, plan, now, version, async (run) => {
      const result = await run.run(plan);
      const statements = run.writes();
      if (statements.length > 1) await this.#asOne(connection, statements);
      else await inOrder(connection, statements);
      return result;
    });
  }

  /** All or none of them, the transaction stays. */
  async #asOne(connection: SourceConnection, statements: readonly string[]): Promise<void> {
    await connection.query(`SAVEPOINT ${SAVEPOINT}`);
    try {
      await inOrder(connection, statements);
    } catch (error) {
      // A deadlock has ended the transaction, and the savepoint with it.
      if (!connection.isClosed) await connection.query(`ROLLBACK TO ${SAVEPOINT}`).catch(() => undefined);
      throw error;
    }
    await connection.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
  }

  // ---- Plans

  async #inScratch<Result>(
    connection: SourceConnection,
    plan: Pick<KeyPlan<unknown>, 'writes'>,
    now: number,
    version: number,
    work: (run: PlanRun) => Promise<Result>,
  ): Promise<Result> {
    const scratch = this.#scratches.pop() ?? new Scratch();
    try {
      scratch.begin(version);
      return await work(new PlanRun(connection, scratch, plan, now));
    } finally {
      scratch.end();
      if (this.#closed || this.#scratches.length >= IDLE_SCRATCHES) scratch.close();
      else this.#scratches.push(scratch);
    }
  }

  async #collect(connection: SourceConnection, split: KeySplit<unknown>, now: number): Promise<StoreRow[]> {
    const all: StoreRow[] = [];
    let bytes = 0;
    for await (const rows of this.#parts(connection, split, now)) {
      for (const row of rows) {
        bytes += rowBytes(row);
        all.push(row);
      }
      if (bytes > RESULT_BYTES) throw failure('SLUICE_BYTE_LIMIT', RESULT_BYTES);
      if (split.limit !== null && all.length >= split.limit) break;
    }
    return split.limit === null ? all : all.slice(0, split.limit);
  }

  /** A read of a range, part by part, so that no more than one part is in memory. */
  async *#parts(connection: SourceConnection, split: KeySplit<unknown>, now: number) {
    const { reverse } = split;
    let rest: KeyRange = split.range;
    for (;;) {
      const { rows, isLast } = await nextPart(connection, { range: rest, reverse, now });
      const last = rows.at(-1)?.[0] as string | undefined;
      const isWhole = isLast || last === undefined;
      const end = last === undefined ? null : afterKey(last);
      const part = isWhole ? rest : reverse ? { from: last, to: rest.to } : { from: rest.from, to: end };
      yield await this.#inScratch(connection, { writes: false }, now, 0, async (run) =>
        run.over(rows, split.statementOf(part)),
      );
      if (isWhole) return;
      rest = reverse ? { from: rest.from, to: last } : { from: end!, to: rest.to };
    }
  }

  /** What the client is told. */
  #told(error: unknown): unknown {
    const cause = error instanceof SourceStopped ? error.cause : error;
    if (cause instanceof SourceError && MISSING.has(cause.errno)) this.#tables.forget();
    return cause;
  }
}

/** There is no front here that may only do what is short: a near read that cannot tell would only be asked again. */
function far<Command extends KeyCommand>(command: Command): Command {
  if (command.op === 'batch') return { ...command, commands: command.commands.map(far) };
  return 'reach' in command ? { ...command, reach: 'far' } : command;
}

/** No such database, no such table. */
const MISSING = new Set([1049, 1146]);

function isOneKey({ from, to }: KeyRange): boolean {
  return to === afterKey(from);
}

function isDeadlock(error: unknown): boolean {
  return error instanceof SourceError && error.errno === DEADLOCK;
}

function versionIn(answer: SourceAnswer | undefined): number {
  const version = answer?.results[0] === undefined ? undefined : textTable(answer.results[0])[0]?.[0];
  if (version === undefined) throw new SourceError(1105, 'HY000', 'sluice.key_state is empty: it must have one row');
  return Number(version);
}

function nothing(end: SourceAnswer['results'][number]['end']): SourceAnswer['results'][number] {
  return { columnCount: 0, columns: [], rows: [], rowCount: 0, end };
}
