/** An engine in a directory of its own, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { StoreFunction } from '../function.ts';
import { planned, read, schema } from '../samples.suite.ts';
import type { TableDefinition } from '../schema.ts';
import type { SchemaChange } from '../schema-change.ts';
import type { InsertStatement, ModifyStatement, WriteResult } from '../statement.ts';
import type { Commit } from '../store.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import { Engine } from './engine.ts';

export class EngineHarness {
  directory = '';
  engine!: Engine;
  readonly #functions: readonly StoreFunction[];

  constructor(functions: readonly StoreFunction[]) {
    this.#functions = functions;
  }

  open(): void {
    this.engine = Engine.open(this.directory, {
      readOnly: false,
      synchronous: 'NORMAL',
      functions: this.#functions,
      cacheMebibytes: 8,
    });
  }

  /** As after kill -9: the file stays as it is at this moment. */
  crash(): void {
    const crashed = this.engine;
    this.open();
    crashed.close();
  }

  reopen(): void {
    this.engine.close();
    this.open();
  }

  change(change: SchemaChange, foreignKeyChecks = true): Commit {
    return this.engine.changeSchema(schema(change), planned(this.engine, foreignKeyChecks)).commit;
  }

  create(...tables: TableDefinition[]): void {
    for (const table of tables) this.change({ kind: 'create-table', table });
  }

  /** One statement in a transaction of its own. */
  write(statement: InsertStatement | ModifyStatement): WriteResult {
    return this.transaction(() => this.engine.write(statement, planned(this.engine))).result;
  }

  /** Rolls back when `work` throws. */
  transaction<T>(work: () => T): { result: T; commit: Commit | null } {
    this.engine.begin({ foreignKeyChecks: true });
    try {
      const result = work();
      return { result, commit: this.engine.commit() };
    } catch (error) {
      this.engine.rollback();
      throw error;
    }
  }

  rows(sql: string, params: StoreValue[] = []): StoreRow[] {
    return this.engine.read(read(sql, params));
  }

  /** The definition in the catalog. */
  table(name: string, database = 'main'): TableDefinition {
    const table = this.engine.catalog.table(database, name);
    if (table === undefined) throw new Error(`no table ${name}`);
    return table;
  }
}

/** A fresh engine for each test of the file that calls this. */
export function useEngine(functions: readonly StoreFunction[] = []): EngineHarness {
  const harness = new EngineHarness(functions);
  beforeEach(() => {
    harness.directory = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
    harness.open();
  });
  afterEach(() => {
    harness.engine.close();
    rmSync(harness.directory, { recursive: true });
  });
  return harness;
}
