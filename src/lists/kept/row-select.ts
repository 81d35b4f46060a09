/** Reads rows of one table by their keys, in one form. */
import type { TableDefinition } from '../../stores/schema.ts';
import { quotedTable, quoteName } from '../../stores/sqlite/ddl.ts';
import type { ReadStatement } from '../../stores/statement.ts';
import type { Store } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import type { KeyValue } from './key-column.ts';
import { integer, sequenced } from './store-reads.ts';

/** So many keys are parameters of a statement each; more of them go in one. */
const KEY_PARAMETERS_MAX = 16;

export interface ReadRow {
  readonly key: KeyValue;
  /** What was selected of it. */
  readonly values: StoreRow;
}

/** Each row is the values of the expressions in `select`. */
export class RowSelect {
  readonly #table: string;
  readonly #key: string;
  readonly #columns: readonly string[];
  readonly #text: string;
  /** Statements by the number of their keys; the one for many is the first. */
  readonly #texts: string[] = [];

  constructor(table: TableDefinition, keyColumn: number, select: readonly string[]) {
    this.#table = quotedTable(table);
    this.#key = quoteName(table.columns[keyColumn]!.name);
    this.#columns = [...select, this.#key];
    const columns = `${this.#columns.join(', ')}, (SELECT sequence FROM sluice_state)`;
    this.#text = `SELECT ${columns} FROM ${this.#table} WHERE ${this.#key}`;
  }

  /** Those that are there, in no order. `sequence` is null when there are none: what it was then, nobody saw. */
  read(store: Store, keys: readonly KeyValue[]): { rows: ReadRow[]; sequence: number | null } {
    const read = store.readInline(this.#statement(keys));
    let sequence: number | null = null;
    const rows = read.map((values) => {
      sequence = values.pop() as number;
      return { key: values.pop() as KeyValue, values };
    });
    return { rows, sequence };
  }

  #statement(keys: readonly KeyValue[]): ReadStatement {
    const few = keys.length <= KEY_PARAMETERS_MAX;
    const form = few ? keys.length : 0;
    let text = this.#texts[form];
    if (text === undefined) {
      text = `${this.#text}${condition(keys.length)}`;
      this.#texts[form] = text;
    }
    return { kind: 'read', sql: text, params: few ? keys.map(integer) : [`[${keys.join(',')}]`] };
  }

  /** Rows in the order of their keys, those after `after`, the key behind what was selected; the sequence first. */
  page(after: KeyValue | null, limit: number): ReadStatement {
    const where = after === null ? '' : ` WHERE ${this.#key} > ?`;
    const params = after === null ? [limit] : [integer(after), limit];
    return sequenced(this.#columns, `FROM ${this.#table}${where} ORDER BY ${this.#key} LIMIT ?`, params);
  }

  /** The first and the last key; NULL when there is no row. */
  get ends(): ReadStatement {
    const end = (which: string): string => `(SELECT ${which}(${this.#key}) FROM ${this.#table})`;
    return { kind: 'read', sql: `SELECT ${end('min')}, ${end('max')}`, params: [] };
  }

  get count(): ReadStatement {
    return { kind: 'read', sql: `SELECT count(*) FROM ${this.#table}`, params: [] };
  }
}

function condition(keys: number): string {
  if (keys === 1) return ' = ?';
  return keys <= KEY_PARAMETERS_MAX ? ` IN (${'?, '.repeat(keys - 1)}?)` : ' IN (SELECT value FROM json_each(?))';
}
