/** Plans of selects whose queries are equal but for their values. See cut-query.ts. */
import type { Catalog } from '../stores/catalog.ts';
import type { Condition } from './condition.ts';
import type { CutQuery } from './cut-query.ts';
import type { ListPlan } from './plan.ts';
import type { SelectRequest, TableReads } from './table-reads.ts';

export interface SelectTemplate {
  plan(cut: CutQuery): ListPlan;
}

/** null: what was cut out is not what was read in the usual way, and so stands for nothing. */
export function selectTemplate(reads: TableReads, request: SelectRequest, cut: CutQuery): SelectTemplate | null {
  const { count, selection } = request;
  const { where, order } = selection;
  const agrees =
    where.length === cut.operands.length &&
    where.every((condition, i) => condition.operand === cut.operands[i]) &&
    (cut.skip === null || cut.skip === selection.skip) &&
    (cut.max === null || cut.max === selection.max);
  if (!agrees) return null;
  const shape = reads.shapeOf(selection);
  return {
    plan({ operands, skip, max }) {
      const conditions: Condition[] = [];
      for (let i = 0; i < where.length; i++) {
        const { field, operator, negated } = where[i]!;
        conditions.push({ field, operator, negated, operand: operands[i]! });
      }
      const filled = { where: conditions, order, skip: skip ?? selection.skip, max: max ?? selection.max };
      return reads.selectShaped(shape, filled, count);
    },
  };
}

const TEMPLATES_MAX = 2_000;

/** Of one catalog: a change of the schema makes all of them void. */
export class SelectTemplates {
  #catalog: Catalog | null = null;
  readonly #templates = new Map<string, SelectTemplate>();

  find(key: string, catalog: Catalog): SelectTemplate | undefined {
    return this.#catalog === catalog ? this.#templates.get(key) : undefined;
  }

  keep(key: string, catalog: Catalog, template: SelectTemplate): void {
    if (this.#catalog !== catalog || this.#templates.size >= TEMPLATES_MAX) {
      this.#templates.clear();
      this.#catalog = catalog;
    }
    this.#templates.set(key, template);
  }
}
