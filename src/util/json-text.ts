/** JSON's string literals, written fast: most texts need no escape, and a test for that is cheaper than JSON.stringify. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON wants exactly these escaped, and lone surrogates.
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** `text` as a JSON string with its quotes. */
export function jsonString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
