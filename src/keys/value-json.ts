/**
 * Arrays, objects, Maps, Sets and nestings of them as JSON. What JSON has no form for is an object of one name that begins with `$`:
 *
 *   {"$date":0}  {"$bigint":"1"}  {"$bytes":"AA=="}  {"$number":"NaN"}  {"$map":[[key,value]]}  {"$set":[value]}
 *
 * and a real object that looks so is {"$object":[[name,value]]}. The outermost Map or Set is its array alone: the value's type says what it is.
 */
import { failure, type SluiceError } from '../errors.ts';
import { MAX_KEY_VALUE_LEVELS } from '../limits.ts';
import { base64Of, bytesOfBase64 } from '../util/bytes.ts';
import { jsonString } from '../util/json-text.ts';
import { isWellFormed } from './paths.ts';
import type { KeyData, KeyStructure } from './values.ts';

type Refuse = (reason: string) => SluiceError;

export function valueJson(value: object, refuse: Refuse): string {
  if (value instanceof Map) return pairsJson(value, 1, refuse);
  if (value instanceof Set) return elementsJson([...value], 1, refuse);
  return dataJson(value, 0, refuse);
}

function dataJson(value: unknown, level: number, refuse: Refuse): string {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) throw refuse('holds half of a surrogate pair, which UTF-8 cannot hold');
      return jsonString(value);
    case 'number':
      return numberJson(value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return tagged('bigint', `"${value}"`);
    case 'object':
      return value === null ? 'null' : objectJson(value, level + 1, refuse);
    default:
      throw refuse(`holds ${value === undefined ? 'undefined' : `a ${typeof value}`}, which cannot be stored`);
  }
}

function objectJson(value: object, level: number, refuse: Refuse): string {
  if (level > MAX_KEY_VALUE_LEVELS) throw refuse(`has more than ${MAX_KEY_VALUE_LEVELS} levels, or holds itself`);
  if (Array.isArray(value)) return elementsJson(value, level, refuse);
  if (value instanceof Map) return tagged('map', pairsJson(value, level, refuse));
  if (value instanceof Set) return tagged('set', elementsJson([...value], level, refuse));
  if (value instanceof Uint8Array) return tagged('bytes', `"${base64Of(value)}"`);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refuse('holds an invalid Date');
    return tagged('date', String(value.getTime()));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw refuse(`holds a ${value.constructor?.name ?? 'special object'}, which would not come back as it is`);
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0].startsWith('$'))
    return tagged('object', pairsJson(new Map(entries), level, refuse));
  const members = entries.map(
    ([name, member]) => `${dataJson(name, level, refuse)}:${dataJson(member, level, refuse)}`,
  );
  return `{${members.join(',')}}`;
}

function elementsJson(elements: readonly unknown[], level: number, refuse: Refuse): string {
  // Array.from: a hole is undefined, and refused as such.
  return `[${Array.from(elements, (element) => dataJson(element, level, refuse)).join(',')}]`;
}

function pairsJson(pairs: ReadonlyMap<unknown, unknown>, level: number, refuse: Refuse): string {
  const texts = Array.from(
    pairs,
    ([key, value]) => `[${dataJson(key, level, refuse)},${dataJson(value, level, refuse)}]`,
  );
  return `[${texts.join(',')}]`;
}

function tagged(name: string, json: string): string {
  return `{"$${name}":${json}}`;
}

/** Beyond 2^53 with an exponent, so that nobody takes the digits for an integer. */
export function numberJson(value: number): string {
  if (Object.is(value, -0)) return tagged('number', '"-0"');
  if (!Number.isFinite(value)) return tagged('number', `"${value}"`);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

/** Of a value's stored text. */
export function readValueJson(type: 'array' | 'object' | 'map' | 'set', text: string): KeyStructure {
  const json: unknown = JSON.parse(text);
  const value = text.includes('{"$') ? reviveStructure(json) : json;
  if (type === 'map') return new Map(value as [KeyData, KeyData][]);
  if (type === 'set') return new Set(value as KeyData[]);
  return value as KeyStructure;
}

/** The outermost one is what its type says, except for an object that looks like something else. */
function reviveStructure(json: unknown): unknown {
  return tagOf(json) === '$object' || tagOf(json) === null ? revive(json) : reviveMembers(json as JsonObject, 0);
}

type JsonObject = Record<string, unknown>;

/** What parsed JSON stands for; in place where it can. Throws ER_BAD_PARAMETER for an object that begins as one of the forms and is none. */
export function revive(value: unknown, level = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // One more than a value may have: who stores it refuses it.
  if (level > MAX_KEY_VALUE_LEVELS) throw wrongForm(`more than ${MAX_KEY_VALUE_LEVELS} levels`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = revive(value[i], level + 1);
    return value;
  }
  const object = value as JsonObject;
  const tag = tagOf(object);
  return tag === null ? reviveMembers(object, level) : untag(tag, object[tag], level);
}

function reviveMembers(object: JsonObject, level: number): JsonObject {
  for (const name of Object.keys(object)) object[name] = revive(object[name], level + 1);
  return object;
}

/** The one name of an object that stands for something else. */
export function tagOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const names = Object.keys(value);
  return names.length === 1 && names[0]!.startsWith('$') ? names[0]! : null;
}

const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
};
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function untag(tag: string, content: unknown, level: number): unknown {
  switch (tag) {
    case '$date':
      return dateOf(content);
    case '$bigint':
      if (typeof content !== 'string' || !/^-?\d+$/.test(content)) throw wrongForm('$bigint has a text of digits');
      return BigInt(content);
    case '$bytes': {
      const bytes = typeof content === 'string' ? bytesOfBase64(content) : null;
      if (bytes === null) throw wrongForm('$bytes has a text in base64');
      return bytes;
    }
    case '$number': {
      const number = typeof content === 'string' && Object.hasOwn(NUMBERS, content) ? NUMBERS[content] : undefined;
      if (number === undefined) throw wrongForm(`$number has one of ${Object.keys(NUMBERS).join(', ')}`);
      return number;
    }
    case '$map':
      return new Map(pairsOf(tag, content, level));
    case '$set':
      if (!Array.isArray(content)) throw wrongForm('$set has an array');
      return new Set(revive(content, level) as unknown[]);
    case '$object': {
      const pairs = pairsOf(tag, content, level);
      if (!pairs.every(([name]) => typeof name === 'string')) throw wrongForm('$object has names that are no text');
      return Object.fromEntries(pairs);
    }
    default:
      throw wrongForm(
        `'${tag.slice(0, 40)}' is none; an object with such a name is written {"$object":[[name,value]]}`,
      );
  }
}

function dateOf(content: unknown): Date {
  const isTime = Number.isInteger(content) || (typeof content === 'string' && ISO_TIME.test(content));
  const date = new Date(isTime ? (content as number | string) : Number.NaN);
  if (Number.isNaN(date.getTime()))
    throw wrongForm('$date has milliseconds since 1970, or a text as 2026-01-02T03:04:05Z');
  return date;
}

function pairsOf(tag: string, content: unknown, level: number): [unknown, unknown][] {
  if (!Array.isArray(content) || !content.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw wrongForm(`${tag} has an array of pairs`);
  return content.map(([name, value]): [unknown, unknown] => [revive(name, level + 1), revive(value, level + 1)]);
}

function wrongForm(reason: string): SluiceError {
  return failure('ER_BAD_PARAMETER', `form of a value: ${reason}`);
}
