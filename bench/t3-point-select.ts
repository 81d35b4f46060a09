import { againstMariadb } from './support/against-mariadb.ts';
import type { Claim } from './support/claim.ts';
import { checkPointSelects } from './support/sysbench.ts';

export const pointSelect: Claim = {
  id: 'T3-point-select',
  title: 'sysbench oltp_point_select, embedded, against MariaDB 10.11',
  run: (context) =>
    againstMariadb(context, {
      script: 'oltp_point_select',
      target: 1.2,
      check: checkPointSelects,
    }),
};
