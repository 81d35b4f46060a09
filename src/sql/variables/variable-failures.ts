/** MySQL's errors about system variables, worded once. */
import { failure, type SluiceError } from '../../errors.ts';
import type { GivenValue } from './variable.ts';

export function unknownVariable(name: string): SluiceError {
  return failure('ER_UNKNOWN_SYSTEM_VARIABLE', name);
}

export function wrongValue(name: string, value: GivenValue): SluiceError {
  return failure('ER_WRONG_VALUE_FOR_VAR', name, textOfGiven(value));
}

export function wrongType(name: string): SluiceError {
  return failure('ER_WRONG_TYPE_FOR_VAR', name);
}

/** A value that MySQL takes and Sluice cannot honour. */
export function unsupportedValue(name: string, value: GivenValue): SluiceError {
  return failure('ER_NOT_SUPPORTED_YET', `${name} = ${textOfGiven(value)}`);
}

export function textOfGiven(value: GivenValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'object' ? value.fraction : String(value);
}
