/** From the value of SET's expression to what a variable's check is given. */
import type { SlotValue } from '../slots.ts';
import type { GivenValue } from './variable.ts';

const utf8 = new TextDecoder();

/** Bytes are taken for text, as MySQL does with x'4F4E'. */
export function givenValue({ type, value }: SlotValue): GivenValue {
  if (value === null) return null;
  if (value instanceof Uint8Array) return utf8.decode(value);
  if (type.kind === 'decimal' || type.kind === 'double') return { fraction: String(value) };
  return value;
}
