/** List commands (TCSQL): planned by lists/, run here by the same routes as SQL. */
import { failure } from '../errors.ts';
import type { ListCommand } from '../lists/command.ts';
import type { ListPlan } from '../lists/plan.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { WriteResult, WriteStatement } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import { admitList, countList, countRepeated } from './admission.ts';
import { whenAnswered } from './kept-answers.ts';
import type { ListOutcome, Outcome } from './request.ts';
import type { GateSession } from './session.ts';
import { whileStale } from './stale-reads.ts';

/** A table may have to be made or widened, and the schema may change meanwhile: so often a command is planned again. */
const MAX_ATTEMPTS = 8;

type ReadPlan = Extract<ListPlan, { kind: 'read' }>;

export function runList(session: GateSession, command: ListCommand): Outcome | Promise<Outcome> {
  const admitted = admitList(session, command);
  return admitted === null ? runAdmitted(session, command) : admitted.then(() => runAdmitted(session, command));
}

function runAdmitted(session: GateSession, command: ListCommand): Outcome | Promise<Outcome> {
  const { query: text } = command;
  // Read first: where they have changed, answers of before may be gone.
  const { settings: _settings, kept: lists } = session.gate;
  const mayRepeat = text !== undefined && session.currentTransaction() === null;
  const repeated = mayRepeat ? lists.repeated(text) : undefined;
  if (repeated !== undefined) {
    countRepeated(session);
    return repeated;
  }
  const plan = planOf(session, command);
  if (plan.kind === 'read') {
    const { kept } = plan;
    countList(session, 'select', kept?.query.table ?? plan.footprint?.table.definition ?? null);
    if (kept === null || session.currentTransaction() !== null) return fromStore(session, command, plan);
    return whenAnswered(
      lists.ask(kept.query, kept.encoder),
      (answer) => {
        const outcome = keptList(kept.render(answer));
        if (mayRepeat) lists.given(text, kept.query.table, answer.sequence, outcome);
        return outcome;
      },
      () => fromStore(session, command, plan),
    );
  }
  if (plan.kind === 'answer') return list(plan.json);
  return runWrite(session, command, plan);
}

/** `tables` tells of what the user may see. */
function planOf(session: GateSession, command: ListCommand): ListPlan {
  const { lists, store } = session.gate;
  const tellsTables = !session.privileges.isAdmin && lists.aim(command).command === 'tables';
  return lists.plan(command, tellsTables ? session.visibleCatalog() : store.catalog);
}

function fromStore(session: GateSession, command: ListCommand, first: ReadPlan): Outcome | Promise<Outcome> {
  return whileStale((attempt) => {
    const plan = attempt === 1 ? first : session.gate.lists.plan(command, session.gate.store.catalog);
    return plan.kind === 'read' ? readPlanned(session, plan) : runAdmitted(session, command);
  });
}

function readPlanned(session: GateSession, plan: ReadPlan): Outcome | Promise<Outcome> {
  const began = performance.now();
  const { statement, inline } = plan.bind();
  const read = session.reads.rows(statement, inline, () => wholeTable(plan));
  if (!Array.isArray(read)) return renderChunks(session, plan, read, began);
  const answer = list(plan.render(read));
  tellCost(session, plan, began);
  return answer;
}

/** Rows are rendered as they come: a long answer must not hold the event loop. */
async function renderChunks(
  session: GateSession,
  plan: ReadPlan,
  chunks: AsyncIterable<readonly StoreRow[]>,
  began: number,
): Promise<Outcome> {
  const renderer = plan.renderer();
  for await (const chunk of chunks) renderer.add(chunk);
  tellCost(session, plan, began);
  return list(renderer.finish());
}

/** What is dear for the store is kept sooner. */
function tellCost(session: GateSession, { kept }: ReadPlan, began: number): void {
  if (kept !== null) session.gate.kept.answered(kept.query, performance.now() - began);
}

function list(json: string): Outcome {
  return { kind: 'list', json, isBinary: false };
}

function keptList(json: string): ListOutcome {
  return { kind: 'list', json, isBinary: true };
}

function wholeTable(plan: ReadPlan) {
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
          return list(plan.render(await writeOf(session, plan.statement)));
        case 'sql': {
          const outcome = await session.execute({
            kind: 'sql',
            text: plan.text,
            parameters: plan.parameters.map(textSlot),
          });
          return list(plan.render({ insertId: outcome.kind === 'ok' ? outcome.insertId : 0 }));
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
    ? session.gate.store.write(statement, session.writeOptions())
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
