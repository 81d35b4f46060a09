import { availableParallelism } from 'node:os';
import { runCommand } from '../../test/support/run-command.ts';

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

/** From now on these processes, and what they start, have these cores: what comes before a measurement may take all there are. */
export async function pin(pids: readonly number[], cores: string | undefined): Promise<void> {
  if (cores === undefined) return;
  for (const pid of pids) await runCommand('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
}
