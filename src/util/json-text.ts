/** JSON's string literals, written fast: most texts need no escape, and a test for that is cheaper than JSON.stringify. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON wants exactly these escaped, and lone surrogates.
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/** `text` as a JSON string with its quotes. */
export function jsonString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A value as JSON text. JSON knows no infinities and no NaN: they are null. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return jsonString(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  return JSON.stringify(value);
}
