/** What the source is to run for a statement: the text as it is sent, and the limits that hold for it. */
import type { BoundParameters, SourceConnection } from '../../stores/mysql/connection.ts';
import type { RowSink } from '../../stores/mysql/result-reply.ts';
import type { StatementHints } from '../protection/hints.ts';
import type { SourceSession } from './session.ts';
import { isReplaced, withSessionValues } from './session-functions.ts';
import type { SqlRequest } from './statement-values.ts';
import { type TokenFacts, withLimit } from './token-facts.ts';

export interface Job {
  readonly facts: TokenFacts;
  /** What hints say: true: it may be shared though it gives another answer each time; false: it runs by itself. */
  readonly consolidate?: boolean | null;
  readonly text: string;
  /** Of a prepared statement. */
  readonly bound: BoundParameters | null;
  /** 0: any number. */
  readonly maxRows: number;
  /** Its text says LIMIT maxRows + 1. */
  readonly isLimited: boolean;
  readonly maxBytes: number;
  /** 0: as long as it takes. */
  readonly timeoutMs: number;
  /** Who takes the rows as they come: made for the connection. */
  readonly sink: ((connection: SourceConnection) => RowSink) | null;
}

/** A prepared statement as it went to the source last: the same string each time, which is found faster. */
export interface SentText {
  sent: { readonly rows: number; readonly text: string } | null;
}

export interface AskedStatement {
  readonly text: string;
  readonly bound: BoundParameters | null;
  /** That were asked for with it. */
  readonly maxRows?: number | undefined;
  readonly hints: StatementHints;
  readonly prepared: SentText | null;
}

export function jobOf(session: SourceSession, facts: TokenFacts, asked: AskedStatement): Job {
  const { limits, state, client } = session;
  const { hints, bound } = asked;
  const isUnlimited = state.workload === 'olap' || facts.isDump || facts.kind !== 'select';
  const most = client.protocol === 'http' ? limits.httpMaxResultRows : limits.maxResultRows;
  const maxRows = hints.maxRows ?? asked.maxRows ?? (isUnlimited ? 0 : most);
  const isLimited = maxRows > 0 && facts.takesLimit;
  const takesLong = facts.kind === 'ddl' || facts.kind === 'other' || state.workload === 'olap' || facts.isDump;
  return {
    facts,
    consolidate: hints.consolidate,
    text: sentText(session, facts, asked, isLimited ? maxRows + 1 : null),
    bound,
    maxRows,
    isLimited,
    maxBytes: limits.maxResultBytes,
    timeoutMs: hints.maxExecutionTimeMs ?? (takesLong ? 0 : limits.queryTimeoutMs),
    sink: null,
  };
}

/** `rows`: for its LIMIT; null: it gets none. */
function sentText(
  { state, id }: SourceSession,
  { sessionFunctions }: TokenFacts,
  { text, prepared }: AskedStatement,
  rows: number | null,
): string {
  const replaces = sessionFunctions.size > 0 && [...sessionFunctions].some(isReplaced);
  const meant = replaces ? withSessionValues(text, state.syntax, { ...state, connectionId: id }) : text;
  if (rows === null) return meant;
  if (prepared?.sent?.rows === rows) return prepared.sent.text;
  const limited = withLimit(meant, rows, state.syntax);
  if (prepared !== null && !replaces) prepared.sent = { rows, text: limited };
  return limited;
}

/** Whether its rows are sent on as they come. */
export function streams({ facts, maxRows }: Job, request: SqlRequest): boolean {
  if (facts.kind !== 'select' || facts.verb === 'DO') return false;
  return maxRows === 0 || (request.kind === 'prepared' && request.cursor === true);
}
