/** The front's end of a child process: starts it, exchanges messages with it, tells when it is gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from './frames.ts';

export interface ChildHandlers {
  readonly onMessage: (message: unknown) => void;
  /** After the last message: the process has ended and its pipe is empty. */
  readonly onEnd: (reason: string) => void;
}

/** A young generation of 1 MiB keeps an idle child near 50 MiB; the rows of a group or a chunk fit in it. */
const NODE_FLAGS = ['--max-semi-space-size=2', '--no-warnings'];

export class Child {
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  #ended = false;

  /** `script` is the child's entry point, a file URL; its arguments show in the process list. `files`: it has them open too, from number 4 on. */
  constructor(script: string, args: readonly string[], handlers: ChildHandlers, files: readonly number[] = []) {
    const node = [process.execPath, ...NODE_FLAGS, ...loaderFlags(script), fileURLToPath(script), ...args];
    const [command = '', ...rest] = [...diesWithParent(), ...node];
    this.#process = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'pipe', ...files] });
    this.#pipe = this.#process.stdio[3] as Duplex;
    const frames = new FrameReader();
    this.#pipe.on('data', (chunk: Buffer) => {
      frames.push(chunk);
      for (let message = frames.next(); message !== undefined; message = frames.next()) handlers.onMessage(message);
    });
    // A broken pipe means that the process is ending: 'close' tells.
    this.#pipe.on('error', () => {});
    const end = (reason: string) => {
      if (this.#ended) return;
      this.#ended = true;
      handlers.onEnd(reason);
    };
    this.#process.on('error', (error) => end(error.message));
    this.#process.on('close', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(message: unknown): void {
    if (!this.#ended) this.#pipe.write(encodeFrame(message));
  }

  /** The child finishes what it does and exits. */
  end(): void {
    this.#pipe.end();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Lets the front's process end while this child is idle. */
  unref(): void {
    this.#process.unref();
  }
}

/**
 * When the front is killed, a child sees the end of its pipe only once its statement is done, which may be never. On Linux the kernel can kill it
 * with the front: util-linux' setpriv asks for that (since 2.33, which is older than any system that runs Node 20). Busybox' cannot; there,
 * and elsewhere, the end of the pipe has to do.
 */
function diesWithParent(): readonly string[] {
  const setpriv = '/usr/bin/setpriv';
  if (process.platform !== 'linux' || !existsSync(setpriv) || realpathSync(setpriv).endsWith('busybox')) return [];
  return [setpriv, '--pdeathsig', 'KILL', '--'];
}

/** In development the entry points are TypeScript, which Node 20 does not read by itself. */
function loaderFlags(script: string): string[] {
  if (!script.endsWith('.ts')) return [];
  return ['--import', createRequire(import.meta.url).resolve('tsx')];
}
