/** What a request meets before it goes on to the source: its user's rights (rights.ts), table access, and rules (../protection/). */
import { type KeyCommand, planKeyCommand } from '../../keys/command.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { SlotValue } from '../../sql/slots.ts';
import { factsOfKeys } from '../admission.ts';
import { NO_HINTS } from '../protection/hints.ts';
import type { RuleVerdict } from '../protection/rules.ts';
import type { PlanFacts } from '../statement-facts.ts';
import { executedOn, hasExecutableComments } from './executable-comments.ts';
import { filteredText } from './information-schema.ts';
import { statementOfRead } from './lists/commands.ts';
import type { SourcePlan } from './plan-cache.ts';
import { checkRights } from './rights.ts';
import type { SourceSession } from './session.ts';
import { statementValues } from './statement-values.ts';

/**
 * Throws what refuses it. null: nothing more to heed. Of an administrator without rules and groups in the way nothing is asked.
 * `values`: literals and parameters in the order of the text. `isCutDown`: as in ReadableText.
 */
export function admit(
  session: SourceSession,
  plan: SourcePlan,
  text: string,
  values: () => readonly SlotValue[],
  isCutDown = false,
): RuleVerdict | null {
  const { gate, privileges, state } = session;
  if (gate.protection.isOpen(privileges)) return null;
  const facts = plan.placed.in(state.database, gate.source.schema);
  checkRights(session, plan.facts, facts, isCutDown);
  return meet(session, facts, text, values);
}

/**
 * A list that is not asked of the source, judged by the statement that it would be asked. Throws what refuses it; waits as long as rules say. false: a rule gives it
 * hints, which only the source's way heeds.
 */
export async function admitRead(session: SourceSession, kind: 'list' | 'page', command: ListCommand): Promise<boolean> {
  const { gate, state } = session;
  const { sql, params } = await statementOfRead(session, kind, command);
  const parameters = params.map((value) => ({ type: { kind: 'string' as const }, value }));
  const plan = gate.plans.find(sql, state.syntax);
  const verdict = admit(session, plan, sql, () =>
    statementValues({ kind: 'sql', text: sql, parameters }, sql, state.syntax),
  );
  if (verdict === null) return true;
  if (verdict.hints !== NO_HINTS) return false;
  await delayed(session, verdict);
  return true;
}

/** Throws what refuses it. null: it may run at once. */
export function admitKeys(session: SourceSession, command: KeyCommand): Promise<void> | null {
  const { gate, privileges, client } = session;
  if (gate.protection.isOpen(privileges)) return null;
  const facts = factsOfKeys(command.op, planKeyCommand(command, Date.now()).writes);
  privileges.check(facts.tables, client.user, client.host);
  const verdict = meet(session, facts, facts.fingerprint, () => []);
  return verdict === null ? null : delayed(session, verdict);
}

function meet(
  session: SourceSession,
  facts: PlanFacts,
  text: string,
  values: () => readonly SlotValue[],
): RuleVerdict | null {
  const { gate, state, client } = session;
  const { protection } = gate;
  const { user, host, protocol } = client;
  const asked = protection.rules.isEmpty ? [] : values();
  return protection.meet({ ...facts, text, values: asked, database: state.database, user, host, protocol });
}

/** A rule has it wait. Rejects when it is killed meanwhile. */
export async function delayed(session: SourceSession, { delayMs }: RuleVerdict): Promise<void> {
  if (delayMs === 0) return;
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, delayMs);
      session.cancelShared = (reason) => {
        clearTimeout(timer);
        reject(reason);
      };
    });
  } finally {
    session.cancelShared = null;
  }
}

export interface ReadableText {
  /** For the source. */
  readonly text: string;
  /** As the client meant it. */
  readonly meant: string;
  /** It reads information_schema, as far as the user may see that. */
  readonly isCutDown: boolean;
}

/**
 * What is read must be what is executed: for users whose rights are asked, executable comments are resolved here as this source would, and it gets the
 * text without them.
 */
export function readableText({ privileges, gate, state }: SourceSession, text: string): ReadableText {
  if (privileges.isAdmin) return { text, meant: text, isCutDown: false };
  const { syntax, database } = state;
  const { schema, serverVersion } = gate.source;
  const meant = hasExecutableComments(text) ? executedOn(serverVersion, text, syntax) : text;
  // Who may read all of it is shown all of it.
  const cutDown =
    privileges.everywhere === null
      ? filteredText(meant, syntax, database, { privileges, schema, serverVersion })
      : null;
  return { text: cutDown ?? meant, meant, isCutDown: cutDown !== null };
}
