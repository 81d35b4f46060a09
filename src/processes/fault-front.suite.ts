/**
 * A front for faults.test.ts to kill: prints the process ids of its children, then writes rows and prints each one when it is answered, while a
 * reader runs a statement without end. Argument: data directory.
 */
import { collect, column, insert, planned, read, schema, table, VARCHAR } from '../stores/samples.suite.ts';
import { openStore } from './open-store.ts';

const store = await openStore({ directory: process.argv[2] ?? '' });
const log = table(
  'log',
  [column('id', undefined, { autoIncrement: true, nullable: false }), column('client'), column('text', VARCHAR)],
  ['id'],
);
await store.write(schema({ kind: 'create-table', table: log }), planned(store));
const { writer, readers } = store.processes;
process.stdout.write(`${[writer, ...readers].join(' ')}\n`);
const endless = read('WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r');
await Promise.all([
  collect(store.read(endless).chunks),
  ...Array.from({ length: 4 }, async (_, client) => {
    for (let i = 0; ; i++) {
      await store.write(insert('log', [[null, client, `${client}-${i}`]]), planned(store));
      process.stdout.write(`${client}-${i}\n`);
    }
  }),
]);
