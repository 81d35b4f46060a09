/** Pages as `/v1/lists` gives them: typed JSON, and the number of the commit that they show. */
import { failure } from '../errors.ts';
import type { ReadStatement } from '../stores/statement.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { binaryText } from '../util/binary-text.ts';
import { jsonString } from '../util/json-text.ts';
import type { ListTable } from './columns.ts';
import type { ListQuery } from './kept/list-query.ts';
import type { RowEncoder } from './kept/row-encoder.ts';
import type { PageRequest } from './request.ts';
import type { Shape, TableShapes } from './table-shapes.ts';
import type { ValueForms } from './value-forms.ts';

export interface PagePlan {
  /** Name of the primary key's column; null: there is no single one. */
  readonly key: string | null;
  /** Of whole rows, each as a JSON object in binary text (util/binary-text.ts). */
  readonly encoder: RowEncoder<string>;
  /** null: such a list is not kept. */
  readonly query: ListQuery | null;
  /** A result of more rows fails with SLUICE_ROW_LIMIT. */
  readonly maxRows: number;
  /** Of the store. Throws ER_BAD_PARAMETER for an operand that cannot be read. */
  bind(): PageRead;
}

export interface PageRead {
  /** Rows to give to `collect`. */
  readonly statement: ReadStatement;
  readonly inline: boolean;
}

export interface PageContent {
  readonly sequence: number;
  readonly count: number | null;
  readonly rows: readonly string[];
}

export class TablePages {
  readonly #table: ListTable;
  readonly #shapes: TableShapes;
  readonly #maxRows: () => number;
  readonly #encoder: RowEncoder<string>;

  constructor(table: ListTable, shapes: TableShapes, forms: Pick<ValueForms, 'jsonFormatter'>, maxRows: () => number) {
    this.#table = table;
    this.#shapes = shapes;
    this.#maxRows = maxRows;
    this.#encoder = typedRows(table, forms);
  }

  plan({ selection, count }: PageRequest): PagePlan {
    const shape = this.#shapes.of(selection);
    return {
      key: this.#table.key?.definition.name ?? null,
      encoder: this.#encoder,
      query: shape.query?.of(selection, { rows: true, count }) ?? null,
      maxRows: this.#maxRows(),
      bind: () => this.#bind(shape, selection, count),
    };
  }

  /** The commit's number, the count and the rows of one moment, in one statement. */
  #bind(shape: Shape, selection: PageRequest['selection'], count: boolean): PageRead {
    const inverted = this.#shapes.inverted(shape, selection);
    const limit = Math.min(selection.max ?? Number.MAX_SAFE_INTEGER, this.#maxRows() + 1);
    const { select } = this.#encoder;
    const padding = ', NULL'.repeat(select.length - 1);
    const counted = count ? shape.ways.count(selection, inverted) : { sql: 'NULL', params: [] };
    const rows = shape.ways.rows(select.join(', '), selection, inverted, { skip: selection.skip, limit });
    const sql =
      `SELECT sequence${padding} FROM sluice_state UNION ALL SELECT (${counted.sql})${padding} ` +
      `UNION ALL SELECT * FROM (${rows.sql})`;
    const params: StoreValue[] = [...counted.params, ...rows.params];
    const touched = count ? Number.POSITIVE_INFINITY : limit;
    return { statement: { kind: 'read', sql, params }, inline: shape.selection.isSmall(selection, touched) };
  }
}

/** What the statement of a page gave. */
export function collectPage(plan: PagePlan, read: readonly StoreRow[]): PageContent {
  const [first, second, ...rows] = read;
  const count = second?.[0] ?? null;
  return {
    sequence: Number(first?.[0]),
    count: count === null ? null : Number(count),
    rows: rows.map((row) => plan.encoder.decode(row)),
  };
}

/** The rows as JSON. Throws SLUICE_ROW_LIMIT. */
export function pageJson(plan: PagePlan, rows: readonly string[]): string {
  if (rows.length > plan.maxRows) throw failure('SLUICE_ROW_LIMIT', plan.maxRows);
  return `[${rows.join()}]`;
}

/** NULL is null; in a table without a schema it is a field that is not there, and is left out. */
function typedRows({ columns, definition }: ListTable, forms: Pick<ValueForms, 'jsonFormatter'>): RowEncoder<string> {
  const names = columns.map((column) => `${jsonString(column.definition.name)}:`);
  const formats = columns.map((column) => forms.jsonFormatter(column.definition.type));
  const leavesOut = definition.kind === 'schemaless';
  const encode = (row: StoreRow): string => {
    let out = '';
    for (let i = 0; i < names.length; i++) {
      const value = row[i] ?? null;
      if (value === null && leavesOut) continue;
      out += `${out === '' ? '' : ','}${names[i]}${formats[i]!(value)}`;
    }
    return binaryText(`{${out}}`);
  };
  return {
    select: columns.map((column) => column.sql),
    decode: encode,
    encode,
    bytesOf: (text) => text.length,
  };
}
