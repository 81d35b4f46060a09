import { asFailure } from '../../../src/errors.ts';
import type { Outcome, PreparedStatement, Request, RowForm } from '../../../src/gate/request.ts';
import type { GateSession } from '../../../src/gate/session.ts';
import { textFormatter } from '../../../src/sql/values/format.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import { binaryText } from '../../../src/util/binary-text.ts';
import { cellText } from '../../differential/support/answer.ts';
import { type ListClient, type Page, preparedText, queryText, type SqlPart, slotsOf, sqlText } from './list-client.ts';

/** As a protocol has one: rows that are ready to be sent. */
const CELLS: RowForm = {
  name: 'cells as JSON',
  writerOf(types) {
    const formats = types.map((type) => textFormatter(type));
    return (row) => binaryText(JSON.stringify(row.map((value, i) => cellText(formats[i]?.(value) ?? null))));
  },
};

export class GateClient implements ListClient {
  readonly listsJoin = true;
  /** By text or prepared, as values or made ready by a form. */
  readonly ways = 4;
  readonly #session: GateSession;
  readonly #prepared = new Map<string, PreparedStatement>();

  constructor(session: GateSession) {
    this.#session = session;
  }

  get isInTransaction(): boolean {
    return this.#session.transaction !== null;
  }

  async query(parts: readonly SqlPart[], way: number): Promise<string> {
    const form = way % 2 === 0 ? {} : { form: CELLS };
    const text = sqlText(parts);
    try {
      const told = await this.#told(
        way < 2
          ? { kind: 'sql', text, ...form }
          : {
              kind: 'prepared',
              statement: this.#prepare(preparedText(parts)),
              parameters: slotsOf(parts),
              ...form,
            },
      );
      // What the next statement may ask for.
      const { foundRows, rowCount, warnings } = this.#session;
      return `${told}\n${foundRows} found, ${rowCount} changed, warnings: ${JSON.stringify(warnings)}`;
    } catch (error) {
      return errorText(error);
    }
  }

  /** Once, however often the table changes. */
  #prepare(text: string): PreparedStatement {
    const statement = this.#prepared.get(text) ?? this.#session.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }

  async run(text: string): Promise<string> {
    try {
      return await this.#told({ kind: 'sql', text });
    } catch (error) {
      return errorText(error);
    }
  }

  async batch(statements: readonly string[], atomic: boolean): Promise<void> {
    if (atomic) await this.run('BEGIN');
    for (const text of statements) {
      const answer = await this.run(text);
      if (!atomic || answer.startsWith('ok')) continue;
      await this.run('ROLLBACK');
      return;
    }
    if (atomic) await this.run('COMMIT');
  }

  async atOnce(statements: readonly string[]): Promise<void> {
    const { gate, client, database } = this.#session;
    const sessions = statements.map(() => gate.openSession({ ...client, ...(database !== null && { database }) }));
    await Promise.all(statements.map((text, i) => new GateClient(sessions[i] as GateSession).run(text)));
    for (const session of sessions) session.close();
  }

  /** Rows in stored form. */
  async rows(text: string): Promise<StoreRow[]> {
    const outcome = await this.#session.execute({ kind: 'sql', text });
    if (outcome.kind === 'rows') return [...outcome.rows];
    if (outcome.kind !== 'stream') throw new Error(`${text} gave ${outcome.kind}`);
    const rows: StoreRow[] = [];
    for await (const chunk of outcome.chunks) rows.push(...chunk);
    return rows;
  }

  async list(parameters: Readonly<Record<string, string>>, body = ''): Promise<string> {
    try {
      const query = body === '' ? { query: queryText(parameters) } : {};
      const command = { parameters: Object.entries(parameters), ...query, body, formEncoded: false };
      const outcome = await this.#session.execute({ kind: 'list', command });
      if (outcome.kind !== 'list') throw new Error(`a list gave ${outcome.kind}`);
      return outcome.isBinary ? Buffer.from(outcome.json, 'latin1').toString() : outcome.json;
    } catch (error) {
      return errorText(error);
    }
  }

  async page(parameters: Readonly<Record<string, string>>): Promise<Page> {
    const command = { parameters: Object.entries(parameters), body: '', formEncoded: false };
    const outcome = await this.#session.execute({ kind: 'page', command });
    if (outcome.kind !== 'page') throw new Error(`a page gave ${outcome.kind}`);
    const rows = JSON.parse(Buffer.from(outcome.rowsJson, 'latin1').toString()) as object[];
    return { rows, count: outcome.count, sequence: outcome.sequence ?? 0 };
  }

  async #told(request: Request): Promise<string> {
    return outcomeText(await this.#session.execute(request));
  }
}

/** One line for each row, the names first. */
async function outcomeText(outcome: Outcome): Promise<string> {
  if (outcome.kind === 'ok') return 'ok';
  if (outcome.kind !== 'rows' && outcome.kind !== 'stream' && outcome.kind !== 'ready')
    throw new Error(`a statement gave a ${outcome.kind}`);
  const lines = [outcome.columns.map(({ name }) => name).join()];
  if (outcome.kind === 'ready') {
    for (const row of outcome.rows) lines.push(Buffer.from(row, 'latin1').toString());
    return lines.join('\n');
  }
  const formats = outcome.columns.map(({ type }) => textFormatter(type));
  const take = (row: StoreRow): void => {
    lines.push(JSON.stringify(row.map((value, i) => cellText(formats[i]?.(value) ?? null))));
  };
  if (outcome.kind === 'rows') outcome.rows.forEach(take);
  else for await (const chunk of outcome.chunks) chunk.forEach(take);
  return lines.join('\n');
}

/** Failures that nobody foresaw are the test's. */
function errorText(error: unknown): string {
  const { errno, message, code } = asFailure(error);
  if (code === 'ER_UNKNOWN_ERROR') throw error;
  return `error ${errno}: ${message}`;
}
