import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, absolute: the scripts work from anywhere. */
export const PROJECT_DIR = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A path inside the project. */
export function inProject(/** @type {string[]} */ ...parts) {
  return join(PROJECT_DIR, ...parts);
}

/** The path of a tool that a dependency brings: `tsc`, `vitest`, `biome`, `knip`, `tsx`. */
export function tool(/** @type {string} */ name) {
  return inProject('node_modules', '.bin', name);
}

/**
 * Runs a command in the project's folder with this terminal, and gives its exit code (1 if a signal ended it).
 * A Ctrl-C reaches the command by itself, as part of the terminal's foreground; this process waits for it to end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: its standard output is dropped
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  const stayAlive = () => undefined;
  process.on('SIGINT', stayAlive);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: PROJECT_DIR,
      env: { ...process.env, ...options.env },
      stdio: ['inherit', options.quiet ? 'ignore' : 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      process.off('SIGINT', stayAlive);
      resolve(code ?? 1);
    });
  });
}
