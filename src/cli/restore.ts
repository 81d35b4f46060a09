/** `sluice restore FILE --data DIR`: makes a data directory of a backup. */
import { resolve } from 'node:path';
import { SluiceError } from '../errors.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { DATA_FLAGS, loadConfig } from './load-config.ts';

export const restoreCommand: Command = {
  name: 'restore',
  usage: 'FILE [--data DIR]',
  summary: 'Makes a data directory of a backup; the directory must hold no data yet',
  flags: DATA_FLAGS,
  words: 1,
  run: restore,
};

async function restore({ flags, words }: Arguments, { out }: Terminal): Promise<number> {
  const { data } = await loadConfig(flags, process.env);
  const source = resolve(words[0] ?? '');
  const [{ copyTo, megabytes, openForReading }, { problemsOf }, { databaseExists, databasePath, lockDirectory }] =
    await Promise.all([
      import('./stored-file.ts'),
      import('./file-problems.ts'),
      import('../stores/sqlite/data-directory.ts'),
    ]);
  const connection = openForReading(source);
  try {
    const [problem] = problemsOf(connection);
    if (problem !== undefined) throw new SluiceError('ER_UNKNOWN_ERROR', `${source} is damaged: ${problem}`);
    const lock = lockDirectory(data);
    try {
      if (databaseExists(data)) {
        throw new SluiceError('ER_UNKNOWN_ERROR', `${data} holds data already: move it away, or give another --data`);
      }
      await copyTo(connection, databasePath(data));
    } finally {
      lock.release();
    }
  } finally {
    connection.close();
  }
  out(`${source} is restored to ${data}: ${megabytes(databasePath(data))}\n`);
  return 0;
}
