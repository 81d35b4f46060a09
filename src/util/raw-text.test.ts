import { describe, expect, it } from 'vitest';
import { SeededRandom } from './random.ts';
import { decodeRawText, encodeRawText, holdsRawBytes } from './raw-text.ts';

describe('text that holds raw bytes', () => {
  it('is the text itself where it is UTF-8', () => {
    for (const text of ['', 'plain', 'é 江湖 😀', '\ufffd', '\u0000']) {
      expect(decodeRawText(Buffer.from(text, 'utf8'))).toBe(text);
      expect(holdsRawBytes(text)).toBe(false);
    }
  });

  it('gives every sequence of bytes back', () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 2_000; round++) {
      const bytes = Buffer.from(
        Array.from({ length: random.below(40) }, () => (random.below(2) === 0 ? random.below(128) : random.below(256))),
      );
      const text = decodeRawText(bytes);
      expect(Buffer.from(encodeRawText(text))).toEqual(bytes);
      expect(holdsRawBytes(text)).toBe(!Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes));
    }
  });
});
