/** CREATE TABLE: from the parser's elements to the catalog's definition, with MySQL's rules about names, keys and defaults. */
import { failure } from '../../errors.ts';
import { MAX_COLUMNS_PER_TABLE, MAX_IDENTIFIER_CHARS } from '../../limits.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type {
  CheckDefinition,
  ColumnDefinition,
  DefaultValue,
  ForeignKeyDefinition,
  IndexDefinition,
  IndexPart,
  TableDefinition,
} from '../../stores/schema.ts';
import type {
  ColumnSpec,
  Expression,
  IndexPartSpec,
  ReferencesSpec,
  TableElement,
  TableName,
  TableOptions,
} from '../ast.ts';
import { digits, family, isTemporal, MAX_STORED_DECIMAL_DIGITS, textLength } from '../types.ts';
import { slotText, toColumn } from '../values/convert.ts';
import { constantValue, storedExpression } from './assignment.ts';
import { definitionExecution } from './definition-execution.ts';
import { bindExpression } from './expressions.ts';
import { literalText } from './literal-text.ts';
import type { PlanContext } from './plan-context.ts';
import { expressionBinding } from './query.ts';
import { NO_ORIGIN, Scope } from './scope.ts';
import { quoteName } from './term.ts';

/** Collects a table's parts while CREATE or ALTER adds and removes them; `finish` checks the whole. */
export class TableBuilder {
  readonly database: string;
  name: string;
  columns: ColumnDefinition[];
  primaryKey: string[];
  indexes: IndexDefinition[];
  foreignKeys: ForeignKeyDefinition[];
  checks: CheckDefinition[];
  /** SQL knows nothing of them, but that they follow their columns. */
  listIndexes: TableDefinition['listIndexes'];
  comment: string | undefined;
  collation: string | undefined;
  readonly #context: PlanContext;
  readonly #kind: TableDefinition['kind'];
  readonly #createdAt: string;

  constructor(context: PlanContext, from: TableDefinition) {
    this.#context = context;
    this.database = from.database;
    this.name = from.name;
    this.columns = [...from.columns];
    this.primaryKey = [...from.primaryKey];
    this.indexes = [...from.indexes];
    this.foreignKeys = [...from.foreignKeys];
    this.checks = [...from.checks];
    this.listIndexes = from.listIndexes;
    this.comment = from.comment;
    this.collation = from.collation;
    this.#kind = from.kind;
    this.#createdAt = from.createdAt;
  }

  static empty(context: PlanContext, database: string, name: string): TableBuilder {
    checkIdentifier(name);
    return new TableBuilder(context, {
      database,
      name,
      kind: 'table',
      columns: [],
      primaryKey: [],
      indexes: [],
      foreignKeys: [],
      checks: [],
      createdAt: new Date().toISOString(),
    });
  }

  options(options: TableOptions): void {
    if (options.comment !== undefined) this.comment = options.comment;
    if (options.collate !== undefined) this.collation = options.collate;
  }

  add(element: TableElement): void {
    switch (element.kind) {
      case 'column':
        this.addColumn(element.column, this.columns.length);
        return;
      case 'primary-key':
        this.setPrimaryKey(element.parts);
        return;
      case 'index':
        this.#addIndex(element.name, element.type, element.parts, element.comment);
        return;
      case 'foreign-key':
        this.#addForeignKey(element.name, element.columns, element.references);
        return;
      case 'check':
        this.#addCheck(element.name, element.text);
        return;
    }
  }

  addColumn(spec: ColumnSpec, at: number): void {
    if (this.#indexOf(spec.name) >= 0) throw failure('ER_DUP_FIELDNAME', spec.name);
    this.columns.splice(at, 0, this.columnDefinition(spec));
    this.addColumnKeys(spec);
  }

  /** What a column's own attributes say about keys and checks. */
  addColumnKeys(spec: ColumnSpec): void {
    if (spec.primaryKey) this.setPrimaryKey([{ column: spec.name, descending: false }]);
    if (spec.unique) this.#addIndex(undefined, 'unique', [{ column: spec.name, descending: false }], undefined);
    if (spec.check !== undefined) this.#addCheck(spec.check.name, spec.check.text);
    // MySQL parses a column's own REFERENCES and ignores it; ignoring a key that was asked for would be worse than having it.
    if (spec.references !== undefined) this.#addForeignKey(undefined, [spec.name], spec.references);
  }

  columnDefinition(spec: ColumnSpec): ColumnDefinition {
    checkIdentifier(spec.name);
    if (spec.generated !== undefined) throw failure('ER_NOT_SUPPORTED_YET', 'generated columns');
    const type = this.#columnType(spec);
    const nullable = spec.nullable ?? !(spec.primaryKey === true || spec.autoIncrement === true);
    const column: ColumnDefinition = { name: spec.name, type, nullable };
    const given =
      spec.default === undefined ? undefined : defaultValue(this.#context, column, spec.default, spec.defaultText);
    const onUpdate = spec.onUpdate === undefined ? undefined : { fsp: nowScale(this.#context, spec.onUpdate) };
    return {
      ...column,
      ...(given !== undefined && { default: given }),
      ...(onUpdate !== undefined && { onUpdateNow: onUpdate }),
      ...(spec.autoIncrement && { autoIncrement: true }),
      ...(spec.comment !== undefined && spec.comment !== '' && { comment: spec.comment }),
    };
  }

  #columnType(spec: ColumnSpec): ColumnType {
    const { type } = spec;
    if (type.name === 'decimal' && digits(type).precision > MAX_STORED_DECIMAL_DIGITS) {
      throw failure('ER_NOT_SUPPORTED_YET', `DECIMAL of more than ${MAX_STORED_DECIMAL_DIGITS} digits`);
    }
    if (type.name === 'bit' && (type.length ?? 1) > 63)
      throw failure('ER_NOT_SUPPORTED_YET', 'BIT of more than 63 bits');
    if (type.name === 'varchar' && textLength(type) > 16_383)
      throw failure('ER_TOO_BIG_FIELDLENGTH', spec.name, 16_383);
    if (type.name === 'char' && textLength(type) > 255) throw failure('ER_TOO_BIG_FIELDLENGTH', spec.name, 255);
    const f = family(type);
    const inherits =
      (f === 'string' || f === 'enum' || f === 'set') && type.collation === undefined && this.collation !== undefined;
    return inherits ? ({ ...type, collation: this.collation } as ColumnType) : type;
  }

  setPrimaryKey(parts: readonly IndexPartSpec[]): void {
    if (this.primaryKey.length > 0) throw failure('ER_MULTIPLE_PRI_KEY');
    this.primaryKey = parts.map((part) => this.#requireKeyColumn(part).column);
    this.columns = this.columns.map((column) =>
      this.primaryKey.some((name) => same(name, column.name)) ? { ...column, nullable: false } : column,
    );
  }

  #requireKeyColumn(part: IndexPartSpec): IndexPart {
    if (part.column === undefined) throw failure('ER_NOT_SUPPORTED_YET', 'functional key parts');
    const column = this.columns[this.#indexOf(part.column)];
    if (column === undefined) throw failure('ER_KEY_COLUMN_DOES_NOT_EXITS', part.column);
    const covered = part.length !== undefined && part.length >= textLength(column.type);
    return {
      column: column.name,
      ...(part.length !== undefined && !covered && { length: part.length }),
      ...(part.descending && { descending: true }),
    };
  }

  #addIndex(
    name: string | undefined,
    type: 'index' | 'unique' | 'fulltext' | 'spatial',
    parts: readonly IndexPartSpec[],
    comment: string | undefined,
  ): void {
    if (type === 'fulltext' || type === 'spatial')
      throw failure('ER_NOT_SUPPORTED_YET', `${type.toUpperCase()} indexes`);
    const columns = parts.map((part) => this.#requireKeyColumn(part));
    const indexName = name ?? this.#freeIndexName(columns[0]?.column ?? '');
    checkIdentifier(indexName);
    if (same(indexName, 'PRIMARY')) throw failure('ER_BAD_PARAMETER', `Incorrect index name '${indexName}'`);
    if (this.indexes.some((index) => same(index.name, indexName))) throw failure('ER_DUP_KEYNAME', indexName);
    const serves = (index: IndexDefinition): boolean =>
      index.implicit === true && index.parts.every((part, i) => same(part.column, columns[i]?.column ?? ''));
    this.indexes = this.indexes.filter((index) => !serves(index));
    this.indexes.push({
      name: indexName,
      unique: type === 'unique',
      parts: columns,
      ...(comment !== undefined && { comment }),
    });
  }

  /** MySQL names an index after its first column, then column_2, column_3 ... */
  #freeIndexName(column: string): string {
    const taken = (name: string): boolean => this.indexes.some((index) => same(index.name, name));
    let name = column;
    for (let i = 2; taken(name); i++) name = `${column}_${i}`;
    return name;
  }

  #addForeignKey(name: string | undefined, columns: readonly string[], references: ReferencesSpec): void {
    const keyName = name ?? this.#freeForeignKeyName();
    if (this.foreignKeys.some((key) => same(key.name, keyName))) throw failure('ER_DUP_KEYNAME', keyName);
    const own = columns.map((column) => this.#requireKeyColumn({ column, descending: false }).column);
    const parent = this.#parentOf(references.table);
    const referenced = references.columns.length > 0 ? [...references.columns] : [...(parent?.primaryKey ?? [])];
    if (referenced.length !== own.length)
      throw failure(
        'ER_CANNOT_ADD_FOREIGN',
        `'${keyName}' has ${own.length} columns for ${referenced.length} referenced ones`,
      );
    if (parent !== null) {
      for (const column of referenced) {
        if (!parent.columns.some((candidate) => same(candidate.name, column)))
          throw failure(
            'ER_CANNOT_ADD_FOREIGN',
            `column '${column}' is missing in the referenced table '${parent.name}'`,
          );
      }
    }
    this.foreignKeys.push({
      name: keyName,
      columns: own,
      referencedDatabase: references.table.database ?? this.database,
      referencedTable: references.table.name,
      referencedColumns: referenced,
      onDelete: references.onDelete ?? 'no action',
      onUpdate: references.onUpdate ?? 'no action',
    });
    const indexed = [this.primaryKey, ...this.indexes.map((index) => index.parts.map((part) => part.column))].some(
      (parts) => own.every((column, i) => same(parts[i] ?? '', column)),
    );
    if (!indexed)
      this.indexes.push({
        name: name === undefined ? this.#freeIndexName(own[0] ?? keyName) : this.#freeIndexName(keyName),
        unique: false,
        parts: own.map((column) => ({ column })),
        implicit: true,
      });
  }

  #parentOf(name: TableName): Pick<TableDefinition, 'name' | 'primaryKey' | 'columns'> | null {
    const database = name.database ?? this.database;
    if (same(database, this.database) && same(name.name, this.name)) return this;
    // With foreign_key_checks = 0 a parent may come later: the store judges.
    return this.#context.catalog.table(database, name.name) ?? null;
  }

  #freeForeignKeyName(): string {
    for (let i = 1; ; i++) {
      const name = `${this.name}_ibfk_${i}`;
      if (!this.foreignKeys.some((key) => same(key.name, name))) return name;
    }
  }

  #addCheck(name: string | undefined, text: string): void {
    let checkName = name;
    for (let i = 1; checkName === undefined; i++) {
      const candidate = `${this.name}_chk_${i}`;
      if (!this.checks.some((check) => same(check.name, candidate))) checkName = candidate;
    }
    if (this.checks.some((check) => same(check.name, checkName)))
      throw failure('ER_BAD_PARAMETER', `Duplicate check constraint name '${checkName}'.`);
    this.checks.push({ name: checkName, text, storeSql: '' });
  }

  /** Checks see all columns, so their text is made when the table is whole. */
  #boundChecks(): CheckDefinition[] {
    return this.checks.map((check) => {
      const scope = new Scope(null);
      scope.addSource({
        alias: this.name,
        database: null,
        columns: this.columns.map((column) => ({
          name: column.name,
          term: { sql: quoteName(column.name), type: column.type, nullable: column.nullable },
          origin: NO_ORIGIN,
        })),
      });
      const before = this.#context.parameters.length;
      // Asked for first: a constant registers its parameter only then.
      const text = storedExpression(this.#context, check.text, scope).sql;
      if (/\bSELECT\b/.test(text.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '')))
        throw failure('ER_NOT_SUPPORTED_YET', 'a subquery in a CHECK');
      const sources = this.#context.parameters.splice(before);
      return { ...check, storeSql: literalText(text, sources, before) };
    });
  }

  #indexOf(name: string): number {
    return this.columns.findIndex((column) => same(column.name, name));
  }

  finish(): TableDefinition {
    if (this.columns.length === 0) throw failure('ER_TABLE_MUST_HAVE_COLUMNS');
    if (this.columns.length > MAX_COLUMNS_PER_TABLE)
      throw failure('ER_BAD_PARAMETER', `Too many columns: at most ${MAX_COLUMNS_PER_TABLE}`);
    const automatic = this.columns.filter((column) => column.autoIncrement);
    const first = automatic[0];
    if (first !== undefined) {
      const keyed =
        same(this.primaryKey[0] ?? '', first.name) ||
        this.indexes.some((index) => same(index.parts[0]?.column ?? '', first.name));
      if (automatic.length > 1 || !keyed) throw failure('ER_WRONG_AUTO_KEY');
    }
    return {
      database: this.database,
      name: this.name,
      kind: this.#kind,
      columns: this.columns,
      primaryKey: this.primaryKey,
      indexes: this.indexes,
      foreignKeys: this.foreignKeys,
      checks: this.#boundChecks(),
      createdAt: this.#createdAt,
      ...(this.listIndexes !== undefined && { listIndexes: this.listIndexes }),
      ...(this.comment !== undefined && this.comment !== '' && { comment: this.comment }),
      ...(this.collation !== undefined && { collation: this.collation }),
    };
  }
}

export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function checkIdentifier(name: string): void {
  if (name.length > MAX_IDENTIFIER_CHARS) throw failure('ER_TOO_LONG_IDENT', name);
  if (name === '' || name.endsWith(' ') || name.includes('\0'))
    throw failure('ER_BAD_PARAMETER', `Incorrect name '${name}'`);
}

/** DEFAULT in CREATE or ALTER. Throws 1067 when the column cannot hold it. */
export function defaultValue(
  context: PlanContext,
  column: ColumnDefinition,
  expression: Expression,
  text: string | undefined,
): DefaultValue {
  if (expression.kind === 'null') {
    if (!column.nullable) throw failure('ER_INVALID_DEFAULT', column.name);
    return { kind: 'literal', value: null, text: null };
  }
  if (text !== undefined) return { kind: 'expression', text };
  if (isNow(expression)) {
    if (!isTemporal(column.type) || family(column.type) !== 'datetime')
      throw failure('ER_INVALID_DEFAULT', column.name);
    return { kind: 'now', fsp: nowScale(context, expression) };
  }
  const term = bindExpression(expressionBinding(context, new Scope(null), 'default'), expression);
  if (term.constant === undefined) throw failure('ER_INVALID_DEFAULT', column.name);
  const { evaluate } = term.constant;
  const execution = definitionExecution(context.allSlots(), context.catalog);
  try {
    const mode = { strict: true, offsetMinutes: context.settings.offsetMinutes, warn: () => undefined };
    const value = constantValue({ ...column, nullable: true }, evaluate)(execution, 1, mode);
    return { kind: 'literal', value, text: defaultText(column, slotText(evaluate(execution))) };
  } catch {
    throw failure('ER_INVALID_DEFAULT', column.name);
  }
}

/** As SHOW CREATE TABLE prints it: the column's own form of the value (0.00 for DEFAULT 0 of a DECIMAL(10,2)). */
function defaultText(column: ColumnDefinition, given: string): string {
  if (column.type.name !== 'decimal') return given;
  const scale = column.type.scale ?? 0;
  const stored = toColumn(column, { type: { kind: 'string' }, value: given }, 1, {
    strict: true,
    offsetMinutes: 0,
    warn: () => undefined,
  });
  const text = String(stored)
    .replace('-', '')
    .padStart(scale + 1, '0');
  const sign = String(stored).startsWith('-') ? '-' : '';
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function isNow(expression: Expression): boolean {
  return (
    expression.kind === 'call' && ['NOW', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP'].includes(expression.name)
  );
}

function nowScale(context: PlanContext, expression: Expression): number {
  if (!isNow(expression) || expression.kind !== 'call') throw failure('ER_INVALID_DEFAULT', 'ON UPDATE');
  const scale = expression.args[0];
  return scale?.kind === 'slot' ? Number(context.pin(scale.index).value) : 0;
}
