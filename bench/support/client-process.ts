/** A process of its own with many clients (client-load.ts), and what it can be told. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_DIR } from '../../test/structure/sources.ts';
import { pin } from './cores.ts';

export type ClientOrder =
  /** Thin clients are opened until there are so many; each has asked once then. */
  | { readonly what: 'open'; readonly port: number; readonly count: number }
  | { readonly what: 'close' }
  /** `thin`: `busy` of those that are open at any time, each time others. `mysql2`: so many connections of the driver's, made for this run. */
  | {
      readonly what: 'run';
      readonly driver: 'thin' | 'mysql2';
      readonly kind: 'text' | 'prepared' | 'mix';
      readonly port: number;
      readonly busy: number;
      readonly seconds: number;
      readonly seed: number;
    }
  /** The same from so many thin clients at once. */
  | { readonly what: 'herd'; readonly text: string; readonly count: number };

export interface OpenReport {
  readonly tookMs: number;
  /** Of one client: connected, logged in, its first answer there. */
  readonly longestMs: number;
}

export interface LoadReport {
  readonly perSecond: number;
  readonly answered: number;
  readonly slowestMs: number;
}

export type ClientReply = { readonly done: unknown } | { readonly failed: string };

export class ClientProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(cores: string | undefined): Promise<ClientProcess> {
    const program = join(PROJECT_DIR, 'bench', 'support', 'client-load.ts');
    const child = fork(program, { cwd: PROJECT_DIR, execArgv: ['--import', 'tsx', '--max-old-space-size=4096'] });
    await pin([child.pid as number], cores);
    return new ClientProcess(child);
  }

  open(port: number, count: number): Promise<OpenReport> {
    return this.#tell({ what: 'open', port, count });
  }

  close(): Promise<null> {
    return this.#tell({ what: 'close' });
  }

  run(order: Omit<Extract<ClientOrder, { what: 'run' }>, 'what'>): Promise<LoadReport> {
    return this.#tell({ what: 'run', ...order });
  }

  herd(text: string, count: number): Promise<{ readonly tookMs: number }> {
    return this.#tell({ what: 'herd', text, count });
  }

  stop(): void {
    this.#child.disconnect();
  }

  #tell<Done>(order: ClientOrder): Promise<Done> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const onExit = (code: number | null): void => reject(new Error(`the process of the clients ended: ${code}`));
      child.once('exit', onExit);
      child.once('message', (reply: ClientReply) => {
        child.off('exit', onExit);
        if ('failed' in reply) reject(new Error(reply.failed));
        else resolve(reply.done as Done);
      });
      child.send(order);
    });
  }
}
