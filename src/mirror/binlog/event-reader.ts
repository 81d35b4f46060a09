/**
 * The binlog's events, one after the other, to what is told of them. Knows where in which file reading is, whether events have checksums, which tables
 * were mapped, and which event group is open. Throws BinlogError `unreadable` for what is broken or not known: no byte of the source is trusted.
 */
import { ProtocolError } from '../../util/mysql-packets/protocol-error.ts';
import { BinlogError, unreadable } from './binlog-error.ts';
import type { BinlogEvent } from './binlog-event.ts';
import { EventGroup } from './event-group.ts';
import { CHECKSUM_BYTES, EVENT_HEADER_BYTES, type EventHeader, readHeader, verifyChecksum } from './event-header.ts';
import { EVENT, EVENT_FLAG, GTID_FLAG } from './event-type.ts';
import { type LayoutOf, MappedTables, ROWS_EVENTS, readRows } from './mapped-tables.ts';
import { type BinlogPosition, comparePositions } from './position.ts';
import { LOAD_QUERY_BYTES, readQuery, readXaPrepare, readXaStatement } from './query-event.ts';

const TWO_32 = 0x1_0000_0000;
const CRC32 = 1;
/** XA transactions that are prepared and not yet committed or rolled back. */
const PREPARED_MAX = 10_000;

type Handler = (this: EventReader, buffer: Buffer, start: number, end: number, header: EventHeader) => void;

export interface EventReaderOptions {
  readonly from: BinlogPosition;
  readonly layoutOf: LayoutOf;
  /** Of the events before the first FORMAT_DESCRIPTION, which says so itself. */
  readonly hasChecksums: boolean;
}

export class EventReader {
  readonly #tables: MappedTables;
  /** Events up to here were told before: reading began earlier. */
  readonly #from: BinlogPosition;
  #file: string;
  #offset: number;
  /** Where the event begins that is being read. */
  #eventOffset = 0;
  #hasChecksums: boolean;
  #group: EventGroup | null = null;
  #passed = false;
  #out: BinlogEvent[] = [];
  readonly #prepared = new Map<string, EventGroup>();

  constructor({ from, layoutOf, hasChecksums }: EventReaderOptions) {
    this.#tables = new MappedTables(layoutOf);
    this.#from = from;
    this.#file = from.file;
    this.#offset = 0;
    this.#hasChecksums = hasChecksums;
  }

  /** One event. */
  take(buffer: Buffer, start: number, end: number): void {
    try {
      this.#take(buffer, start, end);
    } catch (error) {
      if (error instanceof BinlogError) throw error;
      // What the reading of broken bytes ends in: beyond a buffer's end, a cut packet, no zlib stream.
      if (error instanceof RangeError || error instanceof ProtocolError || isZlibError(error))
        throw unreadable(
          `an event (type ${buffer[start + 4]}, ${this.#file} before ${this.#offset}): ${error.message}`,
        );
      throw error;
    }
  }

  /** What is to be told since the last call. */
  drain(): BinlogEvent[] {
    if (this.#passed) {
      this.#passed = false;
      this.#out.push({ kind: 'passed', position: this.#position() });
    }
    const events = this.#out;
    if (events.length > 0) this.#out = [];
    return events;
  }

  #take(buffer: Buffer, start: number, end: number): void {
    const header = readHeader(buffer, start, end);
    if (header.type === EVENT.FORMAT_DESCRIPTION) this.#hasChecksums = buffer[end - CHECKSUM_BYTES - 1] === CRC32;
    let bodyEnd = end;
    if (this.#hasChecksums) {
      verifyChecksum(buffer, start, end);
      bodyEnd -= CHECKSUM_BYTES;
    }
    const body = start + EVENT_HEADER_BYTES;
    if (header.type === EVENT.HEARTBEAT) {
      this.#heartbeat(buffer, body, bodyEnd, header);
      return;
    }
    this.#eventOffset = this.#offset;
    this.#move(header);
    const rows = ROWS_EVENTS.get(header.type);
    if (rows === undefined) this.#handle(buffer, body, bodyEnd, header);
    else if (!this.#isBefore()) this.#rows(rows, buffer, body, bodyEnd);
  }

  /** The event's end is where reading is now. Positions in events are of 32 bits: in a file that a large transaction made longer they begin anew. */
  #move({ endPosition, flags }: EventHeader): void {
    if ((flags & EVENT_FLAG.ARTIFICIAL) !== 0 || endPosition === 0) return;
    const base = this.#offset - (this.#offset % TWO_32);
    this.#offset = base + endPosition < this.#offset ? base + TWO_32 + endPosition : base + endPosition;
  }

  /**
   * Where the source has read to, which may be behind an event that it did not send. A position of more than 32 bits stands before the file's name, and
   * then the header has none.
   */
  #heartbeat(buffer: Buffer, start: number, end: number, { endPosition }: EventHeader): void {
    const isLong = endPosition === 0 && end - start > 8;
    const offset = isLong ? Number(buffer.readBigUInt64LE(start)) : endPosition;
    if (this.#group !== null || buffer.toString('utf8', isLong ? start + 8 : start, end) !== this.#file) return;
    this.#offset = Math.max(this.#offset, offset);
    if (comparePositions(this.#position(), this.#from) >= 0) this.#pass();
  }

  #position(): BinlogPosition {
    return { file: this.#file, offset: this.#offset };
  }

  #isBefore(): boolean {
    return this.#offset <= this.#from.offset && comparePositions(this.#position(), this.#from) <= 0;
  }

  #handle(buffer: Buffer, start: number, end: number, header: EventHeader): void {
    const handler = HANDLERS.get(header.type);
    if (handler !== undefined) {
      const isOfFile = header.type === EVENT.ROTATE || header.type === EVENT.FORMAT_DESCRIPTION;
      if (isOfFile || !this.#isBefore()) handler.call(this, buffer, start, end, header);
    } else if ((header.flags & EVENT_FLAG.IGNORABLE) !== 0) return;
    else if (header.type === EVENT.START_ENCRYPTION) throw unreadable('it comes encrypted');
    else throw unreadable(`an event of type ${header.type} is not known, and may not be passed over`);
  }

  /** The next file, or, made up by the source, the one in which reading begins. */
  rotate(buffer: Buffer, start: number, end: number): void {
    const offset = Number(buffer.readBigUInt64LE(start));
    this.#abandon();
    this.#file = buffer.toString('utf8', start + 8, end);
    this.#offset = offset;
    this.#group = null;
    this.#tables.clear();
    if (!this.#isBefore()) this.#pass();
  }

  formatDescription(buffer: Buffer, start: number): void {
    const version = buffer.readUInt16LE(start);
    const headerBytes = buffer[start + 56];
    if (version !== 4 || headerBytes !== EVENT_HEADER_BYTES)
      throw unreadable(`it is of version ${version} with headers of ${headerBytes} bytes`);
    this.#tables.clear();
  }

  gtid(buffer: Buffer, start: number): void {
    const flags = buffer[start + 12] as number;
    this.#abandon();
    this.#group = new EventGroup((flags & GTID_FLAG.STANDALONE) !== 0, (flags & GTID_FLAG.PREPARED_XA) !== 0);
  }

  query(buffer: Buffer, start: number, end: number, { type }: EventHeader): void {
    const extraBytes = type === EVENT.EXECUTE_LOAD_QUERY ? LOAD_QUERY_BYTES : 0;
    const { database, text } = readQuery(buffer, start, end, type === EVENT.QUERY_COMPRESSED, extraBytes);
    if (text === null) {
      // A table's name may be in it.
      this.#tell({ kind: 'incident', why: 'a statement was written in a character set that is not known here' });
      if (this.#group === null || this.#group.isStandalone) this.#endGroup();
    } else if (text === 'BEGIN') {
      this.#group ??= new EventGroup(false, false);
    } else if (text === 'COMMIT') {
      this.#endGroup();
    } else if (text === 'ROLLBACK') {
      this.#undo('a transaction that changed it was rolled back');
      this.#endGroup();
    } else if (/^ROLLBACK TO\b/i.test(text)) {
      this.#undo('a transaction that changed it was rolled back in part');
    } else if (/^(?:RELEASE )?SAVEPOINT\b/i.test(text) || text.startsWith('#')) {
      // Nothing is changed by these. A comment stands for an event that the source left out.
    } else if (text.startsWith('XA ')) {
      this.#xa(text);
    } else {
      this.#tell({ kind: 'statement', database, text });
      if (this.#group === null || this.#group.isStandalone) this.#endGroup();
    }
  }

  commit(): void {
    this.#endGroup();
  }

  xaPrepare(buffer: Buffer, start: number, end: number): void {
    const { id, onePhase } = readXaPrepare(buffer, start, end);
    const group = this.#group;
    if (group?.isPrepared === true) {
      if (onePhase) this.#release(group);
      else this.#prepare(id, group);
    }
    this.#endGroup();
  }

  incident(buffer: Buffer, start: number, end: number): void {
    const length = buffer[start + 2] ?? 0;
    const why = buffer.toString('utf8', start + 3, Math.min(start + 3 + length, end));
    this.#tell({ kind: 'incident', why: `the source reports an incident in its binlog: ${why}` });
    this.#endGroup();
  }

  tableMap(buffer: Buffer, start: number, end: number): void {
    const { decoder, database, table } = this.#tables.map(buffer, start, end);
    if (typeof decoder !== 'string') return;
    this.#group?.touch(database, table);
    this.#tell({ kind: 'misfit', database, table, why: decoder });
  }

  #rows(kind: NonNullable<ReturnType<typeof ROWS_EVENTS.get>>, buffer: Buffer, start: number, end: number): void {
    const mapped = this.#tables.tableOf(buffer, start);
    if (mapped === null || mapped.decoder === null || typeof mapped.decoder === 'string') return;
    const { database, table } = mapped;
    const changes = readRows(kind, mapped.decoder, buffer, start, end);
    this.#group?.touch(database, table);
    this.#tell(
      typeof changes === 'string'
        ? { kind: 'misfit', database, table, why: changes }
        : { kind: 'rows', database, table, changes },
    );
  }

  #tell(event: BinlogEvent): void {
    const group = this.#group;
    if (group?.isPrepared === true) {
      group.hold(event);
      return;
    }
    if (group !== null) group.hasEvents = true;
    else this.#passed = false;
    this.#out.push(event);
  }

  #pass(): void {
    this.#passed = true;
  }

  #undo(why: string): void {
    const group = this.#group;
    if (group === null) return;
    // What is held may simply be told as if it had happened, and then be copied anew.
    for (const event of group.undo(why)) this.#tell(event);
  }

  #endGroup(): void {
    const group = this.#group;
    this.#group = null;
    if (group !== null && !group.hasEvents) {
      this.#pass();
      return;
    }
    this.#passed = false;
    this.#out.push({ kind: 'committed', position: this.#position() });
  }

  #prepare(id: string, group: EventGroup): void {
    if (this.#prepared.size >= PREPARED_MAX) throw unreadable(`more than ${PREPARED_MAX} XA transactions are prepared`);
    this.#prepared.set(id, group);
  }

  /** Tells what was held. */
  #release(group: EventGroup): void {
    const events = group.release();
    if (events.length === 0) return;
    if (this.#group !== null) this.#group.hasEvents = true;
    this.#out.push(...events);
  }

  /** A group that has no end: the source died while it wrote it. What was told of it has not happened. */
  #abandon(): void {
    const group = this.#group;
    if (group === null || !group.hasEvents) return;
    this.#undo('a transaction that changed it was left unfinished');
    this.#group = null;
    this.#passed = false;
    this.#out.push({ kind: 'committed', position: { file: this.#file, offset: this.#eventOffset } });
  }

  #xa(text: string): void {
    const statement = readXaStatement(text);
    if (statement?.verb === 'start' || statement?.verb === 'end') return;
    if (statement === null) {
      this.#tell({ kind: 'incident', why: `an XA statement is not understood: ${text.slice(0, 100)}` });
      this.#endGroup();
      return;
    }
    const group = this.#prepared.get(statement.id);
    this.#prepared.delete(statement.id);
    if (statement.verb === 'commit') {
      if (group !== undefined) this.#release(group);
      else
        this.#tell({ kind: 'incident', why: 'an XA transaction was committed that was prepared before reading began' });
    }
    this.#endGroup();
  }
}

function nothing(): void {
  // Nothing of it is of concern.
}

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [EVENT.ROTATE, EventReader.prototype.rotate],
  [EVENT.FORMAT_DESCRIPTION, EventReader.prototype.formatDescription],
  [EVENT.GTID, EventReader.prototype.gtid],
  [EVENT.TABLE_MAP, EventReader.prototype.tableMap],
  [EVENT.QUERY, EventReader.prototype.query],
  [EVENT.QUERY_COMPRESSED, EventReader.prototype.query],
  [EVENT.EXECUTE_LOAD_QUERY, EventReader.prototype.query],
  [EVENT.XID, EventReader.prototype.commit],
  [EVENT.XA_PREPARE, EventReader.prototype.xaPrepare],
  [EVENT.INCIDENT, EventReader.prototype.incident],
  [EVENT.STOP, nothing],
  [EVENT.INTVAR, nothing],
  [EVENT.RAND, nothing],
  [EVENT.USER_VAR, nothing],
  [EVENT.APPEND_BLOCK, nothing],
  [EVENT.DELETE_FILE, nothing],
  [EVENT.BEGIN_LOAD_QUERY, nothing],
  [EVENT.ANNOTATE_ROWS, nothing],
  [EVENT.CHECKPOINT, nothing],
  [EVENT.GTID_LIST, nothing],
]);

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code));
}
