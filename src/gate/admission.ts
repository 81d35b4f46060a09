/** Requests that are no SQL (list commands, pages, keys): what they are to the gate's protections, and in what they are counted. */

import { failure } from '../errors.ts';
import { type KeyCommand, planKeyCommand } from '../keys/command.ts';
import { KEY_DATABASE, KEY_TABLE } from '../keys/key-table.ts';
import type { ListCommand } from '../lists/command.ts';
import type { TableDefinition } from '../stores/schema.ts';
import type { ListReader } from './list-reader.ts';
import type { GateSession } from './session.ts';
import type { Access, PlanFacts, PlanKind, TableUse } from './statement-facts.ts';
import type { PlanCounters } from './statistics/statistics.ts';

/** What each list command does to its table; the others read. */
const LIST_ACCESS: Readonly<Record<string, readonly [PlanKind, Access]>> = {
  insert: ['insert', 'write'],
  update: ['dml-by-subquery', 'write'],
  delete: ['dml-by-subquery', 'write'],
  setindex: ['ddl', 'admin'],
};

/** Throws what refuses it. null: it may run at once. */
export function admitList(session: GateSession, command: ListCommand): Promise<void> | null {
  if (isOpen(session)) return null;
  const { command: word, table } = session.gate.lists.aim(command);
  const [kind, access] = LIST_ACCESS[word] ?? ['list', 'read'];
  const tables: TableUse[] = table === null ? [] : [{ database: table.database, table: table.name, access }];
  return admit(session, { kind, reason: 'list protocol', tables, fingerprint: `list: ${word}` });
}

/** A page of a list, or a subscription to one. */
export function admitPage(session: GateSession, command: ListCommand): Promise<void> | null {
  if (isOpen(session)) return null;
  const { database, name } = session.gate.lists.aimOfPage(command);
  const tables: TableUse[] = [{ database, table: name, access: 'read' }];
  return admit(session, { kind: 'list', reason: 'typed page', tables, fingerprint: 'list: page' });
}

export function admitKeys(session: GateSession, command: KeyCommand, now: number): Promise<void> | null {
  count(session, countersOfKeys(session, command.op));
  if (isOpen(session)) return null;
  const writes = planKeyCommand(command, now).writes;
  return admit(session, factsOfKeys(command.op, writes));
}

function isOpen({ gate, privileges }: GateSession): boolean {
  return gate.protection.isOpen(privileges);
}

function admit(session: GateSession, facts: PlanFacts): Promise<void> | null {
  const { user, host, protocol } = session.client;
  const { gate, database, privileges } = session;
  const text = session.running?.text ?? facts.fingerprint;
  const verdict = gate.protection.admit({ ...facts, text, values: [], database, user, host, protocol }, privileges);
  return verdict === null || verdict.delayMs === 0 ? null : delay(session, verdict.delayMs);
}

/** A rule has it wait. KILL ends what waits, at the end of its wait. */
export async function delay(session: GateSession, milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  if (session.isInterrupted) throw failure('ER_QUERY_INTERRUPTED');
}

function count({ running }: Pick<ListReader, 'running'>, counters: PlanCounters): void {
  if (running !== null) running.counters = counters;
}

export function factsOfKeys(op: string, writes = false): PlanFacts {
  const tables: TableUse[] = [{ database: KEY_DATABASE, table: KEY_TABLE, access: writes ? 'write' : 'read' }];
  return { kind: 'other', reason: 'keys', tables, fingerprint: `keys: ${op}` };
}

function countersOfKeys({ gate }: GateSession, op: string): PlanCounters {
  return gate.protection.countersOf(op, factsOfKeys);
}

/** A list command, or a page, on a table; null: one that tells of itself. */
export function countList(reader: ListReader, what: 'select' | 'page', table: TableDefinition | null): void {
  if (table !== null) count(reader, reader.gate.protection.countersOfTable(what, table));
}

/** An answer that was given before: this path is the hottest there is. */
export function countRepeated({ running, gate }: ListReader): void {
  if (running !== null) running.counters = gate.protection.repeatedLists;
}
