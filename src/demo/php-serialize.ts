import { Buffer } from 'node:buffer';

/**
 * A PHP array of strings as PHP's serialize() writes it, lengths in bytes: the feed's `title_data` and `body_data` are
 * such texts. `a:0:{}` for an empty one.
 */
export function phpSerialize(fields: Readonly<Record<string, string>>): string {
  const entries = Object.entries(fields);
  const body = entries.map(([key, value]) => `${serializedString(key)}${serializedString(value)}`).join('');
  return `a:${entries.length}:{${body}}`;
}

function serializedString(text: string): string {
  return `s:${Buffer.byteLength(text)}:"${text}";`;
}
