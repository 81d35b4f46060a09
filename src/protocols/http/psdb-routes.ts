/**
 * `POST /psdb.v1alpha1.Database/Execute` and `/CreateSession`: what `@planetscale/database` speaks. A statement that fails is answered with status 200 and an
 * `error`, as there: only so does the driver take the session from the answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFailure, failure, SluiceError } from '../../errors.ts';
import type { Session } from '../../gate/request.ts';
import type { Authenticator, Identity } from './authentication.ts';
import { errorAnswer, HttpFailure } from './failures.ts';
import { readJsonObject } from './json-body.ts';
import { psdbError, psdbResult } from './psdb-result.ts';
import { NEW_PSDB_SESSION, type PsdbSession, psdbSessionJson, readPsdbSession } from './psdb-session.ts';
import { sendJson } from './respond.ts';
import type { Router, Routes } from './router.ts';
import { leavesNothing, type StatementSession, type StatementSessions } from './statement-sessions.ts';

/** Of unqualified names, until USE says otherwise: the driver has no place for a database's name. */
const DATABASE = 'main';
const BEGINS = /^\s*(?:begin|start\s+transaction)\b/i;
const ENDS = /^\s*(?:commit|rollback)(?:\s+work)?\s*;?\s*$/i;
/** Kept for the last statement only by a session that goes on. */
const ASKS_BACK = /found_rows|row_count|show\s+(?:warnings|errors|count)/i;

interface ExecuteRequest {
  readonly query: string;
  readonly session: PsdbSession;
}

export class PsdbRoutes implements Routes {
  readonly #sessions: StatementSessions;
  readonly #authenticator: Authenticator;

  constructor(sessions: StatementSessions, authenticator: Authenticator) {
    this.#sessions = sessions;
    this.#authenticator = authenticator;
  }

  addTo(router: Router): void {
    const base = '/psdb.v1alpha1.Database';
    router.add('POST', `${base}/Execute`, (request, response, body) => void this.execute(request, response, body));
    router.add('POST', `${base}/CreateSession`, (request, response) => this.createSession(request, response));
  }

  /** Never rejects. */
  async execute(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const began = performance.now();
    let asked: ExecuteRequest;
    let identity: Identity;
    try {
      identity = this.#authenticator.authenticate(request);
      asked = readExecute(body);
    } catch (error) {
      refuse(response, error);
      return;
    }
    let session = asked.session;
    let members: string;
    try {
      const answered = await this.#run(asked, identity, response);
      session = answered.session;
      members = `"result":${answered.result}`;
    } catch (error) {
      session = afterFailure(asked, error);
      members = `"error":${JSON.stringify(psdbError(asSluiceError(error)))}`;
    }
    const seconds = (performance.now() - began) / 1000;
    sendJson(response, 200, `{"session":${psdbSessionJson(session)},${members},"timing":${seconds.toFixed(6)}}`);
  }

  createSession(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#authenticator.authenticate(request);
      sendJson(response, 200, `{"session":${psdbSessionJson(NEW_PSDB_SESSION)}}`);
    } catch (error) {
      refuse(response, error);
    }
  }

  async #run(
    { query, session }: ExecuteRequest,
    identity: Identity,
    response: ServerResponse,
  ): Promise<{ result: string; session: PsdbSession }> {
    const keeps = session.token !== null || (!leavesNothing(query) && !ENDS.test(query));
    if (session.token === null && ASKS_BACK.test(query))
      throw failure('ER_NOT_SUPPORTED_YET', `${query.trim()} outside a transaction`);
    const entered = await this.#enter(session, keeps, identity);
    let result = '';
    let state = session;
    await this.#sessions.within(entered, response, [query], async () => {
      if (keeps && session.token === null) await takeOver(entered.session, session);
      const outcome = await entered.session.execute({ kind: 'sql', text: query });
      result = await psdbResult(outcome);
      state = stateAfter(query, session, entered);
      if (outcome.kind === 'ok' && outcome.insertId !== 0) state = { ...state, lastInsertId: String(outcome.insertId) };
    });
    if (entered.token !== null && state.token === null) this.#sessions.kept.discard(entered.token);
    return { result, session: state };
  }

  async #enter({ token }: PsdbSession, keeps: boolean, identity: Identity): Promise<StatementSession> {
    if (token !== null) return this.#sessions.enter({ session: token, database: undefined }, identity);
    const place = { session: keeps ? (true as const) : undefined };
    try {
      return await this.#sessions.enter({ ...place, database: DATABASE }, identity);
    } catch (error) {
      // It may have been dropped: then there is none until USE.
      if (!(error instanceof SluiceError) || error.code !== 'ER_BAD_DB_ERROR') throw error;
      return this.#sessions.enter({ ...place, database: undefined }, identity);
    }
  }
}

/** A session that is kept from now on goes on where the statements before it left off. */
async function takeOver(session: Session, { lastInsertId }: PsdbSession): Promise<void> {
  if (lastInsertId !== '0') await session.execute({ kind: 'sql', text: `SET last_insert_id = ${lastInsertId}` });
}

function stateAfter(query: string, before: PsdbSession, { session, token }: StatementSession): PsdbSession {
  const { inTransaction } = session.status;
  if (token === null) return before;
  const begins = BEGINS.test(query);
  const isPlain =
    (before.token === null ? begins : before.isPlain) && (begins || ENDS.test(query) || leavesNothing(query));
  if (isPlain && !inTransaction) return { ...before, token: null, inTransaction: false, isPlain: true };
  return { ...before, token, inTransaction, isPlain };
}

/**
 * A transaction that was lost stays lost until its client rolls it back: without it, the statements that follow would be done one by one. Other sessions that are
 * gone are told once.
 */
function afterFailure({ query, session }: ExecuteRequest, error: unknown): PsdbSession {
  if (!(error instanceof HttpFailure && error.code === 'HTTP_UNKNOWN_SESSION')) return session;
  const isOver = !session.inTransaction || ENDS.test(query);
  return isOver ? { ...session, token: null, inTransaction: false, isPlain: true } : session;
}

function asSluiceError(error: unknown): SluiceError {
  return error instanceof HttpFailure ? failure('SLUICE_SESSION_LOST', error.message) : asFailure(error);
}

function readExecute(body: Buffer): ExecuteRequest {
  const { query, session } = readJsonObject(body);
  if (typeof query !== 'string') throw failure('ER_BAD_PARAMETER', "query is missing: the statement's text");
  return { query, session: readPsdbSession(session) };
}

/** What is wrong with the request itself: with the status, and an `error` that the driver shows. */
function refuse(response: ServerResponse, error: unknown): void {
  const { status, json } = errorAnswer(error);
  const { message } = (JSON.parse(json) as { error: { message: string } }).error;
  const known = new SluiceError('ER_BAD_PARAMETER', message);
  const told = error instanceof SluiceError ? psdbError(error) : psdbError(known);
  if (!response.destroyed) sendJson(response, status, JSON.stringify({ error: told }));
}
