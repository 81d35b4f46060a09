/** What FROM offers: base tables, derived tables, common tables, virtual tables and their joins; as SQLite text and as names in scope. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import { storedName } from '../../stores/schema.ts';
import type { Query, TableReference } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import { findVirtualTable } from '../information-schema/virtual-tables.ts';
import { family, isBinaryCollation } from '../types.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { compare } from './comparison.ts';
import { bindCondition, type ExpressionBinding } from './expressions.ts';
import type { PlanContext } from './plan-context.ts';
import { NO_ORIGIN, type Scope, type ScopeColumn, type ScopeSource } from './scope.ts';
import { quoteName, quoteText, type TableSource, type Term } from './term.ts';

/** A common table that a query may name. */
export interface CommonTableSource {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly term: Term }[];
}

export interface SourceBinding extends ExpressionBinding {
  readonly commonTables: readonly CommonTableSource[];
  readonly bindDerived: (
    query: Query,
    scope: Scope | null,
  ) => { sql: string; columns: readonly { name: string; term: Term }[] };
}

/** Binds `reference` into `binding.scope` and gives its text. */
export function bindSource(binding: SourceBinding, reference: TableReference): string {
  switch (reference.kind) {
    case 'table':
      return bindTable(binding, reference);
    case 'derived': {
      const query = binding.bindDerived(reference.query, reference.lateral ? binding.scope : binding.scope.parent);
      const columns = renamed(query.columns, reference.columns, reference.alias);
      binding.scope.addSource(derivedSource(reference.alias, columns));
      const sql =
        reference.columns === undefined
          ? query.sql
          : `WITH _c(${columns.map((column) => quoteName(column.name)).join(', ')}) AS (${query.sql}) SELECT * FROM _c`;
      return `(${sql}) AS ${quoteName(reference.alias)}`;
    }
    case 'join':
      return bindJoin(binding, reference);
  }
}

function bindTable(binding: SourceBinding, reference: Extract<TableReference, { kind: 'table' }>): string {
  const { context, scope } = binding;
  const { database, name } = reference.name;
  const alias = reference.alias ?? name;
  if (database === undefined) {
    const common = binding.commonTables.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (common !== undefined) {
      scope.addSource(derivedSource(alias, common.columns));
      return `${quoteName(common.name)} AS ${quoteName(alias)}`;
    }
  }
  const inDatabase = context.requireDatabase(database);
  const virtual = findVirtualTable(inDatabase, name);
  if (virtual !== undefined) return bindVirtual(context, scope, virtual, alias);
  const table = context.requireTable(inDatabase, name);
  for (const hint of reference.hints) checkHint(table, hint.names);
  scope.addSource(tableSource(table, alias, reference.alias === undefined ? inDatabase : null));
  return `${quoteName(storedName(table.database, table.name))} AS ${quoteName(alias)}`;
}

function checkHint(table: TableDefinition, names: readonly string[]): void {
  for (const name of names) {
    const known =
      name.toUpperCase() === 'PRIMARY' ||
      table.indexes.some((index) => index.name.toLowerCase() === name.toLowerCase());
    if (!known) throw failure('ER_KEY_DOES_NOT_EXIST', name, table.name);
  }
}

export function tableSource(table: TableDefinition, alias: string, database: string | null): ScopeSource {
  const source: TableSource = { alias, definition: table };
  return { alias, database, columns: table.columns.map((definition, index) => tableColumn(source, definition, index)) };
}

/** What SQL sees of a column: of one that holds values as they were given, their text. */
export function shownText(type: ColumnType, sql: string): string {
  return type.asGiven === true ? `CASE typeof(${sql}) WHEN 'blob' THEN ${sql} ELSE CAST(${sql} AS TEXT) END` : sql;
}

function tableColumn(source: TableSource, definition: ColumnDefinition, index: number): ScopeColumn {
  const table = source.definition;
  const textual = family(definition.type) === 'string';
  const lower = definition.name.toLowerCase();
  const indexes = table.indexes.filter((candidate) => candidate.parts[0]?.column.toLowerCase() === lower);
  return {
    name: definition.name,
    term: {
      sql: shownText(definition.type, `${quoteName(source.alias)}.${quoteName(definition.name)}`),
      type: definition.type,
      nullable: definition.nullable,
      ...(definition.type.asGiven !== true && { column: { table: source, index, definition } }),
      ...(textual && {
        storedCollation: isBinaryCollation(definition.type) ? ('binary' as const) : ('nocase' as const),
      }),
    },
    origin: {
      database: table.database,
      table: source.alias,
      originalTable: table.name,
      originalName: definition.name,
      primaryKey: table.primaryKey.some((name) => name.toLowerCase() === lower),
      uniqueKey: indexes.some((candidate) => candidate.unique && candidate.parts.length === 1),
      multipleKey: indexes.some((candidate) => !candidate.unique || candidate.parts.length > 1),
      autoIncrement: definition.autoIncrement === true,
    },
  };
}

export function derivedSource(
  alias: string,
  columns: readonly { readonly name: string; readonly term: Term }[],
): ScopeSource {
  return {
    alias,
    database: null,
    columns: columns.map(({ name, term }) => ({
      name,
      term: { sql: `${quoteName(alias)}.${quoteName(name)}`, type: term.type, nullable: term.nullable },
      origin: { ...NO_ORIGIN, table: alias },
    })),
  };
}

function renamed(
  columns: readonly { name: string; term: Term }[],
  names: readonly string[] | undefined,
  alias: string,
): { name: string; term: Term }[] {
  if (names !== undefined && names.length !== columns.length) {
    throw failure(
      'ER_BAD_PARAMETER',
      `In definition of view, derived table or common table expression '${alias}', SELECT list and column names list have different column counts`,
    );
  }
  const result = columns.map((column, i) => ({ name: names?.[i] ?? column.name, term: column.term }));
  const seen = new Set<string>();
  for (const { name } of result) {
    if (seen.has(name.toLowerCase())) throw failure('ER_DUP_FIELDNAME', name);
    seen.add(name.toLowerCase());
  }
  return result;
}

/** The rows of a virtual table reach SQLite as one JSON array of arrays. */
export function bindVirtual(context: PlanContext, scope: Scope, table: VirtualTable, alias: string): string {
  const place = context.parameter((execution: ExecutionContext) => JSON.stringify(table.rows(execution)));
  const columns = table.columns.map((column, i) => `value ->> ${quoteText(`$[${i}]`)} AS ${quoteName(column.name)}`);
  scope.addSource({
    alias,
    database: table.database,
    columns: table.columns.map((column) => ({
      name: column.name,
      term: { sql: `${quoteName(alias)}.${quoteName(column.name)}`, type: column.type, nullable: column.nullable },
      origin: {
        ...NO_ORIGIN,
        database: table.database,
        table: alias,
        originalTable: table.name,
        originalName: column.name,
      },
    })),
  });
  return `(SELECT ${columns.join(', ')} FROM json_each(${place})) AS ${quoteName(alias)}`;
}

const JOIN_TEXT = { inner: 'JOIN', cross: 'JOIN', left: 'LEFT JOIN', straight: 'CROSS JOIN' } as const;

function bindJoin(binding: SourceBinding, reference: Extract<TableReference, { kind: 'join' }>): string {
  const { scope } = binding;
  const leftStart = scope.sources.length;
  const left = bindSource(binding, reference.left);
  const rightStart = scope.sources.length;
  const rightText = bindSource(binding, reference.right);
  const leftSources = scope.sources.slice(leftStart, rightStart);
  const rightSources = scope.sources.slice(rightStart);
  const names = reference.natural ? commonNames(leftSources, rightSources) : (reference.using ?? []);
  const conditions = names.map((name) =>
    mergeColumn(binding, name, leftSources, rightSources, reference.type === 'right'),
  );
  if (reference.type === 'right' && names.length > 0) {
    const shown = scope.starOrder.splice(leftStart);
    scope.starOrder.push(...shown.filter((i) => i >= rightStart), ...shown.filter((i) => i < rightStart));
  }
  if (reference.type === 'left') makeNullable(scope, rightStart, scope.sources.length);
  if (reference.type === 'right') makeNullable(scope, leftStart, rightStart);
  if (reference.on !== undefined) conditions.push(bindCondition({ ...binding, clause: 'on clause' }, reference.on).sql);
  const on = conditions.length > 0 ? ` ON ${conditions.join(' AND ')}` : '';
  // A RIGHT JOIN is the LEFT JOIN of the sides exchanged. SQLite's own loses rows where LIKE in its ON finds an index.
  if (reference.type === 'right') return `${rightText} LEFT JOIN ${operand(reference.left, left)}${on}`;
  return `${left} ${JOIN_TEXT[reference.type]} ${operand(reference.right, rightText)}${on}`;
}

/** The text of a join's right side. */
function operand(reference: TableReference, text: string): string {
  return reference.kind === 'join' ? `(${text})` : text;
}

function commonNames(left: readonly ScopeSource[], right: readonly ScopeSource[]): string[] {
  const rightNames = new Set(right.flatMap((source) => source.columns.map((column) => column.name.toLowerCase())));
  return [
    ...new Set(
      left
        .flatMap((source) => source.columns.map((column) => column.name))
        .filter((name) => rightNames.has(name.toLowerCase())),
    ),
  ];
}

function mergeColumn(
  binding: SourceBinding,
  name: string,
  left: readonly ScopeSource[],
  right: readonly ScopeSource[],
  fromRight: boolean,
): string {
  const lower = name.toLowerCase();
  const find = (sources: readonly ScopeSource[]): ScopeColumn => {
    const columns = sources.flatMap((source) => source.columns).filter((column) => column.name.toLowerCase() === lower);
    if (columns[0] === undefined) throw failure('ER_BAD_FIELD_ERROR', name, 'from clause');
    return columns[0];
  };
  const earlier = binding.scope.merged.get(lower);
  const a = earlier ?? find(left);
  const b = find(right);
  binding.scope.merged.set(lower, fromRight ? b : a);
  return compare(binding.context, '=', a.term, b.term).sql;
}

function makeNullable(scope: Scope, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const source = scope.sources[i] as ScopeSource;
    scope.sources[i] = {
      ...source,
      columns: source.columns.map((column) => ({ ...column, term: { ...column.term, nullable: true } })),
    };
  }
}
