/** List commands (TCSQL): planned by lists/, run here by the same routes as SQL. What reads is in list-reads.ts. */
import { failure } from '../errors.ts';
import type { ListCommand } from '../lists/command.ts';
import type { ListPlan } from '../lists/plan.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { WriteResult, WriteStatement } from '../stores/statement.ts';
import { admitList } from './admission.ts';
import { plainList, readList, repeatedList } from './list-reads.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';

/** A table may have to be made or widened, and the schema may change meanwhile: so often a command is planned again. */
const MAX_ATTEMPTS = 8;
/** Of schema changes: a list command cannot ask for more than query_timeout, and an index over many rows takes what it takes. KILL ends it. */
const UNLIMITED_MS = 0;

export function runList(session: GateSession, command: ListCommand): Outcome | Promise<Outcome> {
  const admitted = admitList(session, command);
  return admitted === null ? runAdmitted(session, command) : admitted.then(() => runAdmitted(session, command));
}

function runAdmitted(session: GateSession, command: ListCommand): Outcome | Promise<Outcome> {
  // Read first: where they have changed, answers of before may be gone.
  const { settings: _settings } = session.gate;
  const repeated = repeatedList(session, command);
  if (repeated !== undefined) return repeated;
  const plan = planOf(session, command);
  if (plan.kind === 'read') return readList(session, command, plan, () => runAdmitted(session, command));
  if (plan.kind === 'answer') return plainList(plan.json);
  return runWrite(session, command, plan);
}

/** `tables` tells of what the user may see. */
function planOf(session: GateSession, command: ListCommand): ListPlan {
  const { lists, store } = session.gate;
  const tellsTables = !session.privileges.isAdmin && lists.aim(command).command === 'tables';
  return lists.plan(command, tellsTables ? session.visibleCatalog() : store.catalog);
}

async function runWrite(session: GateSession, command: ListCommand, first: ListPlan): Promise<Outcome> {
  let plan = first;
  for (let attempt = 1; ; attempt++) {
    try {
      switch (plan.kind) {
        case 'schema':
          await session.gate.store.write(plan.statement, session.writeOptions(UNLIMITED_MS));
          break;
        case 'write':
          return plainList(plan.render(await writeOf(session, plan.statement)));
        case 'sql': {
          const outcome = await session.execute({
            kind: 'sql',
            text: plan.text,
            parameters: plan.parameters.map(textSlot),
          });
          return plainList(plan.render({ insertId: outcome.kind === 'ok' ? outcome.insertId : 0 }));
        }
        default:
          return runAdmitted(session, command);
      }
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isRaced(error)) throw error;
    }
    if (attempt >= MAX_ATTEMPTS) throw failure('SLUICE_STALE_PLAN');
    plan = session.gate.lists.plan(command, session.gate.store.catalog);
  }
}

/** An index is made or dropped by itself. */
function writeOf(session: GateSession, statement: WriteStatement): Promise<WriteResult> {
  return statement.kind === 'schema'
    ? session.gate.store.write(statement, session.writeOptions(UNLIMITED_MS))
    : session.write(statement);
}

function textSlot(value: string): SlotValue {
  return { type: { kind: 'string' }, value };
}

/** Another client changed the schema first, perhaps in the very way that was wanted. */
function isRaced(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['SLUICE_STALE_PLAN', 'ER_TABLE_EXISTS_ERROR', 'ER_DUP_FIELDNAME'].includes(String(error.code))
  );
}
