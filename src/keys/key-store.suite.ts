/** For tests: the tree's tables in a real engine in a temporary directory, and plans run on it as the gate would. */
import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../stores/sqlite/engine.ts';
import type { InsertStatement, ModifyStatement } from '../stores/statement.ts';
import type { Commit } from '../stores/store.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import type { KeyPlan } from './plan.ts';
import { runPlan, type StepRunner } from './run-plan.ts';
import { KEY_FUNCTIONS } from './store-functions.ts';
import { keySystemTables } from './system-tables.ts';
import { decodeValue, encodeValue, type KeyValue, type StoredValue } from './values.ts';
import { type PutOptions, type PutResult, planPut, planPutMany } from './write-plans.ts';

export class KeyStore {
  readonly #directory = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  #engine = this.#open();

  #open(): Engine {
    return Engine.open(this.#directory, {
      readOnly: false,
      synchronous: 'NORMAL',
      functions: KEY_FUNCTIONS,
      systemTables: keySystemTables('2026-01-01T00:00:00Z'),
    });
  }

  #options() {
    return { catalogVersion: this.#engine.catalog.version, foreignKeyChecks: true };
  }

  get sequence(): number {
    return this.#engine.sequence;
  }

  read(sql: string, params: readonly StoreValue[] = []): StoreRow[] {
    return this.#engine.read({ kind: 'read', sql, params });
  }

  write(...statements: (InsertStatement | ModifyStatement)[]): Commit | null {
    this.#engine.begin(this.#options());
    try {
      for (const statement of statements) this.#engine.write(statement, this.#options());
      return this.#engine.commit();
    } catch (error) {
      this.#engine.rollback();
      throw error;
    }
  }

  /** Runs a plan as the gate would: on one snapshot, or in one transaction. */
  run<Result>(plan: KeyPlan<Result>): Result {
    if (!plan.writes) return runPlan(plan, this.#reader);
    let result: Result | undefined;
    this.transaction((run) => {
      result = run(plan);
    });
    return result as Result;
  }

  /** Several plans in one transaction, which `work` may end by throwing. */
  transaction(work: (run: <Result>(plan: KeyPlan<Result>) => Result) => void): Commit | null {
    this.#engine.begin(this.#options());
    try {
      work((plan) => runPlan(plan, this.#writer));
      return this.#engine.commit();
    } catch (error) {
      this.#engine.rollback();
      throw error;
    }
  }

  readonly #reader: StepRunner = {
    read: (statement) => this.#engine.read(statement),
    write: () => assert.fail('a plan that only reads wrote'),
    savepoint: () => undefined,
  };

  readonly #writer: StepRunner = {
    read: (statement) => this.#engine.read(statement),
    write: (statement) => this.#engine.write(statement, this.#options()),
    savepoint: (statement) => this.#engine.savepoint(statement),
  };

  reopen(): void {
    this.#engine.close();
    this.#engine = this.#open();
  }

  close(): void {
    this.#engine.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function putPlan(key: string, value: unknown, options: PutOptions, now: number): KeyPlan<PutResult> {
  return planPut(key, encodeValue(key, value), options, now);
}

export function putManyPlan(
  entries: Iterable<readonly [string, unknown]>,
  options: Pick<PutOptions, 'ttl' | 'expiresAt'>,
  now: number,
): KeyPlan<void> {
  const stored = Array.from(entries, ([key, value]) => [key, encodeValue(key, value)] as const);
  return planPutMany(stored, options, now);
}

/** As it was put; undefined: nothing is there. */
export function plainValue(stored: StoredValue | null | undefined): KeyValue | undefined {
  return stored == null ? undefined : decodeValue(stored);
}
