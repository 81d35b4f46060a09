export interface CommandLimits {
  /** Cores to run on, as `taskset -c` takes them: `0`, `0,1`. All when absent. */
  readonly cores?: string;
  /** How many files (sockets) it may have open: `ulimit -n`. As this process when absent. */
  readonly openFilesMax?: number;
}

/**
 * The command line that runs a command within limits. Each wrapper replaces itself with the next program (exec), so the
 * process id is the command's own.
 */
export function commandLine(
  command: string,
  args: readonly string[],
  { cores, openFilesMax }: CommandLimits,
): { program: string; args: string[] } {
  let line = [command, ...args];
  if (cores !== undefined) line = ['taskset', '-c', cores, ...line];
  if (openFilesMax !== undefined) line = ['sh', '-c', `ulimit -n ${openFilesMax} && exec "$0" "$@"`, ...line];
  const [program = command, ...rest] = line;
  return { program, args: rest };
}
