import { availableParallelism } from 'node:os';

/**
 * Server and load must not take each other's time. The server, either of those that are compared, has one core with all
 * its processes and threads; the load generator has another.
 */
export interface CoreLayout {
  /** As `taskset -c` takes them; undefined where there are no two cores. */
  readonly server: string | undefined;
  readonly load: string | undefined;
}

export function chooseCores(): CoreLayout {
  return availableParallelism() >= 2 ? { server: '0', load: '1' } : { server: undefined, load: undefined };
}
