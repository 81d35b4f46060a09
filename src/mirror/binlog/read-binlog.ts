/**
 * Reading MariaDB's binlog as a replica does (row format, whole row images), from a position on and for ever: what changed in the tables of concern,
 * whole rows in stored form (src/stores/column-type.ts), in the order of commits, with the position behind each transaction.
 *
 * Relied on: src/stores/mysql/ for the connection. Promised: a row is told exactly as a SELECT of columnList() would give it through textRowReader(), or a
 * `misfit` says that its table must be copied anew; events of other tables cost next to nothing; bytes that make no sense end in a BinlogError.
 */
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
  const { from, serverId, layoutOf, onEvents, signal, heartbeatMs = HEARTBEAT_MS } = options;
  signal.throwIfAborted();
  const { connection, hasChecksums } = await prepareDump(address, serverId, heartbeatMs);
  const reader = new EventReader({ from, layoutOf, hasChecksums });
  let ended: unknown = null;
  const end = (why: unknown): void => {
    ended ??= why;
    connection.destroy('Sluice closed it');
  };
  const onAbort = (): void => end(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  let isPaused = false;
  let bytesBefore = -1;
  let silentTicks = 0;
  const clock = setInterval(() => {
    const { bytesReceived } = connection;
    silentTicks = isPaused || bytesReceived !== bytesBefore ? 0 : silentTicks + 1;
    bytesBefore = bytesReceived;
    if (silentTicks >= SILENT_HEARTBEATS)
      end(new BinlogError('lost', `the source has said nothing for ${(silentTicks * heartbeatMs) / 1000} s`));
  }, heartbeatMs);

  const tell = (): void => {
    const events = reader.drain();
    if (events.length === 0) return;
    const done = onEvents(events);
    if (done === undefined) return;
    isPaused = true;
    connection.pause();
    done.then(() => {
      isPaused = false;
      connection.resume();
    }, end);
  };
  try {
    return await dump(connection, from, serverId, {
      onEvent: (buffer, start, stop) => reader.take(buffer, start, stop),
      onPause: tell,
    });
  } catch (error) {
    throw ended ?? error;
  } finally {
    clearInterval(clock);
    signal.removeEventListener('abort', onAbort);
    connection.destroy('Sluice closed it');
  }
}
