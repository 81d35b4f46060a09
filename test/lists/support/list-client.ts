/** Somebody who asks for lists and writes: a session of a gate in this process (gate-client.ts), or a client of a server by all its protocols (server-client.ts). */
import type { SlotValue } from '../../../src/sql/slots.ts';

/** A text, or a value of it that a prepared statement leaves open. */
export type SqlPart = string | { readonly literal: string; readonly slot: SlotValue };

export function sqlText(parts: readonly SqlPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.literal)).join('');
}

export function preparedText(parts: readonly SqlPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : '?')).join('');
}

export function slotsOf(parts: readonly SqlPart[]): SlotValue[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part.slot]));
}

/** A URL's query as people write it: only what cannot stand in it is encoded. */
export function queryText(parameters: Readonly<Record<string, string>>): string {
  const parts = Object.entries(parameters).map(
    ([name, value]) => `${name}=${value.replaceAll(/[%+#&"<>\s]|[^ -~]/gu, encodeURIComponent)}`,
  );
  return parts.join('&');
}

export interface Page {
  readonly rows: readonly object[];
  readonly count: number | null;
  readonly sequence: number;
}

type Parameters = Readonly<Record<string, string>>;

export interface ListClient {
  /** An open transaction in which lists are asked too. */
  readonly isInTransaction: boolean;
  /** List commands belong to the open transaction. */
  readonly listsJoin: boolean;
  /** In how many ways a statement can be asked. */
  readonly ways: number;
  /** What a query comes to, as a text that can be compared with another one asked in the same way; or its error. */
  query(parts: readonly SqlPart[], way: number): Promise<string>;
  /** A statement that is no query, in any way: `ok`, or its error. */
  run(sql: string): Promise<string>;
  batch(statements: readonly string[], atomic: boolean): Promise<void>;
  /** Each by a client of its own, none of which waits for the others. */
  atOnce(statements: readonly string[]): Promise<void>;
  /** A command's JSON, or its error. */
  list(parameters: Parameters, body?: string): Promise<string>;
  page(parameters: Parameters): Promise<Page>;
}
