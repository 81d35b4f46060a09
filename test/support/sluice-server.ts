import { join } from 'node:path';
import { PROJECT_DIR } from '../structure/sources.ts';
import type { CommandLimits } from './command-line.ts';
import { freePorts } from './ports.ts';
import { ServerProcess } from './server-process.ts';
import { makeTempDir } from './temp-dir.ts';

export interface SluiceOptions extends CommandLimits {
  /** Data of an earlier server, which stays when this one stops. Absent: a temporary folder, removed by `stop()`. */
  readonly dataDir?: string;
  /** Ports to use again, of an earlier server. Absent: free ones. */
  readonly ports?: { readonly mysqlPort: number; readonly httpPort: number; readonly redisPort?: number };
  /** Opens the Redis port too. */
  readonly redis?: boolean;
  /** Further arguments of `sluice serve`, like `--demo`. They win over those given here. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take until it is ready: loading the demo takes longer than a plain start. */
  readonly readyTimeoutMs?: number;
}

export interface SluiceServer {
  readonly mysqlPort: number;
  readonly httpPort: number;
  /** 0: not asked for. */
  readonly redisPort: number;
  /** `http://127.0.0.1:<httpPort>`, without a slash at the end. */
  readonly httpUrl: string;
  readonly dataDir: string;
  /** The front's process; the others are its children. */
  readonly pid: number;
  /** What it printed and logged so far. */
  readonly output: string;
  readonly running: boolean;
  /** The writer, the readers. */
  childPids(): number[];
  /** All its processes, also those that outlive the front. */
  groupPids(): number[];
  /** SIGTERM: gives the exit code. Removes the data folder if it is a temporary one. */
  stop(): Promise<number | null>;
  /** SIGKILL to all its processes at once (`group`) or to the front alone (`one`). The data stays. */
  kill9(whom?: 'group' | 'one'): Promise<void>;
}

/** Starts `sluice serve` from dist/ on free loopback ports and waits for its line `ready`. */
export async function startSluice(options: SluiceOptions = {}): Promise<SluiceServer> {
  const dir = options.dataDir === undefined ? makeTempDir('data') : undefined;
  const dataDir = options.dataDir ?? join(dir?.path ?? '', 'data');
  const { mysqlPort, httpPort, redisPort = 0 } = options.ports ?? (await choosePorts(options.redis === true));
  const server = new ServerProcess({
    command: process.execPath,
    args: [
      join(PROJECT_DIR, 'dist', 'main.js'),
      'serve',
      ...['--data', dataDir],
      ...['--mysql-port', String(mysqlPort)],
      ...['--http-port', String(httpPort)],
      ...['--redis-port', String(redisPort)],
      ...(options.args ?? []),
    ],
    env: options.env,
    cores: options.cores,
    openFilesMax: options.openFilesMax,
    disk: options.disk,
  });
  await server.waitUntil(() => /^ready\b/m.test(server.output), 'ready', options.readyTimeoutMs);
  return {
    mysqlPort,
    httpPort,
    redisPort,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    dataDir,
    pid: server.pid,
    get output() {
      return server.output;
    },
    get running() {
      return server.running;
    },
    childPids: () => server.childPids(),
    groupPids: () => server.groupPids(),
    async stop() {
      const code = await server.stop();
      dir?.remove();
      return code;
    },
    kill9: (whom) => server.kill9(whom),
  };
}

async function choosePorts(redis: boolean): Promise<{ mysqlPort: number; httpPort: number; redisPort: number }> {
  const [mysqlPort = 0, httpPort = 0, redisPort = 0] = await freePorts(redis ? 3 : 2);
  return { mysqlPort, httpPort, redisPort };
}
