/** List commands (TCSQL): planned by lists/, run here by the same routes as SQL. */
import { failure } from '../errors.ts';
import type { ListCommand } from '../lists/command.ts';
import type { ListPlan } from '../lists/plan.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { StoreRow } from '../stores/values.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';

/** A table may have to be made or widened, and the schema may change meanwhile: so often a command is planned again. */
const MAX_ATTEMPTS = 8;

export function runList(session: GateSession, command: ListCommand): Outcome | Promise<Outcome> {
  const plan = session.gate.lists.plan(command, session.gate.store.catalog);
  if (plan.kind === 'read') {
    const read = session.reads.rows(plan.statement, plan.inline, () => wholeTable(plan));
    return Array.isArray(read) ? list(plan.render(read)) : renderChunks(plan, read);
  }
  if (plan.kind === 'answer') return list(plan.json);
  return runWrite(session, command, plan);
}

/** Rows are rendered as they come: a long answer must not hold the event loop. */
async function renderChunks(
  plan: Extract<ListPlan, { kind: 'read' }>,
  chunks: AsyncIterable<readonly StoreRow[]>,
): Promise<Outcome> {
  const renderer = plan.renderer();
  for await (const chunk of chunks) renderer.add(chunk);
  return list(renderer.finish());
}

function list(json: string): Outcome {
  return { kind: 'list', json };
}

function wholeTable(plan: Extract<ListPlan, { kind: 'read' }>) {
  if (plan.footprint === null) return [];
  const { database, name } = plan.footprint.table.definition;
  return [{ database, table: name, columns: null, condition: null }];
}

async function runWrite(session: GateSession, command: ListCommand, first: ListPlan): Promise<Outcome> {
  let plan = first;
  for (let attempt = 1; ; attempt++) {
    try {
      switch (plan.kind) {
        case 'schema':
          await session.gate.store.write(plan.statement, session.writeOptions());
          break;
        case 'write':
          return list(plan.render(await session.write(plan.statement)));
        case 'sql': {
          const outcome = await session.execute({
            kind: 'sql',
            text: plan.text,
            parameters: plan.parameters.map(textSlot),
          });
          return list(plan.render({ insertId: outcome.kind === 'ok' ? outcome.insertId : 0 }));
        }
        default:
          return runList(session, command);
      }
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isRaced(error)) throw error;
    }
    if (attempt >= MAX_ATTEMPTS) throw failure('SLUICE_STALE_PLAN');
    plan = session.gate.lists.plan(command, session.gate.store.catalog);
  }
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
