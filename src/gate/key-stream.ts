/** The entries of a find as they come, from one snapshot: a million of them never are in memory at once. */
import type { SluiceError } from '../errors.ts';
import { type KeyCommand, planKeyCommand } from '../keys/command.ts';
import type { KeyEntry } from '../keys/entries.ts';
import { type FoundPage, foundEntry } from '../keys/find-plans.ts';
import type { KeySplit } from '../keys/plan.ts';
import { admitKeys } from './admission.ts';
import { scanSplit } from './key-scans.ts';
import { runKeys } from './keys.ts';
import type { KeyStreamOutcome } from './request.ts';
import type { GateSession } from './session.ts';

type FindCommand = Extract<KeyCommand, { op: 'find' }>;

/** Throws what is wrong with the command. The session is busy until the entries have been read or left. */
export function streamKeys(session: GateSession, command: FindCommand): KeyStreamOutcome {
  const now = Math.floor(session.nowMicros / 1000);
  const admitted = admitKeys(session, command, now);
  const { split } = planKeyCommand(command, now);
  const canSplit =
    split !== undefined && session.currentTransaction() === null && session.gate.store.shareReads !== undefined;
  const chunks = canSplit ? scanned(session, split, command.options?.limit) : atOnce(session, command);
  return { kind: 'key-stream', chunks: ended(session, chunks, admitted) };
}

type Chunks = AsyncGenerator<readonly KeyEntry[], void, undefined>;

async function* scanned(session: GateSession, split: KeySplit<unknown>, limit = Number.POSITIVE_INFINITY): Chunks {
  let left = limit;
  for await (const rows of scanSplit(session, split)) {
    yield rows.slice(0, left).map(foundEntry);
    left -= rows.length;
    if (left <= 0) return;
  }
}

/** Where pointers are followed, or the order is that of the values, and within transactions. */
async function* atOnce(session: GateSession, command: FindCommand): Chunks {
  const { result } = await runKeys(session, command);
  yield (result as FoundPage).entries;
}

async function* ended(session: GateSession, chunks: Chunks, admitted: Promise<void> | null): Chunks {
  let entries = 0;
  let failed: SluiceError | null = null;
  try {
    if (admitted !== null) await admitted;
    for await (const chunk of chunks) {
      entries += chunk.length;
      yield chunk;
    }
  } catch (error) {
    failed = session.failedWith(error);
    throw failed;
  } finally {
    session.end(entries, failed);
  }
}
