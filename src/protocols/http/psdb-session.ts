/**
 * The session that `@planetscale/database` hands back with each request, as it got it with the last answer; to the driver it is opaque. A session of ours is
 * behind it only where a statement left something to be kept (BEGIN, SET, USE): most of its connections send one statement and are forgotten.
 */
import { failure } from '../../errors.ts';

export interface PsdbSession {
  /** Of a kept session; null: none. */
  readonly token: string | null;
  readonly inTransaction: boolean;
  /** The kept session has a transaction and nothing else: it is not needed behind COMMIT. */
  readonly isPlain: boolean;
  /** What LAST_INSERT_ID() would be. */
  readonly lastInsertId: string;
}

export const NEW_PSDB_SESSION: PsdbSession = { token: null, inTransaction: false, isPlain: true, lastInsertId: '0' };

/** Throws ER_BAD_PARAMETER for what did not come from here. */
export function readPsdbSession(value: unknown): PsdbSession {
  if (value === undefined || value === null) return NEW_PSDB_SESSION;
  const { signature, vitessSession } = objectOf(value);
  const { inTransaction, isPlain, lastInsertId = '0' } = objectOf(vitessSession);
  if (typeof signature !== 'string' || typeof lastInsertId !== 'string' || !/^\d{1,20}$/.test(lastInsertId))
    throw foreign();
  return {
    token: signature === '' ? null : signature,
    inTransaction: inTransaction === true,
    isPlain: isPlain !== false,
    lastInsertId,
  };
}

export function psdbSessionJson({ token, inTransaction, isPlain, lastInsertId }: PsdbSession): string {
  return JSON.stringify({
    signature: token ?? '',
    vitessSession: { autocommit: !inTransaction, inTransaction, isPlain, lastInsertId },
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw foreign();
  return value as Record<string, unknown>;
}

function foreign(): Error {
  return failure('ER_BAD_PARAMETER', 'session is none that this server gave; send null for a new one');
}
