/**
 * Arrays, objects, Maps, Sets and nestings of them as JSON. What JSON has no form for is an object of one name that begins with `$`:
 *
 *   {"$date":0}  {"$bigint":"1"}  {"$bytes":"AA=="}  {"$number":"NaN"}  {"$map":[[key,value]]}  {"$set":[value]}
 *
 * and a real object that looks so is {"$object":[[name,value]]}. The outermost Map or Set is its array alone: the value's type says what it is.
 */
import type { SluiceError } from '../errors.ts';
import { MAX_KEY_VALUE_LEVELS } from '../limits.ts';
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
      return Number.isFinite(value) && !Object.is(value, -0)
        ? String(value)
        : tagged('number', `"${numberName(value)}"`);
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
  if (value instanceof Uint8Array) return tagged('bytes', `"${Buffer.from(value).toString('base64')}"`);
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

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

export function readValueJson(type: 'array' | 'object' | 'map' | 'set', text: string): KeyStructure {
  const json: unknown = JSON.parse(text);
  const value = text.includes('{"$') ? revive(json, true) : json;
  if (type === 'map') return new Map(value as [KeyData, KeyData][]);
  if (type === 'set') return new Set(value as KeyData[]);
  return value as KeyStructure;
}

/** In place where it can. `isOutermost`: that one is what its type says, except for an object that looks like something else. */
function revive(value: unknown, isOutermost = false): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = revive(value[i]);
    return value;
  }
  const object = value as Record<string, unknown>;
  const names = Object.keys(object);
  const only = names.length === 1 ? names[0]! : '';
  if (only.startsWith('$') && (!isOutermost || only === '$object')) return untag(only, revive(object[only]));
  for (const name of names) object[name] = revive(object[name]);
  return object;
}

function untag(name: string, content: unknown): unknown {
  switch (name) {
    case '$date':
      return new Date(content as number);
    case '$bigint':
      return BigInt(content as string);
    case '$bytes':
      return new Uint8Array(Buffer.from(content as string, 'base64'));
    case '$number':
      return Number(content);
    case '$map':
      return new Map(content as [unknown, unknown][]);
    case '$set':
      return new Set(content as unknown[]);
    case '$object':
      return Object.fromEntries(content as [string, unknown][]);
    default:
      throw new TypeError(`a stored value has the unknown form ${name}`);
  }
}
