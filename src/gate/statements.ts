/** A statement's way through the gate: text without literals -> plan (kept or made) -> admitted by the gate's protections -> run. */
import type { FingerprintedText } from '../sql/slots.ts';
import { delay } from './admission.ts';
import { runCommand } from './commands.ts';
import { expandLists } from './list-parameters.ts';
import type { GatePlan } from './plan-facts.ts';
import { joinHints, type StatementHints } from './protection/hints.ts';
import type { AnswerOptions } from './reads.ts';
import type { Outcome, Parameters } from './request.ts';
import type { GateSession } from './session.ts';
import { isStale } from './stale-reads.ts';
import { fillSlots, NO_PARAMETERS, type StatementSlots } from './statement-text.ts';
import { runSchema, runWrite } from './writes.ts';

/** How often a statement is planned again when the schema changes under it. */
const MAX_REPLANS = 5;

export interface StatementText {
  readonly text: string;
  readonly fingerprinted: FingerprintedText;
}

export function executeStatement(
  session: GateSession,
  statement: StatementText,
  parameters: Parameters | undefined,
  asked: AnswerOptions,
): Outcome | Promise<Outcome> {
  if (statement.fingerprinted.hasLists) {
    const { syntax } = session.plans.environment();
    const { text, fingerprinted } = statement;
    const expanded = expandLists(text, fingerprinted, parameters ?? NO_PARAMETERS, syntax);
    return executeFilled(session, expanded, expanded.filled, asked);
  }
  return executeFilled(session, statement, fillSlots(statement.fingerprinted, parameters), asked);
}

function executeFilled(
  session: GateSession,
  statement: StatementText,
  filled: StatementSlots,
  asked: AnswerOptions,
): Outcome | Promise<Outcome> {
  const planned = session.plans.find(statement.text, statement.fingerprinted.fingerprint, filled);
  const admitted = admit(session, planned, statement.text, filled);
  if (admitted === null) return runPlanned(session, statement, filled, { asked, hints: planned.hints }, planned);
  const hints = joinHints(planned.hints, admitted.hints);
  const run = (): Outcome | Promise<Outcome> => runPlanned(session, statement, filled, { asked, hints }, planned);
  return admitted.delayMs === 0 ? run() : delay(session, admitted.delayMs).then(run);
}

export interface RunOptions {
  readonly asked: AnswerOptions;
  readonly hints: StatementHints;
}

/** Throws what refuses it. null: nothing more to heed. */
function admit(session: GateSession, planned: GatePlan, text: string, { slots }: StatementSlots) {
  const { running, gate, privileges, client } = session;
  if (running !== null) {
    running.counters = planned.counters;
    running.values = slots;
  }
  session.transactions.note(planned.facts.fingerprint);
  if (gate.protection.isOpen(privileges)) return null;
  const { user, host, protocol } = client;
  const { database } = session;
  return gate.protection.admit({ ...planned.facts, text, values: slots, database, user, host, protocol }, privileges);
}

function runPlanned(
  session: GateSession,
  statement: StatementText,
  filled: StatementSlots,
  options: RunOptions,
  first: GatePlan,
  attemptsBefore = 0,
): Outcome | Promise<Outcome> {
  let planned = first;
  for (let attempt = attemptsBefore + 1; ; attempt++) {
    try {
      const outcome = runPlan(session, planned, filled, options);
      if (!(outcome instanceof Promise)) return outcome;
      return outcome.catch((error: unknown) => {
        if (attempt > MAX_REPLANS || !isStale(error)) throw error;
        return runPlanned(session, statement, filled, options, planAgain(session, statement, filled), attempt);
      });
    } catch (error) {
      if (attempt > MAX_REPLANS || !isStale(error)) throw error;
      planned = planAgain(session, statement, filled);
    }
  }
}

function planAgain(session: GateSession, { text, fingerprinted }: StatementText, filled: StatementSlots): GatePlan {
  return session.plans.find(text, fingerprinted.fingerprint, filled);
}

function runPlan(
  session: GateSession,
  planned: GatePlan,
  filled: StatementSlots,
  options: RunOptions,
): Outcome | Promise<Outcome> {
  const { plan } = planned;
  switch (plan.kind) {
    case 'query':
      return session.reads.query(planned, plan, session.plans.executionOf(filled.slots), options);
    case 'write':
      return runWrite(session, plan, session.plans.executionOf(filled.slots), options.hints);
    case 'schema':
      return runSchema(session, plan, options.hints);
    case 'command':
      if (plan.statement.kind !== 'show') session.warnings = [];
      return runCommand(session, plan.statement, filled);
  }
}
