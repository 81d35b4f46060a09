/**
 * Reads SQLite's binary changeset format (sqlite.org/session/changegroup.html and the head comment of sqlite3session.c):
 *
 *   table:  'T'  varint number of columns  one byte a column, not 0 for key columns  name  NUL
 *   change: op byte (18 insert, 23 update, 9 delete)  indirect byte  record(s)
 *   record: a value for each column: type byte (0 absent, 1 integer, 2 real, 3 text, 4 blob, 5 NULL) and its bytes, big-endian
 *
 * An insert has its new record, a delete its old one; an update has the key and the changed columns in the old record and the
 * changed columns in the new one. SQLite made the bytes, so anything unexpected is a broken invariant: an AssertionError.
 */
import assert from 'node:assert';
import type { StoreValue } from '../values.ts';
import { narrowInteger } from './connection.ts';

/** undefined: not part of an update. */
export type ChangedValue = StoreValue | undefined;

export interface ChangesetChange {
  readonly op: 'insert' | 'update' | 'delete';
  readonly old: ChangedValue[] | null;
  readonly new: ChangedValue[] | null;
}

export interface ChangesetTable {
  /** As stored. */
  readonly name: string;
  /** One for each column. */
  readonly isKey: readonly boolean[];
  /** null when there are more than the caller wants. */
  readonly changes: readonly ChangesetChange[] | null;
}

const INSERT = 18;
const UPDATE = 23;
const DELETE = 9;
const TABLE = 0x54;

/** How much of one table is listed. */
export interface ChangesetLimits {
  readonly changes: number;
  readonly bytes: number;
}

export function parseChangeset(bytes: Uint8Array, limits: ChangesetLimits): ChangesetTable[] {
  const reader = new Reader(bytes);
  const tables: ChangesetTable[] = [];
  while (!reader.atEnd) tables.push(parseTable(reader, limits));
  return tables;
}

function parseTable(reader: Reader, limits: ChangesetLimits): ChangesetTable {
  assert.equal(reader.byte(), TABLE, 'changeset: a table header was expected');
  const columns = reader.varint();
  assert.ok(columns > 0 && columns <= 32_767, `changeset: a table of ${columns} columns`);
  const isKey: boolean[] = [];
  for (let i = 0; i < columns; i++) isKey.push(reader.byte() !== 0);
  const name = reader.textToNul();
  const end = reader.position + limits.bytes;
  let changes: ChangesetChange[] | null = [];
  while (!reader.atEnd && reader.peek() !== TABLE) {
    if (changes !== null && changes.length < limits.changes && reader.position < end) {
      changes.push(parseChange(reader, columns));
    } else {
      changes = null;
      skipChange(reader, columns);
    }
  }
  return { name, isKey, changes };
}

function parseChange(reader: Reader, columns: number): ChangesetChange {
  const op = reader.byte();
  reader.byte();
  switch (op) {
    case INSERT:
      return { op: 'insert', old: null, new: parseRecord(reader, columns) };
    case DELETE:
      return { op: 'delete', old: parseRecord(reader, columns), new: null };
    case UPDATE:
      return { op: 'update', old: parseRecord(reader, columns), new: parseRecord(reader, columns) };
    default:
      assert.fail(`changeset: operation ${op}`);
  }
}

function skipChange(reader: Reader, columns: number): void {
  const op = reader.byte();
  reader.byte();
  assert.ok(op === INSERT || op === DELETE || op === UPDATE, `changeset: operation ${op}`);
  const values = op === UPDATE ? columns * 2 : columns;
  for (let i = 0; i < values; i++) reader.skipValue();
}

function parseRecord(reader: Reader, columns: number): ChangedValue[] {
  const record: ChangedValue[] = new Array(columns);
  for (let i = 0; i < columns; i++) record[i] = reader.value();
  return record;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get position(): number {
    return this.#at;
  }

  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** SQLite's varint: seven bits a byte, most significant first. Lengths here fit 32 bits. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.byte();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    assert.fail('changeset: a varint beyond 32 bits');
  }

  textToNul(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    assert.ok(end >= 0, 'changeset: a table name without end');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  value(): ChangedValue {
    const type = this.byte();
    switch (type) {
      case 0:
        return undefined;
      case 1:
        return this.#integer();
      case 2:
        return this.#bytes.readDoubleBE(this.#take(8));
      case 3: {
        const length = this.varint();
        const from = this.#take(length);
        return this.#bytes.toString('utf8', from, from + length);
      }
      case 4: {
        const length = this.varint();
        const from = this.#take(length);
        return new Uint8Array(this.#bytes.subarray(from, from + length));
      }
      case 5:
        return null;
      default:
        assert.fail(`changeset: value type ${type}`);
    }
  }

  skipValue(): void {
    const type = this.byte();
    assert.ok(type <= 5, `changeset: value type ${type}`);
    if (type === 1 || type === 2) this.#take(8);
    else if (type === 3 || type === 4) this.#take(this.varint());
  }

  /** Most integers fit 32 bits, where reading a bigint would be waste. */
  #integer(): number | bigint {
    const from = this.#take(8);
    const high = this.#bytes.readInt32BE(from);
    if (high >= -0x200000 && high < 0x200000) {
      const value = high * 0x1_0000_0000 + this.#bytes.readUInt32BE(from + 4);
      if (Number.isSafeInteger(value)) return value;
    }
    return narrowInteger(this.#bytes.readBigInt64BE(from));
  }

  /** Moves on by `count` bytes and returns where they begin. */
  #take(count: number): number {
    const from = this.#at;
    assert.ok(from + count <= this.#bytes.length, 'changeset: it ends in the middle of a change');
    this.#at = from + count;
    return from;
  }
}
