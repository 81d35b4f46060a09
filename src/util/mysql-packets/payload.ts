/**
 * A cursor over one packet's payload. Every read is checked against the end: a packet that is cut short or whose lengths lie ends in
 * MALFORMED, never in bytes of its neighbour.
 */

import { isUtf8 } from 'node:buffer';
import { failure } from '../../errors.ts';
import { decodeRawText } from '../raw-text.ts';
import { NULL_VALUE } from './constants.ts';
import { MALFORMED_PACKET, ProtocolError } from './protocol-error.ts';

const REPLACEMENT = '\ufffd';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);
const TWO_32 = 0x1_0000_0000;

export class Payload {
  #buffer: Buffer;
  #at: number;
  #end: number;

  constructor(buffer: Buffer = Buffer.alloc(0), start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  /** Points the cursor at another payload: the reader uses one cursor for all packets. */
  reset(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  skip(count: number): void {
    this.#advance(count);
  }

  /** The next byte, which is not read thereby. */
  peek(): number {
    const at = this.#advance(1);
    this.#at = at;
    return this.#buffer[at] as number;
  }

  u8(): number {
    return this.#buffer[this.#advance(1)] as number;
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  i8(): number {
    return this.#buffer.readInt8(this.#advance(1));
  }

  i16(): number {
    return this.#buffer.readInt16LE(this.#advance(2));
  }

  i32(): number {
    return this.#buffer.readInt32LE(this.#advance(4));
  }

  /** A number while it is safe, a bigint beyond. */
  u64(): number | bigint {
    const at = this.#advance(8);
    const high = this.#buffer.readUInt32LE(at + 4);
    if (high < 0x20_0000) return high * TWO_32 + this.#buffer.readUInt32LE(at);
    return this.#buffer.readBigUInt64LE(at);
  }

  i64(): number | bigint {
    const at = this.#advance(8);
    const high = this.#buffer.readInt32LE(at + 4);
    const number = high * TWO_32 + this.#buffer.readUInt32LE(at);
    if (Number.isSafeInteger(number)) return number;
    return this.#buffer.readBigInt64LE(at);
  }

  f32(): number {
    return this.#buffer.readFloatLE(this.#advance(4));
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.#advance(8));
  }

  /** A length or count. Those that do not fit the packet are MALFORMED where they are used. */
  lenencInteger(): number {
    const first = this.u8();
    if (first < NULL_VALUE) return first;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.u16() + this.u8() * 0x1_0000;
    if (first === 0xfe) return Number(this.u64());
    throw new ProtocolError(MALFORMED_PACKET);
  }

  /** A view, valid as long as the packet is: copy what is kept. */
  bytes(count: number): Buffer {
    const at = this.#advance(count);
    return this.#buffer.subarray(at, at + count);
  }

  lenencBytes(): Buffer {
    return this.bytes(this.lenencInteger());
  }

  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  /** Up to a zero byte, which is taken too; MALFORMED without one. */
  nulText(): string {
    return this.#textTo(this.#zero());
  }

  nulBytes(): Buffer {
    const bytes = this.bytes(this.#zero() - this.#at);
    this.skip(1);
    return bytes;
  }

  /** As nulText, but the payload's end will do: clients leave out the last zero. */
  nulOrRestText(): string {
    const zero = this.#buffer.indexOf(0, this.#at);
    if (zero >= 0 && zero < this.#end) return this.#textTo(zero);
    return utf8(this.rest());
  }

  lenencText(): string {
    return utf8(this.lenencBytes());
  }

  /** Text to the payload's end. Hot path: no view is made of it. Throws ER_INVALID_CHARACTER_STRING. */
  restText(): string {
    const text = this.#buffer.toString('utf8', this.#at, this.#end);
    const bytes = this.#buffer.subarray(this.#at, this.#end);
    this.#at = this.#end;
    // A text of one byte a character cannot hold the replacement character, and V8 sees that at once. Statements may hold binary values.
    return text.includes(REPLACEMENT) ? decodeRawText(bytes) : text;
  }

  #textTo(end: number): string {
    const text = utf8(this.#buffer.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  #zero(): number {
    const zero = this.#buffer.indexOf(0, this.#at);
    if (zero < 0 || zero >= this.#end) throw new ProtocolError(MALFORMED_PACKET);
    return zero;
  }

  /** The position of `count` bytes, which are thereby read. */
  #advance(count: number): number {
    const at = this.#at;
    if (!(count <= this.#end - at)) throw new ProtocolError(MALFORMED_PACKET);
    this.#at = at + count;
    return at;
  }
}

/** Throws ER_INVALID_CHARACTER_STRING. */
export function utf8(bytes: Buffer): string {
  checkUtf8(bytes);
  return bytes.toString('utf8');
}

function checkUtf8(bytes: Buffer): void {
  if (isUtf8(bytes)) return;
  throw failure('ER_INVALID_CHARACTER_STRING', firstBadBytes(bytes));
}

/** As MySQL shows them: up to six bytes in hexadecimal, from the first that is wrong. */
function firstBadBytes(bytes: Buffer): string {
  const at = validPrefix(bytes);
  const bad = bytes
    .toString('hex', at, at + 6)
    .toUpperCase()
    .replaceAll(/../g, '\\x$&');
  return at + 6 < bytes.length ? `${bad}...` : bad;
}

/** Length of the valid UTF-8 at the beginning: up to the first replacement character that is not itself in the bytes. */
function validPrefix(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  let length = 0;
  let from = 0;
  for (;;) {
    const found = text.indexOf(REPLACEMENT, from);
    length += Buffer.byteLength(text.slice(from, found < 0 ? undefined : found));
    if (found < 0 || !bytes.subarray(length, length + 3).equals(REPLACEMENT_BYTES)) return length;
    length += 3;
    from = found + 1;
  }
}
