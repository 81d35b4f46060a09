/**
 * Why reading the binlog ended, by what can be done about it:
 * - `lost`: the connection is gone, or was never there. Try again from the last position.
 * - `gone`: the source does not have that position (error 1236: purged, reset, another server). Nothing can be read on from there.
 * - `refused`: the source does not let this user read its binlog, or not in this way.
 * - `unreadable`: what came is broken, or an event that must not be passed over is not known. Trying again may help against the first only.
 */
export type BinlogFailure = 'lost' | 'gone' | 'refused' | 'unreadable';

export class BinlogError extends Error {
  readonly failure: BinlogFailure;

  constructor(failure: BinlogFailure, message: string) {
    super(message);
    this.name = 'BinlogError';
    this.failure = failure;
  }
}

export function unreadable(what: string): BinlogError {
  return new BinlogError('unreadable', `The source's binlog cannot be read: ${what}`);
}
