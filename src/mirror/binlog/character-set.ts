/**
 * The binlog has text in its column's character set. Each decoder here gives what the source itself gives when it converts that text to utf8mb4: those of
 * Unicode and of MySQL's latin1 are written here, any other is learned from the source (learned-character-set.ts), whose tables differ in hundreds of
 * characters from those that Node has under the same names.
 */

export type TextDecode = (buffer: Buffer, start: number, end: number) => string;

export interface CharacterSet {
  readonly decode: TextDecode;
  /** ASCII characters are their own bytes, and those bytes are nothing else. */
  readonly extendsAscii: boolean;
}

const utf8: CharacterSet = { decode: (buffer, start, end) => buffer.toString('utf8', start, end), extendsAscii: true };

const KNOWN = new Map<string, CharacterSet>([
  ['utf8mb4', utf8],
  ['utf8mb3', utf8],
  ['utf8', utf8],
  ['latin1', { decode: latin1, extendsAscii: true }],
  ['ascii', { decode: ascii, extendsAscii: true }],
  ['ucs2', { decode: ucs2, extendsAscii: false }],
  ['utf16', { decode: utf16be, extendsAscii: false }],
  ['utf16le', { decode: (buffer, start, end) => buffer.toString('utf16le', start, end), extendsAscii: false }],
  ['utf32', { decode: utf32, extendsAscii: false }],
]);

export function characterSet(name: string): CharacterSet | undefined {
  return KNOWN.get(name);
}

export function addCharacterSet(name: string, set: CharacterSet): void {
  KNOWN.set(name, set);
}

/** MySQL's latin1 is windows-1252: what stands where Latin-1 has the controls 0x80 to 0x9f. Its five gaps are those controls. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

function latin1(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('latin1', start, end);
  return text.replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] as string);
}

/** Columns of it may hold other bytes, which are converted to question marks. */
function ascii(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('latin1', start, end).replace(/[\x80-\xff]/g, '?');
}

function utf16be(buffer: Buffer, start: number, end: number): string {
  return Buffer.from(buffer.subarray(start, end)).swap16().toString('utf16le');
}

/** Half a surrogate pair, which these two take for a character, becomes three bytes that are no UTF-8: what the text protocol gives is read so. */
const HALF_PAIR = '\ufffd\ufffd\ufffd';

function ucs2(buffer: Buffer, start: number, end: number): string {
  return utf16be(buffer, start, end).replace(/[\ud800-\udfff]/g, HALF_PAIR);
}

function utf32(buffer: Buffer, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 4) {
    const code = buffer.readUInt32BE(at);
    text += code >= 0xd800 && code <= 0xdfff ? HALF_PAIR : String.fromCodePoint(code);
  }
  return text;
}
