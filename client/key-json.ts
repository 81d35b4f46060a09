/** Operations on keys as the JSON that `/v1/keys` takes, and what comes back (docs/keys.md). */
import { checkFilter, type KeyFilter } from '../src/keys/filters.ts';
import { encodeValue, type KeyType, type KeyValue } from '../src/keys/values.ts';
import { readWire, wireJson } from '../src/keys/wire-json.ts';

export interface Entry {
  readonly key: string;
  readonly type: KeyType;
  readonly value: KeyValue;
  /** The number of the commit that wrote it last. */
  readonly version: number;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

/** A set of keys that the server works out: what a find finds, or what several sets have in common. */
export type KeySetQuery = (
  | { readonly find: string; readonly filter?: KeyFilter | undefined }
  /** except: the first one's keys that are in none of the others. */
  | { readonly op: 'and' | 'or' | 'except'; readonly sets: readonly KeySetQuery[] }
) & {
  /** The keys' first so many segments instead; keys with fewer have none. */
  readonly superKeys?: number | undefined;
};

/** `members`: plain JSON, those that are undefined left out. `texts`: JSON already. */
export function operationJson(
  op: string,
  members: object,
  texts: Readonly<Record<string, string | undefined>> = {},
): string {
  const more = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : `,"${name}":${text}`));
  return `${JSON.stringify({ op, ...members }).slice(0, -1)}${more.join('')}}`;
}

/** Throws SLUICE_BAD_KEY_VALUE for what cannot be stored. */
export function valueText(key: string, value: unknown): string {
  return wireJson(encodeValue(key, value));
}

export function entriesText(entries: Iterable<readonly [string, unknown]>): string {
  return `[${Array.from(entries, ([key, value]) => `[${JSON.stringify(key)},${valueText(key, value)}]`).join(',')}]`;
}

/** Throws ER_BAD_PARAMETER for what is no filter. */
export function filterText(filter: KeyFilter | undefined): string | undefined {
  if (filter === undefined) return undefined;
  checkFilter(filter);
  return checkedFilterText(filter);
}

function checkedFilterText(filter: KeyFilter): string {
  switch (filter.test) {
    case 'and':
    case 'or':
      return `{"test":"${filter.test}","filters":[${filter.filters.map(checkedFilterText).join(',')}]}`;
    case 'not':
      return `{"test":"not","filter":${checkedFilterText(filter.filter)}}`;
    default: {
      const operands = filter.operands.map((operand) => valueText('', operand));
      return `{"test":"${filter.test}","operands":[${operands.join(',')}]}`;
    }
  }
}

export function queryText(query: KeySetQuery): string {
  if ('find' in query) {
    const { find, filter, superKeys } = query;
    const text = filterText(filter);
    return `${JSON.stringify({ find, superKeys }).slice(0, -1)}${text === undefined ? '' : `,"filter":${text}`}}`;
  }
  const { op, sets, superKeys } = query;
  return `${JSON.stringify({ op, superKeys }).slice(0, -1)},"sets":[${sets.map(queryText).join(',')}]}`;
}

/** As the server writes it. */
export function entryOf(json: Entry): Entry {
  return { ...json, value: readWire(json.value) };
}

export function maybeEntryOf(json: Entry | null): Entry | null {
  return json === null ? null : entryOf(json);
}

/** undefined: there is none. */
export function jsonValue(json: Entry | null): KeyValue | undefined {
  return json === null ? undefined : readWire(json.value);
}
