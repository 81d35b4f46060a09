/** A gate over an embedded store in a temporary directory, and sessions that are easy to ask. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEYS_PROCEDURE } from '../keys/procedure.ts';
import { KEY_FUNCTIONS } from '../keys/store-functions.ts';
import { keySystemTables } from '../keys/system-tables.ts';
import { LIST_FUNCTIONS, listTextFunction } from '../lists/store-functions.ts';
import { SQL_STORE_FUNCTIONS } from '../sql/functions/registry.ts';
import { textFormatter } from '../sql/values/format.ts';
import { VariableStore } from '../sql/variables/variable-store.ts';
import { openInlineStore } from '../stores/sqlite/store.ts';
import type { Store } from '../stores/store.ts';
import { usersTable } from './accounts/stored-users.ts';
import { type GateOptions, LocalGate } from './gate.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';
import { SessionKeys } from './session-keys.ts';

export class TestGate {
  readonly directory = mkdtempSync(join(tmpdir(), 'sluice-gate-'));
  readonly store = openInlineStore({
    directory: this.directory,
    synchronous: 'NORMAL',
    lockWaitTimeoutMs: 50_000,
    functions: [...SQL_STORE_FUNCTIONS, ...LIST_FUNCTIONS, ...KEY_FUNCTIONS, listTextFunction(textFormatter)],
    procedures: [KEYS_PROCEDURE],
    systemTables: [
      ...keySystemTables('2026-01-01T00:00:00.000Z'),
      { definition: usersTable('2026-01-01T00:00:00.000Z'), statements: [] },
    ],
  });
  readonly gate: LocalGate;

  /** `wrap`: what the gate is to take for the store. */
  constructor(options: Partial<GateOptions> = {}, wrap: (store: Store) => Store = (store) => store) {
    this.gate = new LocalGate({
      store: wrap(this.store),
      variables: new VariableStore({ version: '8.0.42-Sluice-test' }),
      accounts: [],
      tcsqlTable: 'main.feed',
      listsMemoryBytes: 64 * 1024 * 1024,
      keepListsAfter: 1,
      log: { error: () => undefined, warn: () => undefined, info: () => undefined },
      ...options,
    });
  }

  session(): TestSession {
    return new TestSession(
      this.gate.openSession({ user: 'root', host: 'localhost', protocol: 'mysql', database: 'main' }),
    );
  }

  async close(): Promise<void> {
    this.gate.close();
    await this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class TestSession {
  readonly session: GateSession;

  constructor(session: GateSession) {
    this.session = session;
  }

  get keys(): SessionKeys {
    return new SessionKeys(this.session);
  }

  execute(text: string): Promise<Outcome> {
    return Promise.resolve().then(() => this.session.execute({ kind: 'sql', text }));
  }

  /** Rows as the text protocol gives them. */
  async rows(text: string): Promise<(string | null)[][]> {
    const outcome = await this.execute(text);
    if (outcome.kind !== 'rows' && outcome.kind !== 'stream') throw new Error(`${text} gave no rows`);
    const formatters = outcome.columns.map((column) => textFormatter(column.type));
    const rows: (string | null)[][] = [];
    const take = (row: readonly (string | number | bigint | Uint8Array | null)[]): void => {
      rows.push(row.map((value, i) => (value === null ? null : String(formatters[i]?.(value)))));
    };
    if (outcome.kind === 'rows') outcome.rows.forEach(take);
    else for await (const chunk of outcome.chunks) chunk.forEach(take);
    return rows;
  }

  /** The errno that the statement fails with; 0 when it does not. */
  async errno(text: string): Promise<number> {
    try {
      await this.rows(text).catch((error: unknown) => {
        if (error instanceof Error && error.message.endsWith('gave no rows')) return;
        throw error;
      });
      return 0;
    } catch (error) {
      return (error as { errno: number }).errno;
    }
  }
}
