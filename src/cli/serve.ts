/** `sluice serve`: opens the server, says where it listens, closes it on a signal. */
import type { Config } from '../config.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { demoCommands } from './demo-commands.ts';
import { loadConfig, SERVE_FLAGS } from './load-config.ts';
import { stopSignal } from './signals.ts';

export const serveCommand: Command = {
  name: 'serve',
  usage: '[flags]',
  summary: 'Serves the data directory until a signal ends it',
  flags: SERVE_FLAGS,
  words: 0,
  run: serve,
};

async function serve({ flags }: Arguments, { out, err }: Terminal): Promise<number> {
  const config = await loadConfig(flags, process.env);
  const stopped = stopSignal();
  // Loaded only now, so that help and mistakes in the options are answered at once.
  const [{ startServer }, { createLog }] = await Promise.all([import('../server.ts'), import('./log.ts')]);
  const log = createLog(config.logLevel);
  const readAgain = (): Promise<Config> => loadConfig(flags, process.env);
  const server = await startServer(config, log, readAgain);
  // A mistake in one client's handling must not take the others' connections with it. What could be damaged is that client's session alone:
  // the data is in the writer's hands, and each statement is atomic there.
  process.on('uncaughtException', (error) => log.error({ err: error }, 'uncaught exception'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  out(readyText(config, server.ports));
  if (config.demo) out(demoCommands(config, server.ports));
  process.on('SIGHUP', () => {
    // Whatever the other files hold: what rotates logs needs it.
    server.reopenLogs();
    readAgain()
      .then((again) => {
        server.reload(again);
        log.info('users, rules and table access were read again');
      })
      .catch((error: unknown) => log.error({ err: error }, 'users, rules and table access stay as they are'));
  });
  const signal = await stopped;
  err(`${signal}: finishing what runs; once more ends it at once\n`);
  await server.close();
  return 0;
}

export interface OpenPorts {
  readonly mysql?: number;
  readonly http?: number;
  readonly redis?: number;
  readonly json?: number;
}

/** One line for each open port, then how long it all took. */
function readyText(config: Config, ports: OpenPorts): string {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const lines = Object.entries(ports)
    .filter(([, port]) => port !== undefined)
    .map(([name, port]) => `${name.padEnd(PROTOCOL_WIDTH)} ${host}:${port}`);
  // performance.now() counts from the start of the process.
  const total = performance.now();
  const ofNode = performance.nodeTiming.bootstrapComplete;
  return `${[...lines, `ready in ${total.toFixed(0)} ms, ${(total - ofNode).toFixed(0)} ms after Node was up`].join('\n')}\n`;
}

const PROTOCOL_WIDTH = 6;
