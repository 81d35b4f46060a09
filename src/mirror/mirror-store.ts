/** What the mirror does with its store, beside batches: its state, tables that are being copied, and their taking the place of the old ones. */
import { SluiceError } from '../errors.ts';
import type { ListIndexDefinition, TableDefinition } from '../stores/schema.ts';
import type { SchemaChange } from '../stores/schema-change.ts';
import type { Store } from '../stores/store.ts';
import {
  FIRST_STATE_ROW,
  MIRROR_DATABASE,
  type MirrorState,
  readState,
  type StoredTable,
  stateTable,
} from './mirror-state.ts';
import { type Amendment, type MirrorInput, type MirrorOutcome, mirrorCall } from './procedure.ts';
import type { MirroredName } from './protocol.ts';

/** A schema change is planned anew when another one came first. */
const ATTEMPTS = 5;

export class MirrorStore {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  get state(): MirrorState {
    return readState((statement) => this.store.readInline(statement));
  }

  /** Makes what is missing, finishes what was interrupted, and drops what belongs to no table. */
  async prepare(): Promise<void> {
    const createdAt = new Date().toISOString();
    await this.#createDatabase(MIRROR_DATABASE);
    const { catalog } = this.store;
    const table = stateTable(createdAt);
    if (catalog.table(MIRROR_DATABASE, table.name) === undefined) await this.#change({ kind: 'create-table', table });
    await this.store.write(FIRST_STATE_ROW, { catalogVersion: this.store.catalog.version, foreignKeyChecks: false });
    for (const stored of this.state.tables) await this.putInPlace(stored);
    for (const { name } of this.store.catalog.tables(MIRROR_DATABASE)) {
      if (name !== table.name) await this.drop(name);
    }
  }

  call(input: MirrorInput): Promise<MirrorOutcome> {
    const host = this.store.procedures;
    if (host === undefined) throw new TypeError('a store with procedures');
    return host.write(mirrorCall(input), { foreignKeyChecks: false }) as Promise<MirrorOutcome>;
  }

  async amend(amendment: Amendment): Promise<void> {
    await this.call({ kind: 'amend', ...amendment });
  }

  /** An empty table for the rows of `definition`, with the list indexes that the table has now. */
  async createCopy(definition: TableDefinition, copy: string): Promise<void> {
    const current = this.store.catalog.table(definition.database, definition.name);
    const listIndexes: readonly ListIndexDefinition[] = current?.listIndexes ?? [];
    const table = {
      ...definition,
      database: MIRROR_DATABASE,
      name: copy,
      ...(listIndexes.length === 0 ? {} : { listIndexes }),
    };
    await this.#change({ kind: 'create-table', table });
  }

  /** The whole copy becomes the table, in one commit. Does nothing when it has already. */
  async putInPlace(stored: StoredTable): Promise<void> {
    const { database, table, copy } = stored;
    if (copy === null) return;
    if (this.store.catalog.table(MIRROR_DATABASE, copy) !== undefined) {
      await this.#createDatabase(database);
      const old = `${copy}.old`;
      const isThere = this.store.catalog.table(database, table) !== undefined;
      const renames = [{ from: { database: MIRROR_DATABASE, name: copy }, to: { database, name: table } }];
      if (isThere) renames.unshift({ from: { database, name: table }, to: { database: MIRROR_DATABASE, name: old } });
      await this.#change({ kind: 'rename-tables', renames });
      if (isThere) await this.drop(old);
    }
    await this.amend({ put: [{ ...stored, copy: null }] });
  }

  /** A table of MIRROR_DATABASE. */
  async drop(name: string): Promise<void> {
    if (this.store.catalog.table(MIRROR_DATABASE, name) === undefined) return;
    await this.#change({ kind: 'drop-tables', tables: [{ database: MIRROR_DATABASE, name }] });
  }

  /** Tables that are no longer to be mirrored. */
  async forget(isMirrored: (name: MirroredName) => boolean): Promise<void> {
    const remove = this.state.tables.filter((stored) => !isMirrored(stored));
    if (remove.length > 0) await this.amend({ remove });
    const { catalog } = this.store;
    const gone = catalog
      .databases()
      .filter(({ name }) => name !== MIRROR_DATABASE)
      .flatMap(({ name }) => catalog.tables(name))
      .filter(({ database, name, system }) => system === undefined && !isMirrored({ database, table: name }));
    if (gone.length > 0) await this.#change({ kind: 'drop-tables', tables: gone });
  }

  async #createDatabase(name: string): Promise<void> {
    if (this.store.catalog.database(name) === undefined)
      await this.#change({ kind: 'create-database', database: { name } });
  }

  async #change(change: SchemaChange): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const catalogVersion = this.store.catalog.version;
        await this.store.write({ kind: 'schema', change }, { catalogVersion, foreignKeyChecks: false });
        return;
      } catch (error) {
        if (!(error instanceof SluiceError && error.code === 'SLUICE_STALE_PLAN') || attempt === ATTEMPTS) throw error;
      }
    }
  }
}
