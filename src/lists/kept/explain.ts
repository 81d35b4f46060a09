/** What would answer a query, without asking it: for EXPLAIN and explain=1. Nothing is counted, nothing begins to be built. */
import { isUnsupported, WINDOW_KEY_CHARS_MAX, WINDOW_ROWS_MAX } from './list-answers.ts';
import type { ListQuery } from './list-query.ts';
import { pointKeys } from './point-query.ts';
import { type TableLists, windowKeyOf } from './table-lists.ts';

export interface KeptState {
  /** key: a row by its key; index: kept indexes, for any values; window: this list with these values. */
  readonly by: 'key' | 'index' | 'window';
  /** Only what is ready answers; what is not kept is when it is asked for often, or is dear. */
  readonly state: 'ready' | 'building' | 'not kept';
}

/** null: such a query is never answered from what is kept. */
export function keptStateOf(lists: TableLists, query: ListQuery): KeptState | null {
  if (pointKeys(query, lists.keyColumn) !== null) return { by: 'key', state: 'ready' };
  const { plan } = lists.shapeOf(query);
  if (plan !== null && !isUnsupported(lists, plan, query)) {
    if (!query.wantsRows && plan.range === null && lists.indexOfGrouping(plan.grouping) !== undefined)
      return { by: 'index', state: 'ready' };
    const needed = query.wantsRows && !plan.isOneIndex ? [plan.ordered, plan.ranged] : [plan.ranged];
    const entries = needed.map((index) => lists.indexFor(index));
    return { by: 'index', state: stateOf(entries.map((entry) => entry?.index.isComplete)) };
  }
  if (query.wantsRows && query.skip + (query.max ?? 0) > WINDOW_ROWS_MAX) return null;
  const key = windowKeyOf(lists, query);
  if (key.length > WINDOW_KEY_CHARS_MAX) return null;
  const entry = lists.windows.get(key);
  return { by: 'window', state: stateOf([entry?.window.isReady]) };
}

/** undefined: not there. */
function stateOf(ready: readonly (boolean | undefined)[]): KeptState['state'] {
  if (ready.every((isReady) => isReady === true)) return 'ready';
  return ready.some((isReady) => isReady !== undefined) ? 'building' : 'not kept';
}
