/** For tests: list commands over a real engine in a temporary directory, run one after the other as the gate would. */
import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnType } from '../stores/column-type.ts';
import type { ScalarFunction } from '../stores/function.ts';
import type { ColumnDefinition, TableDefinition } from '../stores/schema.ts';
import { quotedTable, quoteName } from '../stores/sqlite/ddl.ts';
import { Engine } from '../stores/sqlite/engine.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { jsonText } from '../util/json-text.ts';
import { comparatorOfQuery, keyColumnOf, matcherOfQuery } from './kept/list-query.ts';
import type { KeptRead, ListPlan, ListReadPlan } from './plan.ts';
import { ListPlanner } from './planner.ts';
import { LIST_FUNCTIONS, listTextFunction } from './store-functions.ts';
import type { ValueForms } from './value-forms.ts';

/** As much of SQL's value forms as these tests need. */
export const TEST_FORMS: ValueForms = {
  textFormatter: (type) => (value) => plainText(type, value),
  jsonFormatter: (type) => (value) => jsonText(plainText(type, value)),
  toStored: (column, text) => (column.type.name.includes('int') ? Number(text) : text),
  currentTimestamp: () => '2026-01-02 03:04:05',
};

function plainText(type: ColumnType, value: StoreValue): string | Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (type.name === 'decimal') return (Number(value) / 10 ** (type.scale ?? 0)).toFixed(type.scale ?? 0);
  if (type.name === 'enum') return type.values?.[Number(value) - 1] ?? '';
  return String(value);
}

/** By the matching, the order and the row's form that kept lists have of the query. */
function keptAnswer({ query, encoder, render }: KeptRead, engine: Engine): string {
  const { table } = query;
  const columns = table.columns.map((column) => quoteName(column.name)).join(', ');
  const all = engine.read({ kind: 'read', sql: `SELECT ${columns} FROM ${quotedTable(table)}`, params: [] });
  const found = all.filter(matcherOfQuery(query)).sort(comparatorOfQuery(query, keyColumnOf(table)!));
  const page = found.slice(query.skip, query.max === null ? undefined : query.skip + query.max);
  const rows = query.wantsRows ? page.map((row) => encoder.encode(row)) : null;
  return Buffer.from(render({ rows, count: found.length }), 'latin1').toString('utf8');
}

/** As in a URL, but not encoded: values may hold anything but `&`. Or as pairs. */
type Parameters = string | readonly (readonly [name: string, value: string])[];

function pairsOf(parameters: string) {
  return parameters.split('&').map((part) => {
    const equals = part.indexOf('=');
    return [part.slice(0, equals), part.slice(equals + 1)] as const;
  });
}

export class ListStore {
  readonly engine: Engine;
  readonly planner: ListPlanner;
  readonly #directory: string;

  constructor(maxRows = 10_000, functions: readonly ScalarFunction[] = LIST_FUNCTIONS) {
    this.#directory = mkdtempSync(join(tmpdir(), 'sluice-lists-'));
    this.engine = Engine.open(this.#directory, {
      readOnly: false,
      synchronous: 'NORMAL',
      functions: [...functions, listTextFunction(TEST_FORMS.textFormatter)],
    });
    this.planner = new ListPlanner({ forms: TEST_FORMS, defaultTable: 'main.feed', maxRows: () => maxRows });
  }

  plan(parameters: Parameters, body = '', formEncoded = false): ListPlan {
    const pairs = typeof parameters === 'string' ? pairsOf(parameters) : parameters;
    const fromUrl = body === '' && typeof parameters === 'string' ? { query: parameters } : {};
    return this.planner.plan({ parameters: pairs, body, formEncoded, ...fromUrl }, this.engine.catalog);
  }

  /** The answer's text. */
  run(parameters: Parameters, body = '', formEncoded = false): string {
    for (;;) {
      const plan = this.plan(parameters, body, formEncoded);
      const options = { catalogVersion: this.engine.catalog.version, foreignKeyChecks: true };
      switch (plan.kind) {
        case 'answer':
          return plan.json;
        case 'read':
          return this.#read(plan);
        case 'sql':
          throw new TypeError(`these tests have no SQL: ${plan.text}`);
        case 'schema':
          this.engine.changeSchema(plan.statement, options);
          break;
        case 'write': {
          if (plan.statement.kind === 'schema')
            return plan.render(this.engine.changeSchema(plan.statement, options).result);
          this.engine.begin(options);
          try {
            const result = this.engine.write(plan.statement, options);
            this.engine.commit();
            return plan.render(result);
          } catch (error) {
            this.engine.rollback();
            throw error;
          }
        }
      }
    }
  }

  /** What the store gives; what kept lists would make of all rows must be the same. */
  #read(plan: ListReadPlan): string {
    const answer = plan.render(this.engine.read(plan.bind().statement));
    if (plan.kept !== null) assert.equal(keptAnswer(plan.kept, this.engine), answer);
    return answer;
  }

  /** Whether the front would run it itself. */
  runsInline(parameters: string): boolean {
    const plan = this.plan(parameters);
    return plan.kind === 'read' && plan.bind().inline;
  }

  /** The answer's value. */
  json(parameters: Parameters, body = ''): unknown {
    return JSON.parse(this.run(parameters, body));
  }

  createTable(columns: readonly ColumnDefinition[], more: Partial<TableDefinition> = {}): void {
    const options = { catalogVersion: this.engine.catalog.version, foreignKeyChecks: true };
    const table: TableDefinition = {
      database: 'main',
      name: 'feed',
      kind: 'table',
      columns,
      primaryKey: [columns[0]?.name ?? ''],
      indexes: [],
      foreignKeys: [],
      checks: [],
      createdAt: '2026-01-01T00:00:00Z',
      ...more,
    };
    if (this.engine.catalog.database('main') === undefined) {
      const change = { kind: 'create-database', database: { name: 'main' } } as const;
      this.engine.changeSchema({ kind: 'schema', change }, options);
    }
    const now = { ...options, catalogVersion: this.engine.catalog.version };
    this.engine.changeSchema({ kind: 'schema', change: { kind: 'create-table', table } }, now);
  }

  insertRows(rows: readonly StoreRow[]): void {
    const options = { catalogVersion: this.engine.catalog.version, foreignKeyChecks: true };
    this.engine.begin(options);
    this.engine.write({ kind: 'insert', database: 'main', table: 'feed', mode: 'insert', rows }, options);
    this.engine.commit();
  }

  close(): void {
    this.engine.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
