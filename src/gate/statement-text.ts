/** From a client's text and parameters to slots: what the plan cache and the planner start from. */
import { failure } from '../errors.ts';
import { type Parameters, singleValue } from '../sql/bind-values.ts';
import type { FingerprintedText, SlotValue } from '../sql/slots.ts';

export interface StatementSlots {
  readonly slots: readonly SlotValue[];
  /** For each slot: written in the text. */
  readonly literals: readonly boolean[];
}

export const NO_PARAMETERS: Parameters = [];

/** Puts `parameters` into their places; the text has no lists (list-parameters.ts). Throws 1210 when one is missing (it is named) or one too many was given. */
export function fillSlots(text: FingerprintedText, parameters: Parameters = NO_PARAMETERS): StatementSlots {
  const open = text.slots.some((slot) => 'parameter' in slot);
  if (!open) {
    if (Array.isArray(parameters) && parameters.length > 0)
      throw failure('ER_BAD_PARAMETER', `${parameters.length} parameters were given for a statement that has none`);
    return { slots: text.slots as readonly SlotValue[], literals: text.slots.map(() => true) };
  }
  const slots: SlotValue[] = [];
  const literals: boolean[] = [];
  let positions = 0;
  for (const slot of text.slots) {
    const literal = !('parameter' in slot);
    literals.push(literal);
    if (literal) slots.push(slot);
    else {
      slots.push(singleValue(parameters, slot.parameter));
      if (typeof slot.parameter === 'number') positions++;
    }
  }
  if (Array.isArray(parameters) && parameters.length > positions) {
    throw failure(
      'ER_BAD_PARAMETER',
      `${parameters.length} parameters were given for a statement that has ${positions}`,
    );
  }
  return { slots, literals };
}
