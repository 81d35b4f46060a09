/** Texts that are kept for long, of which the beginning is enough. */

/** At most `charsMax` characters of it, and `...` where more was cut off. A copy: a slice would keep the whole text in memory (V8's sliced strings). */
export function shortText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return Buffer.from(`${text.slice(0, charsMax)}...`, 'utf16le').toString('utf16le');
}
