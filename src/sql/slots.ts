/**
 * Slots: the values that a statement's text holds (literals) or leaves open (`?`, `:name`), taken out of the text so that one plan serves
 * all statements of the same fingerprint. See ast.ts.
 */
import type { StoreValue } from '../stores/values.ts';

/**
 * What is known of a slot's value without the value: part of a plan's key.
 * int: fits a signed or unsigned 64-bit integer. decimal: exact, with a point. double: with an exponent, or from the binary protocol.
 */
export type SlotType =
  | { readonly kind: 'int'; readonly unsigned: boolean }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'double' }
  | { readonly kind: 'string' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'null' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'datetime' };

/**
 * A slot's value: int as bigint or safe number, decimal as its text ("1.50"), double as number, string and date, time, datetime
 * as text in MySQL's form, bytes as Uint8Array (hex and bit literals too).
 */
export interface SlotValue {
  readonly type: SlotType;
  readonly value: StoreValue;
}

/** A statement's text without its literals. */
export interface FingerprintedText {
  /** Key of the plan cache: comments and surplus white space gone, each literal and parameter written `?`. */
  readonly fingerprint: string;
  /** One for each slot in the order of the text: a literal's value, or the parameter's position or name. */
  readonly slots: readonly (SlotValue | { readonly parameter: number | string; readonly list?: boolean })[];
  /** Whether one of them is a list, `::name`: those are written out before the text is planned (gate/list-parameters.ts). */
  readonly hasLists: boolean;
}
