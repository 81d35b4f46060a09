/**
 * Breaches of the protocol itself, which only a broken or hostile client makes. They carry MySQL's numbers and texts, but are no failures
 * of a request, so they are told apart from errors.ts.
 */
import { MAX_PREPARED_STATEMENTS_PER_SESSION } from '../../limits.ts';

export interface ProtocolBreach {
  readonly errno: number;
  readonly sqlstate: string;
  readonly message: string;
  /** Whether the connection can go on: the packet's borders are known, only its inside was wrong. */
  readonly fatal: boolean;
}

export const PACKETS_OUT_OF_ORDER: ProtocolBreach = {
  errno: 1156,
  sqlstate: '08S01',
  message: 'Got packets out of order',
  fatal: true,
};

export const MALFORMED_PACKET: ProtocolBreach = {
  errno: 1835,
  sqlstate: 'HY000',
  message: 'Malformed communication packet.',
  fatal: false,
};

export const TOO_MANY_PARAMETERS: ProtocolBreach = {
  errno: 1390,
  sqlstate: 'HY000',
  message: 'Prepared statement contains too many placeholders',
  fatal: false,
};

export const TOO_MANY_STATEMENTS: ProtocolBreach = {
  errno: 1461,
  sqlstate: '42000',
  message: `Can't create more than max_prepared_stmt_count statements (current value: ${MAX_PREPARED_STATEMENTS_PER_SESSION})`,
  fatal: false,
};

export class ProtocolError extends Error {
  readonly breach: ProtocolBreach;

  constructor(breach: ProtocolBreach) {
    super(breach.message);
    this.name = 'ProtocolError';
    this.breach = breach;
  }
}
