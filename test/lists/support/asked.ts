/** Lists that are asked again and again, each in all the ways that there are for it. */
import type { SeededRandom } from '../../../src/util/random.ts';
import type { ListClient } from './list-client.ts';
import type { ListModel } from './list-model.ts';

/** What the answers are held against: the table as it is now. */
export interface Fresh {
  /** Of the table that the protocol's lists are of. */
  readonly model: ListModel;
  /** Of the newest commit. */
  readonly sequence: number;
}

export interface Asked {
  readonly text: string;
  /** Asks once and compares. */
  check(client: ListClient, fresh: Fresh, random: SeededRandom): Promise<void>;
}

/** An assertion of its own: this is asked a million times. */
export function same(given: string, expected: string, how: string): void {
  if (given !== expected) throw new Error(`${how}\n   answered: ${given}\n   expected: ${expected}`);
}
