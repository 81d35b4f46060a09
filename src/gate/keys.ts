/**
 * A session's key commands, and where each runs: single keys and short walks inline in the front, long reads in a reader, writes in the writer as one request
 * that joins its groups. Inside a transaction: on its snapshot, and once it writes, in the writer that it holds.
 */
import { failure } from '../errors.ts';
import { alwaysWrites, type KeyCommand, planKeyCommand } from '../keys/command.ts';
import { type KeyEntry, keyEntry, READ_STORED, storedEntry } from '../keys/entries.ts';
import { footprintsOfPlan } from '../keys/key-footprints.ts';
import { checkKey } from '../keys/paths.ts';
import type { KeyPlan } from '../keys/plan.ts';
import { keysCall } from '../keys/procedure.ts';
import { runPlan, type StepRunner } from '../keys/run-plan.ts';
import { textOf } from '../keys/values.ts';
import type { ProcedureHost } from '../stores/procedure.ts';
import type { ReadStatement } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import { admitKeys } from './admission.ts';
import { collectSplit, sizeOf } from './key-scans.ts';
import type { KeysOutcome } from './request.ts';
import type { GateSession } from './session.ts';
import type { Transaction } from './transaction.ts';

export function runKeys(session: GateSession, command: KeyCommand): KeysOutcome | Promise<KeysOutcome> {
  const now = Math.floor(session.nowMicros / 1000);
  const admitted = admitKeys(session, command, now);
  if (admitted !== null) return admitted.then(() => runAdmitted(session, command, now));
  return runAdmitted(session, command, now);
}

function runAdmitted(session: GateSession, command: KeyCommand, now: number): KeysOutcome | Promise<KeysOutcome> {
  const transaction = session.currentTransaction();
  const result =
    transaction === null ? byItself(session, command, now) : inTransaction(session, transaction, command, now);
  return result instanceof Promise ? result.then(outcomeOf) : outcomeOf(result);
}

function outcomeOf(result: unknown): KeysOutcome {
  return { kind: 'keys', result };
}

function byItself(session: GateSession, command: KeyCommand, now: number): unknown {
  if (command.op === 'getEntry') return getEntry(session, command.key, now);
  if (command.op === 'redisGet' && command.reach === 'near') return getText(session, command, now);
  if (alwaysWrites(command)) return write(session, command, now);
  const plan = planKeyCommand(command, now);
  return plan.writes ? write(session, command, now) : read(session, plan, command, now);
}

function read(session: GateSession, plan: KeyPlan<unknown>, command: KeyCommand, now: number): unknown {
  const { store, kept } = session.gate;
  kept.storeWasRead();
  if (!plan.inline) {
    const size =
      plan.split === undefined || store.shareReads === undefined
        ? 'some'
        : sizeOf((statement) => store.readInline(statement), plan.split.range);
    if (size === 'some') return session.reads.call(keysCall(command, now));
    if (size === 'many' && plan.split !== undefined) return collectSplit(session, plan.split);
  }
  if (plan.only !== undefined) return plan.only.resultOf(store.readInline(plan.only.statement));
  // Its steps see one commit.
  const snapshot = store.openSnapshot();
  try {
    return runPlan(
      plan,
      readerOf((statement) => snapshot.readInline(statement)),
    );
  } finally {
    snapshot.close();
  }
}

/** The hot path: from memory where it is known. */
function getEntry({ gate }: GateSession, key: string, now: number): KeyEntry | null {
  const { store, kept, keyCache } = gate;
  const known = keyCache.get(key, now);
  if (known !== undefined && kept.isUpToDate()) return known;
  checkKey(key);
  kept.storeWasRead();
  const [row] = store.readInline({ kind: 'read', sql: READ_STORED, params: [key] });
  const entry = row === undefined ? null : keyEntry(key, storedEntry(row));
  // Also where its commit is still to be reported: the report puts the same entry here again.
  keyCache.set(key, entry);
  return entry !== null && entry.expiresAt !== null && entry.expiresAt <= now ? null : entry;
}

/** The same for Redis' GET; what is no plain value there goes the whole way. */
function getText(session: GateSession, command: Extract<KeyCommand, { op: 'redisGet' }>, now: number): unknown {
  const entry = getEntry(session, command.key, now);
  if (entry !== null && entry.type !== 'bits') return textOf(entry);
  const { keyCache, kept } = session.gate;
  if (entry === null && keyCache.isNothing(command.key) && kept.isUpToDate()) return null;
  const text = read(session, planKeyCommand(command, now), command, now);
  if (text === null) keyCache.setNothing(command.key);
  return text;
}

function write(session: GateSession, command: KeyCommand, now: number): Promise<unknown> {
  const { readOnly, lockWaitTimeoutMs } = session.variables.settings;
  if (readOnly) throw failure('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
  session.checkWriteQueue();
  const options = { foreignKeyChecks: true, lockWaitTimeoutMs, timeLimitMs: session.queryTimeoutMs };
  return proceduresOf(session).write(keysCall(command, now), session.inWriter(options));
}

function inTransaction(session: GateSession, transaction: Transaction, command: KeyCommand, now: number): unknown {
  const call = keysCall(command, now);
  const plan = planKeyCommand(command, now);
  const inWriter = () => session.inWriter({ timeLimitMs: session.queryTimeoutMs });
  if (plan.writes) return transaction.callWriting(call, inWriter());
  if (transaction.holdsWriter) return transaction.callInWriter(call, inWriter());
  const turn = transaction.takeTurn();
  const read = (): unknown => {
    session.gate.kept.storeWasRead();
    const footprints = footprintsOfPlan(plan);
    // On the snapshot where that is short: a reader sees the newest state, which is of use only while that agrees with the snapshot.
    const { split } = plan;
    const isShort =
      plan.inline ||
      (split !== undefined && transaction.inSnapshot((readInline) => sizeOf(readInline, split.range), []) === 'few');
    if (!isShort) return session.reads.callIn(transaction, call, footprints);
    return transaction.inSnapshot((snapshotRead) => runPlan(plan, readerOf(snapshotRead)), footprints);
  };
  return turn === null ? read() : turn.then(read);
}

function proceduresOf({ gate }: GateSession): ProcedureHost {
  if (gate.store.procedures === undefined) throw failure('ER_NOT_SUPPORTED_YET', 'keys on this store');
  return gate.store.procedures;
}

function readerOf(read: (statement: ReadStatement) => StoreRow[]): StepRunner {
  return {
    read,
    write: () => {
      throw new TypeError('a plan that only reads wrote');
    },
    savepoint: () => undefined,
  };
}
