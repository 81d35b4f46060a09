/**
 * The tree of keys: `GET/PUT/DELETE /v1/keys/{path}`, `GET /v1/keys?find=`, and operations by name: `POST /v1/keys` (one), `POST /v1/keys/batch` (many as one),
 * `POST /v1/keys/transaction`; `GET /v1/keys/watch?find=`. Values are in their JSON forms (keys/wire-json.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Outcome, Session } from '../../gate/request.ts';
import type { BatchCommand, BatchResult } from '../../keys/batch-plan.ts';
import type { KeyCommand } from '../../keys/command.ts';
import type { KeyEntry } from '../../keys/entries.ts';
import { checkType } from '../../keys/expected-type.ts';
import type { FoundPage } from '../../keys/find-plans.ts';
import type { PointerEnd } from '../../keys/pointers.ts';
import type { PutResult } from '../../keys/write-plans.ts';
import type { Authenticator } from './authentication.ts';
import type { EventStreams } from './event-streams.ts';
import { HttpFailure } from './failures.ts';
import { parseJson, readJsonObject } from './json-body.ts';
import { JsonMembers } from './json-members.ts';
import { conditionFailed, versionsDiffer } from './key-conditions.ts';
import { entryJson, keysOfPageJson, resultJson } from './key-json.ts';
import { findToStream, streamFind } from './key-lines.ts';
import { readOperation, storedValue } from './key-operations.ts';
import { etagOf, isKnownVersion, readFind, readGet, readMatch, readPutOptions } from './key-parameters.ts';
import { batchRequest, type KeyRequest, singleRequest } from './key-requests.ts';
import { isWatch, readWatch } from './key-watch.ts';
import { wantsLines } from './ndjson.ts';
import type { PooledRequests } from './pooled-request.ts';
import { readQuery } from './query-string.ts';
import { sendError, sendJson } from './respond.ts';
import type { Router, Routes } from './router.ts';
import type { StatementSession, StatementSessions } from './statement-sessions.ts';
import { UrlParameters } from './url-parameters.ts';
import { utf8Text } from './utf8-text.ts';

type Send = (response: ServerResponse, result: unknown) => void;

export class KeyRoutes implements Routes {
  readonly #requests: PooledRequests;
  readonly #sessions: StatementSessions;
  readonly #authenticator: Authenticator;
  readonly #streams: EventStreams;

  constructor(
    requests: PooledRequests,
    sessions: StatementSessions,
    authenticator: Authenticator,
    streams: EventStreams,
  ) {
    this.#streams = streams;
    this.#requests = requests;
    this.#sessions = sessions;
    this.#authenticator = authenticator;
  }

  addTo(router: Router): void {
    router.add('GET', '/v1/keys', (request, response) => this.find(request, response));
    router.add('POST', '/v1/keys', (request, response, body) => this.operation(request, response, body));
    router.add('POST', '/v1/keys/batch', (request, response, body) => this.batch(request, response, body));
    router.add('POST', '/v1/keys/transaction', (request, response, body) => this.transaction(request, response, body));
    router.add('GET', '/v1/keys/watch', (request, response) => this.watch(request, response));
    router.add('GET', '/v1/keys/{path}', (request, response, _body, key) => this.get(request, response, key));
    router.add('PUT', '/v1/keys/{path}', (request, response, body, key) => this.put(request, response, key, body));
    router.add('DELETE', '/v1/keys/{path}', (request, response, _body, key) => this.remove(request, response, key));
  }

  /** Never throws, as all here. */
  get(request: IncomingMessage, response: ServerResponse, key: string): void {
    attempt(response, () => {
      const { command, follows, type } = readGet(key, new UrlParameters(readQuery(request)));
      this.#run(request, response, command, (to, result) => {
        if (follows) sendEnd(to, result as PointerEnd, type);
        else sendEntry(request, to, key, result as KeyEntry | null, type);
      });
    });
  }

  /** Without `find` it is the key `watch` that is asked for. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    attempt(response, () => {
      const parameters = readQuery(request);
      if (!isWatch(parameters)) return this.get(request, response, 'watch');
      const subscribe = readWatch(request, parameters);
      this.#streams.open(request, response, this.#authenticator.authenticate(request), subscribe);
    });
  }

  put(request: IncomingMessage, response: ServerResponse, key: string, body: Buffer): void {
    attempt(response, () => {
      const options = readPutOptions(new UrlParameters(readQuery(request)), request);
      const value = storedValue(key, parseJson(utf8Text(body, 'body'), 'the body'));
      this.#run(request, response, { op: 'put', key, value, options }, (to, result) => {
        const { done, previous, version } = result as PutResult;
        if (!done) throw conditionFailed(key, previous);
        sendJson(to, previous === null ? 201 : 200, `{"previous":${entryJson(previous)},"version":${version}}`);
      });
    });
  }

  remove(request: IncomingMessage, response: ServerResponse, key: string): void {
    attempt(response, () => {
      new UrlParameters(readQuery(request)).end();
      const match = readMatch(request);
      const remove = { op: 'remove', key } as const;
      const send = (to: ServerResponse, previous: KeyEntry | null): void => {
        if (match === '*' && previous === null) throw conditionFailed(key, null);
        sendJson(to, 200, `{"previous":${entryJson(previous)}}`);
      };
      if (typeof match !== 'number') {
        this.#run(request, response, remove, (to, previous) => send(to, previous as KeyEntry | null));
        return;
      }
      const batch: BatchCommand = { op: 'batch', commands: [remove], atomic: 'all', expect: [{ key, version: match }] };
      this.#run(request, response, batch, (to, result) => {
        const { done, outcomes } = result as BatchResult;
        if (!done) throw versionsDiffer();
        send(to, (outcomes[0] as { value: KeyEntry | null }).value);
      });
    });
  }

  find(request: IncomingMessage, response: ServerResponse): void {
    attempt(response, () => {
      const asked = readFind(new UrlParameters(readQuery(request)));
      if (wantsLines(request)) {
        const toStream = findToStream(asked);
        this.#enter(request, response, undefined, ({ session }) =>
          streamFind(session, response, toStream, asked.keysOnly),
        );
        return;
      }
      const { command, keysOnly } = asked;
      const { command: limited, json } = singleRequest(command);
      this.#run(request, response, limited, (to, result) => {
        // The keys of a find that had to look at values.
        const withKeys = keysOnly && command.op === 'find';
        const text = json(result);
        if (command.op === 'count' || command.op === 'countKeys') sendJson(to, 200, `{"count":${text}}`);
        else sendJson(to, 200, withKeys ? keysOfPageJson(result as FoundPage) : text);
      });
    });
  }

  /** One operation. */
  operation(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    attempt(response, () => {
      const members = new JsonMembers(readJsonObject(body), '');
      const session = members.maybeText('session', "a session's token");
      const asked = singleRequest(readOperation(members));
      this.#answer(request, response, asked, (json) => `{"result":${json}}`, session);
    });
  }

  /** Many, in one transaction. With `atomic` the first failure undoes all, and is the answer; without it each has its own outcome. */
  batch(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    attempt(response, () => {
      const members = new JsonMembers(readJsonObject(body), '');
      const session = members.maybeText('session', "a session's token");
      const asked = batchRequest(members, members.maybeFlag('atomic') === true ? 'all' : 'each');
      members.end();
      this.#answer(request, response, asked, (json) => `{"results":${json}}`, session);
    });
  }

  /**
   * A transaction at once (without `session`), or step by step: `"session": true` begins one and tells its token, the token goes on with it, `end` commits or rolls
   * it back, and ends its session. The operations of a step are one: the first failure undoes the step, not the transaction.
   */
  transaction(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    attempt(response, () => {
      const members = new JsonMembers(readJsonObject(body), '');
      const session = readSession(members);
      const end = session === undefined ? undefined : readEnd(members);
      const asked = session === undefined || members.has('operations') ? batchRequest(members, 'all') : null;
      members.end();
      if (session === undefined) this.#answer(request, response, asked!, (json) => `{"results":${json}}`);
      else
        this.#enter(request, response, session, async (entered) => {
          const results = await this.#step(entered, session, asked, end);
          sendJson(
            response,
            200,
            `{"results":${results},"session":${end === undefined ? JSON.stringify(entered.token) : null}}`,
          );
        });
    });
  }

  async #step(
    { session, token }: StatementSession,
    asked: string | true,
    step: KeyRequest | null,
    end: End | undefined,
  ): Promise<string> {
    if (asked === true) await session.execute({ kind: 'sql', text: 'START TRANSACTION' });
    else if (!session.status.inTransaction && (step !== null || end !== 'rollback')) throw noTransaction();
    const results = step === null ? '[]' : step.json(await runIn(session, step.command));
    if (end === undefined) return results;
    try {
      await session.execute({ kind: 'sql', text: end.toUpperCase() });
    } finally {
      // Whatever became of it, it is over.
      if (token !== null) this.#sessions.kept.discard(token);
    }
    return results;
  }

  /** In the session with that token, or in a lent one. */
  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { command, json }: KeyRequest,
    form: (json: string) => string,
    token?: string,
  ): void {
    const send: Send = (to, result) => sendJson(to, 200, form(json(result)));
    if (token === undefined) this.#run(request, response, command, send);
    else this.#enter(request, response, token, async ({ session }) => send(response, await runIn(session, command)));
  }

  /** Answers at once where the gate does. */
  #run(request: IncomingMessage, response: ServerResponse, command: KeyCommand, send: Send): void {
    const identity = this.#authenticator.authenticate(request);
    this.#requests.answer({ kind: 'keys', command }, identity, response, (to, outcome) => send(to, resultOf(outcome)));
  }

  #enter(
    request: IncomingMessage,
    response: ServerResponse,
    session: string | true | undefined,
    work: (entered: StatementSession) => Promise<void>,
  ): void {
    const identity = this.#authenticator.authenticate(request);
    this.#sessions
      .enter({ session, database: undefined }, identity)
      .then((entered) => this.#sessions.within(entered, response, [], () => work(entered)))
      .catch((error: unknown) => sendError(response, error));
  }
}

type End = 'commit' | 'rollback';

function readSession(members: JsonMembers): string | true | undefined {
  const session = members.any('session');
  if (session === undefined || session === true || typeof session === 'string') return session;
  throw members.wrong('session is neither true nor the token of a session');
}

function readEnd(members: JsonMembers): End | undefined {
  const end = members.any('end');
  if (end === undefined || end === 'commit' || end === 'rollback') return end;
  throw members.wrong("end is neither 'commit' nor 'rollback'");
}

function noTransaction(): HttpFailure {
  const message = 'the session is in no transaction: it was ended, or lost, which an answer before has told';
  return new HttpFailure(409, 'HTTP_NO_TRANSACTION', message);
}

async function runIn(session: Session, command: KeyCommand): Promise<unknown> {
  return resultOf(await session.execute({ kind: 'keys', command }));
}

function resultOf(outcome: Outcome): unknown {
  if (outcome.kind !== 'keys') throw new TypeError(`a key command's outcome is '${outcome.kind}'`);
  return outcome.result;
}

function sendEnd(response: ServerResponse, end: PointerEnd, type: string | undefined): void {
  if (end.value !== null) checkType(end.key, end.value.type, type);
  sendJson(response, 200, resultJson({ op: 'getPointer', key: end.key, subKeys: [] }, end));
}

function sendEntry(
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
  entry: KeyEntry | null,
  type: string | undefined,
): void {
  if (entry === null) throw new HttpFailure(404, 'HTTP_NO_SUCH_KEY', `there is no key '${key}'`);
  checkType(key, entry.type, type);
  response.setHeader('etag', etagOf(entry.version));
  if (isKnownVersion(request, entry.version)) response.writeHead(304).end();
  else sendJson(response, 200, entryJson(entry));
}

function attempt(response: ServerResponse, work: () => void): void {
  try {
    work();
  } catch (error) {
    sendError(response, error);
  }
}
