/**
 * Reads that ask the very same as one that runs already are answered by it (shared-answers.ts). Such a read runs on a way of its own, so that it does
 * not end with the client that asked first.
 */
import { failure } from '../../errors.ts';
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import type { SourceSchema } from '../../stores/mysql/schema.ts';
import type { Source } from '../../stores/mysql/source.ts';
import type { Warning } from '../../stores/statement.ts';
import type { ConsolidationStatistics } from '../consolidation.ts';
import { TableClock } from '../table-clock.ts';
import type { Job } from './job.ts';
import { Lane } from './lane.ts';
import type { SourceSession } from './session.ts';
import { ReadState, type SessionState } from './session-state.ts';
import { SharedAnswers, type SharedRun } from './shared-answers.ts';
import type { TokenFacts } from './token-facts.ts';

interface SharedAnswer {
  readonly answer: SourceAnswer;
  readonly warnings: readonly Warning[];
}

/** What a statement may change without naming it. */
const WRITES_ANYTHING = new Set<TokenFacts['kind']>(['ddl', 'call', 'keep', 'drop', 'other', 'commit', 'rollback']);

export class SharedReads {
  readonly #source: Source;
  readonly #answers: SharedAnswers<SharedAnswer>;
  readonly #clock = new TableClock();
  /** Of statements that were looked at last in that state. */
  readonly #known = new WeakMap<TokenFacts, KnownTables>();

  /** `waiters`: how many may wait for one another, all together; asked each time. */
  constructor(source: Source, waiters: () => number) {
    this.#source = source;
    this.#answers = new SharedAnswers(waiters);
  }

  get statistics(): ConsolidationStatistics {
    return this.#answers.statistics();
  }

  /** What `job` answers in that state, run by itself or by somebody else at this moment. */
  read(job: Job, session: SourceSession, fingerprint: string): Promise<SourceAnswer> {
    const { state } = session;
    const { database, settings } = state.wanted;
    const { bound } = job;
    const values = bound === null || bound.bytes.length === 0 ? '' : latin1(bound.bytes);
    const key = `${session.client.user}\0${database}\0${settings.key}\0${job.maxRows} ${job.timeoutMs} ${bound !== null} ${values.length}\0${values}${job.text}`;
    const tables = this.#tablesOf(job.facts, database);
    // A read of what is not known is as new as the last write of any table.
    const version = tables === null ? this.#clock.newest : this.#clock.versionOf(tables);
    const asker = this.#answers.ask(key, version, fingerprint, () => this.#start(job, state));
    session.cancelShared = (reason) => asker.leave(reason);
    return asker.answer.then(
      ({ answer, warnings }) => {
        session.cancelShared = null;
        state.warnings = warnings;
        state.rowCount = -1;
        state.foundRows = answer.results.at(-1)?.rowCount ?? 0;
        return answer;
      },
      (error: unknown) => {
        session.cancelShared = null;
        throw error;
      },
    );
  }

  /** A write is about to be acknowledged: readers that begin from now on must not be answered by what ran before it. */
  wrote(facts: TokenFacts, database: string | null): void {
    if (facts.callsUnknown) this.#clock.touchAll();
    if (facts.kind === 'select' || facts.kind === 'show' || facts.kind === 'set' || facts.kind === 'begin') return;
    const tables = WRITES_ANYTHING.has(facts.kind) ? null : this.#tablesOf(facts, database);
    if (tables === null) this.#clock.touchAll();
    else this.#clock.touch(tables);
  }

  /** Nobody knows what was written. */
  wroteAnything(): void {
    this.#clock.touchAll();
  }

  /** Their full names; null when others may be behind them: views, triggers, foreign keys, tables that are not known. */
  #tablesOf(facts: TokenFacts, database: string | null): readonly string[] | null {
    if (!facts.tablesAreAll) return null;
    const { schema } = this.#source;
    const known = this.#known.get(facts);
    if (known?.schema === schema && known.database === database) return known.names;
    const names = namesOf(facts, database, schema);
    this.#known.set(facts, { schema, database, names });
    return names;
  }

  #start(job: Job, state: SessionState): SharedRun<SharedAnswer> {
    const own = new ReadState(state);
    const lane = new Lane(this.#source, own);
    return {
      answer: lane.run(job).then((answer) => ({ answer, warnings: own.warnings })),
      cancel: () => lane.close(failure('ER_QUERY_INTERRUPTED')),
    };
  }
}

interface KnownTables {
  readonly schema: SourceSchema;
  readonly database: string | null;
  readonly names: readonly string[] | null;
}

function namesOf(facts: TokenFacts, database: string | null, schema: SourceSchema): string[] | null {
  const names: string[] = [];
  for (const table of facts.tables) {
    const known = schema.table(table.database ?? database ?? '', table.name);
    if (known === undefined || !known.standsAlone) return null;
    names.push(`${known.database}.${known.name}`);
  }
  return names;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
