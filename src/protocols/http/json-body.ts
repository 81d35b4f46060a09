/** A body's JSON as plain values, for routes whose numbers are doubles. */
import { failure } from '../../errors.ts';
import { HttpFailure } from './failures.ts';
import { utf8Text } from './utf8-text.ts';

/**
 * Throws HTTP_BAD_JSON, and ER_BAD_PARAMETER for a whole number that no double is sure to hold: it must not be rounded in silence.
 */
export function parseJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HttpFailure(400, 'HTTP_BAD_JSON', `${what} is no JSON: ${(error as Error).message}`);
  }
  const inexact = findInexact(text);
  if (inexact !== null)
    throw failure(
      'ER_BAD_PARAMETER',
      `${what}: ${inexact.slice(0, 60)} is a whole number beyond 2^53; write {"$bigint":"..."}, or an exponent if it is a double`,
    );
  return value;
}

/** Throws what parseJson() throws, and HTTP_BAD_JSON for what is no object. */
export function readJsonObject(body: Buffer): Record<string, unknown> {
  const value = parseJson(utf8Text(body, 'body'), 'the body');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HttpFailure(400, 'HTTP_BAD_JSON', 'the body is not a JSON object');
  return value as Record<string, unknown>;
}

/** 2^53 - 1 has sixteen digits. */
const LONG_NUMBER = /\d{16}/;
const WHOLE_NUMBER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** The first whole number of valid JSON that is not a safe integer. What stands in strings is no number. */
function findInexact(text: string): string | null {
  if (!LONG_NUMBER.test(text)) return null;
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    for (const [number] of text.slice(at, end).matchAll(WHOLE_NUMBER)) {
      if (!Number.isSafeInteger(Number(number))) return number;
    }
    at = quote < 0 ? end : endOfString(text, quote);
  }
  return null;
}

/** Behind the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
}
