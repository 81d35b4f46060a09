/** From what SET was given to the value that is kept. Source: MySQL's sys_vars.h, which 1231 and 1232 follow from. */
import { failure } from '../../errors.ts';
import type { CheckedValue, Fraction, GivenValue, VariableDefinition, VariableValue } from './variable.ts';
import { textOfGiven, unsupportedValue, wrongType, wrongValue } from './variable-failures.ts';

type Definition<Kind extends VariableDefinition['kind']> = Extract<VariableDefinition, { kind: Kind }>;

/**
 * The value to keep for `given`. Throws 1231 (a value that the variable cannot have), 1232 (a type that it cannot have) or
 * 1235 (`supported`). `strictAll`: STRICT_ALL_TABLES is on, so a number out of range is 1231 instead of cut.
 */
export function checkValue(definition: VariableDefinition, given: GivenValue, strictAll: boolean): CheckedValue {
  const checked = checkKind(definition, given, strictAll);
  if (definition.supported !== undefined && !definition.supported.includes(checked.value)) {
    throw unsupportedValue(definition.name, checked.value);
  }
  return checked;
}

function checkKind(definition: VariableDefinition, given: GivenValue, strictAll: boolean): CheckedValue {
  switch (definition.kind) {
    case 'boolean':
      return { value: checkChoice(definition.name, ['OFF', 'ON'], given) };
    case 'enum':
      return { value: definition.values[checkChoice(definition.name, definition.values, given)] ?? null };
    case 'integer':
      return checkInteger(definition, given, strictAll);
    case 'double':
      return { value: checkDouble(definition, given) };
    case 'string':
      return { value: checkString(definition, given) };
  }
}

/** The number of the choice: given by its word, in any case, or by the number itself. */
function checkChoice(name: string, words: readonly string[], given: GivenValue): number {
  if (isFraction(given)) throw wrongType(name);
  if (given === null) throw wrongValue(name, given);
  const choice =
    typeof given === 'string' ? words.findIndex((word) => word.toLowerCase() === given.toLowerCase()) : Number(given);
  if (words[choice] === undefined) throw wrongValue(name, given);
  return choice;
}

function checkInteger(definition: Definition<'integer'>, given: GivenValue, strictAll: boolean): CheckedValue {
  if (given === null || typeof given === 'string' || isFraction(given)) throw wrongType(definition.name);
  const { min, max, block = 1 } = definition;
  let value = typeof given === 'bigint' ? given : BigInt(given);
  if (value < min) value = BigInt(min);
  if (value > max) value = BigInt(max);
  value -= value % BigInt(block);
  const kept = Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (BigInt(given) === value) return { value: kept };
  if (strictAll) throw wrongValue(definition.name, given);
  const { message, errno } = truncated(definition.name, given);
  return { value: kept, warning: { level: 'Warning', errno, message } };
}

function truncated(name: string, given: GivenValue): { errno: number; message: string } {
  return {
    errno: failure('ER_TRUNCATED_WRONG_VALUE').errno,
    message: `Truncated incorrect ${name} value: '${textOfGiven(given)}'`,
  };
}

function checkDouble(definition: Definition<'double'>, given: GivenValue): VariableValue {
  if (given === null || typeof given === 'string') throw wrongType(definition.name);
  return Number(isFraction(given) ? given.fraction : given);
}

function checkString(definition: Definition<'string'>, given: GivenValue): VariableValue {
  if (isFraction(given)) throw wrongType(definition.name);
  if (definition.check !== undefined) return definition.check(given, definition.name);
  if (given === null) throw wrongValue(definition.name, given);
  if (typeof given !== 'string') throw wrongType(definition.name);
  return given;
}

function isFraction(given: GivenValue): given is Fraction {
  return typeof given === 'object' && given !== null;
}
