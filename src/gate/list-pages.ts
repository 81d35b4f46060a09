/** `/v1/lists`: pages as typed JSON, from the kept lists or the store, and subscriptions to them. */
import type { ListCommand } from '../lists/command.ts';
import { collectPage, type PageContent, type PagePlan, pageJson } from '../lists/pages.ts';
import type { StoreRow } from '../stores/values.ts';
import { admitPage, countList } from './admission.ts';
import { whenAnswered } from './kept-answers.ts';
import type { ListReader } from './list-reader.ts';
import type { Outcome, PageOutcome } from './request.ts';
import type { GateSession } from './session.ts';
import { whileStale } from './stale-reads.ts';

export function runPage(session: GateSession, command: ListCommand): Outcome | Promise<Outcome> {
  const admitted = admitPage(session, command);
  return admitted === null ? readPage(session, command) : admitted.then(() => readPage(session, command));
}

/** Of one that has been admitted. */
export function readPage(reader: ListReader, command: ListCommand): Outcome | Promise<Outcome> {
  return whileStale(() => planned(reader, command));
}

function planned(reader: ListReader, command: ListCommand): Outcome | Promise<Outcome> {
  const { gate } = reader;
  const plan = gate.lists.page(command, gate.store.catalog);
  const { query } = plan;
  countList(reader, 'page', query?.table ?? null);
  if (query === null) return fromStore(reader, plan);
  return whenAnswered<string, Outcome>(
    gate.kept.ask(query, plan.encoder),
    ({ sequence, count, rows }) => outcomeOf(plan, { sequence, count, rows: rows ?? [] }),
    () => {
      const began = performance.now();
      const tell = (): void => gate.kept.answered(query, performance.now() - began);
      const outcome = fromStore(reader, plan);
      if (outcome instanceof Promise) return outcome.finally(tell);
      tell();
      return outcome;
    },
  );
}

function fromStore({ reads }: ListReader, plan: PagePlan): Outcome | Promise<Outcome> {
  const { statement, inline } = plan.bind();
  const read = reads.autocommitRows(statement, inline);
  return Array.isArray(read) ? outcomeOf(plan, collectPage(plan, read)) : collected(plan, read);
}

async function collected(plan: PagePlan, chunks: AsyncIterable<readonly StoreRow[]>): Promise<Outcome> {
  const rows: StoreRow[] = [];
  for await (const chunk of chunks) for (const row of chunk) rows.push(row);
  return outcomeOf(plan, collectPage(plan, rows));
}

function outcomeOf(plan: PagePlan, { sequence, count, rows }: PageContent): PageOutcome {
  return { kind: 'page', key: plan.key, rowsJson: pageJson(plan, rows), count, sequence };
}
