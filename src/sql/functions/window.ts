/** Functions that exist only with OVER. SQLite has all of MySQL's under the same names. */

import type { ColumnType } from '../../stores/column-type.ts';
import { convertTo } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import type { Term } from '../planner/term.ts';
import { BIGINT, BIGINT_UNSIGNED, DOUBLE } from '../types.ts';

export interface WindowDefinition {
  readonly name: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly bind: (context: PlanContext, args: readonly Term[]) => { call: string; type: ColumnType; nullable: boolean };
}

function ranking(name: string, type: ColumnType): WindowDefinition {
  return { name, minArgs: 0, maxArgs: 0, bind: () => ({ call: `${name.toLowerCase()}()`, type, nullable: false }) };
}

function ofFirst(name: string, maxArgs: number): WindowDefinition {
  return {
    name,
    minArgs: 1,
    maxArgs,
    bind: (context, args) => {
      const [value, ...rest] = args as [Term, ...Term[]];
      const texts = rest.map(
        (arg, i) => (i === 0 ? convertTo(context, arg, BIGINT) : convertTo(context, arg, value.type)).sql,
      );
      return { call: `${name.toLowerCase()}(${[value.sql, ...texts].join(', ')})`, type: value.type, nullable: true };
    },
  };
}

export const WINDOW_FUNCTIONS: readonly WindowDefinition[] = [
  ranking('ROW_NUMBER', BIGINT_UNSIGNED),
  ranking('RANK', BIGINT_UNSIGNED),
  ranking('DENSE_RANK', BIGINT_UNSIGNED),
  ranking('PERCENT_RANK', DOUBLE),
  ranking('CUME_DIST', DOUBLE),
  {
    name: 'NTILE',
    minArgs: 1,
    maxArgs: 1,
    bind: (context, args) => ({
      call: `ntile(${convertTo(context, args[0] as Term, BIGINT).sql})`,
      type: BIGINT_UNSIGNED,
      nullable: false,
    }),
  },
  ofFirst('LAG', 3),
  ofFirst('LEAD', 3),
  ofFirst('FIRST_VALUE', 1),
  ofFirst('LAST_VALUE', 1),
  ofFirst('NTH_VALUE', 2),
];
