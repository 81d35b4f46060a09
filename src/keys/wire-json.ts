/**
 * Values as JSON between processes that may be written in any language: the forms of value-json.ts, and two more that stand alone:
 *
 *   {"$pointer":"user.001"}  {"$bits":12500000}     the key or prefix that is pointed to; how many bytes a bit set has (only told, never taken)
 *
 * So every value comes back as it was put, and what JSON has a form for looks as it always does. Numbers are doubles: one that is whole and safe is an integer.
 */
import { failure } from '../errors.ts';
import { base64Of } from '../util/bytes.ts';
import { jsonString } from '../util/json-text.ts';
import { numberJson, revive, tagOf } from './value-json.ts';
import { decodeValue, KeyBits, KeyPointer, type KeyValue, type StoredValue } from './values.ts';

export function wireJson({ type, value }: StoredValue): string {
  switch (type) {
    case 'null':
      return 'null';
    case 'boolean':
      return value === 0 ? 'false' : 'true';
    case 'integer':
      return String(value);
    case 'double':
      return numberJson(decodeValue({ type, value }) as number);
    case 'bigint':
      return `{"$bigint":"${value}"}`;
    case 'date':
      return `{"$date":${value}}`;
    case 'string':
      return jsonString(value as string);
    case 'bytes':
      return `{"$bytes":"${base64Of(value as Uint8Array)}"}`;
    case 'array':
    case 'object':
      return value as string;
    case 'map':
    case 'set':
      return `{"$${type}":${value}}`;
    case 'pointer':
      return `{"$pointer":${jsonString(value as string)}}`;
    case 'bits':
      return `{"$bits":${value}}`;
  }
}

/** What parsed JSON stands for. Throws ER_BAD_PARAMETER. */
export function readWire(json: unknown): KeyValue {
  const tag = tagOf(json);
  const content = tag === null ? undefined : (json as Record<string, unknown>)[tag];
  if (tag === '$pointer') {
    if (typeof content !== 'string')
      throw failure('ER_BAD_PARAMETER', 'form of a value: $pointer has the text of a key');
    return new KeyPointer(content);
  }
  if (tag === '$bits' && typeof content === 'number') return new KeyBits(content);
  return revive(json) as KeyValue;
}
