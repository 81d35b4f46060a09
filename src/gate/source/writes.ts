/**
 * Statements that change rows: annotated with the keys of the rows that they change, and never of more rows than max_dml_rows. One that does not name its
 * rows by key is run in two steps, in a transaction: which rows are these (locked thereby), then by their keys in batches.
 */
import { failure } from '../../errors.ts';
import { literalOf } from '../../sql/syntax/bind-text.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import type { ResultEnd, SourceAnswer } from '../../stores/mysql/result.ts';
import { textRows } from '../../stores/mysql/rows.ts';
import type { SourceTable } from '../../stores/mysql/schema.ts';
import { backquoted } from '../../util/backquoted.ts';
import { decodeRawText } from '../../util/raw-text.ts';
import {
  annotation,
  changedKeys,
  hasPlainKey,
  insertedKeys,
  type KeyRow,
  keyCondition,
  mostRows,
  namedKeys,
  typeOf,
} from './annotation.ts';
import { type BoundValue, boundValues, type LiteralOptions, spelledText, withBoundKeys } from './bound-values.ts';
import { type ChangeText, dmlText, type InsertText, type KeyValue } from './dml-text.ts';
import { inLine } from './hot-rows.ts';
import type { Job } from './job.ts';
import type { SourceSession } from './session.ts';
import type { SessionState } from './session-state.ts';

const BATCH_ROWS = 500;

/** How often which way was taken; what passed unannotated by why. */
export interface WriteStatistics {
  annotated: number;
  bySubquery: number;
  readonly unannotated: Record<string, number>;
}

export function writeStatistics(): WriteStatistics {
  return { annotated: 0, bySubquery: 0, unannotated: {} };
}

/** A statement that can be annotated, with all that the ways of doing so need. */
interface Write<Dml> {
  readonly session: SourceSession;
  readonly job: Job;
  readonly dml: Dml;
  readonly table: SourceTable;
  /** Of a prepared statement. */
  readonly values: readonly BoundValue[] | null;
}

export async function runWrite(session: SourceSession, job: Job): Promise<SourceAnswer> {
  const { limits, state, gate } = session;
  const maxRows = state.workload === 'olap' ? 0 : limits.maxDmlRows;
  const { facts } = job;
  if (facts.verb === 'LOAD' || facts.verb === 'SELECT') return session.lane.run(job);
  const dml = dmlText(job.text, state.syntax);
  const table = dml === null ? undefined : gate.source.schema.table(dml.database ?? state.database ?? '', dml.table);
  // A table made elsewhere, unless it is a temporary one of the session.
  if (dml !== null && table === undefined && session.lane.pins.isEmpty) gate.source.schemaMayHaveChanged();
  const isPlain = facts.assigned.length === 0 && !facts.readsUserVariables && !facts.callsUnknown;
  if (dml === null || table === undefined || !hasPlainKey(table) || !isPlain)
    return unannotated(
      session,
      job,
      dml === null ? 'form' : table === undefined ? 'table' : isPlain ? 'key' : 'functions',
      maxRows,
    );
  const values = job.bound === null ? null : boundValues(job.bound, dml.parameterCount, literalOptions(state));
  if (job.bound !== null && values === null) return unannotated(session, job, 'values', maxRows);
  const write = { session, job, table, values };
  const known = values === null ? dml : withBoundKeys(dml, values);
  return known.kind === 'insert' ? insert({ ...write, dml: known }) : change({ ...write, dml: known }, maxRows);
}

function literalOptions({ syntax, settings }: SessionState): LiteralOptions {
  return { syntax, isUtf8mb4: settings.text.key.includes('NAMES utf8mb4') };
}

function insert(write: Write<InsertText>): Promise<SourceAnswer> {
  const { session, job, dml, table } = write;
  const keys = insertedKeys(dml, table, session.state.isStrict);
  return keys === null ? unannotated(session, job, 'values', 0) : annotated(write, annotation(table, keys));
}

async function change(write: Write<ChangeText>, maxRows: number): Promise<SourceAnswer> {
  const { session, job, dml, table } = write;
  const bound = mostRows(dml, table);
  const most = bound !== null && (maxRows === 0 || bound <= maxRows) ? 0 : maxRows;
  const keys = namedKeys(dml, table);
  const newKeys = keys === null ? null : changedKeys(dml, table, keys, session.state.isStrict);
  if (keys !== null && newKeys !== null && most === 0) {
    const text = annotation(table, keys, newKeys);
    const [key] = keys;
    if (keys.length > 1 || key === undefined) return annotated(write, text);
    const row = [table.database, table.name, ...key.map((value) => value.text)].join('\u0000');
    return inLine(session, { key: row, table: table.name }, job, () => annotated(write, text));
  }
  const changesKey = table.primaryKey.some((name) => dml.sets.has(name.toLowerCase()));
  if (changesKey || session.limits.annotate === 0)
    return unannotated(session, job, changesKey ? 'new keys' : 'off', most);
  const spelled = spelledOut(write);
  return spelled === null
    ? unannotated(session, job, 'values', most)
    : bySubquery(session, spelled.job, spelled.dml, table, maxRows);
}

/** A prepared statement as a text, of which the parts can be run by themselves; null where that is not exactly the same. */
function spelledOut({ session, job, dml, values }: Write<ChangeText>): { job: Job; dml: ChangeText } | null {
  if (job.bound === null || values === null) return { job, dml };
  const { state } = session;
  const text = spelledText(job.text, job.bound, values, literalOptions(state));
  const spelled = text === null ? null : dmlText(text, state.syntax);
  if (text === null || spelled === null || spelled.kind === 'insert') return null;
  return { job: { ...job, text, bound: null }, dml: spelled };
}

/** Its values are written into a prepared statement's text; where that is not exactly the same, this text is prepared for the one time. */
function annotated({ session, job, dml, values }: Write<InsertText | ChangeText>, note: string): Promise<SourceAnswer> {
  if (session.limits.annotate === 0) return session.lane.run(job);
  session.gate.writes.annotated++;
  const text = `${job.text.slice(0, dml.end)}${note}${job.text.slice(dml.end)}`;
  const spelled =
    job.bound === null || values === null ? null : spelledText(text, job.bound, values, literalOptions(session.state));
  return session.lane.run(spelled === null ? { ...job, text } : { ...job, text: spelled, bound: null });
}

/** `maxRows`: 0 where it cannot change more than are allowed. */
async function unannotated(session: SourceSession, job: Job, why: string, maxRows: number): Promise<SourceAnswer> {
  const { unannotated: counts } = session.gate.writes;
  if (session.limits.annotate === 1) counts[why] = (counts[why] ?? 0) + 1;
  const takesRows = job.facts.verb === 'UPDATE' || job.facts.verb === 'DELETE' || job.facts.tables.length > 1;
  if (maxRows === 0 || !takesRows) return session.lane.run(job);
  return atomically(session, async () => {
    const answer = await session.lane.run(job);
    const changed = answer.results.at(-1)?.end.affectedRows ?? 0;
    if (changed > maxRows) throw failure('SLUICE_DML_ROW_LIMIT', maxRows);
    return answer;
  });
}

async function bySubquery(
  session: SourceSession,
  job: Job,
  dml: ChangeText,
  table: SourceTable,
  maxRows: number,
): Promise<SourceAnswer> {
  session.gate.writes.bySubquery++;
  const names = table.primaryKey.map(backquoted).join(', ');
  const where = dml.where === null ? '' : ` WHERE ${dml.where}`;
  const limit = dml.limit === '' && maxRows > 0 ? `LIMIT ${maxRows + 1}` : dml.limit;
  const select = `SELECT ${names} FROM ${dml.reference}${where} ${dml.order} ${limit} FOR UPDATE`;
  return atomically(session, async () => {
    const found = await session.lane.run({ ...job, ...LOCKING, text: select });
    // What a read warns of may be an error of a write, or a warning in other words.
    if ((found.results.at(-1)?.end.warnings ?? 0) > 0) return unannotated(session, job, 'warnings', maxRows);
    const keys = keysOf(found, table, session.state.syntax);
    if (maxRows > 0 && keys.length > maxRows) throw failure('SLUICE_DML_ROW_LIMIT', maxRows);
    const ends: ResultEnd[] = [];
    let status = found.results.at(-1)?.end.status ?? 0;
    for (let at = 0; at < keys.length; at += BATCH_ROWS) {
      const batch = keys.slice(at, at + BATCH_ROWS);
      const set = dml.kind === 'update' ? ` SET ${dml.assignments}` : '';
      const text = `${dml.head}${dml.reference}${set} WHERE ${keyCondition(table, batch)} ${dml.order}`;
      const answer = await session.lane.run({ ...job, text: text.trimEnd() + annotation(table, batch) });
      session.gate.writes.annotated++;
      const end = answer.results.at(-1)?.end;
      if (end !== undefined) {
        ends.push(end);
        status = end.status;
      }
    }
    return joined(dml, ends, status);
  });
}

/** A read that takes locks: it is not repeated, and its rows are counted by who asked. */
const LOCKING = { maxRows: 0, isLimited: false } as const;

/** All or nothing: in a transaction of its own, or, within the client's, up to a savepoint. */
async function atomically(session: SourceSession, work: () => Promise<SourceAnswer>): Promise<SourceAnswer> {
  const { lane, state } = session;
  const isOwn = state.autocommit && !lane.inTransaction;
  await command(session, isOwn ? 'BEGIN' : 'SAVEPOINT sluice_dml');
  let answer: SourceAnswer;
  try {
    answer = await work();
  } catch (error) {
    // What has ended the transaction (a deadlock, a lost connection) has rolled it back.
    if (lane.inTransaction) await command(session, isOwn ? 'ROLLBACK' : 'ROLLBACK TO SAVEPOINT sluice_dml');
    throw error;
  }
  const { warnings } = state;
  const ended = await command(session, isOwn ? 'COMMIT' : 'RELEASE SAVEPOINT sluice_dml');
  state.warnings = warnings;
  const status = ended.results.at(-1)?.end.status;
  const results = answer.results.map((result) => ({
    ...result,
    end: { ...result.end, status: status ?? result.end.status },
  }));
  state.rowCount = results.at(-1)?.end.affectedRows ?? 0;
  return { ...answer, results };
}

function command({ lane, gate, state }: SourceSession, text: string): Promise<SourceAnswer> {
  const { facts } = gate.plans.find(text, state.syntax);
  const none = { bound: null, maxRows: 0, isLimited: false, maxBytes: Number.MAX_SAFE_INTEGER, sink: null };
  return lane.run({ facts, text, timeoutMs: gate.limits.queryTimeoutMs, ...none });
}

function keysOf({ results: [result] }: SourceAnswer, table: SourceTable, syntax: SyntaxOptions): KeyRow[] {
  if (result === undefined) return [];
  const kinds = table.primaryKey.map((name) => typeOf(table, name) ?? 'string');
  return Array.from(textRows(result.rows, result.columnCount), (row) =>
    row.map((value, i) => keyValue(value, kinds[i] ?? 'string', syntax)),
  );
}

function keyValue(value: Buffer | null, kind: 'number' | 'string', syntax: SyntaxOptions): KeyValue {
  const text = value === null ? '' : decodeRawText(value);
  if (kind === 'number') return { sql: text, kind, text };
  return { sql: literalOf({ type: { kind }, value: text }, syntax), kind, text };
}

/** As the source would have answered for all at once. */
function joined({ kind }: ChangeText, ends: readonly ResultEnd[], status: number): SourceAnswer {
  const sum = (of: (end: ResultEnd) => number): number => ends.reduce((total, end) => total + of(end), 0);
  const matched = sum(({ info }) => Number(/^Rows matched: (\d+)/.exec(info)?.[1] ?? 0));
  const affectedRows = sum((end) => end.affectedRows);
  const warnings = sum((end) => end.warnings);
  const info = kind === 'update' ? `Rows matched: ${matched}  Changed: ${affectedRows}  Warnings: ${warnings}` : '';
  const end: ResultEnd = { affectedRows, insertId: 0, status, warnings, info };
  return { results: [{ columnCount: 0, columns: [], rows: [], rowCount: 0, end }], failure: null, bytes: 0 };
}
