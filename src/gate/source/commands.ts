/** Statements about the session, answered here: SET, USE, KILL, SHOW PROCESSLIST, SHOW WARNINGS, and the end of a transaction that is none. */
import { failure, SourceError } from '../../errors.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import { matchesLike } from '../../sql/show/like.ts';
import { fingerprint } from '../../sql/syntax/fingerprint.ts';
import { givenValue } from '../../sql/variables/given-value.ts';
import type { GivenValue, VariableValue } from '../../sql/variables/variable.ts';
import { wrongValue } from '../../sql/variables/variable-failures.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { BoundParameters, SourceConnection } from '../../stores/mysql/connection.ts';
import { columnDefinitions, textTable } from '../../stores/mysql/rows.ts';
import { NAMES } from '../../stores/mysql/settings.ts';
import { FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import { OK, plainColumn, rowsOutcome } from '../outcomes.ts';
import type { Outcome } from '../request.ts';
import { outcomeOf } from './answer-outcome.ts';
import { checkDatabase } from './rights.ts';
import type { SourceSession } from './session.ts';
import { checkCharacterSet, checkClientCharacterSet } from './session-state.ts';
import { checkKill, checkSet, showOwn, visibleProcesses } from './session-statements.ts';
import { type Assignment, assignmentsOf } from './set-statement.ts';
import type { SourceSetting } from './source-options.ts';
import type { TokenFacts } from './token-facts.ts';

/** null: it is for the source. */
export function runLocally(
  session: SourceSession,
  facts: TokenFacts,
  text: string,
  bound: BoundParameters | null,
): Outcome | Promise<Outcome> | null {
  switch (facts.kind) {
    case 'use':
      if (facts.name === null) return null;
      return useDatabase(session, facts.name).then(() => OK);
    case 'set':
      return bound !== null && bound.bytes.length > 0 ? setPrepared(facts, text) : set(session, facts, text);
    case 'kill':
      return kill(session, text);
    case 'processlist':
      return processList(session, /\bfull\b/i.test(text));
    case 'warnings':
      return warnings(session, text);
    case 'show':
      return OWN_VARIABLES.test(text) ? ownVariables(session, text) : showOwn(session, text);
    case 'select':
      return facts.touchesTables ? null : selectOwn(session, text);
    case 'commit':
    case 'rollback':
      // Nothing is open that it could end; AND CHAIN begins one.
      return session.lane.isHeld || /\bchain\b/i.test(text) ? null : OK;
    case 'other':
      if (facts.verb === 'GET' && !session.lane.isHeld)
        throw failure('ER_NOT_SUPPORTED_YET', 'GET DIAGNOSTICS outside of a transaction');
      return null;
    default:
      return null;
  }
}

/** Throws 1044, 1049. Names that are not known are asked for. */
export async function useDatabase(session: SourceSession, name: string): Promise<void> {
  checkDatabase(session, name);
  const { source } = session.gate;
  const { state, lane } = session;
  if (lane.isHeld || !source.schema.hasDatabase(name)) {
    const facts = session.gate.plans.find('DO 1', state.syntax).facts;
    await lane.with(facts, async (connection) => {
      await connection.useDatabase(name);
      connection.database = name;
    });
    if (!source.schema.hasDatabase(name)) source.schemaChanged();
  }
  state.database = name;
}

function setPrepared(facts: TokenFacts, text: string): Outcome {
  throw failure('ER_NOT_SUPPORTED_YET', `${facts.verb} with parameters (${text.slice(0, 40)})`);
}

/** A connection with one of these must be the session's own: it cannot be brought into that state again. */
const ONCE = new Set(['insert_id', 'rand_seed1', 'rand_seed2', 'gtid_next', 'pseudo_slave_mode', 'pseudo_thread_id']);

function set(session: SourceSession, facts: TokenFacts, text: string): Promise<Outcome> | Outcome | null {
  const { state, lane } = session;
  const assignments = assignmentsOf(text, state.syntax);
  checkSet(session, assignments);
  if (assignments === null) {
    if (/^\s*set\s+(?:default\s+)?role\b/i.test(text)) lane.pins.add('SET ROLE');
    return null;
  }
  const own = assignments.filter(isOwn);
  if (own.length > 0) {
    if (own.length < assignments.length)
      throw failure('ER_NOT_SUPPORTED_YET', `SET of ${own[0]?.name} and of the source's variables in one statement`);
    setOwn(session, own);
    return OK;
  }
  for (const assignment of assignments) {
    if (/^names$|^character/.test(assignment.name)) checkCharacterSet(assignment.value);
    if (assignment.name === 'character_set_client' && !isSavedCharacterSet(assignment, assignments))
      checkClientCharacterSet(assignment.value);
    if (ONCE.has(assignment.name)) lane.pins.add(`SET ${assignment.name}`);
  }
  const [first] = assignments;
  if (assignments.length === 1 && first?.scope === 'next' && !lane.inTransaction) {
    checkTransaction(first.value);
    state.nextTransaction = first.value;
    return OK;
  }
  // User variables live on a connection; run() sees to that.
  if (assignments.every(({ scope }) => scope === 'user' || scope === 'global')) return null;
  return setOnSource(session, facts, text, assignments);
}

function isOwn({ name, scope }: Assignment): boolean {
  return name === 'workload' || (name.startsWith('sluice_') && scope !== 'user');
}

/** All of them or none. */
function setOwn({ state, gate }: SourceSession, assignments: readonly Assignment[]): void {
  const settings: SourceSetting[] = [];
  let workload: SourceSession['state']['workload'] | null = null;
  for (const { name, value, scope } of assignments) {
    if (name === 'workload') workload = workloadOf(value);
    else
      settings.push({
        name,
        scope: scope === 'global' ? 'global' : 'session',
        given: /^default$/i.test(value) ? 'default' : { value: givenOf(name, value) },
      });
  }
  if (settings.length > 0) {
    state.limits ??= {};
    gate.variables.set(settings, state.limits);
  }
  if (workload !== null) state.workload = workload;
}

/** `default` is OLTP. Throws 1231. */
function workloadOf(value: string): SourceSession['state']['workload'] {
  const workload = value.replaceAll(/^['"]|['"]$/g, '').toLowerCase();
  if (workload === 'olap') return 'olap';
  if (workload === 'oltp' || workload === 'default' || workload === 'unspecified') return 'oltp';
  throw failure('ER_WRONG_VALUE_FOR_VAR', 'workload', value);
}

const WORDS: Readonly<Record<string, VariableValue>> = { TRUE: 1, FALSE: 0, NULL: null };

/** A literal, or a word such as ON. Throws 1231 for what only the source could work out. */
function givenOf(name: string, text: string): GivenValue {
  const { fingerprint: shape, slots } = fingerprint(text);
  const [slot] = slots;
  if (shape === '?' && slot !== undefined && !('parameter' in slot)) return givenValue(slot);
  if (/^[+-]\s*\d{1,15}$/.test(text)) return Number(text.replace(/\s+/, ''));
  const word = text.toUpperCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word] ?? null;
  if (/^\w+$/.test(text)) return text;
  throw wrongValue(name, text);
}

const TRANSACTION =
  /^TRANSACTION\s+(?:(?:ISOLATION\s+LEVEL\s+(?:REPEATABLE\s+READ|READ\s+COMMITTED|READ\s+UNCOMMITTED|SERIALIZABLE)|READ\s+(?:ONLY|WRITE))\s*,?\s*)+$/i;

/** It is not sent before the next transaction begins, whose client would then be told of a mistake in it. */
function checkTransaction(value: string): void {
  if (!TRANSACTION.test(value)) throw failure('ER_PARSE_ERROR', value.slice(0, 80), 1);
}

/** Runs it, and notes what it has set, so that other connections can be brought into the same state. */
async function setOnSource(
  session: SourceSession,
  facts: TokenFacts,
  text: string,
  assignments: readonly Assignment[],
): Promise<Outcome> {
  const { state, lane } = session;
  const setsMode = assignments.some(({ scope, name }) => scope === 'session' && name === 'sql_mode');
  const answer = await lane.with(facts, async (connection) => {
    // Should it fail half-way, nobody knows the mode of a connection that the session keeps.
    if (setsMode) state.isModeKnown = !lane.isHeld;
    await checkSavedCharacterSets(connection, assignments);
    const answered = await connection.query(text);
    lane.noteStatus(answered);
    await note(session, assignments, connection);
    connection.settings = state.settings.text.key;
    state.isModeKnown = true;
    return answered;
  });
  state.rowCount = 0;
  state.warnings = [];
  return outcomeOf(answer, session.client);
}

/** As dumps put back what they have saved. What the variable holds is asked first, so the statement must not give it a value itself. */
function isSavedCharacterSet({ name, value }: Assignment, assignments: readonly Assignment[]): boolean {
  return (
    name === 'character_set_client' && /^@[\w$.]+$/.test(value) && assignments.every(({ scope }) => scope !== 'user')
  );
}

async function checkSavedCharacterSets(
  connection: SourceConnection,
  assignments: readonly Assignment[],
): Promise<void> {
  for (const assignment of assignments) {
    if (!isSavedCharacterSet(assignment, assignments)) continue;
    const { results } = await connection.query(`SELECT ${assignment.value}`);
    const saved = results[0] === undefined ? null : textTable(results[0])[0]?.[0];
    checkClientCharacterSet(saved ?? 'NULL');
    checkCharacterSet(saved ?? '');
  }
}

async function note(
  { state }: SourceSession,
  assignments: readonly Assignment[],
  connection: SourceConnection,
): Promise<void> {
  const { settings } = state;
  const asked = assignments.filter(
    ({ scope, isConstant, name }) => scope === 'session' && (!isConstant || name === 'sql_mode') && !isUnkept(name),
  );
  const values = asked.length === 0 ? [] : await valuesOf(connection, asked);
  const byName = new Map(asked.map(({ name }, i) => [name, values[i]]));
  for (const { scope, name, value } of assignments) {
    if (scope === 'names') settings.set(NAMES, value);
    if (scope !== 'session') continue;
    if (name === 'last_insert_id' || name === 'identity') {
      state.lastInsertId = BigInt(byName.get(name) ?? (/^\d+$/.test(value) ? value : 0));
      continue;
    }
    if (ONCE.has(name)) continue;
    if (name === 'transaction') {
      noteTransaction(state, value);
      continue;
    }
    const current = byName.get(name) ?? value;
    if (name === 'sql_mode') state.sqlMode = current.replaceAll("'", '');
    // A mode is always said: statements must be read as they are run.
    if (/^default$/i.test(value) && name !== 'sql_mode') settings.delete(name);
    else settings.set(name, `${name} = ${current}`);
  }
}

/** SET SESSION TRANSACTION, as variables: one SET brings a connection into all of a session's settings. */
function noteTransaction({ settings }: SourceSession['state'], value: string): void {
  const level = /ISOLATION\s+LEVEL\s+(REPEATABLE\s+READ|READ\s+COMMITTED|READ\s+UNCOMMITTED|SERIALIZABLE)/i.exec(value);
  if (level !== null)
    settings.set('tx_isolation', `tx_isolation = '${(level[1] as string).replace(/\s+/, '-').toUpperCase()}'`);
  const access = /READ\s+(ONLY|WRITE)\b/i.exec(value);
  if (access !== null) settings.set('tx_read_only', `tx_read_only = ${/only/i.test(access[1] as string) ? 1 : 0}`);
}

function isUnkept(name: string): boolean {
  return ONCE.has(name) || name === 'transaction';
}

/** As literals. */
async function valuesOf(connection: SourceConnection, assignments: readonly Assignment[]): Promise<string[]> {
  const { results } = await connection.query(`SELECT ${assignments.map(({ name }) => `@@session.${name}`).join(', ')}`);
  const [result] = results;
  if (result === undefined) throw new Error('the source did not say what a variable is');
  const columns = columnDefinitions(result);
  const [row = []] = textTable(result);
  return row.map((value, i) => {
    if (value === null) return 'NULL';
    const type = columns[i]?.type ?? FIELD_TYPE.VAR_STRING;
    const isNumber = type <= FIELD_TYPE.INT24 || type === FIELD_TYPE.NEWDECIMAL;
    // A connection is brought into a session's settings in its default mode, in which a backslash escapes.
    return isNumber ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  });
}

function kill(session: SourceSession, text: string): Outcome {
  const match = /^\s*kill\s+(?:(?:hard|soft)\s+)?(connection\s+|query\s+)?(\d+)\s*;?\s*$/i.exec(text);
  if (match === null) throw failure('ER_NOT_SUPPORTED_YET', 'KILL of anything but a number');
  const id = Number(match[2]);
  const what = /^query/i.test(match[1] ?? '') ? 'query' : 'connection';
  checkKill(session, id);
  if (!session.gate.kill(id, what)) throw failure('ER_NO_SUCH_THREAD', id);
  return OK;
}

const NAME: ColumnType = { name: 'varchar', length: 64 };
const NUMBER: ColumnType = { name: 'bigint', length: 20 };
const TEXT: ColumnType = { name: 'longtext' };
const PROCESS_COLUMNS: readonly ResultColumn[] = [
  plainColumn('Id', NUMBER, false),
  plainColumn('User', NAME, false),
  plainColumn('Host', NAME, false),
  plainColumn('db', NAME, true),
  plainColumn('Command', NAME, false),
  plainColumn('Time', NUMBER, false),
  plainColumn('State', NAME, true),
  plainColumn('Info', TEXT, true),
];
const SHOWN_CHARS = 100;

function processList(session: SourceSession, full: boolean): Outcome {
  const rows = visibleProcesses(session).map((process) => {
    const info = full ? process.info : (process.info?.slice(0, SHOWN_CHARS) ?? null);
    return [
      process.id,
      process.user,
      process.host,
      process.database,
      process.command,
      process.seconds,
      process.state,
      info,
    ];
  });
  return rowsOutcome(PROCESS_COLUMNS, rows);
}

const VARIABLE_COLUMNS: readonly ResultColumn[] = [
  plainColumn('Variable_name', NAME, false),
  plainColumn('Value', { name: 'varchar', length: 2048 }, false),
];

/** SHOW VARIABLES of names that are Sluice's. */
const OWN_VARIABLES =
  /^\s*show\s+(?:(global)\s+|session\s+|local\s+)?variables\s+(?:like|where\s+`?variable_name`?\s*(?:=|like))\s*(['"])(%?sluice[^'"]*)\2\s*;?\s*$/i;

function ownVariables({ gate, limits }: SourceSession, text: string): Outcome {
  const [, global, , pattern = ''] = OWN_VARIABLES.exec(text) ?? [];
  const shown = gate.variables.list(global === undefined ? limits : gate.limits);
  return rowsOutcome(
    VARIABLE_COLUMNS,
    shown.filter(([name]) => matchesLike(name, pattern)),
  );
}

/** One of them, with another name if that is asked. */
const OWN_SELECT =
  /^\s*select\s+(@@(?:(global)\.|session\.|local\.)?(sluice_\w+))(?:\s+(?:as\s+)?`?(\w+)`?)?\s*;?\s*$/i;

/** `SELECT @@sluice_max_dml_rows`; null: it is for the source. */
function selectOwn({ gate, limits }: SourceSession, text: string): Outcome | null {
  const found = OWN_SELECT.exec(text);
  if (found === null) return null;
  const [, asked = '', global, name = '', as] = found;
  const value = gate.variables.value(name, global === undefined ? limits : gate.limits);
  return rowsOutcome([plainColumn(as ?? asked, typeof value === 'number' ? NUMBER : NAME, true)], [[value]]);
}

const WARNING_COLUMNS: readonly ResultColumn[] = [
  plainColumn('Level', { name: 'varchar', length: 7 }, false),
  plainColumn('Code', { name: 'int', unsigned: true }, false),
  plainColumn('Message', { name: 'varchar', length: 512 }, false),
];

function warnings({ state }: SourceSession, text: string): Outcome {
  const onlyErrors = /\berrors\b/i.test(text);
  const shown = state.warnings.filter(({ level }) => !onlyErrors || level === 'Error');
  if (/\bcount\s*\(/i.test(text)) {
    const name = onlyErrors ? '@@session.error_count' : '@@session.warning_count';
    return rowsOutcome([plainColumn(name, NUMBER, false)], [[shown.length]]);
  }
  const limit = /\blimit\s+(?:(\d+)\s*,\s*)?(\d+)/i.exec(text);
  const from = Number(limit?.[1] ?? 0);
  const rows = shown.slice(from, limit === null ? undefined : from + Number(limit[2]));
  return rowsOutcome(
    WARNING_COLUMNS,
    rows.map(({ level, errno, message }) => [level, errno, message]),
  );
}

/** Errors after which what is known of the schema may be wrong. */
export function showsSchemaChange(error: unknown): boolean {
  return error instanceof SourceError && [1049, 1051, 1054, 1072, 1091, 1109, 1136, 1146, 1412].includes(error.errno);
}
