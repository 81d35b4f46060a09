/**
 * A list command that reads, or a page, answered from the mirror: 1. the table that it names is mirrored, live, and would look the same at the source; 2. everything
 * that was committed at the source when the request came has been applied (or sluice_mirror_freshness says that this need not be); 3. rights, table access
 * and rules have judged the statement that the source would have been asked; 4. the kept lists or the store answer, as before the embedded store. Wherever one
 * of these does not hold, the source is asked by SQL, as without a mirror.
 */
import { failure, SluiceError } from '../../../errors.ts';
import type { ListCommand } from '../../../lists/command.ts';
import type { ReadStatement } from '../../../stores/statement.ts';
import type { RowStream } from '../../../stores/store.ts';
import type { StoreRow } from '../../../stores/values.ts';
import { consolidatedRead } from '../../consolidated-read.ts';
import { readPage } from '../../list-pages.ts';
import type { ListReader } from '../../list-reader.ts';
import { plainList, readList, repeatedList } from '../../list-reads.ts';
import type { ListOutcome, Outcome, PageOutcome } from '../../request.ts';
import type { RunningStatement } from '../../running-statement.ts';
import { admitRead } from '../admission.ts';
import type { SourceSession } from '../session.ts';
import type { FallBack, MirrorLists } from './mirror-lists.ts';
import type { MirroredName } from './source-mirror.ts';

/** Commands that read rows, or count them. */
const READS = new Set(['select', 'count', 'get']);
/** What a list can fail with by itself, and would fail with at the source. */
const OF_THE_REQUEST = new Set([
  'ER_BAD_PARAMETER',
  'ER_BAD_FIELD_ERROR',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'SLUICE_ROW_LIMIT',
  'SLUICE_BYTE_LIMIT',
]);

export interface MirrorRequest {
  readonly kind: 'list' | 'page';
  readonly command: ListCommand;
}

type Answer = ListOutcome | PageOutcome;

/** The mirrored table that a request reads; null: it reads none. */
export function mirroredTableOf(lists: MirrorLists, { kind, command }: MirrorRequest): MirroredName | null {
  let table: string | undefined;
  let word: string | undefined;
  for (const [name, value] of command.parameters) {
    // Given twice is an error, which is told by who reads the command.
    if (name === 'table') {
      if (table !== undefined) return null;
      table = value;
    } else if (name === 'command') {
      if (word !== undefined) return null;
      word = value;
    }
  }
  if (kind === 'page') return table === undefined ? null : lists.table(table);
  return word !== undefined && READS.has(word) ? lists.tableOrDefault(table) : null;
}

/** null: the source is to be asked. */
export function answerFromMirror(
  session: SourceSession,
  lists: MirrorLists,
  request: MirrorRequest,
  running: RunningStatement,
): Answer | null | Promise<Answer | null> {
  const table = mirroredTableOf(lists, request);
  if (table === null) return null;
  const read = new MirrorRead(session, lists, table, request, running);
  return read.answer();
}

class MirrorRead implements ListReader {
  readonly gate: MirrorLists;
  readonly running: RunningStatement;
  readonly #session: SourceSession;
  readonly #table: MirroredName;
  readonly #request: MirrorRequest;
  #stream: RowStream | null = null;
  #cancelled: Error | null = null;

  constructor(
    session: SourceSession,
    lists: MirrorLists,
    table: MirroredName,
    request: MirrorRequest,
    running: RunningStatement,
  ) {
    this.#session = session;
    this.gate = lists;
    this.#table = table;
    this.#request = request;
    this.running = running;
  }

  answer(): Answer | null | Promise<Answer | null> {
    const { gate: lists } = this;
    const obstacle = this.#obstacle();
    if (obstacle !== null) return this.#fallBack(obstacle);
    const fresh = lists.freshen();
    if (fresh === true && this.#isOpen) return this.#finished(() => this.#answerNow());
    return this.#later(fresh);
  }

  get #isOpen(): boolean {
    const { gate, privileges } = this.#session;
    return gate.protection.isOpen(privileges);
  }

  #obstacle(): FallBack | null {
    const { lane, state, gate } = this.#session;
    if (lane.isHeld || lane.inTransaction || !state.isPlain(gate.source.sqlMode)) return 'not_alone';
    return this.gate.obstacle(this.#table);
  }

  #fallBack(why: FallBack): null {
    this.gate.fellBack(why);
    return null;
  }

  async #later(fresh: true | Promise<boolean>): Promise<Answer | null> {
    const session = this.#session;
    session.cancelShared = (reason) => this.#cancel(reason);
    try {
      if (!(await fresh)) return this.#fallBack('not_fresh');
      if (!this.#isOpen && !(await this.#admitted())) return this.#fallBack('hinted');
      session.cancelShared = (reason) => this.#cancel(reason);
      // What has come with what was waited for may be a new definition.
      const obstacle = this.#obstacle();
      if (obstacle !== null) return this.#fallBack(obstacle);
      return await this.#finished(() => this.#answerNow());
    } finally {
      session.cancelShared = null;
    }
  }

  /** Throws what refuses it. false: a rule gives it hints, which are for SQL. */
  async #admitted(): Promise<boolean> {
    const { kind, command } = this.#request;
    return admitRead(this.#session, kind, command);
  }

  #answerNow(): Outcome | Promise<Outcome> {
    if (this.#cancelled !== null) throw this.#cancelled;
    const { kind, command } = this.#request;
    return kind === 'page' ? readPage(this, command) : this.#readList();
  }

  #readList(): Outcome | Promise<Outcome> {
    const { command } = this.#request;
    const repeated = repeatedList(this, command);
    if (repeated !== undefined) return repeated;
    const { lists, store } = this.gate;
    const plan = lists.plan(command, store.catalog);
    if (plan.kind === 'read') return readList(this, command, plan, () => this.#readList());
    if (plan.kind === 'answer') return plainList(plan.json);
    throw new TypeError(`a list command that reads was planned as '${plan.kind}'`);
  }

  /** What is wrong with the mirror alone is no reason to refuse: then the source answers. */
  #finished(answer: () => Outcome | Promise<Outcome>): Answer | null | Promise<Answer | null> {
    try {
      const outcome = answer();
      if (!(outcome instanceof Promise)) return this.#checked(outcome);
      return outcome.then(
        (settled) => this.#checked(settled),
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error);
    }
  }

  #checked(outcome: Outcome): Answer {
    if (outcome.kind !== 'list' && outcome.kind !== 'page')
      throw new TypeError(`a list's outcome is '${outcome.kind}'`);
    const { maxResultBytes } = this.#session.limits;
    const bytes = outcome.kind === 'list' ? outcome.json.length : outcome.rowsJson.length;
    if (bytes > maxResultBytes) throw failure('SLUICE_BYTE_LIMIT', maxResultBytes);
    this.gate.answered();
    return outcome;
  }

  #failed(error: unknown): null {
    if (this.#cancelled !== null) throw this.#cancelled;
    if (error instanceof SluiceError && OF_THE_REQUEST.has(error.code)) throw error;
    this.running.counters = null;
    this.#session.gate.log.warn({ err: error }, 'the mirror could not answer a list; the source does');
    return this.#fallBack('failed');
  }

  #cancel(reason: Error): void {
    this.#cancelled = reason;
    this.#stream?.cancel(reason);
  }

  // ---- ListReader

  get reads(): this {
    return this;
  }

  /** It sees what everybody sees. */
  currentTransaction(): null {
    return null;
  }

  rows(statement: ReadStatement, inline: boolean): StoreRow[] | AsyncIterable<readonly StoreRow[]> {
    const { store, kept } = this.gate;
    if (!inline) return this.#chunks(statement);
    kept.storeWasRead();
    return store.readInline(statement);
  }

  autocommitRows(statement: ReadStatement, inline: boolean): StoreRow[] | AsyncIterable<readonly StoreRow[]> {
    return this.rows(statement, inline);
  }

  async *#chunks(statement: ReadStatement): AsyncGenerator<readonly StoreRow[]> {
    const session = this.#session;
    const stream = this.#started(statement);
    this.#stream = stream;
    session.cancelShared = (reason) => this.#cancel(reason);
    const { queryTimeoutMs } = session.limits;
    const timer =
      queryTimeoutMs === 0 ? null : setTimeout(() => this.#cancel(failure('ER_QUERY_TIMEOUT')), queryTimeoutMs);
    try {
      for await (const chunk of stream.chunks) {
        this.gate.kept.storeWasRead();
        yield chunk;
      }
    } finally {
      if (timer !== null) clearTimeout(timer);
      this.#stream = null;
      session.cancelShared = null;
    }
  }

  #started(statement: ReadStatement): RowStream {
    const { gate, running } = this;
    const start = (): RowStream => gate.store.read(statement);
    const consolidates = this.#session.gate.limits.consolidation === 1;
    if (running.counters === null || !consolidates) return start();
    return consolidatedRead(gate, statement, running.counters.facts, start);
  }
}
