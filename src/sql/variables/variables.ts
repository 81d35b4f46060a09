/** All system variables, by name. Read variable.ts first. */
import type { ColumnType } from '../../stores/column-type.ts';
import { SERVER_VARIABLES } from './definitions/server-variables.ts';
import { SESSION_VARIABLES } from './definitions/session-variables.ts';
import { SLUICE_VARIABLES } from './definitions/sluice-variables.ts';
import { STORAGE_VARIABLES } from './definitions/storage-variables.ts';
import { TEXT_VARIABLES } from './definitions/text-variables.ts';
import type { VariableDefinition } from './variable.ts';
import { unknownVariable } from './variable-failures.ts';

/** In the order of their names. */
export const VARIABLES: readonly VariableDefinition[] = [
  ...SERVER_VARIABLES,
  ...SESSION_VARIABLES,
  ...SLUICE_VARIABLES,
  ...STORAGE_VARIABLES,
  ...TEXT_VARIABLES,
].sort((a, b) => (a.name < b.name ? -1 : 1));

const byName = new Map(VARIABLES.map((definition) => [definition.name, definition]));

/** Throws 1193. */
export function findVariable(name: string): VariableDefinition {
  const definition = byName.get(name) ?? byName.get(name.toLowerCase());
  if (definition === undefined) throw unknownVariable(name);
  return definition;
}

/** The type of `@@name`. Throws 1193. */
export function variableType(name: string): ColumnType {
  const definition = findVariable(name);
  switch (definition.kind) {
    case 'boolean':
      return { name: 'bigint', length: 1 };
    case 'integer':
      return { name: 'bigint', unsigned: true, length: 21 };
    case 'double':
      return { name: 'double', scale: 6 };
    case 'enum':
    case 'string':
      return { name: 'varchar', length: VALUE_CHARS_MAX };
  }
}

/** SHOW VARIABLES' Value column is a VARCHAR(1024) too. */
const VALUE_CHARS_MAX = 1024;
