import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import type { CommandLimits } from '../../test/support/command-line.ts';
import { freePort } from '../../test/support/ports.ts';
import { ServerProcess } from '../../test/support/server-process.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';

export interface BareHttp {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the bare `node:http` server with these answers. */
export async function startBareHttp(sample: readonly string[], limits: CommandLimits): Promise<BareHttp> {
  const dir = makeTempDir('bare-http');
  const sampleFile = join(dir.path, 'sample.json');
  writeFileSync(sampleFile, JSON.stringify(sample));
  const port = await freePort();
  const program = join(PROJECT_DIR, 'bench', 'support', 'bare-http-server.ts');
  const server = new ServerProcess({
    command: process.execPath,
    args: ['--import', 'tsx', program, String(port), sampleFile],
    cwd: PROJECT_DIR,
    ...limits,
  });
  await server.waitUntil(() => server.output.includes('ready'), 'ready');
  return {
    url: `http://127.0.0.1:${port}`,
    pid: server.pid,
    async stop() {
      await server.stop();
      dir.remove();
    },
  };
}
