/** What a query reads, for the check that a transaction's reads still hold when it begins to write. */
import type { Footprint, Term } from '../changes/condition.ts';
import type { ExecutionContext } from '../sql/context.ts';
import type { QueryPlan } from '../sql/planner/plan.ts';
import type { SimpleCondition } from '../sql/planner/term.ts';
import type { StoreValue } from '../stores/values.ts';

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
  const terms = shape.conditions.map((condition) => termOf(condition, execution));
  return [
    {
      database: definition.database,
      table: definition.name,
      columns: shape.columns === null ? null : [...shape.columns],
      condition: terms.length === 0 ? null : terms,
    },
  ];
}

/** The condition with its values. */
export function termOf(condition: SimpleCondition, execution: ExecutionContext): Term {
  const { op, collation } = condition;
  const column = condition.column.index;
  if (op === 'is-null') return { column, collation, op: 'is null' };
  if (op === 'is-not-null') return { column, collation, op: 'is not null' };
  const values = condition.values.map((source) => narrowed(source(execution)));
  if (op === 'in') return { column, collation, op, values };
  const [value = null, high = null] = values;
  return op === 'between' ? { column, collation, op, low: value, high } : { column, collation, op, value };
}

/** Integers are bound as bigint; as values of rows they are numbers while they are safe. */
function narrowed(value: StoreValue): StoreValue {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
