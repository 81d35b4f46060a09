/**
 * Redis' protocol, requests: bytes in any chunks to commands. A command is an array of bulk strings (RESP2 and RESP3 alike), or a line typed by hand. What it
 * accepts, what it refuses and in which words is as in Redis 7 (networking.c): after an error of the protocol the connection is to be answered and closed.
 *
 * Arguments are views of the bytes received, not copies, unless a command came in several chunks. No chunk may be written to after it was given.
 */
import { failure, type SluiceError } from '../../errors.ts';
import {
  MAX_REDIS_ARGUMENT_BYTES,
  MAX_REDIS_ARGUMENTS,
  MAX_REDIS_COMMAND_BYTES,
  MAX_REDIS_LINE_BYTES,
} from '../../limits.ts';
import { splitInline } from './inline-command.ts';

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
/** What a client may send before it has said who it is; Redis' own limits. */
const UNKNOWN_CLIENT_ARGUMENTS = 10;
const UNKNOWN_CLIENT_ARGUMENT_BYTES = 16_384;
const SMALLEST_BUFFER_BYTES = 1_024;
const EMPTY = Buffer.alloc(0);

export class RequestParser {
  /** false: the client has not given its password yet. */
  isAuthenticated = true;
  /** Unread bytes are from `#at` to `#end`. */
  #buffer: Buffer = EMPTY;
  #at = 0;
  #end = 0;
  /** The buffer is ours to append to, not a chunk that was given. */
  #isOwn = false;
  /** Where to go on looking for the end of a line. */
  #scanned = 0;
  /** Of the command that has begun: 0 when none has. */
  #argumentsLeft = 0;
  #arguments: Buffer[] = [];
  #argumentBytes = 0;
  /** Of the argument that has begun: -1 when its length is not known. */
  #bulkLength = -1;

  /** Bytes received that belong to no command that was given out. */
  get unreadBytes(): number {
    return this.#end - this.#at;
  }

  /** Takes more bytes. */
  push(chunk: Buffer): void {
    if (this.#at === this.#end) {
      this.#buffer = chunk;
      this.#isOwn = false;
      this.#at = 0;
      this.#end = chunk.length;
      this.#scanned = 0;
      return;
    }
    this.#append(chunk);
  }

  /** The next whole command, null when more bytes are needed. Throws SLUICE_REDIS_PROTOCOL, after which there is nothing to go on with. */
  next(): Buffer[] | null {
    for (;;) {
      if (this.#argumentsLeft > 0) return this.#readArguments();
      if (this.#at === this.#end) return null;
      if (this.#buffer[this.#at] !== STAR) {
        const command = this.#readInline();
        if (command === null || command.length > 0) return command;
      } else if (!this.#readCount()) return null;
    }
  }

  /** What has been given out lies before `#end`, and is never written over. */
  #append(chunk: Buffer): void {
    const unread = this.#end - this.#at;
    if (!this.#isOwn || this.#end + chunk.length > this.#buffer.length) {
      const bigger = Buffer.allocUnsafe(Math.max(2 * unread, unread + chunk.length, SMALLEST_BUFFER_BYTES));
      this.#buffer.copy(bigger, 0, this.#at, this.#end);
      this.#buffer = bigger;
      this.#isOwn = true;
      this.#scanned = Math.max(this.#scanned - this.#at, 0);
      this.#at = 0;
      this.#end = unread;
    }
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** `*3`: false when the line is not whole. A count of 0 or less is no command, and no error. */
  #readCount(): boolean {
    const line = this.#readLine('too big mbulk count string');
    if (line === null) return false;
    const count = integer(line);
    if (count === null || count > MAX_REDIS_ARGUMENTS) throw broken('invalid multibulk length');
    if (count > UNKNOWN_CLIENT_ARGUMENTS && !this.isAuthenticated) throw broken('unauthenticated multibulk length');
    this.#argumentsLeft = Math.max(count, 0);
    this.#arguments = [];
    this.#argumentBytes = 0;
    return true;
  }

  #readArguments(): Buffer[] | null {
    while (this.#argumentsLeft > 0) {
      if (this.#bulkLength < 0 && !this.#readLength()) return null;
      // The two bytes after it are passed over unseen, as in Redis.
      if (this.#end - this.#at < this.#bulkLength + 2) return null;
      this.#arguments.push(this.#buffer.subarray(this.#at, this.#at + this.#bulkLength));
      this.#at += this.#bulkLength + 2;
      this.#scanned = this.#at;
      this.#bulkLength = -1;
      this.#argumentsLeft--;
    }
    const command = this.#arguments;
    this.#arguments = [];
    return command;
  }

  #readLength(): boolean {
    const start = this.#at;
    const line = this.#readLine('too big bulk count string');
    if (line === null) return false;
    if (this.#buffer[start] !== DOLLAR)
      throw broken(`expected '$', got '${String.fromCharCode(this.#buffer[start]!)}'`);
    const length = integer(line);
    if (length === null || length < 0 || length > MAX_REDIS_ARGUMENT_BYTES) throw broken('invalid bulk length');
    if (length > UNKNOWN_CLIENT_ARGUMENT_BYTES && !this.isAuthenticated) throw broken('unauthenticated bulk length');
    this.#argumentBytes += length;
    if (this.#argumentBytes > MAX_REDIS_COMMAND_BYTES) throw broken('too big request');
    this.#bulkLength = length;
    return true;
  }

  /** The line at the cursor without its first byte and its end; null when it is not whole. */
  #readLine(tooLong: string): string | null {
    const start = this.#at;
    const cr = this.#find(CR);
    if ((cr < 0 ? this.#end : cr) - start > MAX_REDIS_LINE_BYTES) throw broken(tooLong);
    // The byte after CR is passed over unseen, but must be there.
    if (cr < 0 || cr + 1 >= this.#end) return null;
    this.#at = cr + 2;
    this.#scanned = this.#at;
    return this.#buffer.toString('latin1', start + 1, cr);
  }

  #readInline(): Buffer[] | null {
    const start = this.#at;
    const lf = this.#find(LF);
    if ((lf < 0 ? this.#end : lf) - start > MAX_REDIS_LINE_BYTES) throw broken('too big inline request');
    if (lf < 0) return null;
    this.#at = lf + 1;
    this.#scanned = this.#at;
    const end = lf > start && this.#buffer[lf - 1] === CR ? lf - 1 : lf;
    const command = splitInline(this.#buffer.subarray(start, end));
    if (command === null) throw broken('unbalanced quotes in request');
    return command;
  }

  /** The position of `byte` among the unread, -1 when it is not there yet. What was looked at before is not again. */
  #find(byte: number): number {
    const found = this.#buffer.indexOf(byte, Math.max(this.#scanned, this.#at));
    if (found >= 0 && found < this.#end) {
      this.#scanned = found;
      return found;
    }
    this.#scanned = this.#end;
    return -1;
  }
}

/** Redis' string2ll: no plus, no leading zeros, no blanks. null: no integer. */
function integer(text: string): number | null {
  return /^(?:0|-?[1-9][0-9]{0,18})$/.test(text) ? Number(text) : null;
}

function broken(reason: string): SluiceError {
  return failure('SLUICE_REDIS_PROTOCOL', reason);
}
