/** `POST /v1/sql`, `POST /v1/batch`, `DELETE /v1/sessions/{token}`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFailure, failure, SluiceError } from '../../errors.ts';
import type { Outcome, Session } from '../../gate/request.ts';
import type { Authenticator } from './authentication.ts';
import { errorBody } from './failures.ts';
import { beginLines, sendLines, wantsLines } from './ndjson.ts';
import {
  type BatchRequest,
  readBatchRequest,
  readSqlRequest,
  type SqlRequest,
  type StatementRequest,
} from './requests.ts';
import { sendError, sendJson } from './respond.ts';
import { chunksOf, fieldsJson, resultMembers, rowJsonWriter, tailJson, type WarningJson } from './results.ts';
import type { Router, Routes } from './router.ts';
import type { StatementSession, StatementSessions } from './statement-sessions.ts';

export class SqlRoutes implements Routes {
  readonly #sessions: StatementSessions;
  readonly #authenticator: Authenticator;

  constructor(sessions: StatementSessions, authenticator: Authenticator) {
    this.#sessions = sessions;
    this.#authenticator = authenticator;
  }

  addTo(router: Router): void {
    router.add('POST', '/v1/sql', (request, response, body) => void this.sql(request, response, body));
    router.add('POST', '/v1/batch', (request, response, body) => void this.batch(request, response, body));
    router.add('DELETE', '/v1/sessions/{token}', (request, response, _body, token) =>
      this.endSession(request, response, token),
    );
  }

  /** Never rejects. */
  async sql(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    try {
      const asked = readSqlRequest(body);
      const identity = this.#authenticator.authenticate(request);
      const entered = await this.#sessions.enter(asked, identity);
      await this.#sessions.within(entered, response, [asked.sql], () =>
        wantsLines(request) ? streamRows(entered, response, asked) : answer(entered, response, asked),
      );
    } catch (error) {
      sendError(response, error);
    }
  }

  /** Never rejects. */
  async batch(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    try {
      const asked = readBatchRequest(body);
      const identity = this.#authenticator.authenticate(request);
      const entered = await this.#sessions.enter(asked, identity);
      const texts = asked.statements.map((statement) => statement.sql);
      await this.#sessions.within(entered, response, texts, async () => {
        const results = asked.atomic
          ? await atomically(entered.session, asked)
          : await oneByOne(entered.session, asked);
        sendJson(response, 200, `{"results":[${results.join(',')}],${sessionMember(entered)}}`);
      });
    } catch (error) {
      sendError(response, error);
    }
  }

  /** Rolls back and ends a session. */
  endSession(request: IncomingMessage, response: ServerResponse, token: string): void {
    try {
      this.#sessions.kept.end(token, this.#authenticator.authenticate(request));
      sendJson(response, 200, '{"ok":true}');
    } catch (error) {
      sendError(response, error);
    }
  }
}

async function run(session: Session, statement: StatementRequest, maxRows?: number): Promise<Outcome> {
  const { sql, parameters } = statement;
  return session.execute({
    kind: 'sql',
    text: sql,
    ...(parameters === undefined ? {} : { parameters }),
    ...(maxRows === undefined ? {} : { maxRows }),
  });
}

async function answer(entered: StatementSession, response: ServerResponse, asked: SqlRequest): Promise<void> {
  const members = await result(entered.session, asked);
  sendJson(response, 200, `{${members},${sessionMember(entered)}}`);
}

async function result(session: Session, statement: StatementRequest): Promise<string> {
  const outcome = await run(session, statement);
  return resultMembers(outcome, statement.shape, (settled) => warningsOf(session, settled));
}

/** SHOW WARNINGS, when there are some. A stream does not say: it has none. */
async function warningsOf(session: Session, outcome: Outcome): Promise<WarningJson[]> {
  const count = outcome.kind === 'ok' || outcome.kind === 'rows' ? outcome.warningCount : 0;
  if (count === 0) return [];
  const shown = await session.execute({ kind: 'sql', text: 'SHOW WARNINGS' });
  if (shown.kind !== 'rows') return [];
  return shown.rows.map(([level, code, message]) => ({
    level: String(level),
    code: Number(code),
    message: String(message),
  }));
}

function sessionMember(entered: StatementSession): string {
  return `"session":${JSON.stringify(entered.token)}`;
}

/** Each result, or what went wrong, in its place; up to the first failure, if that is asked for. */
async function oneByOne(session: Session, { statements, stopsOnError }: BatchRequest): Promise<string[]> {
  const results: string[] = [];
  for (const statement of statements) {
    try {
      results.push(`{${await result(session, statement)}}`);
    } catch (error) {
      results.push(JSON.stringify({ error: errorBody(asFailure(error)) }));
      if (stopsOnError) break;
    }
  }
  return results;
}

/** What would end the batch's one transaction before its time. */
const ENDS_TRANSACTION =
  /^\s*(?:(?:alter|create|drop|truncate|rename|begin|start|commit|rollback|lock|unlock|grant|revoke|analyze|optimize)\b|set\s+(?:@@)?(?:session\.|local\.)?autocommit)/i;

/** All or nothing, in one transaction. The failure names the statement. */
async function atomically(session: Session, { statements }: BatchRequest): Promise<string[]> {
  const wrong = statements.findIndex(({ sql }) => ENDS_TRANSACTION.test(sql));
  if (wrong >= 0) {
    throw failure('ER_BAD_PARAMETER', `statements[${wrong}] would end the transaction of an atomic batch`);
  }
  if (session.status.inTransaction)
    throw failure('ER_BAD_PARAMETER', 'atomic: the session is in a transaction already');
  await session.execute({ kind: 'sql', text: 'START TRANSACTION' });
  try {
    const results: string[] = [];
    for (const [index, statement] of statements.entries()) results.push(await atomicResult(session, statement, index));
    await session.execute({ kind: 'sql', text: 'COMMIT' });
    return results;
  } catch (error) {
    if (session.status.inTransaction) await session.execute({ kind: 'sql', text: 'ROLLBACK' });
    throw error;
  }
}

async function atomicResult(session: Session, statement: StatementRequest, index: number): Promise<string> {
  try {
    const members = await result(session, statement);
    // Past the pattern above, say behind a comment.
    if (!session.status.inTransaction) throw failure('ER_BAD_PARAMETER', 'it ended the transaction of an atomic batch');
    return `{${members}}`;
  } catch (error) {
    const { code, message } = asFailure(error);
    throw new SluiceError(code, `statements[${index}]: ${message}`);
  }
}

/** First line the fields, then a line for each row, last the tail or the error. Without a row limit: nothing is gathered here. */
async function streamRows(entered: StatementSession, response: ServerResponse, asked: SqlRequest): Promise<void> {
  const { session } = entered;
  const outcome = await run(session, asked, 0);
  beginLines(response);
  try {
    if (outcome.kind === 'rows' || outcome.kind === 'stream') {
      await sendLines(response, `{"fields":${fieldsJson(outcome.columns)}}\n`);
      const write = rowJsonWriter(outcome.columns, asked.shape);
      for await (const chunk of chunksOf(outcome)) {
        let lines = '';
        for (const row of chunk) lines += `${write(row)}\n`;
        // Leaving the loop leaves the iterator, which ends the reader's work.
        if (!(await sendLines(response, lines))) return;
      }
    } else {
      await sendLines(response, '{"fields":[]}\n');
    }
    response.end(`{${tailJson(outcome, await warningsOf(session, outcome))},${sessionMember(entered)}}\n`);
  } catch (error) {
    response.end(`${JSON.stringify({ error: errorBody(asFailure(error)) })}\n`);
  }
}
