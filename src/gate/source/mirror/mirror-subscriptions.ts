/** Live lists in front of a MySQL server: of mirrored tables, whose changes come with the source's binlog. */
import { failure } from '../../../errors.ts';
import type { ListCommand } from '../../../lists/command.ts';
import { parsePage } from '../../../lists/request.ts';
import { backquoted } from '../../../util/backquoted.ts';
import { subscribeTo } from '../../live-lists.ts';
import type { LiveMessages } from '../../request.ts';
import { admitRead } from '../admission.ts';
import { rawRows } from '../lists/raw-rows.ts';
import type { SourceSession } from '../session.ts';
import type { MirrorLists } from './mirror-lists.ts';
import type { MirroredName } from './source-mirror.ts';

/** How long a subscription waits for its table to be copied, or for what the source has committed. Its client comes back after that. */
const WAIT_MS = 10_000;

/** As Session.subscribe(). Rejects with what is wrong with the command, SLUICE_MIRROR_BEHIND when the table is not here in time, 1235 when it is not mirrored. */
export async function subscribeToMirror(
  session: SourceSession,
  lists: MirrorLists | null,
  command: ListCommand,
  after: string | null,
): Promise<LiveMessages> {
  const { table: text } = parsePage(command);
  const table = lists?.table(text) ?? null;
  const { gate, privileges } = session;
  if (lists === null || table === null) {
    if (!gate.protection.isOpen(privileges)) await admitRead(session, 'page', command);
    throw failure(
      'ER_NOT_SUPPORTED_YET',
      `live lists of a table that is not mirrored (--mirror ${text.slice(0, 130)})`,
    );
  }
  await whenLive(session, lists, table);
  if (!gate.protection.isOpen(privileges)) await admitRead(session, 'page', command);
  if (session.isClosed) throw failure('ER_QUERY_INTERRUPTED');
  return subscribeTo(lists, command, after);
}

/** Throws 1146, and what else the source says. */
async function askForTable(session: SourceSession, { database, table }: MirroredName): Promise<void> {
  rawRows(await session.ask(`SELECT 1 FROM ${backquoted(database)}.${backquoted(table)} LIMIT 0`, [], 1));
}

/** Resolves when the table is here, as new as it is at the source. */
async function whenLive(session: SourceSession, lists: MirrorLists, table: MirroredName): Promise<void> {
  const name = `${table.database}.${table.table}`;
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const isFresh = await lists.freshen();
    if (session.isClosed) throw failure('ER_QUERY_INTERRUPTED');
    const { state, why = '' } = lists.stateOf(table);
    if (state === 'live' && isFresh) {
      const difference = lists.difference(table);
      if (difference !== null) throw failure('ER_NOT_SUPPORTED_YET', `live lists of ${name}: ${difference}`);
      return;
    }
    // The source knows, and says so where it is: it may just have been made.
    if (state === 'absent' && isFresh) await askForTable(session, table);
    if (state === 'failed') throw failure('ER_NOT_SUPPORTED_YET', `live lists of ${name}: ${why}`);
    if (Date.now() >= deadline)
      throw failure(
        'SLUICE_MIRROR_BEHIND',
        name,
        state === 'live' ? 'the source does not answer' : 'it is being copied',
      );
    await lists.stateChange();
  }
}
