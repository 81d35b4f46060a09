/**
 * Text that holds bytes which are not UTF-8, as clients send binary values inside of statements. Each such byte is kept as a lone low surrogate,
 * U+DC80 to U+DCFF, which no UTF-8 text decodes to; so the text can be parsed as any other and its literals become bytes again.
 */
const RAW_FIRST = 0xdc00;
/** A low surrogate that follows no high one. */
const RAW_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeRawText(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(RAW_FIRST + (bytes[at] as number));
      at++;
      continue;
    }
    // As much as is UTF-8 in one piece: statements are mostly that.
    let end = at + length;
    for (let next = sequenceLength(bytes, end); next > 0; next = sequenceLength(bytes, end)) end += next;
    text += DECODER.decode(bytes.subarray(at, end));
    at = end;
  }
  return text;
}

/** Bytes of the UTF-8 sequence at `at`; 0 when there is none, or the end. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === undefined) return 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  // Overlong forms, surrogates, and what is beyond U+10FFFF.
  if (
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f)
  )
    return 0;
  return length;
}

export function holdsRawBytes(text: string): boolean {
  return RAW_BYTE.test(text);
}

export function encodeRawText(text: string): Uint8Array {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00) {
      i++;
      continue;
    }
    if (code < 0xdc80 || code > 0xdcff) continue;
    pieces.push(Buffer.from(text.slice(from, i), 'utf8'), Buffer.of(code - RAW_FIRST));
    from = i + 1;
  }
  pieces.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(pieces);
}
