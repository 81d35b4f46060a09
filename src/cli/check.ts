/** `sluice check`: whether the file, its indexes and the catalog are sound and agree. */
import type { Arguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { DATA_FLAGS, loadConfig } from './load-config.ts';

export const checkCommand: Command = {
  name: 'check',
  usage: '[--data DIR]',
  summary: 'Checks the integrity of file, indexes and catalog; a server may go on serving meanwhile',
  flags: DATA_FLAGS,
  words: 0,
  run: check,
};

const EXIT_DAMAGED = 1;

async function check({ flags }: Arguments, { out, err }: Terminal): Promise<number> {
  const { data } = await loadConfig(flags, process.env);
  const [{ megabytes, openDirectory }, { problemsOf }, { loadCatalog }, { databasePath }] = await Promise.all([
    import('./stored-file.ts'),
    import('./file-problems.ts'),
    import('../stores/sqlite/catalog-tables.ts'),
    import('../stores/sqlite/data-directory.ts'),
  ]);
  const connection = openDirectory(data);
  try {
    const problems = problemsOf(connection);
    for (const problem of problems) err(`${problem}\n`);
    if (problems.length > 0) return EXIT_DAMAGED;
    const catalog = loadCatalog(connection);
    const all = catalog.databases().flatMap((database) => catalog.tables(database.name));
    const tables = all.filter(({ system }) => system === undefined);
    const indexes = tables.reduce(
      (sum, { indexes: sql, listIndexes }) => sum + sql.length + (listIndexes?.length ?? 0),
      0,
    );
    out(`${data} is sound: ${tables.length} tables, ${indexes} indexes, ${megabytes(databasePath(data))}\n`);
    return 0;
  } finally {
    connection.close();
  }
}
