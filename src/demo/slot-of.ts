/** A value of the feed as a parameter of a statement. */
import type { SlotValue } from '../sql/slots.ts';

export function slotOf(value: unknown): SlotValue {
  if (typeof value === 'string') return { type: { kind: 'string' }, value };
  if (typeof value === 'number' || typeof value === 'bigint') {
    return { type: { kind: 'int', unsigned: false }, value };
  }
  throw new TypeError(`a value of the feed is ${typeof value}`);
}
