/** Statements that the session does by itself: transactions, SET, SHOW, USE, KILL, PREPARE. One function a statement. */
import { failure } from '../errors.ts';
import type { Expression, ShowAst, Statement } from '../sql/ast.ts';
import { slotOf } from '../sql/functions/conversions.ts';
import { readStatement } from '../sql/planner/plan.ts';
import { planExpression, planVirtual } from '../sql/planner/planner.ts';
import { showTable } from '../sql/show/show.ts';
import { describeTable } from '../sql/show/show-schema.ts';
import type { SlotValue } from '../sql/slots.ts';
import { fingerprint } from '../sql/syntax/fingerprint.ts';
import { slotText } from '../sql/values/convert.ts';
import { givenValue } from '../sql/variables/given-value.ts';
import { findTimeZone } from '../sql/variables/time-zone.ts';
import type { GivenValue, PendingValue } from '../sql/variables/variable.ts';
import type { VirtualTable } from '../sql/virtual-table.ts';
import { runAccountStatement, showGrants } from './accounts/account-statements.ts';
import { explain } from './explain.ts';
import { OK, ok, plainColumn, rowsOutcome } from './outcomes.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';
import type { StatementSlots } from './statement-text.ts';
import { executeStatement } from './statements.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

export function runCommand(
  session: GateSession,
  statement: Statement,
  filled: StatementSlots,
): Outcome | Promise<Outcome> {
  switch (statement.kind) {
    case 'begin':
      return begin(session, statement);
    case 'commit':
      return endTransaction(session, 'commit', statement.chain);
    case 'rollback':
      return endTransaction(session, 'rollback', statement.chain);
    case 'savepoint':
    case 'rollback-to':
    case 'release-savepoint':
      return savepoint(session, statement);
    case 'set':
      return set(session, statement, filled);
    case 'set-names':
      session.variables.setNames(statement.charset, statement.collation);
      return OK;
    case 'set-transaction':
      return setTransaction(session, statement);
    case 'use':
      session.useDatabase(statement.database);
      return OK;
    case 'create-user':
    case 'alter-user':
    case 'drop-user':
    case 'grant':
      return runAccountStatement(session, statement);
    case 'show':
      if (statement.what === 'grants') return showGrants(session, statement.rest);
      return show(session, statement, filled);
    case 'describe':
      return answer(session, describeTable(statement, session.plans.executionOf(filled.slots)), filled);
    case 'explain':
      return explain(session, statement, filled);
    case 'kill':
      return kill(session, statement, filled);
    case 'do':
      for (const expression of statement.expressions) evaluate(session, expression, filled);
      return OK;
    case 'prepare':
      return prepare(session, statement, filled);
    case 'execute':
      return execute(session, statement);
    case 'deallocate':
      if (!session.namedStatements.delete(statement.name.toLowerCase()))
        throw failure('ER_UNKNOWN_STMT_HANDLER', statement.name, 'DEALLOCATE PREPARE');
      return OK;
    case 'unlock-tables':
    case 'flush':
      return OK;
    case 'table-maintenance':
      return maintenance(session, statement);
    case 'lock-tables':
      throw failure('ER_NOT_SUPPORTED_YET', 'LOCK TABLES');
    default:
      throw failure('ER_NOT_SUPPORTED_YET', statement.kind);
  }
}

async function begin(session: GateSession, statement: Of<'begin'>): Promise<Outcome> {
  // BEGIN commits an open transaction, as in MySQL.
  await session.transactions.end('commit');
  await session.transactions.reserve();
  session.transactions.begin({
    ...(statement.readOnly !== undefined && { readOnly: statement.readOnly }),
    snapshot: statement.consistentSnapshot,
  });
  return OK;
}

async function endTransaction(session: GateSession, how: 'commit' | 'rollback', chain: boolean): Promise<Outcome> {
  const readOnly = session.transaction?.options.readOnly ?? false;
  await session.transactions.end(how);
  if (!chain) return OK;
  await session.transactions.reserve();
  session.transactions.begin({ readOnly });
  return OK;
}

const SAVEPOINT_KINDS = {
  savepoint: 'savepoint',
  'rollback-to': 'rollback-to',
  'release-savepoint': 'release',
} as const;

async function savepoint(
  session: GateSession,
  statement: Of<'savepoint' | 'rollback-to' | 'release-savepoint'>,
): Promise<Outcome> {
  const transaction = session.currentTransaction();
  if (transaction === null) {
    // Outside of a transaction a savepoint is gone as soon as it is set.
    if (statement.kind !== 'savepoint') throw failure('ER_SP_DOES_NOT_EXIST', 'SAVEPOINT', statement.name);
    return OK;
  }
  await transaction.savepoint({ kind: SAVEPOINT_KINDS[statement.kind], name: statement.name });
  return OK;
}

/** An expression's value now. Tables may be read (SET @a = (SELECT ...)): such reads run inline only when they are short. */
export function evaluate(session: GateSession, expression: Expression, filled: StatementSlots): SlotValue {
  const plan = session.plans.unlessHidden(expression, () => planExpression(expression, session.plans.input(filled)));
  session.checkReads(plan.tables);
  if (!plan.light) throw failure('ER_NOT_SUPPORTED_YET', 'a subquery in this statement');
  const rows = session.gate.store.readInline(readStatement(plan, session.plans.executionOf(filled.slots)));
  const column = plan.columns[0];
  if (column === undefined) throw failure('ER_OPERAND_COLUMNS', 1);
  return slotOf(rows[0]?.[0] ?? null, column.type);
}

/** All of them or none, as in MySQL: every value is worked out and checked before the first one is set, so none sees what another one becomes. */
function set(session: GateSession, statement: Of<'set'>, filled: StatementSlots): Outcome | Promise<Outcome> {
  const pending = statement.assignments.map((assignment) => checkAssignment(session, assignment, filled));
  for (const { warnings, set: setValue } of pending) {
    setValue();
    session.warnings.push(...warnings);
  }
  session.settingsChanged();
  const switchesOn = statement.assignments.some(
    ({ target }) => target.kind !== 'user' && target.name === 'autocommit' && target.scope === 'session',
  );
  // Switching autocommit on commits what is open.
  return switchesOn && session.variables.settings.autocommit
    ? session.transactions.end('commit').then(() => OK)
    : ok({ warningCount: session.warnings.length });
}

function checkAssignment(
  session: GateSession,
  { target, value }: Of<'set'>['assignments'][number],
  filled: StatementSlots,
): PendingValue {
  if (target.kind === 'user') {
    if (value.kind === 'default') throw failure('ER_PARSE_ERROR', 'DEFAULT', 1);
    const known = evaluate(session, value, filled);
    return { warnings: [], set: () => session.userVariables.set(target.name.toLowerCase(), known) };
  }
  const scope = target.scope === 'session' ? 'session' : 'global';
  if (scope === 'global') session.requireAdmin('SUPER or SYSTEM_VARIABLES_ADMIN');
  if (value.kind === 'default') return session.variables.checkReset(target.name, scope);
  // A bare word is its own value: SET sql_mode = ANSI.
  const given = value.kind === 'column' ? value.name : givenValue(assigned(session, value, filled));
  if (target.name === 'time_zone') checkZone(given);
  return session.variables.check(target.name, given, scope);
}

/** A statement is planned for one offset: a zone that changes its offset would give wrong times in its other season. */
function checkZone(given: GivenValue): void {
  if (typeof given !== 'string' || given.toUpperCase() === 'SYSTEM') return;
  if (findTimeZone(given)?.offsetMinutes === null)
    throw failure(
      'ER_NOT_SUPPORTED_YET',
      `time_zone '${given}', whose offset changes; name an offset, such as '+01:00'`,
    );
}

/** A user variable keeps the type that it was given: SET foreign_key_checks = @OLD_FOREIGN_KEY_CHECKS. */
function assigned(session: GateSession, value: Expression, filled: StatementSlots): SlotValue {
  if (value.kind === 'user-variable')
    return session.userVariable(value.name) ?? { type: { kind: 'null' }, value: null };
  return evaluate(session, value, filled);
}

function setTransaction(session: GateSession, statement: Of<'set-transaction'>): Outcome {
  if (statement.scope === 'global') session.requireAdmin('SUPER or SYSTEM_VARIABLES_ADMIN');
  const isolation = statement.isolation?.toUpperCase().replaceAll(' ', '-');
  if (statement.scope === 'next') {
    if (session.transaction !== null)
      throw failure(
        'ER_BAD_PARAMETER',
        "Transaction characteristics can't be changed while a transaction is in progress",
      );
    session.transactions.next = {
      ...(isolation !== undefined && { isolation }),
      ...(statement.readOnly !== undefined && { readOnly: statement.readOnly }),
    };
    return OK;
  }
  if (isolation !== undefined) session.variables.set('transaction_isolation', isolation, statement.scope);
  if (statement.readOnly !== undefined)
    session.variables.set('transaction_read_only', statement.readOnly ? 1 : 0, statement.scope);
  return OK;
}

function show(session: GateSession, statement: ShowAst, filled: StatementSlots): Outcome {
  const table = showTable(statement, session.plans.executionOf(filled.slots));
  return answer(session, table, filled, statement.where);
}

/** The rows of a virtual table; through SQLite where a condition is asked. */
export function answer(session: GateSession, table: VirtualTable, filled: StatementSlots, where?: Expression): Outcome {
  const execution = session.plans.executionOf(filled.slots);
  if (where !== undefined) {
    const plan = planVirtual(table, where, session.plans.input(filled));
    return rowsOutcome(plan.columns, session.gate.store.readInline(readStatement(plan, execution)));
  }
  const columns = table.columns.map(({ name, type, nullable }) => ({
    ...plainColumn(name, type, nullable),
    database: table.database,
    table: table.name,
    originalTable: table.name,
  }));
  return rowsOutcome(columns, table.rows(execution));
}

function kill(session: GateSession, statement: Of<'kill'>, filled: StatementSlots): Outcome {
  const id = Number(slotText(evaluate(session, statement.id, filled)));
  const owner = session.gate.ownerOf(id);
  if (owner !== undefined && owner !== session.user) session.requireAdmin('CONNECTION_ADMIN');
  if (!session.gate.kill(id, statement.what)) throw failure('ER_NO_SUCH_THREAD', id);
  return OK;
}

function prepare(session: GateSession, statement: Of<'prepare'>, filled: StatementSlots): Outcome {
  const text = slotText(evaluate(session, statement.source, filled));
  session.prepare(text);
  session.namedStatements.set(statement.name.toLowerCase(), text);
  return OK;
}

function execute(session: GateSession, statement: Of<'execute'>): Outcome | Promise<Outcome> {
  const text = session.namedStatements.get(statement.name.toLowerCase());
  if (text === undefined) throw failure('ER_UNKNOWN_STMT_HANDLER', statement.name, 'EXECUTE');
  const parameters = statement.using.map(
    (name): SlotValue => session.userVariable(name) ?? { type: { kind: 'null' }, value: null },
  );
  const fingerprinted = fingerprint(text, session.plans.environment().syntax);
  return executeStatement(session, { text, fingerprinted }, parameters, {});
}

/** ANALYZE, CHECK, OPTIMIZE, REPAIR, CHECKSUM TABLE: each table by a line. SQLite keeps itself in order; CHECK is `sluice check`. */
function maintenance(session: GateSession, statement: Of<'table-maintenance'>): Outcome {
  if (statement.action === 'checksum') throw failure('ER_NOT_SUPPORTED_YET', 'CHECKSUM TABLE');
  const text = { name: 'varchar', length: 128 } as const;
  const columns = ['Table', 'Op', 'Msg_type', 'Msg_text'].map((name) => plainColumn(name, text, false));
  const rows = statement.tables.map(({ database, name }) => {
    const inDatabase = database ?? session.database;
    if (inDatabase === null) throw failure('ER_NO_DB_ERROR');
    const table = session.gate.store.catalog.table(inDatabase, name);
    if (table === undefined)
      return [`${inDatabase}.${name}`, statement.action, 'Error', `Table '${inDatabase}.${name}' doesn't exist`];
    return [`${table.database}.${table.name}`, statement.action, 'status', 'OK'];
  });
  return rowsOutcome(columns, rows);
}
