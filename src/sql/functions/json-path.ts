/** JSON paths: `$.a."b c"[2]`, `[last]`, `[*]`, `.*`, `**`. Source: MySQL manual, "JSON Path Syntax". */
import { failure } from '../../errors.ts';
import { isJsonObject, type JsonValue } from '../values/json-document.ts';

type Leg =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'cell'; readonly index: number; readonly fromEnd: boolean }
  | { readonly kind: 'any-member' | 'any-cell' | 'any-depth' };

export interface JsonPath {
  readonly legs: readonly Leg[];
  /** May mean several values. */
  readonly wild: boolean;
}

const LEG =
  /\s*(?:\.\s*(?:(\*)|"((?:[^"\\]|\\.)*)"|([\p{L}_$][\p{L}\p{N}_$]*))|\[\s*(?:(\*)|(\d+)|last(?:\s*-\s*(\d+))?)\s*\]|(\*\*))\s*/uy;

const paths = new Map<string, JsonPath>();
const PATHS_MAX = 1_000;

/** Throws 3143. */
export function parsePath(text: string): JsonPath {
  let path = paths.get(text);
  if (path === undefined) {
    path = readPath(text);
    if (paths.size >= PATHS_MAX) paths.clear();
    paths.set(text, path);
  }
  return path;
}

function readPath(text: string): JsonPath {
  const trimmed = text.trim();
  if (!trimmed.startsWith('$')) throw invalid(text);
  const legs: Leg[] = [];
  for (LEG.lastIndex = 1; LEG.lastIndex < trimmed.length; ) {
    const match = LEG.exec(trimmed);
    if (match === null) throw invalid(text);
    legs.push(legOf(match));
  }
  if (legs.at(-1)?.kind === 'any-depth') throw invalid(text);
  return { legs, wild: legs.some((leg) => leg.kind.startsWith('any')) };
}

function invalid(text: string): Error {
  return failure('ER_INVALID_JSON_PATH', text);
}

function legOf(match: RegExpExecArray): Leg {
  const [, anyMember, quoted, name, anyCell, index, fromEnd, anyDepth] = match;
  if (anyMember !== undefined) return { kind: 'any-member' };
  if (anyCell !== undefined) return { kind: 'any-cell' };
  if (anyDepth !== undefined) return { kind: 'any-depth' };
  if (quoted !== undefined) return { kind: 'member', name: JSON.parse(`"${quoted}"`) as string };
  if (name !== undefined) return { kind: 'member', name };
  if (index !== undefined) return { kind: 'cell', index: Number(index), fromEnd: false };
  return { kind: 'cell', index: Number(fromEnd ?? 0), fromEnd: true };
}

/** The values that `path` finds, in order. */
export function findByPath(value: JsonValue, path: JsonPath): JsonValue[] {
  return path.legs.reduce<JsonValue[]>((found, leg) => found.flatMap((item) => step(item, leg)), [value]);
}

function step(value: JsonValue, leg: Leg): JsonValue[] {
  switch (leg.kind) {
    case 'member':
      return isJsonObject(value) && value.has(leg.name) ? [value.get(leg.name) ?? null] : [];
    case 'cell': {
      // A value that is no array counts as an array of itself.
      const cells = Array.isArray(value) ? value : [value];
      const cell = cells[cellIndex(cells, leg)];
      return cell === undefined ? [] : [cell];
    }
    case 'any-member':
      return isJsonObject(value) ? [...value.values()] : [];
    case 'any-cell':
      return Array.isArray(value) ? [...value] : [];
    case 'any-depth':
      return [value, ...inner(value).flatMap((item) => step(item, leg))];
  }
}

function inner(value: JsonValue): JsonValue[] {
  return Array.isArray(value) ? value : isJsonObject(value) ? [...value.values()] : [];
}

function cellIndex(cells: readonly JsonValue[], leg: Extract<Leg, { kind: 'cell' }>): number {
  return leg.fromEnd ? cells.length - 1 - leg.index : leg.index;
}

/** How a document is changed at a path: JSON_SET sets both, JSON_INSERT only what is not there, JSON_REPLACE only what is. */
export type ChangeMode = 'set' | 'insert' | 'replace' | 'remove' | 'append';

/** The document with `path` changed; the given one stays as it is. Throws 3143 for a path with wild cards. */
export function changeAtPath(value: JsonValue, path: JsonPath, mode: ChangeMode, given: JsonValue): JsonValue {
  if (path.wild) throw failure('ER_INVALID_JSON_PATH', 'wild cards are not allowed here');
  return changed(value, path.legs, mode, given) ?? null;
}

/** undefined: to be removed. */
function changed(
  value: JsonValue | undefined,
  legs: readonly Leg[],
  mode: ChangeMode,
  given: JsonValue,
): JsonValue | undefined {
  const [leg, ...rest] = legs;
  if (leg === undefined) return changedHere(value, mode, given);
  if (value === undefined) return undefined;
  if (leg.kind === 'member') {
    if (!isJsonObject(value)) return value;
    const old = value.get(leg.name);
    const now = changed(value.has(leg.name) ? (old ?? null) : undefined, rest, mode, given);
    const copy = new Map(value);
    if (now === undefined) copy.delete(leg.name);
    else copy.set(leg.name, now);
    return copy;
  }
  if (leg.kind !== 'cell') return value;
  return changedCell(value, leg, rest, mode, given);
}

function changedCell(
  value: JsonValue,
  leg: Extract<Leg, { kind: 'cell' }>,
  rest: readonly Leg[],
  mode: ChangeMode,
  given: JsonValue,
): JsonValue | undefined {
  const cells = Array.isArray(value) ? [...value] : [value];
  const index = cellIndex(cells, leg);
  const now = changed(cells[index], rest, mode, given);
  if (!Array.isArray(value) && (index === 0 || now === undefined)) return index === 0 ? (now ?? value) : value;
  if (index >= cells.length) {
    if (now !== undefined) cells.push(now);
  } else if (now === undefined) cells.splice(index, 1);
  else cells[index] = now;
  return cells;
}

function changedHere(value: JsonValue | undefined, mode: ChangeMode, given: JsonValue): JsonValue | undefined {
  switch (mode) {
    case 'set':
      return given;
    case 'insert':
      return value === undefined ? given : value;
    case 'replace':
      return value === undefined ? undefined : given;
    case 'remove':
      return undefined;
    case 'append':
      return value === undefined ? undefined : Array.isArray(value) ? [...value, given] : [value, given];
  }
}
