/** What is worked out while a definition is made (defaults, CHECKs, CREATE TABLE ... AS): there is no session whose values could be kept. */
import { failure } from '../../errors.ts';
import { Catalog } from '../../stores/catalog.ts';
import type { ExecutionContext, SessionView } from '../context.ts';
import type { SlotValue } from '../slots.ts';

const NO_CATALOG = new Catalog(0, [], []);

/** `slots`: of the statement. Asking for anything of the session is refused by name. */
export function definitionExecution(slots: readonly SlotValue[] = [], catalog: Catalog = NO_CATALOG): ExecutionContext {
  return {
    slots,
    catalog,
    nowMicros: Date.now() * 1000,
    get session(): SessionView {
      throw failure('ER_NOT_SUPPORTED_YET', 'values of the session in a definition');
    },
  };
}

/** For texts that are kept (a CHECK): not even the time of the definition means anything there. */
export const KEPT_TEXT_EXECUTION: ExecutionContext = {
  slots: [],
  catalog: NO_CATALOG,
  get nowMicros(): number {
    throw failure('ER_NOT_SUPPORTED_YET', 'the current time in a CHECK');
  },
  get session(): SessionView {
    throw failure('ER_NOT_SUPPORTED_YET', 'values of the session in a definition');
  },
};
