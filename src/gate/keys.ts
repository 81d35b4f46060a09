/**
 * A session's key commands, and where each runs: single keys and short walks inline in the front, long reads in a reader, writes in the writer as one request
 * that joins its groups. Inside a transaction: on its snapshot, and once it writes, in the writer that it holds.
 */
import { failure } from '../errors.ts';
import { type KeyCommand, planKeyCommand } from '../keys/command.ts';
import { footprintsOfPlan } from '../keys/key-footprints.ts';
import type { KeyPlan } from '../keys/plan.ts';
import { keysCall } from '../keys/procedure.ts';
import { runPlan, type StepRunner } from '../keys/run-plan.ts';
import type { ProcedureHost } from '../stores/procedure.ts';
import type { ReadStatement } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import type { KeysOutcome } from './request.ts';
import type { GateSession } from './session.ts';
import type { Transaction } from './transaction.ts';

export function runKeys(session: GateSession, command: KeyCommand): KeysOutcome | Promise<KeysOutcome> {
  const now = Math.floor(session.nowMicros / 1000);
  const plan = planKeyCommand(command, now);
  const transaction = session.currentTransaction();
  const result =
    transaction === null
      ? byItself(session, plan, command, now)
      : inTransaction(session, transaction, plan, command, now);
  return result instanceof Promise ? result.then(outcomeOf) : outcomeOf(result);
}

function outcomeOf(result: unknown): KeysOutcome {
  return { kind: 'keys', result };
}

function byItself(session: GateSession, plan: KeyPlan<unknown>, command: KeyCommand, now: number): unknown {
  const { store, kept } = session.gate;
  const procedures = proceduresOf(session);
  if (plan.writes) {
    if (session.variables.settings.readOnly) throw failure('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
    const { lockWaitTimeoutMs } = session.variables.settings;
    return procedures.write(keysCall(command, now), { foreignKeyChecks: true, lockWaitTimeoutMs });
  }
  kept.storeWasRead();
  if (!plan.inline) return session.reads.call(keysCall(command, now));
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

function inTransaction(
  session: GateSession,
  transaction: Transaction,
  plan: KeyPlan<unknown>,
  command: KeyCommand,
  now: number,
): unknown {
  const call = keysCall(command, now);
  if (plan.writes) return transaction.callWriting(call);
  if (transaction.holdsWriter) return transaction.callInWriter(call);
  const turn = transaction.takeTurn();
  const read = (): unknown => {
    session.gate.kept.storeWasRead();
    const footprints = footprintsOfPlan(plan);
    if (!plan.inline) return session.reads.callIn(transaction, call, footprints);
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
