/**
 * Reading MariaDB's binlog as a replica does (row format, whole row images), from a position on and for ever: what changed in the tables of concern,
 * whole rows in stored form (src/stores/column-type.ts), in the order of commits, with the position behind each transaction.
 *
 * Relied on: src/stores/mysql/ for the connection. Promised: a row is told exactly as a SELECT of columnList() would give it through textRowReader(), or a
 * `misfit` says that its table must be copied anew; events of other tables cost next to nothing; bytes that make no sense end in a BinlogError.
 */
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import type { SourceAddress } from '../../util/source-address.ts';
import { BinlogError } from './binlog-error.ts';
import type { BinlogEvent } from './binlog-event.ts';
import { dump, prepareDump } from './dump.ts';
import { EventReader } from './event-reader.ts';
import type { LayoutOf } from './mapped-tables.ts';
import type { BinlogPosition } from './position.ts';

const HEARTBEAT_MS = 1_000;
/** So many heartbeats may be missing. */
const SILENT_HEARTBEATS = 10;
const CLOSED = 'Sluice closed it';

export interface BinlogOptions {
  /** Where an event group ended, or a file begins (offset 4). */
  readonly from: BinlogPosition;
  /** 1 to 2^32-1, no other replica's: the source ends the dump of a replica of the same number. */
  readonly serverId: number;
  readonly layoutOf: LayoutOf;
  /** Called with what has come, a few dozen KB of the binlog at a time. While its promise is pending nothing more is read, and the source waits. */
  readonly onEvents: (events: readonly BinlogEvent[]) => Promise<void> | undefined;
  readonly signal: AbortSignal;
  /** How often the source speaks when there is nothing to say; ten times as long without a byte, and the connection counts as lost. */
  readonly heartbeatMs?: number;
}

/** Rejects with BinlogError, with the signal's reason, or with what onEvents threw. */
export async function readBinlog(address: SourceAddress, options: BinlogOptions): Promise<never> {
  const { from, serverId, layoutOf, signal, heartbeatMs = HEARTBEAT_MS } = options;
  signal.throwIfAborted();
  const { connection, hasChecksums } = await prepareDump(address, serverId, heartbeatMs);
  const reader = new EventReader({ from, layoutOf, hasChecksums });
  const ending = new Ending(connection);
  const onAbort = (): void => ending.end(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const taker = new Taker(reader, connection, options.onEvents, ending);
  const clock = watchSilence(connection, taker, heartbeatMs, ending);
  try {
    return await dump(connection, from, serverId, {
      onEvent: (buffer, start, end) => reader.take(buffer, start, end),
      onPause: () => taker.tell(),
    });
  } catch (error) {
    throw ending.why ?? error;
  } finally {
    clearInterval(clock);
    signal.removeEventListener('abort', onAbort);
    connection.destroy(CLOSED);
  }
}

/** Ends the dump from this side. */
class Ending {
  /** The first reason. */
  why: unknown = null;
  readonly #connection: SourceConnection;

  constructor(connection: SourceConnection) {
    this.#connection = connection;
  }

  end(why: unknown): void {
    this.why ??= why;
    this.#connection.destroy(CLOSED);
  }
}

/** Hands over what the reader has, never more while something is still being taken. */
class Taker {
  isWaiting = false;
  readonly #reader: EventReader;
  readonly #connection: SourceConnection;
  readonly #onEvents: BinlogOptions['onEvents'];
  readonly #ending: Ending;

  constructor(reader: EventReader, connection: SourceConnection, onEvents: BinlogOptions['onEvents'], ending: Ending) {
    this.#reader = reader;
    this.#connection = connection;
    this.#onEvents = onEvents;
    this.#ending = ending;
  }

  tell(): void {
    if (this.isWaiting || this.#ending.why !== null) return;
    const events = this.#reader.drain();
    if (events.length === 0) return;
    const taken = this.#onEvents(events);
    if (taken === undefined) return;
    this.isWaiting = true;
    this.#connection.pause();
    taken.then(() => this.#goOn()).catch((error: unknown) => this.#ending.end(error));
  }

  #goOn(): void {
    this.isWaiting = false;
    this.#connection.resume();
    this.tell();
  }
}

/** Ends the dump when not a byte has come for some heartbeats. While events are being taken none is expected. */
function watchSilence(connection: SourceConnection, taker: Taker, heartbeatMs: number, ending: Ending): NodeJS.Timeout {
  let bytesBefore = -1;
  let missing = 0;
  return setInterval(() => {
    const { bytesReceived } = connection;
    missing = taker.isWaiting || bytesReceived !== bytesBefore ? 0 : missing + 1;
    bytesBefore = bytesReceived;
    if (missing < SILENT_HEARTBEATS) return;
    ending.end(new BinlogError('lost', `the source has said nothing for ${(missing * heartbeatMs) / 1000} s`));
  }, heartbeatMs);
}
