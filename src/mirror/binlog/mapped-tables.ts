/** The tables that table maps have named, by the id under which rows events speak of them. */
import { Payload } from '../../util/mysql-packets/payload.ts';
import { unreadable } from './binlog-error.ts';
import type { RowImages } from './binlog-event.ts';
import type { TableLayout } from './column-layout.ts';
import { uncompress } from './compressed.ts';
import { EVENT } from './event-type.ts';
import { RowCursor } from './row-cursor.ts';
import { type RowDecoder, rowDecoder } from './row-decoder.ts';
import { mappedColumns, mappedName, tableId } from './table-map.ts';

/** The layout of a table that is of concern, the same object as long as it has not changed; null for any other. */
export type LayoutOf = (database: string, table: string) => TableLayout | null;

export interface MappedTable {
  readonly database: string;
  readonly table: string;
  readonly layout: TableLayout | null;
  /** null where the table is not of concern; why, where it does not fit its layout. */
  readonly decoder: RowDecoder | string | null;
  /** The event's body, by which the next map is known to be the same. */
  readonly body: Buffer;
}

/** Id and flags. */
const POST_HEADER_BYTES = 8;
/** The id of rows events that only end a statement. */
const NO_TABLE = 0xff_ffff;
/** More than a server has open; a source that makes new ids for ever must not fill memory. */
const TABLES_MAX = 10_000;

export class MappedTables {
  readonly #layoutOf: LayoutOf;
  readonly #tables = new Map<number, MappedTable>();

  constructor(layoutOf: LayoutOf) {
    this.#layoutOf = layoutOf;
  }

  /** Ids begin anew in each file. */
  clear(): void {
    this.#tables.clear();
  }

  /** A TABLE_MAP event's body. */
  map(buffer: Buffer, start: number, end: number): MappedTable {
    const id = tableId(buffer, start);
    const known = this.#tables.get(id);
    // Each statement maps its tables anew, mostly in the very words of the one before.
    if (known !== undefined && known.body.compare(buffer, start, end) === 0) {
      if (this.#layoutOf(known.database, known.table) === known.layout) return known;
    }
    const body = new Payload(buffer, start + POST_HEADER_BYTES, end);
    const { database, table } = mappedName(body);
    const layout = this.#layoutOf(database, table);
    const mapped = {
      database,
      table,
      layout,
      decoder: layout === null ? null : rowDecoder(layout, mappedColumns(body)),
      body: Buffer.from(buffer.subarray(start, end)),
    };
    if (this.#tables.size >= TABLES_MAX) this.#tables.clear();
    this.#tables.set(id, mapped);
    return mapped;
  }

  /** Of a rows event's body; null where it belongs to none. */
  tableOf(buffer: Buffer, start: number): MappedTable | null {
    const id = tableId(buffer, start);
    if (id === NO_TABLE) return null;
    const mapped = this.#tables.get(id);
    if (mapped === undefined) throw unreadable(`rows of a table (${id}) that was not mapped`);
    return mapped;
  }
}

interface RowsEventKind {
  readonly change: 'write' | 'update' | 'delete';
  readonly isCompressed: boolean;
  /** Version 2: more fields before the rows. */
  readonly hasExtra: boolean;
}

export const ROWS_EVENTS: ReadonlyMap<number, RowsEventKind> = new Map([
  [EVENT.WRITE_ROWS_V1, { change: 'write', isCompressed: false, hasExtra: false }],
  [EVENT.UPDATE_ROWS_V1, { change: 'update', isCompressed: false, hasExtra: false }],
  [EVENT.DELETE_ROWS_V1, { change: 'delete', isCompressed: false, hasExtra: false }],
  [EVENT.WRITE_ROWS, { change: 'write', isCompressed: false, hasExtra: true }],
  [EVENT.UPDATE_ROWS, { change: 'update', isCompressed: false, hasExtra: true }],
  [EVENT.DELETE_ROWS, { change: 'delete', isCompressed: false, hasExtra: true }],
  [EVENT.WRITE_ROWS_COMPRESSED_V1, { change: 'write', isCompressed: true, hasExtra: false }],
  [EVENT.UPDATE_ROWS_COMPRESSED_V1, { change: 'update', isCompressed: true, hasExtra: false }],
  [EVENT.DELETE_ROWS_COMPRESSED_V1, { change: 'delete', isCompressed: true, hasExtra: false }],
  [EVENT.WRITE_ROWS_COMPRESSED, { change: 'write', isCompressed: true, hasExtra: true }],
  [EVENT.UPDATE_ROWS_COMPRESSED, { change: 'update', isCompressed: true, hasExtra: true }],
  [EVENT.DELETE_ROWS_COMPRESSED, { change: 'delete', isCompressed: true, hasExtra: true }],
]);

/** The rows of a rows event's body, or why they cannot be told. */
export function readRows(
  { change, isCompressed, hasExtra }: RowsEventKind,
  decoder: RowDecoder,
  buffer: Buffer,
  start: number,
  end: number,
): RowImages[] | string {
  const body = new Payload(buffer, start + POST_HEADER_BYTES, end);
  // The length of the extra fields counts itself.
  if (hasExtra) body.skip(Math.max(body.u16() - 2, 0));
  const columnCount = body.lenencInteger();
  if (columnCount !== decoder.columnCount)
    throw unreadable(`rows of ${columnCount} columns where ${decoder.columnCount} were mapped`);
  const bitmapBytes = (columnCount + 7) >> 3;
  const isFull =
    holdsAll(body.bytes(bitmapBytes), columnCount) &&
    (change !== 'update' || holdsAll(body.bytes(bitmapBytes), columnCount));
  if (!isFull) return 'its row images lack columns: binlog_row_image must be FULL';
  const at = end - body.remaining;
  const rows = isCompressed ? uncompress(buffer, at, end) : null;
  const cursor = rows === null ? new RowCursor(buffer, at, end) : new RowCursor(rows, 0, rows.length);
  const images: RowImages[] = [];
  while (cursor.at < cursor.end) {
    const first = decoder.row(cursor);
    if (change === 'write') images.push({ before: null, after: first });
    else if (change === 'delete') images.push({ before: first, after: null });
    else images.push({ before: first, after: decoder.row(cursor) });
  }
  return images;
}

function holdsAll(bitmap: Buffer, count: number): boolean {
  for (let i = 0; i < count; i++) if (((bitmap[i >> 3] as number) & (1 << (i & 7))) === 0) return false;
  return true;
}
