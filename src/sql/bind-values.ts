/**
 * Bind variables: `?` by place, `:name` by name, `::name` for the list of an IN. What a client gives, and how a value is found for a place in
 * a statement; every mistake is error 1210 and names the variable.
 */
import { failure } from '../errors.ts';
import type { SlotValue } from './slots.ts';

/** What a name may stand for: `:name` takes one value, `::name` a list of them. */
export type BoundValue = SlotValue | readonly SlotValue[];

/** An array for `?`, a map for names. */
export type Parameters = readonly SlotValue[] | ReadonlyMap<string, BoundValue>;

/** The value of a `?` or a `:name`. */
export function singleValue(parameters: Parameters, place: number | string): SlotValue {
  if (typeof place === 'number') {
    const value = isNamed(parameters) ? undefined : parameters[place];
    if (value === undefined) throw failure('ER_BAD_PARAMETER', `No value was given for parameter ${place + 1}`);
    return value;
  }
  const value = namedValue(parameters, `:${place}`, place);
  if (isList(value))
    throw failure('ER_BAD_PARAMETER', `Parameter :${place} takes one value and was given a list; write IN ::${place}`);
  return value;
}

/** The values of a `::name`, one at least. */
export function listValues(parameters: Parameters, name: string): readonly SlotValue[] {
  const values = namedValue(parameters, `::${name}`, name);
  if (!isList(values))
    throw failure('ER_BAD_PARAMETER', `Parameter ::${name} takes a list and was given one value; write :${name}`);
  if (values.length === 0)
    throw failure('ER_BAD_PARAMETER', `Parameter ::${name} is an empty list; IN needs one value at least`);
  return values;
}

function namedValue(parameters: Parameters, written: string, name: string): BoundValue {
  const value = isNamed(parameters) ? parameters.get(name) : undefined;
  if (value === undefined) throw failure('ER_BAD_PARAMETER', `No value was given for parameter ${written}`);
  return value;
}

function isNamed(parameters: Parameters): parameters is ReadonlyMap<string, BoundValue> {
  return parameters instanceof Map;
}

function isList(value: BoundValue): value is readonly SlotValue[] {
  return Array.isArray(value);
}
