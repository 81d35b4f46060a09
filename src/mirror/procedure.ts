/**
 * What the mirror asks of its store's writer. A batch is applied with the positions that it leads to in one transaction, after the batch before it and once: it is
 * refused otherwise.
 */
import type { ProcedureCall, ProcedureTransaction, StoreProcedure } from '../stores/procedure.ts';
import { decodeRows, decodeSegments } from './batch-body.ts';
import { comparePositions } from './binlog/position.ts';
import { MIRROR_DATABASE, type MirrorState, readState, type StoredTable, stateUpdate } from './mirror-state.ts';
import type { Batch, LostTable, MirroredName } from './protocol.ts';
import { MirrorMismatch, RowWriter } from './row-writer.ts';
import type { SourceIdentity } from './source-identity.ts';

export interface ApplyInput extends Batch {
  readonly kind: 'apply';
  /** Of the run. */
  readonly tables: readonly MirroredName[];
}

export type MirrorInput =
  | ApplyInput
  /** Rows of a transaction whose batch is still to come, in an explicit transaction of the store. */
  | { readonly kind: 'part'; readonly tables: readonly MirroredName[]; readonly body: Uint8Array }
  /** Rows of a table that is being copied. */
  | { readonly kind: 'load'; readonly copy: string; readonly body: Uint8Array }
  | ({ readonly kind: 'amend' } & Amendment);

/** A change of the mirror's state beside its batches. */
export interface Amendment {
  readonly identity?: SourceIdentity;
  readonly remove?: readonly MirroredName[];
  /** In place of those of the same names. */
  readonly put?: readonly StoredTable[];
}

export type MirrorOutcome =
  | { readonly kind: 'done' }
  /** Nothing of it was applied: this table is not what the source's was. `table`: in the order of the run's; of a load, 0. */
  | ({ readonly kind: 'mismatch' } & LostTable)
  /** It does not follow what was applied last. */
  | { readonly kind: 'out-of-order' };

const DONE: MirrorOutcome = { kind: 'done' };

const CALL_BYTES = 500;

export function mirrorCall(input: MirrorInput): ProcedureCall {
  const bytes = CALL_BYTES + ('body' in input ? input.body.length : 0);
  return { kind: 'procedure', name: MIRROR_PROCEDURE.name, input, bytes };
}

/** The result is a MirrorOutcome. */
export const MIRROR_PROCEDURE: StoreProcedure = {
  name: 'mirror',
  run(given, transaction): MirrorOutcome {
    const input = given as MirrorInput;
    switch (input.kind) {
      case 'apply':
        return apply(input, transaction);
      case 'part':
        return guarded(transaction, () => applyRows(transaction, input.tables, input.body, null));
      case 'load':
        return guarded(transaction, () => load(transaction, input.copy, input.body));
      case 'amend': {
        const state = readState(transaction.read);
        transaction.write(stateUpdate(state, amended(state, input)));
        return DONE;
      }
    }
  },
};

class TableMismatch extends Error {
  readonly lost: LostTable;

  constructor(lost: LostTable) {
    super(lost.why);
    this.lost = lost;
  }
}

/** A mismatch is an outcome, with nothing done. */
function guarded(transaction: ProcedureTransaction, work: () => void): MirrorOutcome {
  try {
    transaction.atomically(work);
    return DONE;
  } catch (error) {
    if (error instanceof TableMismatch) return { kind: 'mismatch', ...error.lost };
    throw error;
  }
}

function apply(input: ApplyInput, transaction: ProcedureTransaction): MirrorOutcome {
  const state = readState(transaction.read);
  const isNext = input.number === 0 || (state.run === input.run && state.batch === input.number - 1);
  if (!isNext) return { kind: 'out-of-order' };
  return guarded(transaction, () => {
    applyRows(transaction, input.tables, input.body, input.wholly);
    transaction.write(stateUpdate(state, advanced(state, input)));
  });
}

function amended(state: MirrorState, { identity, remove = [], put = [] }: Amendment): MirrorState {
  const gone = [...remove, ...put];
  return {
    ...state,
    identity: identity ?? state.identity,
    tables: [...state.tables.filter((stored) => !gone.some((name) => isOf(stored, name))), ...put],
  };
}

function isOf(stored: MirroredName, { database, table }: MirroredName): boolean {
  return stored.database === database && stored.table === table;
}

function advanced(state: MirrorState, { run, number, position, tables, lost }: ApplyInput): MirrorState {
  const gone = lost.map(({ table }) => tables[table]!);
  return {
    ...state,
    run,
    batch: number,
    tables: state.tables
      .filter((stored) => !gone.some((name) => isOf(stored, name)))
      .map((stored) => {
        const isAhead = comparePositions(stored.position, position) >= 0;
        return isAhead || !tables.some((name) => isOf(stored, name)) ? stored : { ...stored, position };
      }),
  };
}

/** `wholly`: tables that count as changed as a whole; null: all of them. */
function applyRows(
  transaction: ProcedureTransaction,
  tables: readonly MirroredName[],
  body: Uint8Array,
  wholly: readonly number[] | null,
): void {
  for (const [index, befores, afters] of decodeSegments(body)) {
    const { database, table } = tables[index]!;
    of(index, () => {
      const definition = transaction.catalog.table(database, table);
      if (definition === undefined) throw new MirrorMismatch('the mirror does not have the table');
      const writer = new RowWriter(transaction, definition, wholly?.includes(index) ?? true);
      for (let i = 0; i < afters.length; i++) writer.change(befores[i]!, afters[i]!);
      writer.flush();
    });
  }
}

function load(transaction: ProcedureTransaction, copy: string, body: Uint8Array): void {
  of(0, () => {
    const definition = transaction.catalog.table(MIRROR_DATABASE, copy);
    if (definition === undefined) throw new MirrorMismatch('the mirror does not have the table that is being copied');
    const writer = new RowWriter(transaction, definition, true);
    for (const row of decodeRows(body)) writer.change(null, row);
    writer.flush();
  });
}

function of(table: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof MirrorMismatch) throw new TableMismatch({ table, why: error.message });
    throw error;
  }
}
