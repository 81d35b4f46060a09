/** A small catalog with one of everything, and a session over it, for the tests of SHOW and information_schema. */
import { Catalog } from '../../stores/catalog.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import type { Warning } from '../../stores/statement.ts';
import type { ShowAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import type { SlotValue } from '../slots.ts';
import { SessionVariables } from '../variables/session-variables.ts';
import { VariableStore } from '../variables/variable-store.ts';
import type { VirtualTable } from '../virtual-table.ts';

function column(name: string, type: ColumnType, more: Partial<ColumnDefinition> = {}): ColumnDefinition {
  return { name, type, nullable: true, ...more };
}

const NOT_NULL = { nullable: false } as const;

const USERS: TableDefinition = {
  database: 'shop',
  name: 'users',
  kind: 'table',
  columns: [
    column('id', { name: 'int', unsigned: true }, { ...NOT_NULL, autoIncrement: true }),
    column('name', { name: 'varchar', length: 20 }, { ...NOT_NULL, default: { kind: 'literal', value: '', text: '' } }),
    column('email', { name: 'varchar', length: 100, collation: 'utf8mb4_bin' }),
    column(
      'active',
      { name: 'tinyint', length: 1 },
      { ...NOT_NULL, default: { kind: 'literal', value: 1, text: '1' } },
    ),
    column('bio', { name: 'text' }, { comment: "it's optional" }),
    column(
      'created',
      { name: 'timestamp' },
      { ...NOT_NULL, default: { kind: 'now', fsp: 0 }, onUpdateNow: { fsp: 0 } },
    ),
    column('seen', { name: 'datetime', scale: 6 }),
  ],
  primaryKey: ['id'],
  indexes: [
    {
      name: 'name',
      unique: false,
      parts: [
        { column: 'name', length: 10 },
        { column: 'seen', descending: true },
      ],
    },
    { name: 'email', unique: true, parts: [{ column: 'email' }] },
  ],
  foreignKeys: [],
  checks: [],
  comment: 'who buys',
  createdAt: '2024-05-06T07:08:09.123Z',
};

const ORDERS: TableDefinition = {
  database: 'shop',
  name: 'orders',
  kind: 'table',
  columns: [
    column('number', { name: 'bigint' }, NOT_NULL),
    column('user', { name: 'int', unsigned: true }),
    column(
      'total',
      { name: 'decimal', precision: 10, scale: 2 },
      { default: { kind: 'literal', value: 0, text: '0.00' } },
    ),
    column('state', { name: 'enum', values: ['new', "won't ship"] }),
    column('flags', { name: 'bit', length: 3 }, { default: { kind: 'literal', value: 5, text: '5' } }),
    column('token', { name: 'varchar', length: 36 }, { default: { kind: 'expression', text: 'uuid()' } }),
    column('data', { name: 'json' }),
    column('paid', { name: 'timestamp', scale: 3 }),
    column('note', { name: 'varchar', length: 5, collation: 'latin1_swedish_ci' }),
  ],
  primaryKey: [],
  indexes: [{ name: 'number', unique: true, parts: [{ column: 'number' }], comment: 'the key' }],
  foreignKeys: [
    {
      name: 'orders_ibfk_1',
      columns: ['user'],
      referencedDatabase: 'shop',
      referencedTable: 'users',
      referencedColumns: ['id'],
      onDelete: 'cascade',
      onUpdate: 'no action',
    },
  ],
  checks: [{ name: 'orders_chk_1', text: '`total` >= 0', storeSql: '"total" >= 0' }],
  collation: 'utf8mb4_general_ci',
  createdAt: '2024-05-06T07:08:09.123Z',
};

export const SAMPLE_CATALOG = new Catalog(
  1,
  [{ name: 'shop' }, { name: 'Old', collation: 'latin1_swedish_ci' }],
  [USERS, ORDERS],
);

export interface SampleSession {
  readonly database?: string | null;
  readonly warnings?: readonly Warning[];
  readonly set?: Readonly<Record<string, string | number>>;
  readonly slots?: readonly SlotValue[];
}

export function sampleContext({
  database = 'shop',
  warnings = [],
  set = {},
  slots = [],
}: SampleSession = {}): ExecutionContext {
  const facts = { connectionId: 7, lastInsertId: 0, warnings, nowMicros: 0 };
  const variables = new SessionVariables(new VariableStore({ version: '8.0.42-Sluice-0.1.0' }), facts);
  for (const [name, value] of Object.entries(set)) variables.set(name, value);
  const process = { user: 'root', host: '127.0.0.1', database, command: 'Query', seconds: 0, state: 'executing' };
  return {
    slots,
    catalog: SAMPLE_CATALOG,
    nowMicros: 0,
    session: {
      connectionId: 7,
      user: 'root',
      host: '127.0.0.1',
      database,
      variable: (name, scope) => variables.get(name, scope),
      userVariable: () => undefined,
      lastInsertId: 0,
      rowCount: 0,
      foundRows: 0,
      warnings,
      server: {
        processes: () => [{ id: 7, ...process, info: `SELECT '${'x'.repeat(200)}'` }],
        statusCounters: () =>
          new Map([
            ['Uptime', 12],
            ['Questions', 3],
          ]),
      },
    },
  };
}

export function show(what: string, more: Partial<ShowAst> = {}): ShowAst {
  return { kind: 'show', what, full: false, ...more };
}

/** Rows as objects by column name. */
export function named(table: VirtualTable, context: ExecutionContext): Record<string, unknown>[] {
  return table.rows(context).map((row) => Object.fromEntries(table.columns.map(({ name }, i) => [name, row[i]])));
}
