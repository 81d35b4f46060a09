import type { Claim } from './support/claim.ts';
import { connections } from './t1-connections.ts';
import { lists } from './t1-lists.ts';
import { mysqlLists } from './t2-lists.ts';
import { insert } from './t3-insert.ts';
import { pointSelect } from './t3-point-select.ts';
import { readWrite } from './t3-read-write.ts';
import { keyBatches } from './t4-key-batches.ts';
import { redis } from './t4-redis.ts';
import { gateConnections } from './t5-connections.ts';
import { gate } from './t5-gate.ts';
import { growth } from './t7-growth.ts';
import { writes } from './t7-writes.ts';
import { mirroredLists } from './t8-lists.ts';
import { mirror } from './t8-mirror.ts';

/** All that can be measured, in the order in which it is. */
export const CLAIMS: readonly Claim[] = [
  lists,
  connections,
  mysqlLists,
  pointSelect,
  insert,
  readWrite,
  keyBatches,
  redis,
  gate,
  gateConnections,
  growth,
  writes,
  mirror,
  mirroredLists,
];
