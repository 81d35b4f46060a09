/** JSON values as MySQL keeps and prints them: names ordered by length and bytes, each once; numbers exact where they are integers. Source: MySQL manual, "The JSON Data Type". */
import { failure } from '../../errors.ts';
import { JsonScanner, JsonSyntaxError } from '../../util/json-scanner.ts';
import { JsonNumber, type JsonObject, type JsonValue, readJsonValue } from '../../util/json-value.ts';
import { doubleText } from './number-text.ts';

export type { JsonObject, JsonValue };

/** Throws 3140. */
export function parseJson(text: string): JsonValue {
  const scanner = new JsonScanner(text);
  try {
    const value = readJsonValue(scanner);
    scanner.end();
    return value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw failure('ER_INVALID_JSON_TEXT', error.message);
    throw error;
  }
}

export function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

/** `{"a": 1, "bb": [true, null]}` */
export function jsonText(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof JsonNumber) return numberText(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  const names = [...value.keys()].sort(byName);
  return `{${names.map((name) => `${JSON.stringify(name)}: ${jsonText(value.get(name) ?? null)}`).join(', ')}}`;
}

function byName(a: string, b: string): number {
  return Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isInteger(number: JsonNumber): boolean {
  return /^-?\d{1,20}$/.test(number.text);
}

function numberText(number: JsonNumber): string {
  if (isInteger(number)) return BigInt(number.text).toString();
  const text = doubleText(Number(number.text));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

export function normalJson(text: string): string {
  return jsonText(parseJson(text));
}

/** JSON_TYPE() */
export function jsonType(value: JsonValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value === 'string') return 'STRING';
  if (Array.isArray(value)) return 'ARRAY';
  if (!(value instanceof JsonNumber)) return 'OBJECT';
  if (!isInteger(value)) return 'DOUBLE';
  return BigInt(value.text) > 9_223_372_036_854_775_807n ? 'UNSIGNED INTEGER' : 'INTEGER';
}

export function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (a instanceof JsonNumber && b instanceof JsonNumber) return Number(a.text) === Number(b.text);
  return jsonText(a) === jsonText(b);
}

/** JSON_CONTAINS(target, candidate) */
export function containsJson(target: JsonValue, candidate: JsonValue): boolean {
  if (Array.isArray(target)) {
    if (Array.isArray(candidate)) return candidate.every((item) => target.some((own) => containsJson(own, item)));
    return target.some((own) => containsJson(own, candidate));
  }
  if (isJsonObject(target) && isJsonObject(candidate))
    return [...candidate].every(([name, value]) => target.has(name) && containsJson(target.get(name) ?? null, value));
  return sameJson(target, candidate);
}

export function jsonNumber(text: string): JsonNumber {
  return new JsonNumber(text);
}

export function jsonDepth(value: JsonValue): number {
  const inner = Array.isArray(value) ? value : isJsonObject(value) ? [...value.values()] : [];
  return 1 + Math.max(0, ...inner.map(jsonDepth));
}

/** JSON_LENGTH() */
export function jsonLength(value: JsonValue): number {
  return Array.isArray(value) ? value.length : isJsonObject(value) ? value.size : 1;
}
