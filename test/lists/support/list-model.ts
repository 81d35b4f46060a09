/** What a list of the list protocol is by definition: all rows, each asked by the operators, sorted by comparison. No index, no SQL, no plan. */
import { type ListNumber, numberFromText } from '../../../src/lists/operators/number-from-text.ts';
import { OPERATORS, type OperatorName } from '../../../src/lists/operators/operators.ts';
import { type ListText, listText } from '../../../src/lists/value-forms.ts';
import { type JsonFormatter, jsonFormatter, textFormatter } from '../../../src/sql/values/format.ts';
import type { ColumnDefinition, TableDefinition } from '../../../src/stores/schema.ts';
import type { StoreRow, StoreValue } from '../../../src/stores/values.ts';

export interface ModelCondition {
  readonly field: string;
  readonly operator: OperatorName;
  readonly negated: boolean;
  readonly operand: string;
}

export interface ModelOrder {
  readonly field: string;
  readonly sort: 'STRASC' | 'STRDESC' | 'NUMASC' | 'NUMDESC';
}

export interface ModelList {
  readonly where: readonly ModelCondition[];
  readonly order: readonly ModelOrder[];
  readonly skip: number;
  /** Negative: all. */
  readonly max: number;
}

const WHOLE_NUMBERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year', 'bit'];

class ModelColumn {
  readonly name: string;
  readonly position: number;
  readonly text: ListText;
  readonly json: JsonFormatter;
  /** Rows are sorted by a number whatever the sort says. */
  readonly isNumericKey: boolean;
  readonly #definition: ColumnDefinition;

  constructor(definition: ColumnDefinition, position: number, isKey: boolean) {
    this.#definition = definition;
    this.name = definition.name;
    this.position = position;
    this.text = listText(definition.type, textFormatter);
    this.json = jsonFormatter(definition.type);
    this.isNumericKey = isKey && WHOLE_NUMBERS.includes(definition.type.name);
  }

  /** The number that the column holds, or that its text reads as. */
  number(value: StoreValue): ListNumber | null {
    if (value === null) return null;
    const { name } = this.#definition.type;
    if (WHOLE_NUMBERS.includes(name)) return typeof value === 'string' ? BigInt(value) : (value as ListNumber);
    if (name === 'float' || name === 'double') return value as number;
    return numberFromText(this.text(value) ?? '');
  }
}

export class ListModel {
  readonly #columns: readonly ModelColumn[];
  readonly #definition: TableDefinition;
  readonly #rows: readonly StoreRow[];

  /** `rows` in the order of the primary key, unless that is a number. */
  constructor(definition: TableDefinition, rows: readonly StoreRow[]) {
    const key = definition.primaryKey.length === 1 ? definition.primaryKey[0]?.toLowerCase() : undefined;
    this.#definition = definition;
    this.#columns = definition.columns.map(
      (column, i) => new ModelColumn(column, i, column.name.toLowerCase() === key),
    );
    this.#rows = rows;
  }

  has(field: string): boolean {
    return this.#columns.some((column) => column.name.toLowerCase() === field.toLowerCase());
  }

  #column(field: string): ModelColumn {
    const name = field.toLowerCase();
    return this.#columns.find((column) => column.name.toLowerCase() === name) as ModelColumn;
  }

  /** All rows of the list, before skip and max. */
  select({ where, order }: ModelList): StoreRow[] {
    const rows = this.#rows.filter((row) => where.every((condition) => this.#holds(condition, row)));
    const key = this.#columns.find((column) => column.isNumericKey);
    if (key !== undefined)
      rows.sort((a, b) =>
        compareNumbers(key.number(a[key.position] ?? null), key.number(b[key.position] ?? null), false),
      );
    return rows.sort((a, b) => {
      for (const item of order) {
        const by = this.#compare(item, a, b);
        if (by !== 0) return by;
      }
      return 0;
    });
  }

  #holds({ field, operator, negated, operand }: ModelCondition, row: StoreRow): boolean {
    const column = this.#column(field);
    const value = row[column.position] ?? null;
    if (value === null) return negated;
    const definition = OPERATORS[operator];
    const holds =
      definition.kind === 'text'
        ? definition.prepare(operand)(column.text(value) ?? '')
        : definition.prepare(operand)(column.number(value) ?? 0);
    return holds !== negated;
  }

  #compare({ field, sort }: ModelOrder, a: StoreRow, b: StoreRow): number {
    const column = this.#column(field);
    const values = [a[column.position] ?? null, b[column.position] ?? null] as const;
    const descending = sort.endsWith('DESC');
    if (column.isNumericKey || sort.startsWith('NUM'))
      return compareNumbers(column.number(values[0]), column.number(values[1]), descending);
    return compareTexts(column.text(values[0]), column.text(values[1]), descending);
  }

  /** As the list protocol writes rows: texts, what is missing left out. */
  texts(rows: readonly StoreRow[]): Record<string, string>[] {
    return rows.map((row) => this.#objectOf(row, (column, value) => column.text(value) ?? undefined, true)) as Record<
      string,
      string
    >[];
  }

  /** As pages have rows: with the columns' types. */
  typed(rows: readonly StoreRow[]): object[] {
    const leavesOut = this.#definition.kind === 'schemaless';
    return rows.map((row) => this.#objectOf(row, (column, value) => column.json(value), leavesOut));
  }

  #objectOf(row: StoreRow, show: (column: ModelColumn, value: StoreValue) => unknown, leavesOut: boolean): object {
    const entries = this.#columns
      .filter(({ position }) => !leavesOut || (row[position] ?? null) !== null)
      .map((column) => [column.name, show(column, row[column.position] ?? null)] as const);
    return Object.fromEntries(entries);
  }
}

/** What is missing, and what is no number, comes last either way. */
function compareNumbers(a: ListNumber | null, b: ListNumber | null, descending: boolean): number {
  const first = a === null || Number.isNaN(a) ? null : a;
  const second = b === null || Number.isNaN(b) ? null : b;
  if (first === null || second === null) return Number(first === null) - Number(second === null);
  const by = first < second ? -1 : first > second ? 1 : 0;
  return descending ? -by : by;
}

function compareTexts(a: string | null, b: string | null, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const by = Buffer.compare(Buffer.from(a), Buffer.from(b));
  return descending ? -by : by;
}
