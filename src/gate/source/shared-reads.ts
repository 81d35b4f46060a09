/**
 * Reads that ask the very same as one that runs already are answered by it (../consolidation.ts). Such a read runs on a way of its own, so that it does
 * not end with the client that asked first.
 */
import { failure } from '../../errors.ts';
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import type { Source } from '../../stores/mysql/source.ts';
import type { Warning } from '../../stores/statement.ts';
import { type ConsolidationStatistics, Consolidator } from '../consolidation.ts';
import { TableClock } from '../table-clock.ts';
import { type Job, Lane } from './lane.ts';
import type { SourceSession } from './session.ts';
import type { SessionState } from './session-state.ts';
import type { TokenFacts } from './token-facts.ts';

interface SharedAnswer {
  readonly answer: SourceAnswer;
  readonly warnings: readonly Warning[];
}

/** What a statement may change without naming it. */
const WRITES_ANYTHING = new Set<TokenFacts['kind']>(['ddl', 'call', 'keep', 'drop', 'other', 'commit', 'rollback']);

export class SharedReads {
  readonly #source: Source;
  readonly #consolidator: Consolidator<SharedAnswer>;
  readonly #clock = new TableClock();

  /** `waiters`: how many may wait for one another, all together; asked each time. */
  constructor(source: Source, waiters: () => number) {
    this.#source = source;
    this.#consolidator = new Consolidator(
      ({ answer }) => answer.bytes,
      () => ({ waiters: waiters() }),
    );
  }

  get statistics(): ConsolidationStatistics {
    return this.#consolidator.statistics();
  }

  /** What `job` answers in that state, run by itself or by somebody else at this moment. */
  async read(job: Job, session: SourceSession, fingerprint: string): Promise<SourceAnswer> {
    const { state } = session;
    const { database, settings } = state.wanted;
    const values = job.bound === null ? '' : `b${Buffer.from(job.bound.bytes).toString('latin1')}`;
    const key = [session.client.user, database, settings.key, job.maxRows, job.timeoutMs, job.text, values].join(
      '\u0000',
    );
    const tables = this.#tablesOf(job.facts, database);
    // A read of what is not known is as new as the last write of any table.
    const version = tables === null ? this.#clock.newest : this.#clock.versionOf(tables);
    const stream = this.#consolidator.read(key, version, fingerprint, () => this.#start(job, state));
    session.cancelShared = (reason) => stream.cancel(reason);
    try {
      for await (const { answer, warnings } of stream.chunks) {
        state.warnings = warnings;
        state.rowCount = -1;
        state.foundRows = answer.results.at(-1)?.rowCount ?? 0;
        return answer;
      }
      throw failure('ER_QUERY_INTERRUPTED');
    } finally {
      session.cancelShared = null;
    }
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
  #tablesOf(facts: TokenFacts, database: string | null): string[] | null {
    if (!facts.tablesAreAll) return null;
    const { schema } = this.#source;
    const names: string[] = [];
    for (const table of facts.tables) {
      const known = schema.table(table.database ?? database ?? '', table.name);
      if (known === undefined || !known.standsAlone) return null;
      names.push(`${known.database}.${known.name}`);
    }
    return names;
  }

  #start(job: Job, state: SessionState) {
    const own = state.fork();
    const lane = new Lane(this.#source, own);
    async function* chunks(): AsyncGenerator<SharedAnswer> {
      const answer = await lane.run(job);
      yield { answer, warnings: own.warnings };
    }
    return { chunks: chunks(), cancel: () => lane.close(failure('ER_QUERY_INTERRUPTED')) };
  }
}
