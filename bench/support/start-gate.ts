import { type InFront, startInFront } from '../../test/support/in-front.ts';
import type { BenchContext } from './claim.ts';

/** For herds that go straight to it. */
const MARIADB_CONNECTIONS_MAX = 1_500;

/** A MariaDB that has one core for itself, and Sluice before it on the other one, with the clients: the source does not lose to its gate what it would have alone. */
export function startGate({ cores, connections }: BenchContext): Promise<InFront> {
  const openFilesMax = Math.max(connections, MARIADB_CONNECTIONS_MAX) + 1_000;
  const source = {
    cores: cores.server,
    openFilesMax,
    durable: true,
    args: [`--max-connections=${MARIADB_CONNECTIONS_MAX}`],
  };
  return startInFront({ cores: cores.load, openFilesMax }, source);
}
