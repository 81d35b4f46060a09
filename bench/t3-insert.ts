import { againstMariadb } from './support/against-mariadb.ts';
import type { Claim } from './support/claim.ts';
import { countRows, TABLE_ROWS } from './support/sysbench.ts';

export const insert: Claim = {
  id: 'T3-insert',
  title: 'sysbench oltp_insert, embedded, each insert durable, against MariaDB 10.11',
  run: (context) => {
    const expected = new Map<string, number>();
    return againstMariadb(context, {
      script: 'oltp_insert',
      target: 1.2,
      async check(server, done) {
        const rows = (expected.get(server.name) ?? TABLE_ROWS) + (done?.transactions ?? 0);
        const found = await countRows(server);
        if (found !== rows) throw new Error(`${server.name} has ${found} rows, but was to have ${rows}`);
        expected.set(server.name, found);
      },
    });
  },
};
