/**
 * Keys in front of a MySQL server: the tree lies in tables of the source (key-tables.ts), and the plans of keys/ run as they are, each on the part of the tree
 * that it needs (plan-run.ts).
 *
 * By itself a command that reads has a pooled connection, and one that writes shares a transaction with others (write-line.ts); within a session's transaction
 * it is part of that, on its connection, and commits or is undone with the rows. Whoever writes first takes the next version (ADVANCE), a row that stays locked to
 * the commit: writers of keys come one after the other, whichever server they use, as in the embedded store, and versions grow in the order of commits.
 */
import type { Logger } from 'pino';
import { SourceError } from '../../../errors.ts';
import { type KeyCommand, planKeyCommand } from '../../../keys/command.ts';
import type { KeyEntry } from '../../../keys/entries.ts';
import { type FoundPage, foundEntry } from '../../../keys/find-plans.ts';
import { afterKey, type KeyRange } from '../../../keys/paths.ts';
import type { KeyPlan, KeySplit } from '../../../keys/plan.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import type { SourceAnswer } from '../../../stores/mysql/result.ts';
import type { Source } from '../../../stores/mysql/source.ts';
import { Interruption } from '../interruption.ts';
import type { SourceSession } from '../session.ts';
import type { Cancellation } from './cancellation.ts';
import { giveBack, inOrder, takeClean } from './clean-connections.ts';
import { KeyTables } from './create-tables.ts';
import { runInTransaction } from './in-transaction.ts';
import { namedKeys } from './named-keys.ts';
import { type PlannedCommand, PlanRun, ROWS_AT_ONCE, SourceStopped } from './plan-run.ts';
import { ReadLine } from './read-line.ts';
import { allParts, partsOf } from './read-parts.ts';
import { ScratchPool } from './scratch-pool.ts';
import { SourceSweeper } from './sweeper.ts';
import { WriteLine } from './write-line.ts';

type FindCommand = Extract<KeyCommand, { op: 'find' }>;

const SNAPSHOT = [
  'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];

export class SourceKeys {
  readonly #source: Source;
  readonly #tables: KeyTables;
  readonly #scratches = new ScratchPool();
  readonly #readers: ReadLine;
  readonly #writers: WriteLine;
  readonly #sweeper: SourceSweeper;

  constructor(source: Source, log: Pick<Logger, 'warn'>) {
    this.#source = source;
    this.#tables = new KeyTables(source);
    this.#readers = new ReadLine(source, this.#scratches, (command, now) => this.#read(command, now));
    this.#writers = new WriteLine(source, this.#scratches);
    this.#sweeper = new SourceSweeper(source, this.#writers, log);
  }

  close(): void {
    this.#sweeper.close();
    this.#scratches.close();
  }

  async run(session: SourceSession, command: KeyCommand, cancellation: Cancellation): Promise<unknown> {
    const now = Date.now();
    const plan = planKeyCommand(far(command), now) as KeyPlan<unknown>;
    const planned = { plan, named: namedKeys(command), cancellation };
    try {
      await this.#ready();
      if (session.lane.inTransaction || !session.state.autocommit)
        return await this.#inTransaction(session, planned, now);
      if (plan.writes) return await this.#writers.add(planned);
      return await (this.#readers.takes(command, planned) ? this.#readers.add(planned, now) : this.#read(planned, now));
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** Throws what is wrong with the command. */
  stream(
    session: SourceSession,
    command: FindCommand,
    cancellation: Cancellation,
  ): AsyncGenerator<readonly KeyEntry[], void, undefined> {
    const now = Date.now();
    const plan = planKeyCommand(command, now);
    const isAlone = !session.lane.inTransaction && session.state.autocommit;
    if (plan.split === undefined || !isAlone) return this.#atOnce(session, command, cancellation);
    return this.#streamed(plan.split, now, cancellation);
  }

  async *#atOnce(session: SourceSession, command: FindCommand, cancellation: Cancellation) {
    const { entries } = (await this.run(session, command, cancellation)) as FoundPage;
    yield entries.slice(0, command.options?.limit);
  }

  async *#streamed(split: KeySplit<unknown>, now: number, cancellation: Cancellation) {
    await this.#ready();
    const { streams } = this.#source;
    const connection = await takeClean(streams);
    let isDone = false;
    try {
      await inOrder(connection, SNAPSHOT);
      const read = { connection, scratches: this.#scratches, cancellation, now };
      // One that was asked for beyond the limit only tells that there is more.
      let left = split.limit === null ? Number.POSITIVE_INFINITY : split.limit - 1;
      for await (const rows of partsOf(read, split)) {
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

  /** By itself, on one snapshot. */
  async #read(command: PlannedCommand<unknown>, now: number): Promise<unknown> {
    const { reads } = this.#source;
    const { cancellation } = command;
    const connection = await takeClean(reads);
    const interruption = new Interruption(this.#source, connection);
    cancellation.onCancel = (reason) => interruption.begin(reason);
    try {
      cancellation.check();
      return await this.#readOn(connection, command, now);
    } catch (error) {
      // The pool resets it, which ends the snapshot.
      connection.isTainted = true;
      throw interruption.reason ?? error;
    } finally {
      cancellation.onCancel = null;
      if (interruption.hasBegun) {
        await interruption.done();
        connection.destroy('its command was killed');
      }
      giveBack(reads, connection);
    }
  }

  async #readOn(connection: SourceConnection, command: PlannedCommand<unknown>, now: number): Promise<unknown> {
    const { plan, cancellation } = command;
    const scratches = this.#scratches;
    const runPlan = (): Promise<unknown> =>
      scratches.with(0, (scratch) => new PlanRun(connection, scratch, { writes: false, now }).run(command));
    const { split } = plan;
    if (isOneSelect(plan)) return runPlan();
    await inOrder(connection, SNAPSHOT);
    const result =
      split === undefined
        ? await runPlan()
        : split.resultOf(await allParts({ connection, scratches, cancellation, now }, split));
    await connection.query('COMMIT');
    return result;
  }

  async #inTransaction(session: SourceSession, command: PlannedCommand<unknown>, now: number): Promise<unknown> {
    const { lane, state, gate } = session;
    const { cancellation } = command;
    // For the lane it is a statement that writes.
    const { facts } = gate.plans.find('DELETE FROM sluice.`keys`', state.syntax);
    return lane.with(facts, async (connection) => {
      const interruption = new Interruption(this.#source, connection);
      cancellation.onCancel = (reason) => interruption.begin(reason);
      try {
        cancellation.check();
        return await runInTransaction(command, connection, this.#scratches, now);
      } catch (error) {
        throw interruption.reason ?? this.#told(error);
      } finally {
        cancellation.onCancel = null;
        await interruption.settle();
        // It may have begun one, and a deadlock ends it.
        if (!connection.isClosed)
          lane.noteStatus({ results: [nothing(await connection.ping())], failure: null, bytes: 0 });
      }
    });
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

/** It needs no snapshot: one statement is one. */
function isOneSelect({ only }: KeyPlan<unknown>): boolean {
  const keys = only?.statement.reach.keys ?? [];
  return only !== undefined && keys.length <= ROWS_AT_ONCE && keys.every(isOneKey);
}

function isOneKey({ from, to }: KeyRange): boolean {
  return to === afterKey(from);
}

function nothing(end: SourceAnswer['results'][number]['end']): SourceAnswer['results'][number] {
  return { columnCount: 0, columns: [], rows: [], rowCount: 0, end };
}
