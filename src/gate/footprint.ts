/** What a query reads, for the check that a transaction's reads still hold when it begins to write. */
import type { Footprint, Term } from '../changes/condition.ts';
import type { ExecutionContext } from '../sql/context.ts';
import type { QueryPlan } from '../sql/planner/plan.ts';
import type { SimpleCondition } from '../sql/planner/term.ts';
import { family, isBinaryCollation } from '../sql/types.ts';

/** One footprint for each base table of the plan; conditions are kept for queries over a single table. */
export function footprintsOf(plan: QueryPlan, execution: ExecutionContext): Footprint[] {
  const { shape } = plan;
  if (shape === null)
    return plan.tables.map((table) => ({
      database: table.database,
      table: table.name,
      columns: null,
      condition: null,
    }));
  const { definition } = shape.table;
  const terms = shape.conditions.flatMap((condition) => termOf(condition, execution));
  return [
    {
      database: definition.database,
      table: definition.name,
      columns: shape.columns === null ? null : [...shape.columns],
      condition: terms.length === 0 ? null : terms,
    },
  ];
}

function termOf(condition: SimpleCondition, execution: ExecutionContext): Term[] {
  const type = condition.column.definition.type;
  const column = condition.column.index;
  const collation = family(type) === 'string' ? (isBinaryCollation(type) ? 'binary' : 'nocase') : 'number';
  if (condition.op === 'is-null') return [{ column, collation, op: 'is null' }];
  const values = condition.values.map((source) => source(execution));
  if (condition.op === 'in') return [{ column, collation, op: 'in', values }];
  const [value = null, high = null] = values;
  return [
    condition.op === 'between'
      ? { column, collation, op: 'between', low: value, high }
      : { column, collation, op: condition.op, value },
  ];
}
