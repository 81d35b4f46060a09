/** List commands that read: the answer to the very same words, the kept lists, or the store. */
import type { ListCommand } from '../lists/command.ts';
import type { ListReadPlan } from '../lists/plan.ts';
import type { StoreRow } from '../stores/values.ts';
import { countList, countRepeated } from './admission.ts';
import { whenAnswered } from './kept-answers.ts';
import type { ListReader } from './list-reader.ts';
import type { ListOutcome, Outcome } from './request.ts';
import { whileStale } from './stale-reads.ts';

/** The answer that was given to the very same words before, where it is still the answer. */
export function repeatedList(reader: ListReader, { query: text }: ListCommand): ListOutcome | undefined {
  if (text === undefined || reader.currentTransaction() !== null) return undefined;
  const repeated = reader.gate.kept.repeated(text);
  if (repeated !== undefined) countRepeated(reader);
  return repeated;
}

/** `again`: has the command planned anew, and is what becomes of it. */
export function readList(
  reader: ListReader,
  command: ListCommand,
  plan: ListReadPlan,
  again: () => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  const { kept } = plan;
  const { kept: lists } = reader.gate;
  countList(reader, 'select', kept?.query.table ?? plan.footprint?.table.definition ?? null);
  const fromStore = (): Outcome | Promise<Outcome> => readStore(reader, command, plan, again);
  if (kept === null || reader.currentTransaction() !== null) return fromStore();
  return whenAnswered(
    lists.ask(kept.query, kept.encoder),
    (answer) => {
      const outcome = keptList(kept.render(answer));
      if (command.query !== undefined) lists.given(command.query, kept.query.table, answer.sequence, outcome);
      return outcome;
    },
    fromStore,
  );
}

function readStore(
  reader: ListReader,
  command: ListCommand,
  first: ListReadPlan,
  again: () => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  const { lists, store } = reader.gate;
  return whileStale((attempt) => {
    const plan = attempt === 1 ? first : lists.plan(command, store.catalog);
    return plan.kind === 'read' ? readPlanned(reader, plan) : again();
  });
}

function readPlanned(reader: ListReader, plan: ListReadPlan): Outcome | Promise<Outcome> {
  const began = performance.now();
  const { statement, inline } = plan.bind();
  const read = reader.reads.rows(statement, inline, () => wholeTable(plan));
  if (!Array.isArray(read)) return renderChunks(reader, plan, read, began);
  const answer = plainList(plan.render(read));
  tellCost(reader, plan, began);
  return answer;
}

/** Rows are rendered as they come: a long answer must not hold the event loop. */
async function renderChunks(
  reader: ListReader,
  plan: ListReadPlan,
  chunks: AsyncIterable<readonly StoreRow[]>,
  began: number,
): Promise<Outcome> {
  const renderer = plan.renderer();
  for await (const chunk of chunks) renderer.add(chunk);
  tellCost(reader, plan, began);
  return plainList(renderer.finish());
}

/** What is dear for the store is kept sooner. */
function tellCost({ gate }: ListReader, { kept }: ListReadPlan, began: number): void {
  if (kept !== null) gate.kept.answered(kept.query, performance.now() - began);
}

export function plainList(json: string): ListOutcome {
  return { kind: 'list', json, isBinary: false };
}

function keptList(json: string): ListOutcome {
  return { kind: 'list', json, isBinary: true };
}

function wholeTable(plan: ListReadPlan) {
  if (plan.footprint === null) return [];
  const { database, name } = plan.footprint.table.definition;
  return [{ database, table: name, columns: null, condition: null }];
}
