/** Entries as embedded programs see them, and what the keys of a connection need of it. */
import type { KeyEntry } from '../keys/entries.ts';
import { decodeValue, type KeyType, type KeyValue } from '../keys/values.ts';
import type { Session } from './request.ts';

export interface Entry {
  readonly key: string;
  readonly type: KeyType;
  readonly value: KeyValue;
  /** The number of the commit that wrote it last. */
  readonly version: number;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

export function entryOf({ key, type, value, version, expiresAt }: KeyEntry): Entry {
  return { key, type, value: decodeValue({ type, value }), version, expiresAt };
}

/** What a connection does for its keys. */
export interface KeysHost {
  readonly session: Session;
  /** After everything that was asked for before. */
  run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
  /** A session of its own, which the caller closes. */
  connect(): Session;
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
}
