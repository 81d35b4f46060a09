/**
 * Cursors of finds: where a page ended, as text that says nothing to clients. A cursor is a place in an order, not a handle: it outlives the server, and
 * what has been put or removed since is seen when its place has not been passed yet.
 */
import { createHash } from 'node:crypto';
import { failure, type SluiceError } from '../errors.ts';
import { checkKey } from './paths.ts';
import { valueJson } from './value-json.ts';
import { decodeValue, encodeValue, type KeyData, type KeyType, type StoredValue } from './values.ts';

/** After (in reverse: before) this entry. */
export interface CursorPlace {
  readonly key: string;
  /** In the order of values only. */
  readonly value: StoredValue | null;
}

/** Values up to this size fit into a cursor. */
const MAX_CURSOR_VALUE_CHARS = 1_024;
const MAX_CURSOR_CHARS = 8_192;

/** `find`: what makes this find different from others, as plain data. A cursor serves the find that it came from only. */
export function writeCursor(find: unknown, place: CursorPlace): string {
  const value = place.value === null ? [] : [place.value.type, ...storedForm(place.value)];
  return Buffer.from(JSON.stringify([digest(find), place.key, ...value])).toString('base64url');
}

/** Throws ER_BAD_PARAMETER for what is no cursor of this find. */
export function readCursor(find: unknown, text: unknown): CursorPlace {
  const [found, key, type, form] = parts(text);
  if (found !== digest(find)) throw wrong('it belongs to another find');
  checkKey(key);
  if (type === undefined) return { key, value: null };
  const value = readForm(type, form);
  if (value === null) throw wrong('it is damaged');
  return { key, value };
}

function parts(text: unknown): unknown[] {
  if (typeof text !== 'string' || text.length > MAX_CURSOR_CHARS) throw wrong('it is no text of ours');
  try {
    const json: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(json)) return json;
  } catch {
    throw wrong('it is damaged');
  }
  throw wrong('it is damaged');
}

/** Structures as their JSON, everything else within an array as structures hold it. */
function storedForm({ type, value }: StoredValue): [string] {
  const form = type === 'bits' || isText(type) ? String(value) : valueJson([decodeValue({ type, value })], wrong);
  if (form.length > MAX_CURSOR_VALUE_CHARS)
    throw failure(
      'ER_NOT_SUPPORTED_YET',
      `a cursor in the order of values at a value of more than ${MAX_CURSOR_VALUE_CHARS} characters`,
    );
  return [form];
}

function readForm(type: unknown, form: unknown): StoredValue | null {
  if (typeof form !== 'string') return null;
  if (isText(type)) return { type, value: form };
  if (type === 'bits') return /^\d{1,9}$/.test(form) ? { type, value: Number(form) } : null;
  try {
    const [value] = decodeValue({ type: 'array', value: form }) as KeyData[];
    const stored = encodeValue('', value);
    return stored.type === type ? stored : null;
  } catch {
    return null;
  }
}

function isText(type: unknown): type is KeyType {
  return type === 'array' || type === 'object' || type === 'map' || type === 'set' || type === 'pointer';
}

function digest(find: unknown): string {
  const text = JSON.stringify(find, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

function wrong(reason: string): SluiceError {
  return failure('ER_BAD_PARAMETER', `cursor: ${reason}`);
}
