/** ALTER TABLE: the actions are applied in order to a copy of the definition, together with where each column's values come from. */
import { failure } from '../../errors.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import type { ColumnSource, SchemaChange } from '../../stores/schema-change.ts';
import type { AlterAction, ColumnPlace, ColumnSpec } from '../ast.ts';
import { assignmentMode, defaultOf, implicitDefault, storedText } from './assignment.ts';
import { definitionExecution } from './definition-execution.ts';
import { literalText } from './literal-text.ts';
import type { PlanContext } from './plan-context.ts';
import { checkIdentifier, defaultValue, same, TableBuilder } from './table-definition.ts';
import { quoteName } from './term.ts';

/** Old column name of each column of the table as it is being altered; null for a new one. */
class Alteration {
  readonly builder: TableBuilder;
  readonly origins: Map<string, string | null>;
  autoIncrement: number | undefined;
  renamedTo: { database: string; name: string } | undefined;
  readonly #context: PlanContext;

  constructor(context: PlanContext, table: TableDefinition) {
    this.#context = context;
    this.builder = new TableBuilder(context, table);
    this.origins = new Map(table.columns.map((column) => [column.name.toLowerCase(), column.name]));
  }

  apply(action: AlterAction): void {
    const { builder } = this;
    switch (action.kind) {
      case 'add-column':
        builder.addColumn(action.column, this.#placeOf(action.place, builder.columns.length));
        this.origins.set(action.column.name.toLowerCase(), null);
        return;
      case 'drop-column':
        this.#dropColumn(action.name);
        return;
      case 'change-column':
        this.#changeColumn(action.name, action.column, action.place);
        return;
      case 'rename-column':
        this.#renameColumn(action.from, action.to);
        return;
      case 'set-default':
        this.#setDefault(action);
        return;
      case 'add-element':
        builder.add(action.element);
        return;
      case 'drop-primary-key':
        if (builder.primaryKey.length === 0) throw failure('ER_CANT_DROP_FIELD_OR_KEY', 'PRIMARY');
        builder.primaryKey = [];
        return;
      case 'drop-index':
        builder.indexes = without(builder.indexes, action.name);
        return;
      case 'drop-foreign-key':
        builder.foreignKeys = without(builder.foreignKeys, action.name);
        return;
      case 'drop-check':
        builder.checks = without(builder.checks, action.name);
        return;
      case 'drop-constraint':
        this.#dropConstraint(action.name);
        return;
      case 'rename-index':
        checkIdentifier(action.to);
        if (!builder.indexes.some((index) => same(index.name, action.from)))
          throw failure('ER_KEY_DOES_NOT_EXIST', action.from, builder.name);
        builder.indexes = builder.indexes.map((index) =>
          same(index.name, action.from) ? { ...index, name: action.to } : index,
        );
        return;
      case 'rename-table':
        checkIdentifier(action.to.name);
        this.renamedTo = { database: action.to.database ?? builder.database, name: action.to.name };
        return;
      case 'options':
        builder.options(action.options);
        if (action.options.auto_increment !== undefined) this.autoIncrement = Number(action.options.auto_increment);
        return;
      case 'convert-charset':
        builder.collation = action.collation;
        builder.columns = builder.columns.map((column) => converted(column, action.collation));
        return;
      case 'no-effect':
        return;
    }
  }

  #indexOf(name: string): number {
    const index = this.builder.columns.findIndex((column) => same(column.name, name));
    if (index < 0) throw failure('ER_BAD_FIELD_ERROR', name, this.builder.name);
    return index;
  }

  #placeOf(place: ColumnPlace | undefined, otherwise: number): number {
    if (place === undefined) return otherwise;
    return place.kind === 'first' ? 0 : this.#indexOf(place.column) + 1;
  }

  #dropColumn(name: string): void {
    const { builder } = this;
    const index = builder.columns.findIndex((column) => same(column.name, name));
    if (index < 0) throw failure('ER_CANT_DROP_FIELD_OR_KEY', name);
    if (builder.columns.length === 1) throw failure('ER_CANT_REMOVE_ALL_FIELDS');
    const key = builder.foreignKeys.find((candidate) => candidate.columns.some((column) => same(column, name)));
    if (key !== undefined)
      throw failure(
        'ER_BAD_PARAMETER',
        `Cannot drop column '${name}': needed in a foreign key constraint '${key.name}'`,
      );
    builder.columns.splice(index, 1);
    builder.primaryKey = builder.primaryKey.filter((column) => !same(column, name));
    builder.indexes = builder.indexes
      .map((candidate) => ({ ...candidate, parts: candidate.parts.filter((part) => !same(part.column, name)) }))
      .filter((candidate) => candidate.parts.length > 0);
    builder.listIndexes = builder.listIndexes?.filter((candidate) => !same(candidate.column, name));
    this.origins.delete(name.toLowerCase());
  }

  #changeColumn(name: string, spec: ColumnSpec, place: ColumnPlace | undefined): void {
    const { builder } = this;
    const index = this.#indexOf(name);
    if (!same(name, spec.name)) this.#renameColumn(name, spec.name);
    const inKey = builder.primaryKey.some((column) => same(column, spec.name));
    const definition = builder.columnDefinition(inKey ? { ...spec, nullable: false } : spec);
    builder.columns.splice(index, 1, { ...definition, name: spec.name });
    builder.addColumnKeys(spec);
    if (place !== undefined) {
      const [moved] = builder.columns.splice(index, 1) as [ColumnDefinition];
      builder.columns.splice(this.#placeOf(place, builder.columns.length), 0, moved);
    }
  }

  #renameColumn(from: string, to: string): void {
    const { builder } = this;
    const index = this.#indexOf(from);
    checkIdentifier(to);
    if (!same(from, to) && builder.columns.some((column) => same(column.name, to)))
      throw failure('ER_DUP_FIELDNAME', to);
    if (builder.checks.length > 0)
      throw failure('ER_NOT_SUPPORTED_YET', 'renaming a column of a table with CHECK constraints');
    const rename = (name: string): string => (same(name, from) ? to : name);
    builder.columns[index] = { ...(builder.columns[index] as ColumnDefinition), name: to };
    builder.primaryKey = builder.primaryKey.map(rename);
    builder.indexes = builder.indexes.map((candidate) => ({
      ...candidate,
      parts: candidate.parts.map((part) => ({ ...part, column: rename(part.column) })),
    }));
    builder.foreignKeys = builder.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(rename) }));
    builder.listIndexes = builder.listIndexes?.map((candidate) => ({ ...candidate, column: rename(candidate.column) }));
    const origin = this.origins.get(from.toLowerCase()) ?? null;
    this.origins.delete(from.toLowerCase());
    this.origins.set(to.toLowerCase(), origin);
  }

  #setDefault(action: Extract<AlterAction, { kind: 'set-default' }>): void {
    const index = this.#indexOf(action.name);
    const { default: _old, ...column } = this.builder.columns[index] as ColumnDefinition;
    const given = action.value === undefined ? undefined : defaultValue(this.#context, column, action.value, undefined);
    this.builder.columns[index] = given === undefined ? column : { ...column, default: given };
  }

  #dropConstraint(name: string): void {
    const { builder } = this;
    if (builder.foreignKeys.some((key) => same(key.name, name)))
      builder.foreignKeys = without(builder.foreignKeys, name);
    else if (builder.checks.some((check) => same(check.name, name))) builder.checks = without(builder.checks, name);
    else if (same(name, 'PRIMARY')) this.apply({ kind: 'drop-primary-key' });
    else builder.indexes = without(builder.indexes, name);
  }
}

function without<T extends { readonly name: string }>(items: readonly T[], name: string): T[] {
  const rest = items.filter((item) => !same(item.name, name));
  if (rest.length === items.length) throw failure('ER_CANT_DROP_FIELD_OR_KEY', name);
  return rest;
}

function converted(column: ColumnDefinition, collation: string | undefined): ColumnDefinition {
  const { collation: _old, ...type } = column.type;
  return { ...column, type: collation === undefined ? type : { ...type, collation } };
}

export function planAlter(
  context: PlanContext,
  table: TableDefinition,
  actions: readonly AlterAction[],
): SchemaChange[] {
  const alteration = new Alteration(context, table);
  for (const action of actions) alteration.apply(action);
  const definition = alteration.builder.finish();
  const sources = definition.columns.map((column) =>
    columnSource(context, table, column, alteration.origins.get(column.name.toLowerCase()) ?? null),
  );
  const name = { database: table.database, name: table.name };
  const changes: SchemaChange[] = [];
  if (actions.some((action) => action.kind !== 'rename-table' && action.kind !== 'no-effect')) {
    changes.push({
      kind: 'alter-table',
      table: name,
      definition,
      sources,
      ...(alteration.autoIncrement !== undefined && { autoIncrement: alteration.autoIncrement }),
    });
  }
  if (alteration.renamedTo !== undefined)
    changes.push({ kind: 'rename-tables', renames: [{ from: name, to: alteration.renamedTo }] });
  return changes;
}

function columnSource(
  context: PlanContext,
  table: TableDefinition,
  column: ColumnDefinition,
  origin: string | null,
): ColumnSource {
  const old = origin === null ? undefined : table.columns.find((candidate) => same(candidate.name, origin));
  if (old === undefined) return newColumnSource(context, column);
  const sameType = JSON.stringify(old.type) === JSON.stringify(column.type);
  if (sameType && (column.nullable || !old.nullable)) return { kind: 'column', name: old.name };
  const before = context.parameters.length;
  const text = storedText(context, column, { sql: quoteName(old.name), type: old.type, nullable: old.nullable });
  return { kind: 'expression', sql: literalText(text, context.parameters.splice(before), before) };
}

function newColumnSource(context: PlanContext, column: ColumnDefinition): ColumnSource {
  if (column.autoIncrement) return { kind: 'sequence' };
  if (column.default === undefined) return { kind: 'value', value: column.nullable ? null : implicitDefault(column) };
  const before = context.parameters.length;
  const given = defaultOf(context, column);
  if ('text' in given)
    return { kind: 'expression', sql: literalText(given.text, context.parameters.splice(before), before) };
  const execution = definitionExecution([], context.catalog);
  return {
    kind: 'value',
    value: given.value(
      execution,
      1,
      assignmentMode(context, () => undefined),
    ),
  };
}
