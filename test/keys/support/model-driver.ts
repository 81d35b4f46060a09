/**
 * What the model test asks of a way to the keys. The embedded API has these methods, and the client over HTTP the same names: a driver for another protocol
 * gives those that it can, and the model leaves out the rest.
 */
import type { Keys } from '../../../src/gate/embedded-keys.ts';

type Everyday =
  | 'put'
  | 'putNx'
  | 'get'
  | 'getEntry'
  | 'remove'
  | 'removeAll'
  | 'putMany'
  | 'getMany'
  | 'removeMany'
  | 'count';
type Further =
  | 'putEntry'
  | 'find'
  | 'findKeys'
  | 'add'
  | 'append'
  | 'expire'
  | 'setBit'
  | 'getBit'
  | 'bitCount'
  | 'getPointer'
  | 'transaction';

export type ModelKeys = Pick<Keys, Everyday> & Partial<Pick<Keys, Further>>;

export interface KeyDriver {
  readonly name: string;
  /** Several ways to the same keys: each step takes one of them. */
  readonly keys: readonly ModelKeys[];
  /** Sets the clock of what is asked from now on; where a protocol's clock is the server's, the model gives nothing an expiry. */
  readonly setNow?: (now: number) => Promise<void>;
  /** The server is stopped and started again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}
