/** JSON functions. Documents travel as text in MySQL's form. Source: MySQL manual, "JSON Functions". */
import { failure } from '../../errors.ts';
import type { StoreFunction } from '../../stores/function.ts';
import type { StoreValue } from '../../stores/values.ts';
import { toText } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { type Term, term } from '../planner/term.ts';
import { BIGINT, BOOLEAN, family, JSON_TYPE, LONGTEXT, varchar } from '../types.ts';
import {
  containsJson,
  isJson,
  isJsonObject,
  type JsonValue,
  jsonDepth,
  jsonLength,
  jsonNumber,
  jsonText,
  jsonType,
  parseJson,
} from '../values/json-document.ts';
import { computed, type FunctionDefinition, special } from './definition.ts';
import { type ChangeMode, changeAtPath, findByPath, parsePath } from './json-path.ts';

/** JSON text is compared exactly. */
const UNQUOTED = { ...LONGTEXT, collation: 'utf8mb4_bin' } as const;

/** An SQL value as JSON text. */
export function asJson(context: PlanContext, value: Term): string {
  const { type } = value;
  switch (family(type)) {
    case 'json':
      return value.sql;
    case 'null':
      return 'NULL';
    case 'int':
      return `sluice_json_value(${toText(context, value).sql}, '${type.name === 'bigint' && type.length === 1 ? 'boolean' : 'number'}')`;
    case 'decimal':
    case 'double':
      return `sluice_json_value(${toText(context, value).sql}, 'number')`;
    default:
      return `sluice_json_value(${toText(context, value).sql}, 'string')`;
  }
}

function jsonValue(text: StoreValue, kind: StoreValue): StoreValue {
  if (text === null) return 'null';
  if (kind === 'boolean') return text === '0' ? 'false' : 'true';
  return kind === 'number' ? jsonText(jsonNumber(String(text))) : JSON.stringify(String(text));
}

/** A document argument: JSON as it is, text parsed. */
function documentOf(value: StoreValue): JsonValue {
  return parseJson(String(value));
}

/** JSON_OBJECT, JSON_ARRAY, JSON_SET ...: values become JSON, names and paths stay text. `isValue`: by the argument's place. */
function constructed(
  name: string,
  minArgs: number,
  isValue: (place: number) => boolean,
  call: (args: readonly StoreValue[]) => StoreValue,
): FunctionDefinition[] {
  const storeName = `mysql_${name.toLowerCase()}`;
  return special(
    name,
    minArgs,
    Number.POSITIVE_INFINITY,
    (context, args) => {
      const texts = args.map((arg, i) => (isValue(i) ? asJson(context, arg) : toText(context, arg).sql));
      return term(`${storeName}(${texts.join(', ')})`, JSON_TYPE, true, args);
    },
    [{ name: storeName, deterministic: true, varargs: true, call: (...args) => call(args) }],
  );
}

function object(args: readonly StoreValue[]): StoreValue {
  if (args.length % 2 === 1) throw failure('ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT', 'JSON_OBJECT');
  const result = new Map<string, JsonValue>();
  for (let i = 0; i < args.length; i += 2) {
    if (args[i] === null) throw failure('ER_INVALID_JSON_TEXT', 'JSON documents may not contain NULL member names.');
    result.set(String(args[i]), documentOf(args[i + 1] ?? 'null'));
  }
  return jsonText(result);
}

function changing(mode: ChangeMode): (args: readonly StoreValue[]) => StoreValue {
  return (args) => {
    const [document, ...changes] = args;
    if (document === null || document === undefined) return null;
    let value = documentOf(document);
    const size = mode === 'remove' ? 1 : 2;
    for (let i = 0; i + size <= changes.length; i += size) {
      const path = changes[i] ?? null;
      if (path === null) return null;
      value = changeAtPath(
        value,
        parsePath(String(path)),
        mode,
        mode === 'remove' ? null : documentOf(changes[i + 1] ?? 'null'),
      );
    }
    return jsonText(value);
  };
}

function extract(document: string, ...paths: string[]): string | null {
  const value = documentOf(document);
  const parsed = paths.map(parsePath);
  const found = parsed.flatMap((path) => findByPath(value, path));
  if (found.length === 0) return null;
  return jsonText(parsed.length === 1 && !parsed[0]?.wild ? (found[0] ?? null) : found);
}

export function unquote(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  const value = documentOf(text);
  return typeof value === 'string' ? value : text;
}

/** The one value at `path`, or undefined. */
function at(document: string, path: string | undefined): JsonValue | undefined {
  const value = documentOf(document);
  return path === undefined ? value : findByPath(value, parsePath(path))[0];
}

/** RFC 7396. */
function mergePatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(isJsonObject(target) ? target : []);
  for (const [name, value] of patch) {
    if (value === null) result.delete(name);
    else result.set(name, mergePatch(result.get(name) ?? null, value));
  }
  return result;
}

function mergePreserve(a: JsonValue, b: JsonValue): JsonValue {
  if (isJsonObject(a) && isJsonObject(b)) {
    const result = new Map(a);
    for (const [name, value] of b) result.set(name, a.has(name) ? mergePreserve(a.get(name) ?? null, value) : value);
    return result;
  }
  const list = (value: JsonValue): JsonValue[] => (Array.isArray(value) ? value : [value]);
  return [...list(a), ...list(b)];
}

function merged(merge: (a: JsonValue, b: JsonValue) => JsonValue): (...documents: string[]) => string {
  return (...documents) => jsonText(documents.map(documentOf).reduce(merge));
}

/** `->` and `->>`. */
export function jsonArrow(context: PlanContext, document: Term, path: Term, unquoted: boolean): Term {
  const extracted = `mysql_json_extract(${toText(context, document).sql}, ${toText(context, path).sql})`;
  if (!unquoted) return term(extracted, JSON_TYPE, true, [document, path]);
  return term(`mysql_json_unquote(${extracted})`, UNQUOTED, true, [document, path]);
}

export const JSON_STORE_FUNCTIONS: readonly StoreFunction[] = [
  { name: 'sluice_json_value', deterministic: true, call: (text, kind) => jsonValue(text, kind) },
];

export const JSON_FUNCTIONS: readonly FunctionDefinition[] = [
  ...computed({
    name: 'JSON_EXTRACT',
    takes: ['text', 'text'],
    rest: 'text',
    gives: JSON_TYPE,
    nullable: true,
    call: extract,
  }),
  ...computed({ name: 'JSON_UNQUOTE', takes: ['text'], gives: UNQUOTED, call: unquote }),
  ...computed({ name: 'JSON_QUOTE', takes: ['text'], gives: LONGTEXT, call: (text: string) => JSON.stringify(text) }),
  ...computed({ name: 'JSON_VALID', takes: ['text'], gives: BOOLEAN, call: (text: string) => (isJson(text) ? 1 : 0) }),
  ...computed({
    name: 'JSON_TYPE',
    takes: ['text'],
    gives: varchar(16),
    call: (text: string) => jsonType(documentOf(text)),
  }),
  ...computed({
    name: 'JSON_DEPTH',
    takes: ['text'],
    gives: BIGINT,
    call: (text: string) => jsonDepth(documentOf(text)),
  }),
  ...computed({
    name: 'JSON_LENGTH',
    takes: ['text', 'text'],
    optional: 1,
    gives: BIGINT,
    nullable: true,
    call: (document: string, path?: string) => {
      const value = at(document, path);
      return value === undefined ? null : jsonLength(value);
    },
  }),
  ...computed({
    name: 'JSON_KEYS',
    takes: ['text', 'text'],
    optional: 1,
    gives: JSON_TYPE,
    nullable: true,
    call: (document: string, path?: string) => {
      const value = at(document, path);
      if (value === undefined || !isJsonObject(value)) return null;
      // In the order in which an object prints them.
      return jsonText([...(parseJson(jsonText(value)) as Map<string, JsonValue>).keys()]);
    },
  }),
  ...computed({
    name: 'JSON_CONTAINS',
    takes: ['text', 'text', 'text'],
    optional: 1,
    gives: BOOLEAN,
    nullable: true,
    call: (target: string, candidate: string, path?: string) => {
      const value = at(target, path);
      return value === undefined ? null : containsJson(value, documentOf(candidate)) ? 1 : 0;
    },
  }),
  ...computed({
    name: 'JSON_CONTAINS_PATH',
    takes: ['text', 'text', 'text'],
    rest: 'text',
    gives: BOOLEAN,
    call: (document: string, mode: string, ...paths: string[]) => {
      const value = documentOf(document);
      const has = (path: string): boolean => findByPath(value, parsePath(path)).length > 0;
      return (mode.toLowerCase() === 'all' ? paths.every(has) : paths.some(has)) ? 1 : 0;
    },
  }),
  ...computed({
    name: 'JSON_MERGE_PATCH',
    takes: ['text', 'text'],
    rest: 'text',
    gives: JSON_TYPE,
    call: merged(mergePatch),
  }),
  ...computed({
    name: 'JSON_MERGE_PRESERVE',
    aliases: ['JSON_MERGE'],
    takes: ['text', 'text'],
    rest: 'text',
    gives: JSON_TYPE,
    call: merged(mergePreserve),
  }),
  ...special('MEMBER OF', 2, 2, (context, args) => {
    const [value, list] = args as [Term, Term];
    return term(`mysql_json_contains(${toText(context, list).sql}, ${asJson(context, value)})`, BOOLEAN, true, args);
  }),
  ...constructed('JSON_OBJECT', 0, (place) => place % 2 === 1, object),
  ...constructed(
    'JSON_ARRAY',
    0,
    () => true,
    (args) => jsonText(args.map((arg) => documentOf(arg ?? 'null'))),
  ),
  ...constructed('JSON_SET', 3, (place) => place > 0 && place % 2 === 0, changing('set')),
  ...constructed('JSON_INSERT', 3, (place) => place > 0 && place % 2 === 0, changing('insert')),
  ...constructed('JSON_REPLACE', 3, (place) => place > 0 && place % 2 === 0, changing('replace')),
  ...constructed('JSON_ARRAY_APPEND', 3, (place) => place > 0 && place % 2 === 0, changing('append')),
  ...constructed('JSON_REMOVE', 2, () => false, changing('remove')),
];
