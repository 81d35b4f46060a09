/**
 * `IN ::ids`: a list parameter is written out, as `IN (?, ?, ?, ?)`, before the statement is planned. The number of places is rounded up to the next
 * power of two and the last value repeated, which changes neither IN nor NOT IN: so a dozen plans serve lists of any length, and lists that
 * the client writes out itself share them.
 */
import { failure } from '../errors.ts';
import { MAX_LIST_PARAMETER_VALUES } from '../limits.ts';
import { listValues, type Parameters, singleValue } from '../sql/bind-values.ts';
import type { FingerprintedText, SlotValue } from '../sql/slots.ts';
import { fingerprint } from '../sql/syntax/fingerprint.ts';
import { replaceParameters } from '../sql/syntax/replace-parameters.ts';
import type { SyntaxOptions } from '../sql/syntax/sql-mode.ts';
import type { StatementSlots } from './statement-text.ts';

export interface ExpandedText {
  readonly text: string;
  readonly fingerprinted: FingerprintedText;
  readonly filled: StatementSlots;
}

/** Throws 1210 for a value that is missing, a list that is empty or too long, a list where one value goes or the other way round. */
export function expandLists(
  text: string,
  fingerprinted: FingerprintedText,
  parameters: Parameters,
  syntax: SyntaxOptions,
): ExpandedText {
  const slots: SlotValue[] = [];
  const literals: boolean[] = [];
  for (const slot of fingerprinted.slots) {
    const isLiteral = !('parameter' in slot);
    const values = isLiteral ? [slot] : valuesOf(slot, parameters);
    for (const value of values) {
      slots.push(value);
      literals.push(isLiteral);
    }
  }
  const expanded = replaceParameters(text, syntax, ({ parameter, list }) =>
    list ? `(${new Array(paddedList(parameters, String(parameter)).length).fill('?').join(', ')})` : '?',
  );
  return { text: expanded, fingerprinted: fingerprint(expanded, syntax), filled: { slots, literals } };
}

function valuesOf(
  { parameter, list }: { readonly parameter: number | string; readonly list?: boolean },
  parameters: Parameters,
): readonly SlotValue[] {
  return list === true ? paddedList(parameters, String(parameter)) : [singleValue(parameters, parameter)];
}

function paddedList(parameters: Parameters, name: string): readonly SlotValue[] {
  const values = listValues(parameters, name);
  if (values.length > MAX_LIST_PARAMETER_VALUES)
    throw failure(
      'ER_BAD_PARAMETER',
      `Parameter ::${name} has ${values.length} values; ${MAX_LIST_PARAMETER_VALUES} is the most`,
    );
  const places = 2 ** Math.ceil(Math.log2(values.length));
  const last = values[values.length - 1] as SlotValue;
  return [...values, ...new Array<SlotValue>(places - values.length).fill(last)];
}
