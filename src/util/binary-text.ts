/**
 * Text as its UTF-8 bytes, one character a byte. A string so made is what Node writes fastest: its length is known, no encoding is left to do, and head
 * and body go out as one packet. It takes half the memory of a string with characters beyond Latin-1.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what needs no encoding.
const BEYOND_ASCII = /[^\u0000-\u007f]/;

export function binaryText(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
