/**
 * A kept index: the rows of a table, grouped by the values of the equality columns, in the order of one numeric column (or of the primary key), in
 * memory. Counts for any values, and pages at any depth, cost a few searches. Rows whose order column is NULL lie in a tree of their own.
 *
 * It is filled while the table goes on changing: what lies below `builtTo` is kept up to date with each commit, what lies above is not there yet.
 */
import type { RowChange } from '../../stores/store.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { Dictionary } from './dictionary.ts';
import type { Piece } from './group-walk.ts';
import { type ColumnView, type IndexShape, isTextView } from './index-plan.ts';
import { type KeyValue, UnsupportedKeyError } from './key-column.ts';
import { matcherOfQuery } from './list-query.ts';
import { type NumberForm, numberFormOf, oneOfEqual, plainNumber } from './number-form.ts';
import { OrderedIndex } from './ordered-index.ts';

/** Finds the numbers by which a column's values stand in an index. */
interface Encoder {
  readonly column: number;
  readonly dictionary: Dictionary | null;
  readonly form: NumberForm;
  /** Of values that are asked for: what a reading gives, they are already. */
  readonly operandForm: NumberForm;
}

function encoderOf(shape: IndexShape, view: ColumnView): Encoder {
  const { column } = view;
  if (isTextView(shape.table, view)) {
    const none: NumberForm = () => undefined;
    return { column, dictionary: new Dictionary(view.collation), form: none, operandForm: none };
  }
  const definition = shape.table.columns[column]!;
  const form = numberFormOf(definition, view.reading);
  if (form === null) throw new UnsupportedKeyError(`column ${definition.name} has no numbers`);
  const operandForm = view.reading === undefined ? form : plainNumber;
  return { column, dictionary: null, form, operandForm };
}

/** Bounds of the order column, or of the primary key; null is open. */
export interface KeyRange {
  readonly low: KeyValue | null;
  readonly high: KeyValue | null;
  readonly withoutLow: boolean;
  readonly withoutHigh: boolean;
}

export class KeptIndex {
  readonly shape: IndexShape;
  readonly #matches: (row: StoreRow) => boolean;
  readonly #equal: readonly Encoder[];
  readonly #order: Encoder | null;
  readonly #payload: Encoder | null;
  /** What decides a row's place here. */
  readonly #columns: readonly number[];
  readonly #values: OrderedIndex;
  /** Rows without a value in the order column. */
  readonly #nulls: OrderedIndex | null;
  /** Rows up to this key are in it; null: none yet. */
  #builtTo: KeyValue | null = null;
  #isComplete = false;

  /** @throws UnsupportedKeyError when its columns cannot stand in an index; so do the methods that take rows. */
  constructor(shape: IndexShape) {
    this.shape = shape;
    this.#matches = matcherOfQuery({ conditions: shape.filter });
    this.#equal = shape.equal.map((view) => encoderOf(shape, view));
    this.#order = shape.order === null ? null : encoderOf(shape, shape.order);
    this.#payload = shape.payload === null ? null : encoderOf(shape, shape.payload);
    const payloads = shape.payload === null ? 0 : 1;
    this.#values = new OrderedIndex(shape.equal.length + (shape.order === null ? 1 : 2), payloads);
    this.#nulls = shape.order === null ? null : new OrderedIndex(shape.equal.length + 1, payloads);
    this.#columns = [
      shape.keyColumn,
      ...shape.filter.map((term) => term.column),
      ...[...this.#equal, this.#order, this.#payload].flatMap((encoder) => encoder?.column ?? []),
    ];
  }

  /** Rows of the table that are in it. */
  get size(): number {
    return this.#values.size + (this.#nulls?.size ?? 0);
  }

  get bytes(): number {
    let bytes = this.#values.bytes + (this.#nulls?.bytes ?? 0) + 1000;
    for (const { dictionary } of this.#equal) bytes += dictionary?.bytes ?? 0;
    return bytes;
  }

  // ---- Building

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Columns that a row needs to have for add(). */
  get columns(): readonly number[] {
    return this.#columns;
  }

  get builtTo(): KeyValue | null {
    return this.#builtTo;
  }

  /** The rows up to this key are in it now; null: all rows. Changes from then on must be applied. */
  reached(key: KeyValue | null): void {
    if (key === null) this.#isComplete = true;
    else this.#builtTo = key;
  }

  /** Keeps up with a change, as far as the index is built. `above`: only where the key is above this. */
  apply(change: RowChange, above: KeyValue | null = null): void {
    const key = change.key[0] as KeyValue;
    if (above !== null && key <= above) return;
    if (!this.#isComplete && (this.#builtTo === null || key > this.#builtTo)) return;
    const { before, after } = change;
    if (before !== null && after !== null && !this.#moves(before, after)) return;
    if (before !== null) this.remove(before);
    if (after !== null) this.add(after);
  }

  /** Whether an update changes anything that decides a row's place. */
  #moves(before: StoreRow, after: StoreRow): boolean {
    for (const column of this.#columns) if (before[column] !== after[column]) return true;
    return false;
  }

  add(row: StoreRow): void {
    if (!this.#matches(row)) return;
    const entry: KeyValue[] = [];
    for (const encoder of this.#equal) {
      const number = this.#numberOf(encoder, row, 'take');
      if (number === null) {
        this.#releaseTexts(row, encoder);
        return;
      }
      entry.push(number);
    }
    this.#place(row, entry).insert(this.#completed(row, entry));
  }

  remove(row: StoreRow): void {
    if (!this.#matches(row)) return;
    const entry: KeyValue[] = [];
    for (const encoder of this.#equal) {
      const number = this.#numberOf(encoder, row, 'find');
      if (number === null) return;
      entry.push(number);
    }
    if (this.#place(row, entry).remove(this.#completed(row, entry))) this.#releaseTexts(row, null);
  }

  /** A text that stands in no equality column beside a NULL takes no number. */
  #releaseTexts(row: StoreRow, until: Encoder | null): void {
    for (const encoder of this.#equal) {
      if (encoder === until) return;
      const value = row[encoder.column];
      if (typeof value === 'string') encoder.dictionary?.release(value);
    }
  }

  #numberOf(encoder: Encoder, row: StoreRow, how: 'take' | 'find'): KeyValue | null {
    const value = row[encoder.column] ?? null;
    if (encoder.dictionary !== null && typeof value === 'string')
      return how === 'take' ? encoder.dictionary.take(value) : (encoder.dictionary.find(value) ?? null);
    const number = value === null ? null : encoder.form(value);
    if (number === undefined) throw new UnsupportedKeyError('a value has no number that sorts as it does');
    return number;
  }

  /** Appends the order column, if there is a value, and tells in which tree the row belongs. */
  #place(row: StoreRow, entry: KeyValue[]): OrderedIndex {
    if (this.#order === null) return this.#values;
    const order = this.#numberOf(this.#order, row, 'find');
    if (order === null) return this.#nulls!;
    entry.push(order);
    return this.#values;
  }

  #completed(row: StoreRow, entry: KeyValue[]): KeyValue[] {
    entry.push(row[this.shape.keyColumn] as KeyValue);
    if (this.#payload === null) return entry;
    const payload = this.#numberOf(this.#payload, row, 'find');
    if (typeof payload === 'bigint') throw new UnsupportedKeyError('an integer beyond 2^53 beside the key');
    entry.push(payload ?? Number.NaN);
    return entry;
  }

  // ---- Asking

  /**
   * The beginnings of the rows with these values: one value for each equality column, every combination of them.
   * null: a value cannot be looked for here.
   */
  prefixes(values: readonly (readonly StoreValue[])[], max: number): KeyValue[][] | null {
    let prefixes: KeyValue[][] = [[]];
    for (let e = 0; e < this.#equal.length; e++) {
      const numbers = this.#operands(this.#equal[e]!, values[e]!);
      if (numbers === null || numbers.size * prefixes.length > max) return null;
      const longer: KeyValue[][] = [];
      for (const prefix of prefixes) for (const number of numbers) longer.push([...prefix, number]);
      prefixes = longer;
    }
    return prefixes;
  }

  #operands(encoder: Encoder, values: readonly StoreValue[]): Set<KeyValue> | null {
    const numbers = new Set<KeyValue>();
    for (const value of values) {
      if (value === null) continue;
      if (encoder.dictionary !== null) {
        if (typeof value !== 'string') return null;
        const number = encoder.dictionary.find(value);
        if (number !== undefined) numbers.add(number);
        continue;
      }
      const number = encoder.operandForm(value);
      if (number === undefined || number === null) return null;
      numbers.add(oneOfEqual(number));
    }
    return numbers;
  }

  /** A bound of a range on the order column, or on the primary key without one. undefined: it cannot be looked for here. */
  bound(value: StoreValue): KeyValue | undefined {
    const form = this.#order === null ? plainNumber : this.#order.operandForm;
    return form(value) ?? undefined;
  }

  payloadBound(value: StoreValue): number | undefined {
    const number = this.#payload?.operandForm(value);
    return typeof number === 'bigint' || number === null ? undefined : number;
  }

  /** The rows that begin with `prefix` and lie in the range; those without a value in the order column lie in none. */
  piece(prefix: readonly KeyValue[], range: KeyRange | null): Piece {
    const index = this.#values;
    const ordered = this.#order !== null;
    if (range === null) return { index, ...index.span(prefix), prefix, ordered };
    const { low, high, withoutLow, withoutHigh } = range;
    const from = low === null ? index.rank(prefix, false) : index.rank([...prefix, low], withoutLow);
    const to = high === null ? index.rank(prefix, true) : index.rank([...prefix, high], !withoutHigh);
    return { index, from, to: Math.max(from, to), prefix, ordered };
  }

  /** The rows that begin with `prefix` and have no value in the order column. */
  nullPiece(prefix: readonly KeyValue[]): Piece | null {
    const index = this.#nulls;
    if (index === null || index.size === 0) return null;
    const { from, to } = index.span(prefix);
    return from === to ? null : { index, from, to, prefix, ordered: false };
  }
}
