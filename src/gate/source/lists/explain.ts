/** explain=1: how the source would find the rows, and what would be left to do here. */
import type { SourceSession } from '../session.ts';
import { findStatement, shownCondition, type Wanted } from './find-rows.ts';
import { rawRows } from './raw-rows.ts';

export async function explainList(session: SourceSession, wanted: Wanted): Promise<string> {
  const { sql, params, made } = findStatement(wanted);
  const { columns, rows } = rawRows(await session.ask(`EXPLAIN ${sql}`, params));
  const steps: Map<string, string>[] = [];
  for await (const row of rows)
    steps.push(
      new Map(
        row.flatMap((value, i) =>
          value === null ? [] : [[columns[i]?.name.toLowerCase() ?? '', value.toString('utf8')]],
        ),
      ),
    );
  const used = steps.flatMap((step) => step.get('key')?.split(',') ?? []);
  const sortsThere = steps.some((step) => /filesort/i.test(step.get('extra') ?? ''));
  return JSON.stringify({
    plan: steps.map((step) => Array.from(step, ([name, value]) => `${name}: ${value}`).join(', ')),
    index: [...new Set(used)],
    checked: made.checks.map(({ condition }) => shownCondition(condition)),
    sort: sortsThere || (wanted.rows && made.order.sortedHere.length > 0),
    kept: null,
    runs: 'source',
    sql,
  });
}
