/** The checks of character_set_* and collation_*. */
import { failure } from '../../errors.ts';
import { findCharacterSet, findCollation } from './character-sets.ts';
import type { VariableValue } from './variable.ts';
import { unsupportedValue, wrongType, wrongValue } from './variable-failures.ts';

/** Sluice reads and writes UTF-8 on its connections, and nothing is converted: other character sets would garble text. */
const CONNECTION_CHARACTER_SETS: readonly string[] = ['utf8mb4', 'utf8mb3', 'binary'];

/** Throws 1115. */
export function checkCharacterSet(value: VariableValue, name: string): string {
  if (value === null) throw wrongValue(name, value);
  if (typeof value !== 'string') throw wrongType(name);
  const found = findCharacterSet(value);
  if (found === undefined) throw failure('ER_UNKNOWN_CHARACTER_SET', value);
  return found.name;
}

/** The same for what is spoken with clients. Throws 1115, and 1235 where text would have to be converted. */
export function checkConnectionCharacterSet(value: VariableValue, name: string): string {
  const found = checkCharacterSet(value, name);
  if (!CONNECTION_CHARACTER_SETS.includes(found)) throw unsupportedValue(name, found);
  return found;
}

/** NULL: results are sent as they are, which here is the same. */
export function checkResultCharacterSet(value: VariableValue, name: string): string | null {
  return value === null ? null : checkConnectionCharacterSet(value, name);
}

/** Throws 1273. */
export function checkCollation(value: VariableValue, name: string): string {
  if (value === null) throw wrongValue(name, value);
  if (typeof value !== 'string') throw wrongType(name);
  const found = findCollation(value);
  if (found === undefined) throw failure('ER_UNKNOWN_COLLATION', value);
  return found.name;
}
