import { againstMariadb } from './support/against-mariadb.ts';
import type { Claim } from './support/claim.ts';
import { countRows, TABLE_ROWS } from './support/sysbench.ts';

export const readWrite: Claim = {
  id: 'T3-read-write',
  title: 'sysbench oltp_read_write, embedded, each commit durable, against MariaDB 10.11',
  run: (context) =>
    againstMariadb(context, {
      script: 'oltp_read_write',
      target: 1.0,
      // Each transaction deletes a row and inserts it again.
      async check(server) {
        const found = await countRows(server);
        if (found !== TABLE_ROWS) throw new Error(`${server.name} has ${found} rows, but was to have ${TABLE_ROWS}`);
      },
    }),
};
