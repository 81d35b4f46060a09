/** The procedures that every process of a store has. */
import { KEYS_PROCEDURE } from '../keys/procedure.ts';
import { MIRROR_PROCEDURE } from '../mirror/procedure.ts';
import type { StoreProcedure } from '../stores/procedure.ts';

export const STORE_PROCEDURES: readonly StoreProcedure[] = [KEYS_PROCEDURE, MIRROR_PROCEDURE];
