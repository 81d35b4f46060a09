/**
 * Packets out of the pieces in which a socket delivers them. What arrives whole is read in place; only a packet that spans pieces is
 * copied, once, when its last byte is there. A packet beyond the limit is passed over without being kept and reported as OVERSIZE.
 */
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from './constants.ts';
import { Payload } from './payload.ts';
import { PACKETS_OUT_OF_ORDER, ProtocolError } from './protocol-error.ts';

export const OVERSIZE = 'oversize';

export class PacketReader {
  /** Payloads longer than this are OVERSIZE. */
  maxPayloadBytes: number;
  /** The sequence id that the next packet must have. A command begins with 0. */
  expectedSequence = 0;
  readonly #payload = new Payload();
  /** Pieces not read yet; the first one from `#at` on. */
  #pieces: Buffer[] = [];
  #at = 0;
  #available = 0;
  /** Payloads of the earlier packets of one that is split at 16 MiB, and their length. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  /** A too large packet is being passed over: how many bytes of its present part are still to come, and whether that is its last. */
  #discarding = false;
  #toDiscard = 0;
  #discardsLastPart = false;

  constructor(maxPayloadBytes: number) {
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /** Bytes received but not read yet. */
  get buffered(): number {
    return this.#available;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#available += piece.length;
  }

  /** What was pushed last and has not been read is copied: its bytes are about to be overwritten. */
  keep(): void {
    const last = this.#pieces.length - 1;
    if (last < 0) return;
    this.#pieces[last] = Buffer.from((this.#pieces[last] as Buffer).subarray(last === 0 ? this.#at : 0));
    if (last === 0) this.#at = 0;
  }

  /**
   * The next whole packet's payload, null while there is none. The cursor is valid until the next call. Throws PACKETS_OUT_OF_ORDER.
   */
  next(): Payload | typeof OVERSIZE | null {
    for (;;) {
      if (this.#discarding) {
        if (!this.#discard()) return null;
        if (this.#discardsLastPart) {
          this.#discarding = false;
          return OVERSIZE;
        }
      }
      if (this.#available < HEADER_BYTES) return null;
      const header = this.#front(HEADER_BYTES);
      const start = this.#at;
      const length =
        (header[start] as number) | ((header[start + 1] as number) << 8) | ((header[start + 2] as number) << 16);
      if (header[start + 3] !== this.expectedSequence) throw new ProtocolError(PACKETS_OUT_OF_ORDER);
      if (this.#discarding || this.#partsBytes + length > this.maxPayloadBytes) {
        this.#beginDiscarding(length);
        continue;
      }
      if (this.#available < HEADER_BYTES + length) return null;
      const buffer = this.#front(HEADER_BYTES + length);
      const from = this.#at + HEADER_BYTES;
      this.#consume(HEADER_BYTES + length);
      this.#countPacket();
      if (length < MAX_PAYLOAD_BYTES) return this.#whole(buffer, from, length);
      this.#parts.push(buffer.subarray(from, from + length));
      this.#partsBytes += length;
    }
  }

  /** What has been received but not read, which is thereby taken away: it belongs to TLS. */
  takeRest(): Buffer {
    const rest = Buffer.concat(
      this.#pieces.length === 0 ? [] : [(this.#pieces[0] as Buffer).subarray(this.#at), ...this.#pieces.slice(1)],
    );
    this.#pieces = [];
    this.#at = 0;
    this.#available = 0;
    return rest;
  }

  #whole(buffer: Buffer, from: number, length: number): Payload {
    if (this.#partsBytes === 0) {
      this.#payload.reset(buffer, from, from + length);
      return this.#payload;
    }
    this.#parts.push(buffer.subarray(from, from + length));
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partsBytes = 0;
    this.#payload.reset(whole, 0, whole.length);
    return this.#payload;
  }

  #beginDiscarding(length: number): void {
    this.#parts = [];
    this.#partsBytes = 0;
    this.#consume(HEADER_BYTES);
    this.#countPacket();
    this.#discarding = true;
    this.#toDiscard = length;
    this.#discardsLastPart = length < MAX_PAYLOAD_BYTES;
  }

  /** Passes over what is there; false while more is to come. */
  #discard(): boolean {
    const count = Math.min(this.#toDiscard, this.#available);
    this.#consume(count);
    this.#toDiscard -= count;
    return this.#toDiscard === 0;
  }

  #countPacket(): void {
    this.expectedSequence = (this.expectedSequence + 1) & 0xff;
  }

  /** The buffer that holds the next `count` bytes in one piece, from `#at` on. */
  #front(count: number): Buffer {
    const first = this.#pieces[0] as Buffer;
    if (first.length - this.#at >= count) return first;
    const joined = this.takeRest();
    this.#pieces = [joined];
    this.#available = joined.length;
    return joined;
  }

  #consume(count: number): void {
    let rest = count;
    this.#available -= count;
    while (rest > 0) {
      const left = (this.#pieces[0] as Buffer).length - this.#at;
      if (rest < left) {
        this.#at += rest;
        return;
      }
      rest -= left;
      this.#pieces.shift();
      this.#at = 0;
    }
  }
}
