/** What can be set of the gate before a MySQL server. The objects are read for each request: values may change while running. */
import type { SourceLimits } from '../../stores/mysql/source.ts';

export interface SourceGateLimits extends SourceLimits {
  /** A result of more rows fails; 0: any number. */
  readonly maxResultRows: number;
  readonly maxResultBytes: number;
  /** A statement that would change more rows fails and changes nothing; 0: any number. */
  readonly maxDmlRows: number;
  /** 0: for as long as it takes, as for the next. */
  readonly queryTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly annotate: boolean;
  /** Statements that may wait for the same row; 0: any number goes to the source. */
  readonly hotRowQueue: number;
}

export const DEFAULT_SOURCE_LIMITS: SourceGateLimits = {
  poolSize: 16,
  streamPoolSize: 64,
  transactionCap: 20,
  reservedCap: 64,
  poolWaitMs: 10_000,
  transactionWaitMs: 1_000,
  idleTimeoutMs: 1_800_000,
  schemaReloadMs: 1_800_000,
  maxResultRows: 10_000,
  maxResultBytes: 64 * 1024 * 1024,
  maxDmlRows: 500,
  queryTimeoutMs: 30_000,
  transactionTimeoutMs: 30_000,
  annotate: true,
  hotRowQueue: 20,
};
