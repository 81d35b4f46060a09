/**
 * A command as a line typed by hand: words between white space. In double quotes `\n \r \t \b \a \xHH` are what they are in C, in single quotes `\'` is a quote; a
 * closing quote must end its word (Redis: sdssplitargs()). A NUL ends the line.
 */

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/** The words; null when the quotes are unbalanced. */
export function splitInline(line: Buffer): Buffer[] | null {
  const words: Buffer[] = [];
  const nul = line.indexOf(0);
  const end = nul < 0 ? line.length : nul;
  for (let at = skipSpace(line, 0, end); at < end; at = skipSpace(line, at, end)) {
    const word = readWord(line, at, end);
    if (word === null) return null;
    words.push(word.bytes);
    at = word.end;
  }
  return words;
}

function readWord(line: Buffer, start: number, end: number): { bytes: Buffer; end: number } | null {
  const bytes: number[] = [];
  let at = start;
  while (at < end && !isSpace(line[at]!)) {
    const byte = line[at]!;
    if (byte !== QUOTE && byte !== APOSTROPHE) {
      bytes.push(byte);
      at++;
      continue;
    }
    at = byte === QUOTE ? readQuoted(line, at + 1, end, bytes) : readLiteral(line, at + 1, end, bytes);
    if (at < 0 || (at < end && !isSpace(line[at]!))) return null;
    break;
  }
  return { bytes: Buffer.from(bytes), end: at };
}

/** Returns the position after the closing quote, -1 when there is none. */
function readQuoted(line: Buffer, start: number, end: number, bytes: number[]): number {
  for (let at = start; at < end; at++) {
    const byte = line[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH || at + 1 >= end) {
      bytes.push(byte);
      continue;
    }
    const letter = line[++at]!;
    const hex = letter === LETTER_X ? line.toString('latin1', at + 1, Math.min(at + 3, end)) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(ESCAPES.get(letter) ?? letter);
  }
  return -1;
}

function readLiteral(line: Buffer, start: number, end: number, bytes: number[]): number {
  for (let at = start; at < end; at++) {
    if (line[at] === APOSTROPHE) return at + 1;
    if (line[at] === BACKSLASH && at + 1 < end && line[at + 1] === APOSTROPHE) at++;
    bytes.push(line[at]!);
  }
  return -1;
}

function skipSpace(line: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(line[at]!)) at++;
  return at;
}

/** C's isspace(). */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
