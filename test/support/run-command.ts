import { spawn } from 'node:child_process';
import { atExit } from './at-exit.ts';
import { type CommandLimits, commandLine } from './command-line.ts';

export interface CommandOptions extends CommandLimits {
  /** Text for its standard input; without it, standard input is empty. */
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** It is killed, with all that it started, when it takes longer. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Runs a command to its end: the mariadb client, sysbench, wrk, php, python3, curl. */
export async function tryCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const line = commandLine(command, args, options);
  const child = spawn(line.program, line.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const forget = atExit(kill);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs ?? 120_000);

  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  // A command may end without reading its input (EPIPE): its exit code tells what matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { code, ...texts, timedOut };
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/**
 * The same for a command that has to succeed.
 * @throws with all that it printed, when it exits with anything but 0, or takes too long
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await tryCommand(command, args, options);
  if (result.code === 0) return result;
  const how = result.timedOut ? 'took too long' : `exited with ${result.code}`;
  throw new Error(`${command} ${args.join(' ')} ${how}\n${result.stdout}\n${result.stderr}`);
}
