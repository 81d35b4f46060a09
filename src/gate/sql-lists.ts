/** SELECTs that are lists (one table, simple conditions, columns as they are, ordered by columns) or counts of such, as kept lists ask for them. */
import { keyColumnOf, type ListOrder, type ListQuery, type ListTerm } from '../lists/kept/list-query.ts';
import type { RowEncoder } from '../lists/kept/row-encoder.ts';
import type { ExecutionContext } from '../sql/context.ts';
import type { QueryPlan } from '../sql/planner/plan.ts';
import type { QueryShape } from '../sql/planner/query.ts';
import type { BoundColumn, ParameterSource, SimpleCondition } from '../sql/planner/term.ts';
import { family, isBinaryCollation } from '../sql/types.ts';
import type { ColumnType } from '../stores/column-type.ts';
import type { TableDefinition } from '../stores/schema.ts';
import { quoteName } from '../stores/sqlite/ddl.ts';
import type { StoreRow } from '../stores/values.ts';
import { termOf } from './footprint.ts';
import type { RowForm } from './request.ts';

/** What a plan asks of kept lists, made once for it. */
export interface SqlList {
  readonly counts: boolean;
  /** Empty for a count. */
  readonly projection: readonly number[];
  readonly table: TableDefinition;
  query(execution: ExecutionContext): ListQuery;
  /** Encoders found before: a plan is mostly asked by one protocol. */
  asValues?: RowEncoder<StoreRow>;
  lastForm?: { readonly form: RowForm; readonly encoder: RowEncoder<string> };
}

const LISTS = new WeakMap<QueryPlan, SqlList | 'none'>();

/** null: the plan is no list that is kept. */
export function sqlListOf(plan: QueryPlan): SqlList | null {
  let list = LISTS.get(plan);
  if (list === undefined) {
    list = makeList(plan) ?? 'none';
    LISTS.set(plan, list);
  }
  return list === 'none' ? null : list;
}

function makeList(plan: QueryPlan): SqlList | null {
  const { shape } = plan;
  if (shape === null || plan.lock !== null || plan.calcFoundRows || !shape.onlyConditions) return null;
  const table = shape.table.definition;
  const keyColumn = keyColumnOf(table);
  if (keyColumn === null) return null;
  return shape.counts ? countList(shape, table) : rowsList(shape, table, keyColumn);
}

function countList(shape: QueryShape, table: TableDefinition): SqlList | null {
  if (shape.limit !== null || shape.offset !== null) return null;
  const { conditions } = shape;
  const name = shapeName(conditions, []);
  return {
    counts: true,
    projection: [],
    table,
    query: (execution) => ({
      table,
      shape: name,
      conditions: termsOf(conditions, execution),
      order: [],
      ties: 'ascending',
      skip: 0,
      max: null,
      wantsRows: false,
      wantsCount: true,
    }),
  };
}

function rowsList(shape: QueryShape, table: TableDefinition, keyColumn: number): SqlList | null {
  const { conditions, orderBy, projection, limit, offset } = shape;
  if (!shape.plain || projection === null || orderBy === null) return null;
  const isPoint = conditions.some((condition) => condition.op === '=' && condition.column.index === keyColumn);
  // Without an order the store may give any, and another one tomorrow.
  if (orderBy.length === 0 && !isPoint) return null;
  const order = orderBy.map(orderOf);
  const name = shapeName(conditions, order);
  const ties = order.at(-1)?.descending === true ? 'descending' : 'ascending';
  return {
    counts: false,
    projection,
    table,
    query: (execution) => ({
      table,
      shape: name,
      conditions: termsOf(conditions, execution),
      order,
      ties,
      skip: rowsOf(offset, execution) ?? 0,
      max: rowsOf(limit, execution),
      wantsRows: true,
      wantsCount: false,
    }),
  };
}

function orderOf({ column, descending }: { readonly column: BoundColumn; readonly descending: boolean }): ListOrder {
  const { type } = column.definition;
  const collation = family(type) !== 'string' ? 'number' : isBinaryCollation(type) ? 'binary' : 'nocase';
  // MySQL's NULL is less than every value.
  return { column: column.index, descending, collation, nulls: descending ? 'last' : 'first' };
}

/** Names in SQL's own space: what the list protocol calls by the same name is another shape. */
function shapeName(conditions: readonly SimpleCondition[], order: readonly ListOrder[]): string {
  const terms = conditions.map(({ column, op, collation }) => `${column.index}${op}${collation}`);
  const items = order.map(({ column, descending, collation }) => `${column}${descending ? 'd' : 'a'}${collation}`);
  return `SQL ${terms.join(';')}/${items.join(';')}`;
}

function termsOf(conditions: readonly SimpleCondition[], execution: ExecutionContext): ListTerm[] {
  return conditions.map((condition) => termOf(condition, execution));
}

function rowsOf(source: ParameterSource | null, execution: ExecutionContext): number | null {
  return source === null ? null : Math.min(Number(source(execution)), Number.MAX_SAFE_INTEGER);
}

// ---- Rows in a protocol's form

const ENCODERS = new WeakMap<TableDefinition, Map<string, RowEncoder<unknown>>>();

function encoderNamed<Encoded>(
  table: TableDefinition,
  name: string,
  make: () => RowEncoder<Encoded>,
): RowEncoder<Encoded> {
  let encoders = ENCODERS.get(table);
  if (encoders === undefined) {
    encoders = new Map();
    ENCODERS.set(table, encoders);
  }
  let encoder = encoders.get(name) as RowEncoder<Encoded> | undefined;
  if (encoder === undefined) {
    encoder = make();
    encoders.set(name, encoder as RowEncoder<unknown>);
  }
  return encoder;
}

/** Rows as values, for protocols that name no form. */
export function valuesEncoder(list: SqlList): RowEncoder<StoreRow> {
  list.asValues ??= makeValuesEncoder(list);
  return list.asValues;
}

function makeValuesEncoder({ table, projection }: SqlList): RowEncoder<StoreRow> {
  return encoderNamed(table, `values ${projection.join()}`, () => ({
    select: selectOf(table, projection),
    decode: (values) => values,
    encode: (row) => projected(row, projection),
    bytesOf: valuesBytes,
  }));
}

/** Rows that are ready to be sent. */
export function formEncoder(list: SqlList, form: RowForm): RowEncoder<string> {
  if (list.lastForm?.form !== form) list.lastForm = { form, encoder: makeFormEncoder(list, form) };
  return list.lastForm.encoder;
}

function makeFormEncoder({ table, projection }: SqlList, form: RowForm): RowEncoder<string> {
  return encoderNamed(table, `${form.name} ${projection.join()}`, () => {
    const types = projection.map((position): ColumnType => table.columns[position]!.type);
    const write = form.writerOf(types);
    return {
      select: selectOf(table, projection),
      decode: write,
      encode: (row) => write(projected(row, projection)),
      bytesOf: (text) => text.length,
    };
  });
}

function selectOf(table: TableDefinition, projection: readonly number[]): string[] {
  return projection.map((position) => quoteName(table.columns[position]!.name));
}

function projected(row: StoreRow, projection: readonly number[]): StoreRow {
  return projection.map((position) => row[position] ?? null);
}

const VALUE_BYTES = 16;

function valuesBytes(row: StoreRow): number {
  let bytes = 0;
  for (const value of row)
    bytes += VALUE_BYTES + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0);
  return bytes;
}
