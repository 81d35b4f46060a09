/** JSON values as a statement's parameters. */
import { failure } from '../../errors.ts';
import type { Parameters } from '../../gate/request.ts';
import type { BoundValue } from '../../sql/bind-values.ts';
import type { SlotValue } from '../../sql/slots.ts';
import { JsonNumber, type JsonValue } from '../../util/json-value.ts';

/**
 * `[...]` for `?`, `{...}` for `:name`, and in it arrays for `::name`. Numbers keep their exact value (1.50 is a decimal, 1e3 a double), true and false are 1 and 0,
 * `{"$bytes": "<base64>"}` is binary. Throws ER_BAD_PARAMETER naming the parameter.
 */
export function readParameters(value: JsonValue | undefined): Parameters | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((element, index) => slotValue(element, String(index + 1)));
  if (value instanceof Map) return new Map(Array.from(value, ([name, element]) => [name, boundValue(element, name)]));
  throw failure('ER_BAD_PARAMETER', 'params is neither an array nor an object');
}

function boundValue(value: JsonValue, name: string): BoundValue {
  return Array.isArray(value)
    ? value.map((element, index) => slotValue(element, `${name}[${index}]`))
    : slotValue(value, name);
}

function slotValue(value: JsonValue, name: string): SlotValue {
  if (value === null) return { type: { kind: 'null' }, value: null };
  if (typeof value === 'boolean') return { type: { kind: 'int', unsigned: false }, value: value ? 1 : 0 };
  if (typeof value === 'string') return { type: { kind: 'string' }, value };
  if (value instanceof JsonNumber) return numberSlot(value.text);
  const bytes = value instanceof Map && value.size === 1 ? value.get('$bytes') : undefined;
  if (typeof bytes !== 'string')
    throw failure('ER_BAD_PARAMETER', `params: ${name}: arrays and objects are not values`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(bytes)) throw failure('ER_BAD_PARAMETER', `params: ${name}: $bytes is not base64`);
  return { type: { kind: 'bytes' }, value: Buffer.from(bytes, 'base64') };
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const MAX_DECIMAL_DIGITS = 65;

function numberSlot(text: string): SlotValue {
  if (/[eE]/.test(text)) return { type: { kind: 'double' }, value: Number(text) };
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const precision = whole.replace(/^0+/, '').length + fraction.length;
  if (precision > MAX_DECIMAL_DIGITS) return { type: { kind: 'double' }, value: Number(text) };
  if (fraction === '') {
    const exact = BigInt(text);
    if (exact >= INT64_MIN && exact <= UINT64_MAX) {
      const number = Number(exact);
      return {
        type: { kind: 'int', unsigned: exact > INT64_MAX },
        value: Number.isSafeInteger(number) ? number : exact,
      };
    }
  }
  return { type: { kind: 'decimal', precision: Math.max(1, precision), scale: fraction.length }, value: text };
}
