import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

export interface CommandLimits {
  /** Cores to run on, as `taskset -c` takes them: `0`, `0,1`. All when absent. */
  readonly cores?: string;
  /** How many files (sockets) it may have open: `ulimit -n`. As this process when absent. */
  readonly openFilesMax?: number;
  /** A folder that is a disk of its own for the command, of this size, and as empty as it was made. See hasOwnDisks(). */
  readonly disk?: { readonly path: string; readonly bytes: number };
}

/**
 * The command line that runs a command within limits. Each wrapper replaces itself with the next program (exec), so the
 * process id is the command's own.
 */
export function commandLine(
  command: string,
  args: readonly string[],
  { cores, openFilesMax, disk }: CommandLimits,
): { program: string; args: string[] } {
  let line = [command, ...args];
  if (cores !== undefined) line = ['taskset', '-c', cores, ...line];
  if (openFilesMax !== undefined) line = ['sh', '-c', `ulimit -n ${openFilesMax} && exec "$0" "$@"`, ...line];
  // Mounted where only the command sees it, so nothing is left of it when the command ends.
  if (disk !== undefined) {
    const mount = `mount -t tmpfs -o size=${disk.bytes} tmpfs "$0" && exec "$@"`;
    line = [...OWN_MOUNTS, 'sh', '-c', mount, disk.path, ...line];
  }
  const [program = command, ...rest] = line;
  return { program, args: rest };
}

const OWN_MOUNTS = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];

/** Whether this machine lets the tests mount: containers often do not, and some systems not without root. */
export function hasOwnDisks(): boolean {
  const [program = '', ...args] = [...OWN_MOUNTS, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()];
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
