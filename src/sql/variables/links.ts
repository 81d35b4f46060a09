/** Variables that are one value under two names, and pairs where setting one sets the other. */
import { findCharacterSet, findCollation } from './character-sets.ts';
import type { VariableValue } from './variable.ts';

const SAME: Readonly<Record<string, string>> = {
  identity: 'last_insert_id',
  storage_engine: 'default_storage_engine',
  tx_isolation: 'transaction_isolation',
  tx_read_only: 'transaction_read_only',
};

/** The name under which the value of `name` is kept. */
export function keptName(name: string): string {
  return SAME[name] ?? name;
}

const PAIR = /^(?:character_set|collation)_(connection|database|server)$/;

/** What else is set when `name` is: a character set brings its default collation, a collation its character set. */
export function linkedValue(
  name: string,
  value: VariableValue,
): readonly [name: string, value: VariableValue] | undefined {
  const place = PAIR.exec(name)?.[1];
  if (place === undefined || typeof value !== 'string') return undefined;
  if (name.startsWith('collation')) return [`character_set_${place}`, findCollation(value)?.characterSet ?? null];
  return [`collation_${place}`, findCharacterSet(value)?.defaultCollation ?? null];
}
