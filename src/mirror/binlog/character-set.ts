/**
 * The binlog has text in its column's character set. Each decoder here gives what the source itself gives when it converts that text to utf8mb4;
 * a character set of which that is not so has none.
 */

export type TextDecode = (buffer: Buffer, start: number, end: number) => string;

const utf8: TextDecode = (buffer, start, end) => buffer.toString('utf8', start, end);

const DECODERS = new Map<string, TextDecode>([
  ['utf8mb4', utf8],
  ['utf8mb3', utf8],
  ['utf8', utf8],
  ['latin1', latin1],
  ['ascii', (buffer, start, end) => buffer.toString('latin1', start, end)],
  ['ucs2', utf16be],
  ['utf16', utf16be],
  ['utf16le', (buffer, start, end) => buffer.toString('utf16le', start, end)],
  ['utf32', utf32],
]);
export function hasDecoder(characterSet: string): boolean {
  return DECODERS.has(characterSet);
}

export function textDecoder(characterSet: string): TextDecode | undefined {
  return DECODERS.get(characterSet);
}

/** Whether ASCII characters are their own bytes in it. */
export function extendsAscii(characterSet: string): boolean {
  return !/^(?:ucs2|utf16|utf16le|utf32)$/.test(characterSet);
}

/** MySQL's latin1 is windows-1252: what stands where Latin-1 has the controls 0x80 to 0x9f. Its five gaps are those controls. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

function latin1(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('latin1', start, end);
  return text.replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] as string);
}

function utf16be(buffer: Buffer, start: number, end: number): string {
  return Buffer.from(buffer.subarray(start, end)).swap16().toString('utf16le');
}

function utf32(buffer: Buffer, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 4) text += String.fromCodePoint(buffer.readUInt32BE(at));
  return text;
}
