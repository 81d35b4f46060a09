/**
 * What SQL writes into `sluice.keys`. SQL sees `value` as text (bytes as bytes) and writes text; `type` says what it is to be. The planner gives the version
 * -1 to whatever SQL writes; the triggers here take that as the sign that a row is to be checked and brought to its stored form, with the version of the
 * commit. What keys write themselves has its version and passes.
 *
 * A bad path, a value that its type does not have, a bit set put or changed: the statement fails, and nothing of it is kept.
 */
import { failure, type SluiceError } from '../errors.ts';
import type { ScalarFunction } from '../stores/function.ts';
import type { StoreValue } from '../stores/values.ts';
import { BITS_SQL, KEYS_SQL } from './key-table.ts';
import { checkKey } from './paths.ts';
import { decodeValue, encodePointer, encodeValue, KEY_TYPES, type KeyType, typeCode } from './values.ts';

const BITS = typeCode('bits');
const BYTES = typeCode('bytes');
const CHECKED = 'sluice_key_checked(CAST(NEW.path AS BLOB), NEW.type, typeof(NEW.value), CAST(NEW.value AS BLOB))';
const PATH_CHECKED = "sluice_key_checked(CAST(NEW.path AS BLOB), NEW.type, 'unchanged', NULL)";
/** NULL from the function: the value stays as it is. */
const CONVERTED = `CASE NEW.type WHEN ${BYTES} THEN iif(${CHECKED} IS NULL, CAST(NEW.value AS BLOB), NULL) ELSE coalesce(${CHECKED}, NEW.value) END`;
const VERSION = '(SELECT sequence + 1 FROM sluice_state)';

export const KEY_TRIGGERS: readonly string[] = [
  `CREATE TRIGGER "sluice.keys.inserted" AFTER INSERT ON ${KEYS_SQL} WHEN NEW.version < 0 BEGIN
    UPDATE ${KEYS_SQL} SET version = ${VERSION}, value = ${CONVERTED} WHERE path = NEW.path;
  END`,
  // A value that was left alone is not read as text: that would cost doubles their last digits.
  `CREATE TRIGGER "sluice.keys.updated" AFTER UPDATE ON ${KEYS_SQL} WHEN NEW.version < 0 BEGIN
    UPDATE ${KEYS_SQL} SET version = ${VERSION},
      value = CASE WHEN NEW.value IS OLD.value AND NEW.type = OLD.type THEN coalesce(${PATH_CHECKED}, NEW.value) ELSE ${CONVERTED} END
      WHERE path = NEW.path;
  END`,
  // The pieces of a bit set go with it. A foreign key would do it too, but looks for pieces of every key that is removed, which takes longer than removing it.
  `CREATE TRIGGER "sluice.keys.removed" AFTER DELETE ON ${KEYS_SQL} WHEN OLD.type = ${BITS} BEGIN
    DELETE FROM ${BITS_SQL} WHERE path = OLD.path;
  END`,
  `CREATE TRIGGER "sluice.keys.retyped" AFTER UPDATE OF type ON ${KEYS_SQL} WHEN OLD.type = ${BITS} AND NEW.type <> ${BITS} BEGIN
    DELETE FROM ${BITS_SQL} WHERE path = OLD.path;
  END`,
  `CREATE TRIGGER "sluice.keys.moved" AFTER UPDATE OF path ON ${KEYS_SQL} WHEN OLD.type = ${BITS} AND OLD.path <> NEW.path BEGIN
    UPDATE ${BITS_SQL} SET path = NEW.path WHERE path = OLD.path;
  END`,
];

/** Checks what SQL wrote. Returns the stored form; NULL: as it was given. */
export const SQL_WRITE_FUNCTION: ScalarFunction = {
  name: 'sluice_key_checked',
  deterministic: true,
  call(path, type, given, bytes) {
    const key = Buffer.from(bytesOf(path) ?? []).toString('utf8');
    checkKey(key);
    if (given === 'unchanged') return null;
    const name = KEY_TYPES[Number(type) - 1];
    if (name === undefined) throw failure('ER_BAD_PARAMETER', `key '${key}': no type is given`);
    return checked(key, name, given === 'null' ? null : (bytesOf(bytes) ?? new Uint8Array(0)), given === 'blob');
  },
};

/** No bytes come as null. */
function bytesOf(value: StoreValue | undefined): Uint8Array | null {
  return value instanceof Uint8Array ? value : null;
}

function checked(key: string, type: KeyType, bytes: Uint8Array | null, isBlob: boolean): StoreValue {
  const wrong = (): SluiceError => failure('SLUICE_BAD_KEY_VALUE', key, `is none of type ${type}`);
  if (bytes === null) {
    if (type === 'null' || type === 'double') return null;
    throw wrong();
  }
  if (type === 'bytes') return sizeChecked(key, bytes, null);
  if (isBlob) throw wrong();
  const text = Buffer.from(bytes).toString('utf8');
  switch (type) {
    case 'string':
      return sizeChecked(key, text, null);
    case 'boolean':
      if (/^(?:1|true)$/i.test(text)) return 1n;
      if (/^(?:0|false)$/i.test(text)) return 0n;
      throw wrong();
    case 'integer':
      if (!isNumeral(text) || !Number.isSafeInteger(Number(text))) throw wrong();
      return BigInt(Number(text));
    case 'double':
      if (!isNumeral(text)) throw wrong();
      return Number(text);
    case 'bigint':
      if (!/^-?\d+$/.test(text)) throw wrong();
      return sizeChecked(key, BigInt(text), encodeValue(key, BigInt(text)).value);
    case 'date':
      if (!/^-?\d{1,16}$/.test(text) || Number.isNaN(new Date(Number(text)).getTime())) throw wrong();
      return BigInt(text);
    case 'pointer':
      encodePointer(key, text);
      return null;
    case 'array':
    case 'object':
    case 'map':
    case 'set':
      return structure(key, type, text, wrong);
    case 'bits':
      throw failure('SLUICE_BAD_KEY_VALUE', key, 'is a bit set, which SQL can only read and remove');
    case 'null':
      throw wrong();
  }
}

/** Written again: there is one form of each value. */
function structure(
  key: string,
  type: 'array' | 'object' | 'map' | 'set',
  text: string,
  wrong: () => SluiceError,
): StoreValue {
  let stored: ReturnType<typeof encodeValue>;
  try {
    stored = encodeValue(key, decodeValue({ type, value: text }));
  } catch {
    throw wrong();
  }
  if (stored.type !== type) throw wrong();
  return stored.value;
}

/** Throws what encodeValue() says of the value; returns `stored`. */
function sizeChecked(key: string, value: unknown, stored: StoreValue): StoreValue {
  encodeValue(key, value);
  return stored;
}

function isNumeral(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
}
