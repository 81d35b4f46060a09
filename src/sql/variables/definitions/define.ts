/** Short forms for the lists beside this file. Unless `more` says otherwise a variable has a global and a session value. */
import type { VariableDefinition, VariableValue } from '../variable.ts';

interface More {
  readonly scope?: VariableDefinition['scope'];
  readonly readOnly?: VariableDefinition['readOnly'];
  readonly supported?: readonly VariableValue[];
}

/** A fact about the server: one value, not to be changed. */
export const FACT = { scope: 'global', readOnly: true } as const satisfies More;
export const GLOBAL = { scope: 'global' } as const satisfies More;
export const SESSION = { scope: 'session' } as const satisfies More;

export const UNSIGNED_32_MAX = 0xffff_ffff;
export const UNSIGNED_64_MAX = 0xffff_ffff_ffff_ffffn;

export function boolean(name: string, on: boolean, more: More = {}): VariableDefinition {
  return { kind: 'boolean', name, scope: 'both', default: on ? 1 : 0, ...more };
}

export function integer(
  name: string,
  value: number | bigint,
  [min, max]: readonly [min: number, max: number | bigint],
  more: More & { readonly block?: number } = {},
): VariableDefinition {
  return { kind: 'integer', name, scope: 'both', default: value, min, max, ...more };
}

/** A number of the server that cannot be changed. */
export function count(name: string, value: number | bigint): VariableDefinition {
  return { kind: 'integer', name, default: value, min: 0, max: UNSIGNED_64_MAX, ...FACT };
}

export function text(
  name: string,
  value: string | null,
  more: More & { readonly check?: (value: VariableValue, name: string) => VariableValue } = {},
): VariableDefinition {
  return { kind: 'string', name, scope: 'both', default: value, ...more };
}

export function choice(name: string, value: string, values: readonly string[], more: More = {}): VariableDefinition {
  return { kind: 'enum', name, scope: 'both', default: value, values, ...more };
}
