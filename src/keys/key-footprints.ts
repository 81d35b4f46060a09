/** What a plan has read, in the form that a transaction remembers: a commit that touches none of it leaves the plan's result as it is. */
import type { Footprint, Term } from '../changes/condition.ts';
import { KEY_DATABASE, KEY_TABLE } from './key-table.ts';
import type { KeyPlan } from './plan.ts';

const PATH = { column: 0, collation: 'binary' } as const;

/** Changed bits change their entry too: its version. */
export function footprintsOfPlan({ reads }: Pick<KeyPlan<unknown>, 'reads'>): Footprint[] {
  return reads.map(({ from, to }) => {
    const terms: Term[] = [];
    if (from !== '') terms.push({ ...PATH, op: '>=', value: from });
    if (to !== null) terms.push({ ...PATH, op: '<', value: to });
    return { database: KEY_DATABASE, table: KEY_TABLE, columns: null, condition: terms.length === 0 ? null : terms };
  });
}
