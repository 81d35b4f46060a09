/**
 * Redis' protocol, replies: values to bytes, in RESP2 or RESP3. What RESP2 has no form for is written as Redis does: a map as a flat array, a double and a big
 * number as text, a boolean as 1 or 0, null as a null string. Replies collect until they are taken, so that a pipeline's go out together; large strings are
 * handed on as they are, not copied.
 */

/** From here on a string is a chunk of its own. */
const OWN_CHUNK_BYTES = 16 * 1024;
const FIRST_BUFFER_BYTES = 4 * 1024;

export class ReplyWriter {
  /** HELLO changes it. */
  version: 2 | 3 = 2;
  #chunks: Buffer[] = [];
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #bytes = 0;

  /** Bytes that have collected. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** What has collected, in order. The writer begins anew. */
  take(): Buffer[] {
    this.#cut();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks;
  }

  /** `+OK`. The text is ours: it holds no line break. */
  simple(text: string): void {
    this.#line(`+${text}`);
  }

  /** `-ERR what is wrong`: the first word is the kind. Line breaks in it become blanks. */
  error(text: string): void {
    this.#line(`-${text.replace(/[\r\n]/g, ' ')}`);
  }

  integer(value: number | bigint): void {
    this.#line(`:${value}`);
  }

  /** A string: text as UTF-8, or bytes. */
  bulk(value: string | Uint8Array): void {
    if (typeof value === 'string') {
      const length = Buffer.byteLength(value);
      if (length < OWN_CHUNK_BYTES) this.#text(`$${length}\r\n${value}\r\n`);
      else this.bulk(Buffer.from(value));
      return;
    }
    this.#line(`$${value.length}`);
    if (value.length < OWN_CHUNK_BYTES) this.#copy(value);
    else {
      this.#cut();
      this.#chunks.push(Buffer.from(value.buffer, value.byteOffset, value.length));
      this.#bytes += value.length;
    }
    this.#text('\r\n');
  }

  null(): void {
    this.#line(this.version === 3 ? '_' : '$-1');
  }

  /** Where an array was asked for: RESP2 tells the two apart. */
  nullArray(): void {
    this.#line(this.version === 3 ? '_' : '*-1');
  }

  boolean(value: boolean): void {
    if (this.version === 3) this.#line(value ? '#t' : '#f');
    else this.integer(value ? 1 : 0);
  }

  double(value: number): void {
    const text = Number.isNaN(value) ? 'nan' : Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
    if (this.version === 3) this.#line(`,${text}`);
    else this.bulk(text);
  }

  bigNumber(value: bigint): void {
    if (this.version === 3) this.#line(`(${value}`);
    else this.bulk(String(value));
  }

  /** Text for people (INFO): `txt`. */
  verbatim(text: string): void {
    if (this.version === 2) this.bulk(text);
    else this.#text(`=${Buffer.byteLength(text) + 4}\r\ntxt:${text}\r\n`);
  }

  /** So many replies follow. */
  array(length: number): void {
    this.#line(`*${length}`);
  }

  /** So many pairs of replies follow. */
  map(pairs: number): void {
    this.#line(this.version === 3 ? `%${pairs}` : `*${pairs * 2}`);
  }

  set(length: number): void {
    this.#line(`${this.version === 3 ? '~' : '*'}${length}`);
  }

  /** A message that answers no request (pub/sub). */
  push(length: number): void {
    this.#line(`${this.version === 3 ? '>' : '*'}${length}`);
  }

  #line(text: string): void {
    this.#text(`${text}\r\n`);
  }

  #text(text: string): void {
    // A UTF-16 unit is at most three bytes.
    this.#makeRoom(text.length * 3);
    const written = this.#buffer.write(text, this.#end, 'utf8');
    this.#end += written;
    this.#bytes += written;
  }

  #copy(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#bytes += bytes.length;
  }

  /** What was taken lies before `#start`, and is never written over. */
  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    this.#cut();
    this.#buffer = Buffer.allocUnsafe(Math.max(bytes, OWN_CHUNK_BYTES));
    this.#start = 0;
    this.#end = 0;
  }

  #cut(): void {
    if (this.#end > this.#start) this.#chunks.push(this.#buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
