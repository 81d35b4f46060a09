/** INSERT and REPLACE. Rows of constants become plain values here; rows that must be computed become a SELECT that the store runs. */
import { failure } from '../../errors.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import { storedName } from '../../stores/schema.ts';
import type { InsertStatement } from '../../stores/statement.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import type { Expression, InsertAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import type { SlotValue } from '../slots.ts';
import { type AssignmentMode, toColumn } from '../values/convert.ts';
import {
  assignmentMode,
  bindValue,
  type ColumnValue,
  defaultOf,
  defaultTerm,
  nullValue,
  storedText,
  valueText,
} from './assignment.ts';
import type { ExpressionBinding } from './expressions.ts';
import type { Warn, WritePlan } from './plan.ts';
import { compactParameters, type PlanContext } from './plan-context.ts';
import { bindQuery, expressionBinding } from './query.ts';
import { NO_ORIGIN, Scope } from './scope.ts';
import { shownText } from './sources.ts';
import { quoteName, type Term } from './term.ts';
import { changedText, setList } from './update.ts';

type RowSource = (execution: ExecutionContext, warn: Warn) => InsertStatement['rows'];

export function planInsert(context: PlanContext, ast: InsertAst): WritePlan {
  const table = context.requireWritable(ast.table.database, ast.table.name, 'INSERT');
  context.beginAssigning(ast.ignore);
  const targets = targetColumns(table, ast);
  const rows =
    ast.source.kind === 'rows'
      ? planRows(context, table, targets, ast.source.rows)
      : planSelect(context, table, targets, ast.source.query);
  const update = ast.onDuplicate === undefined ? null : planUpsert(context, table, ast);
  const mode = ast.replace ? 'replace' : update !== null ? 'upsert' : ast.ignore ? 'ignore' : 'insert';
  return {
    kind: 'write',
    action: ast.replace ? 'replace' : 'insert',
    target: table,
    tables: [...context.tables],
    make: (execution, warn) => ({
      kind: 'insert',
      database: table.database,
      table: table.name,
      mode,
      rows: rows(execution, warn),
      ...(context.settings.noZeroAutoValue && { zeroIsValue: true }),
      ...(update !== null && { update: update(execution) }),
    }),
  };
}

/** Positions in the table of the columns that values are given for, in the order given. */
function targetColumns(table: TableDefinition, ast: InsertAst): number[] {
  if (ast.columns === undefined) return table.columns.map((_, i) => i);
  const seen = new Set<number>();
  return ast.columns.map((name) => {
    const index = table.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    if (index < 0) throw failure('ER_BAD_FIELD_ERROR', name, 'field list');
    if (seen.has(index)) throw failure('ER_FIELD_SPECIFIED_TWICE', name);
    seen.add(index);
    return index;
  });
}

type Bound = { readonly value: ColumnValue } | { readonly text: string };

function planRows(
  context: PlanContext,
  table: TableDefinition,
  targets: readonly number[],
  rows: readonly (readonly Expression[])[],
): RowSource {
  const defaults = table.columns.map((column, i) =>
    targets.includes(i) && column.setByStore !== true ? null : defaultOf(context, column),
  );
  const width = targets.length;
  // Hot path of bulk loads: rows of plain slots need nothing bound, only their places remembered.
  if (
    !context.fixedSlots &&
    defaults.every((given) => given === null || 'value' in given) &&
    rows.every((row) => row.length === width && row.every(isPlain))
  ) {
    return slotRows(context, table, targets, defaults as ({ value: ColumnValue } | null)[], rows);
  }
  const bound = rows.map((row, rowIndex): Bound[] => {
    // VALUES () gives every column its default.
    if (row.length === 0) return table.columns.map((column) => defaultOf(context, column));
    if (row.length !== width) throw failure('ER_WRONG_VALUE_COUNT_ON_ROW', rowIndex + 1);
    return bindRow(context, table, targets, row, defaults);
  });
  if (bound.every((row) => row.every((cell) => 'value' in cell))) {
    const cells = bound as { value: ColumnValue }[][];
    return (execution, warn) => {
      const mode = assignmentMode(context, warn);
      return cells.map((row, i) => row.map((cell) => cell.value(execution, i + 1, mode)));
    };
  }
  const texts = bound.map(
    (row) =>
      `(${row.map((cell, i) => ('text' in cell ? cell.text : valueText(context, table.columns[i] as ColumnDefinition, cell.value))).join(', ')})`,
  );
  return computedRows(context, `VALUES ${texts.join(', ')}`);
}

/** A value may name other columns of its row: those before it have their new values, those after it their defaults. */
function bindRow(
  context: PlanContext,
  table: TableDefinition,
  targets: readonly number[],
  row: readonly Expression[],
  defaults: readonly (Bound | null)[],
): Bound[] {
  const scope = new Scope(null);
  scope.addSource({
    alias: table.name,
    database: table.database,
    columns: table.columns.map((column) => ({
      name: column.name,
      origin: NO_ORIGIN,
      get term(): Term {
        return defaultTerm(context, column);
      },
    })),
  });
  const binding: ExpressionBinding = {
    ...expressionBinding(context, scope, 'field list'),
    defaultValue: (name) => defaultTerm(context, requireColumn(table, name)),
  };
  const cells = table.columns.map((column, i): Bound => defaults[i] ?? defaultOf(context, column));
  row.forEach((expression, place) => {
    const index = targets[place] as number;
    const column = table.columns[index] as ColumnDefinition;
    if (column.setByStore === true) return;
    const cell = bindValue(binding, column, expression);
    cells[index] = cell;
    scope.overrides.set(column.name.toLowerCase(), assignedTerm(context, column, cell));
  });
  return cells;
}

/** A value of the same row, for the values after it. Its text is made only when it is asked for. */
function assignedTerm(context: PlanContext, column: ColumnDefinition, cell: Bound): Term {
  return {
    type: column.type,
    nullable: column.nullable,
    get sql(): string {
      return 'text' in cell ? cell.text : valueText(context, column, cell.value);
    },
  };
}

export function requireColumn(table: TableDefinition, name: string): ColumnDefinition {
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) throw failure('ER_BAD_FIELD_ERROR', name, 'field list');
  return column;
}

function isPlain(expression: Expression): boolean {
  if (expression.kind === 'slot' || expression.kind === 'null') return true;
  return expression.kind === 'unary' && expression.op === '-' && expression.operand.kind === 'slot';
}

const NULL_SLOT: SlotValue = { type: { kind: 'null' }, value: null };

function slotRows(
  context: PlanContext,
  table: TableDefinition,
  targets: readonly number[],
  defaults: readonly ({ value: ColumnValue } | null)[],
  rows: readonly (readonly Expression[])[],
): RowSource {
  const cells = table.columns.map((column, i): Cell => {
    const given = defaults[i];
    return given === null || given === undefined
      ? { place: targets.indexOf(i), write: slotWriter(column) }
      : { place: -1, value: given.value };
  });
  return (execution, warn) => {
    const mode = assignmentMode(context, warn);
    return rows.map(
      (row, rowIndex): StoreRow =>
        cells.map(
          (cell): StoreValue =>
            'write' in cell
              ? cell.write(plainValue(row[cell.place] as Expression, execution), rowIndex + 1, mode)
              : cell.value(execution, rowIndex + 1, mode),
        ),
    );
  };
}

type SlotWriter = (value: SlotValue, row: number, mode: AssignmentMode) => StoreValue;
type Cell =
  | { readonly place: number; readonly write: SlotWriter }
  | { readonly place: -1; readonly value: ColumnValue };

function slotWriter(column: ColumnDefinition): SlotWriter {
  return (value, row, mode) => (value.value === null ? nullValue(column, mode) : toColumn(column, value, row, mode));
}

function plainValue(expression: Expression, execution: ExecutionContext): SlotValue {
  if (expression.kind === 'slot') return execution.slots[expression.index] ?? NULL_SLOT;
  if (expression.kind !== 'unary' || expression.operand.kind !== 'slot') return NULL_SLOT;
  const slot = execution.slots[expression.operand.index] ?? NULL_SLOT;
  const { value } = slot;
  if (typeof value === 'number') return { type: slot.type, value: value === 0 ? 0 : -value };
  if (typeof value === 'bigint') return { type: { kind: 'int', unsigned: false }, value: -value };
  return typeof value === 'string'
    ? { type: slot.type, value: value.startsWith('-') ? value.slice(1) : `-${value}` }
    : slot;
}

function computedRows(context: PlanContext, text: string): RowSource {
  const { sql, sources } = compactParameters(text, context.parameters);
  return (execution) => ({ kind: 'read', sql, params: sources.map((source) => source(execution)) });
}

function planSelect(
  context: PlanContext,
  table: TableDefinition,
  targets: readonly number[],
  query: Parameters<typeof bindQuery>[1],
): RowSource {
  const bound = bindQuery(context, query);
  if (bound.columns.length !== targets.length) throw failure('ER_WRONG_VALUE_COUNT_ON_ROW', 1);
  const names = bound.columns.map((_, i) => `c${i + 1}`);
  const values = table.columns.map((column, i) => {
    const place = targets.indexOf(i);
    if (place < 0 || column.setByStore === true) {
      const given = defaultOf(context, column);
      return 'text' in given ? given.text : valueText(context, column, given.value);
    }
    const source = (bound.columns[place] as { term: Term }).term;
    return storedText(context, column, { sql: `_q.c${place + 1}`, type: source.type, nullable: source.nullable });
  });
  return computedRows(context, `WITH _q(${names.join(', ')}) AS (${bound.sql}) SELECT ${values.join(', ')} FROM _q`);
}

/** ON DUPLICATE KEY UPDATE: columns are the row that is there, VALUES(col) and the row alias the row that was given. */
function planUpsert(
  context: PlanContext,
  table: TableDefinition,
  ast: InsertAst,
): (execution: ExecutionContext) => NonNullable<InsertStatement['update']> {
  const scope = new Scope(null);
  scope.addSource(rowSource(table, table.name, quoteName(storedName(table.database, table.name)), null));
  if (ast.rowAlias !== undefined)
    scope.addSource(rowSource(table, ast.rowAlias.name, 'excluded', ast.rowAlias.columns ?? null));
  const binding: ExpressionBinding = {
    ...expressionBinding(context, scope, 'field list'),
    insertedValue: (name) => columnTerm(requireColumn(table, name), 'excluded'),
    defaultValue: (name) => defaultTerm(context, requireColumn(table, name)),
  };
  const assigned = setList(binding, table, ast.onDuplicate ?? [], (column) =>
    columnTerm(column, quoteName(storedName(table.database, table.name))),
  );
  const joined = `${assigned.map(({ column, text }) => `${quoteName(column.name)} = ${text}`).join(', ')}\u0000${changedText(assigned)}`;
  const { sql, sources } = compactParameters(joined, context.parameters);
  const [set, where] = sql.split('\u0000') as [string, string];
  return (execution) => ({ set, where, params: sources.map((source) => source(execution)) });
}

function columnTerm(column: ColumnDefinition, prefix: string): Term {
  return {
    sql: shownText(column.type, `${prefix}.${quoteName(column.name)}`),
    type: column.type,
    nullable: column.nullable,
  };
}

/** The columns of a table under a prefix that SQLite knows, named as the user names them. */
function rowSource(table: TableDefinition, alias: string, prefix: string, names: readonly string[] | null) {
  return {
    alias,
    database: null,
    columns: table.columns.map((column, i) => ({
      name: names?.[i] ?? column.name,
      term: columnTerm(column, prefix),
      origin: NO_ORIGIN,
    })),
  };
}
