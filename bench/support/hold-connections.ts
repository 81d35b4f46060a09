import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import type { CommandLimits } from '../../test/support/command-line.ts';
import { ServerProcess } from '../../test/support/server-process.ts';

export interface HeldConnections {
  /** @throws if the server has ended one of them */
  verify(): void;
  stop(): Promise<void>;
}

/** Opens connections from a process of its own; each has had an answer, and is idle, when this resolves. */
export async function holdConnections(
  url: string,
  { count, path, cores }: { count: number; path: string } & Pick<CommandLimits, 'cores'>,
): Promise<HeldConnections> {
  const program = join(PROJECT_DIR, 'bench', 'support', 'idle-connections.ts');
  const holder = new ServerProcess({
    command: process.execPath,
    args: ['--import', 'tsx', program, new URL(url).port, String(count), path],
    cwd: PROJECT_DIR,
    openFilesMax: count + 1_000,
    ...(cores !== undefined && { cores }),
  });
  const verify = (): void => {
    const lost = holder.output.split('\n').filter((line) => line.startsWith('lost'));
    if (lost.length > 0) throw new Error(`${url}: ${lost.length} of ${count} connections lost, first ${lost[0]}`);
  };
  await holder.waitUntil(() => holder.output.includes('open'), 'connected');
  return {
    verify,
    async stop() {
      await holder.kill9();
    },
  };
}
