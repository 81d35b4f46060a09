/**
 * Finds where documents end in a stream of bytes: a document is a JSON object, and is complete with the brace that closes it, whether a line ends
 * there, another one follows, or nothing more comes. Between documents stands white space. Only strings and brackets are looked at; what is inside is
 * the JSON reader's affair.
 *
 * What is no document costs the rest of its line, so that a client which writes one document a line goes on with the next.
 */
import { failure, type SluiceError } from '../../errors.ts';
import { MAX_JSON_DOCUMENT_BYTES, MAX_JSON_DOCUMENT_LEVELS } from '../../limits.ts';

export type Piece =
  | { readonly kind: 'document'; readonly bytes: Buffer }
  /** `isFatal`: where the next document begins cannot be known. */
  | { readonly kind: 'broken'; readonly failure: SluiceError; readonly isFatal: boolean };

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What the four brackets and the backslash have in common. */
const BRACKET_MASK = 0xd8;
const BRACKET_BITS = 0x58;

/** How many bytes of garbage its error shows. */
const SHOWN_BYTES = 20;

export class DocumentReader {
  readonly #maxBytes: number;
  /** What has come and is not scanned yet. */
  readonly #queue: Buffer[] = [];
  #at = 0;
  /** The document that is being read. */
  #parts: Buffer[] = [];
  #size = 0;
  /** The brackets that would close what is open. */
  readonly #open: number[] = [];
  #inString = false;
  #escaped = false;
  #skipsLine = false;

  constructor(maxBytes = MAX_JSON_DOCUMENT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Buffer): void {
    if (bytes.length > 0) this.#queue.push(bytes);
  }

  /** Bytes of the unfinished document. */
  get unfinishedBytes(): number {
    return this.#size;
  }

  /** Bytes that next() has not looked at. */
  get unreadBytes(): number {
    let bytes = -this.#at;
    for (const chunk of this.#queue) bytes += chunk.length;
    return bytes;
  }

  /** The next document, or what is wrong; null when more bytes are needed. */
  next(): Piece | null {
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      const piece = this.#scan(chunk);
      if (this.#at >= chunk.length) {
        this.#queue.shift();
        this.#at = 0;
      }
      if (piece !== null) return piece;
    }
    return null;
  }

  /** At the end of the stream, when next() gives null: the document that was not finished. */
  end(): Piece | null {
    if (this.#open.length === 0) return null;
    return this.#broken(`the connection ended within it, after ${this.#size} bytes`, true);
  }

  #scan(chunk: Buffer): Piece | null {
    const from = this.#start(chunk);
    if (typeof from !== 'number') return from;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      // Letters and digits, mostly.
      if (byte > QUOTE && (byte & BRACKET_MASK) !== BRACKET_BITS) {
        this.#escaped = false;
        continue;
      }
      this.#at = at + 1;
      const wrong = this.#inString ? this.#withinString(byte) : this.#outsideString(byte);
      if (wrong !== null) return wrong;
      if (this.#open.length === 0) return this.#finish(chunk.subarray(from, at + 1));
    }
    this.#at = chunk.length;
    this.#parts.push(chunk.subarray(from));
    this.#size += chunk.length - from;
    return this.#size > this.#maxBytes ? this.#tooLarge() : null;
  }

  #withinString(byte: number): Piece | null {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    else if (byte === NEWLINE) return this.#broken('a line ends within a string', false);
    return null;
  }

  #outsideString(byte: number): Piece | null {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        return null;
      case OPEN_OBJECT:
        return this.#openLevel(CLOSE_OBJECT);
      case OPEN_ARRAY:
        return this.#openLevel(CLOSE_ARRAY);
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (this.#open.pop() === byte) return null;
        this.#skipsLine = true;
        return this.#broken(`a ${String.fromCharCode(byte)} that nothing opened`, false);
      default:
        return null;
    }
  }

  #openLevel(closing: number): Piece | null {
    if (this.#open.push(closing) <= MAX_JSON_DOCUMENT_LEVELS) return null;
    return this.#broken(`more than ${MAX_JSON_DOCUMENT_LEVELS} levels`, true);
  }

  /** Where the document's bytes begin in the chunk; null when it holds none. */
  #start(chunk: Buffer): number | Piece | null {
    let at = this.#at;
    if (this.#open.length > 0) return at;
    if (this.#skipsLine) {
      const newline = chunk.indexOf(NEWLINE, at);
      this.#skipsLine = newline < 0;
      at = newline < 0 ? chunk.length : newline + 1;
    }
    while (at < chunk.length && isWhite(chunk[at] as number)) at++;
    this.#at = at;
    if (at === chunk.length) return null;
    if (chunk[at] === OPEN_OBJECT) return at;
    this.#skipsLine = true;
    const shown = JSON.stringify(chunk.subarray(at, at + SHOWN_BYTES).toString('latin1'));
    return this.#broken(`it begins with ${shown}; a document is an object, {...}`, false);
  }

  #finish(last: Buffer): Piece {
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    if (bytes.length > this.#maxBytes) return this.#tooLarge();
    this.#reset();
    return { kind: 'document', bytes };
  }

  #tooLarge(): Piece {
    return this.#broken(`it has more than ${this.#maxBytes} bytes`, true);
  }

  #broken(what: string, isFatal: boolean): Piece {
    this.#reset();
    return { kind: 'broken', failure: failure('SLUICE_JSON_DOCUMENT', what), isFatal };
  }

  #reset(): void {
    this.#parts = [];
    this.#size = 0;
    this.#open.length = 0;
    this.#inString = false;
    this.#escaped = false;
  }
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}
