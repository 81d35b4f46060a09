/** A command on keys as part of a session's transaction, on its connection: it commits or is undone with the rows. */
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import { KILL_GRACE_MS } from '../interruption.ts';
import { inOrder } from './clean-connections.ts';
import { ADVANCE, READ_VERSION, versionIn } from './key-tables.ts';
import { type PlannedCommand, PlanRun } from './plan-run.ts';
import { allParts } from './read-parts.ts';
import type { ScratchPool } from './scratch-pool.ts';

const SAVEPOINT = 'sluice_keys';

/** `command`: the onCancel of its cancellation ends what the source does for it. */
export async function runInTransaction(
  command: PlannedCommand<unknown>,
  connection: SourceConnection,
  scratches: ScratchPool,
  now: number,
): Promise<unknown> {
  const { plan, cancellation } = command;
  const { writes, split } = plan;
  if (!writes && split !== undefined)
    return split.resultOf(await allParts({ connection, scratches, cancellation, now }, split));
  const version = writes ? versionIn((await inOrder(connection, [ADVANCE, READ_VERSION])).at(-1)) : 0;
  return scratches.with(version, async (scratch) => {
    const run = new PlanRun(connection, scratch, { writes, now });
    const result = await run.run(command);
    cancellation.check();
    const statements = writes ? run.writes() : [];
    if (statements.length === 0) return result;
    // What has begun to be written is not to be killed: it would be half there.
    cancellation.onCancel = cuttingOff(connection);
    if (statements.length > 1) await asOne(connection, statements);
    else await inOrder(connection, statements);
    return result;
  });
}

function cuttingOff(connection: SourceConnection): () => void {
  return () => {
    setTimeout(() => connection.destroy('a command was cancelled and did not end'), KILL_GRACE_MS).unref();
  };
}

/** All or none of them, the transaction stays. */
async function asOne(connection: SourceConnection, statements: readonly string[]): Promise<void> {
  await connection.query(`SAVEPOINT ${SAVEPOINT}`);
  try {
    await inOrder(connection, statements);
  } catch (error) {
    // A deadlock has ended the transaction, and the savepoint with it.
    if (!connection.isClosed) await connection.query(`ROLLBACK TO ${SAVEPOINT}`).catch(() => undefined);
    throw error;
  }
  await connection.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
}
