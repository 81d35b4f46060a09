/**
 * System variables: `@@name`, SHOW VARIABLES and SET. The list is in definitions/, joined in variables.ts; check.ts says which
 * values a variable takes; global-variables.ts holds the server's values, session-variables.ts one client's.
 *
 * What a variable promises: SET keeps exactly the value that MySQL would keep, or fails as MySQL fails. A value whose meaning
 * Sluice does not have yet is refused with 1235, never kept in silence.
 */
import type { Warning } from '../../stores/statement.ts';

export type VariableScope = 'global' | 'session';

/** As `SELECT @@name` gives it: booleans are 1 and 0, character_set_results may be NULL. */
export type VariableValue = string | number | bigint | null;

/**
 * What SET is given: the value of its expression. Words (`SET autocommit = ON`) arrive as strings, TRUE and FALSE as 1 and 0;
 * numbers are whole, and those with a point or an exponent are a Fraction (1.0 is one: MySQL takes it for no integer).
 */
/** A value that has been checked, and is not set yet: a SET of several variables sets all or none. */
export interface PendingValue {
  readonly warnings: readonly Warning[];
  set(): void;
}

export type GivenValue = VariableValue | Fraction;

export interface Fraction {
  readonly fraction: string;
}

export interface CheckedValue {
  readonly value: VariableValue;
  /** A number outside its range is cut to it, with a warning, as MySQL does outside STRICT_ALL_TABLES. */
  readonly warning?: Warning;
}

interface VariableBase {
  /** Lower case. */
  readonly name: string;
  /** Where it has a value: `both` gives a new session a copy of the global one. */
  readonly scope: VariableScope | 'both';
  readonly default: VariableValue;
  /** `session`: has a global value that may be set and a session value that may not (max_allowed_packet). */
  readonly readOnly?: boolean | 'session';
  /** Other values are MySQL's, but what they mean is not built: SET refuses them with 1235. */
  readonly supported?: readonly VariableValue[];
}

export type VariableDefinition = VariableBase &
  (
    | { readonly kind: 'boolean' }
    | {
        readonly kind: 'integer';
        readonly min: number;
        readonly max: number | bigint;
        /** The value is rounded down to a multiple of this. */
        readonly block?: number;
      }
    | { readonly kind: 'double' }
    | { readonly kind: 'enum'; readonly values: readonly string[] }
    | {
        readonly kind: 'string';
        /** Gives the value to keep; throws as MySQL does. Without it any string is kept. */
        readonly check?: (value: VariableValue, name: string) => VariableValue;
      }
  );
