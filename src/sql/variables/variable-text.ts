import type { VariableDefinition, VariableValue } from './variable.ts';

/** A value as SHOW VARIABLES prints it. */
export function variableText(definition: VariableDefinition, value: VariableValue): string {
  if (definition.kind === 'boolean') return Number(value) === 0 ? 'OFF' : 'ON';
  if (definition.kind === 'double') return Number(value).toFixed(6);
  return value === null ? '' : String(value);
}
