/** A front for faults.test.ts to kill: writes rows and prints each one when it is answered. Argument: data directory. */
import { column, insert, planned, schema, table, VARCHAR } from '../stores/samples.suite.ts';
import { openStore } from './open-store.ts';

const store = await openStore({ directory: process.argv[2] ?? '' });
const log = table(
  'log',
  [column('id', undefined, { autoIncrement: true, nullable: false }), column('client'), column('text', VARCHAR)],
  ['id'],
);
await store.write(schema({ kind: 'create-table', table: log }), planned(store));
await Promise.all(
  Array.from({ length: 4 }, async (_, client) => {
    for (let i = 0; ; i++) {
      await store.write(insert('log', [[null, client, `${client}-${i}`]]), planned(store));
      process.stdout.write(`${client}-${i}\n`);
    }
  }),
);
