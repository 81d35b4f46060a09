/** `sluice backup FILE`: a consistent copy, also while a server serves the directory. */
import { resolve } from 'node:path';
import type { Arguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { DATA_FLAGS, loadConfig } from './load-config.ts';

export const backupCommand: Command = {
  name: 'backup',
  usage: 'FILE [--data DIR]',
  summary: 'Copies the data to FILE, as of the newest commit; a server may go on serving meanwhile',
  flags: DATA_FLAGS,
  words: 1,
  run: backup,
};

async function backup({ flags, words }: Arguments, { out }: Terminal): Promise<number> {
  const { data } = await loadConfig(flags, process.env);
  const target = resolve(words[0] ?? '');
  const { copyTo, megabytes, openDirectory } = await import('./stored-file.ts');
  const connection = openDirectory(data);
  try {
    await copyTo(connection, target);
  } finally {
    connection.close();
  }
  out(`${data} is copied to ${target}: ${megabytes(target)}\n`);
  return 0;
}
