import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { atExit } from './at-exit.ts';
import { type CommandLimits, commandLine } from './command-line.ts';

export interface ServerProcessOptions extends CommandLimits {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How long a server may take to end by itself once it was asked to. */
const STOP_TIMEOUT_MS = 60_000;
/** What is kept of the output, so that a chatty server does not fill the memory. */
const OUTPUT_CHARS_MAX = 1_000_000;

/** A server that a test started: it is only ever stopped by the id of its own process, or of the group that it leads. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #forget: () => void;
  #output = '';
  #failure: Error | undefined;

  constructor({ command, args, env, cwd, ...limits }: ServerProcessOptions) {
    const line = commandLine(command, args, limits);
    // As the leader of a group of its own it can be killed together with the processes that it starts.
    this.#child = spawn(line.program, line.args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#append(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#append(text));
    this.#child.on('error', (error) => {
      this.#failure = error;
    });
    this.#forget = atExit(() => this.#kill('group', 'SIGKILL'));
    this.#child.once('exit', () => this.#forgetWhenAllEnded());
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw this.#failure ?? new Error('the process was not started');
    return this.#child.pid;
  }

  /** Standard output and standard error so far, as they came. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#failure === undefined;
  }

  /** `0` after a clean end, null while it runs or after a signal. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Process ids of its direct children, as Linux knows them at this moment. */
  childPids(): number[] {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  }

  /** Process ids of it and all that it started, also those that outlived it. */
  groupPids(): number[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => processState(pid)?.group === this.pid && isAlive(pid));
  }

  /**
   * Waits until `isReady` gives true.
   * @throws if the process ends before, or if it takes longer, and then kills it; with the output so far
   */
  async waitUntil(isReady: () => boolean | Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await isReady())) {
      if (!this.running) throw new Error(`ended before it was ${what}: ${this.#describe()}`, { cause: this.#failure });
      if (performance.now() > deadline) {
        this.#kill('group', 'SIGKILL');
        throw new Error(`not ${what} within ${timeoutMs} ms: ${this.#describe()}`);
      }
      await sleep(10);
    }
  }

  /** Asks it to end (SIGTERM) and waits for that; kills it if it does not. Gives its exit code, null after a kill. */
  async stop(): Promise<number | null> {
    if (!this.running) return this.exitCode;
    const ended = once(this.#child, 'exit');
    this.#kill('one', 'SIGTERM');
    const timeout = new AbortController();
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal })]).finally(() =>
      timeout.abort(),
    );
    if (this.running) {
      this.#kill('group', 'SIGKILL');
      await ended;
      throw new Error(`did not end within ${STOP_TIMEOUT_MS} ms after SIGTERM: ${this.#describe()}`);
    }
    return this.exitCode;
  }

  /** SIGKILL, to it and to all the processes that it started (`group`), or to it alone (`one`); waits until it is gone. */
  async kill9(whom: 'group' | 'one' = 'group'): Promise<void> {
    if (!this.running) return;
    const ended = once(this.#child, 'exit');
    this.#kill(whom, 'SIGKILL');
    await ended;
  }

  /**
   * Processes that outlive their leader are not killed at once: a test may want to see whether they end by themselves.
   * Once none is left, this process must not kill the group at its own end: the number may be someone else's by then.
   */
  #forgetWhenAllEnded(): void {
    if (this.groupPids().length === 0) this.#forget();
    else setTimeout(() => this.#forgetWhenAllEnded(), 500).unref();
  }

  #kill(whom: 'group' | 'one', signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(whom === 'group' ? -this.#child.pid : this.#child.pid, signal);
    } catch (error) {
      if (!isNoSuchProcess(error)) throw error;
    }
  }

  #append(text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_CHARS_MAX);
  }

  #describe(): string {
    return `${this.#child.spawnargs.join(' ')}\n${this.#output}`;
  }
}

/** Whether a process runs. One that has ended, but that its parent has not taken notice of (a zombie), does not. */
export function isAlive(pid: number): boolean {
  const state = processState(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** From Linux' `/proc/<pid>/stat`; undefined when there is no such process. */
function processState(pid: number): { state: string; group: number } | undefined {
  try {
    // The fields come after the name, which is in parentheses and may itself hold any character.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group) };
  } catch {
    return undefined;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}
