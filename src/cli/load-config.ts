/** Brings together what resolveConfig needs: the command line, the environment and the file. */
import { readFile } from 'node:fs/promises';
import { type Config, ConfigError, type GivenOptions, resolveConfig, SERVE_OPTIONS } from '../config.ts';
import type { Command } from './command.ts';

const CONFIG_FLAG = {
  flag: 'config',
  placeholder: 'FILE',
  help: 'options in TOML',
  defaultText: 'sluice.toml',
} as const;

/** For commands that serve. */
export const SERVE_FLAGS: Command['flags'] = [CONFIG_FLAG, ...SERVE_OPTIONS];

/** For commands that only need to know where the data is. */
export const DATA_FLAGS: Command['flags'] = SERVE_FLAGS.filter(({ flag }) => flag === 'config' || flag === 'data');

/** Read when it is there; a file that `--config` or SLUICE_CONFIG names must be there. */
const DEFAULT_FILE = 'sluice.toml';

/** Throws ConfigError. */
export async function loadConfig(
  flags: GivenOptions['flags'],
  environment: GivenOptions['environment'],
): Promise<Config> {
  const named = flags.get('config') ?? environment.SLUICE_CONFIG;
  const file = await readConfigFile(typeof named === 'string' ? named : DEFAULT_FILE, named !== undefined);
  const rules = flags.get('rules-file') ?? environment.SLUICE_RULES_FILE ?? file?.values.rules_file;
  const rulesFile = typeof rules === 'string' && rules !== '' ? await readConfigFile(rules, true) : null;
  return resolveConfig({ flags, environment, file, rulesFile });
}

async function readConfigFile(name: string, required: boolean): Promise<GivenOptions['file']> {
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && !required) return null;
    throw new ConfigError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  // Only those who have a file pay for its parser.
  const { parse, TomlError } = await import('smol-toml');
  try {
    return { name, values: parse(text) };
  } catch (error) {
    if (error instanceof TomlError) throw new ConfigError(`${name}: ${error.message}`);
    throw error;
  }
}
