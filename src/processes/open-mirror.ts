/** Composition root of the mirror: its own embedded store, and the process that reads the source. */
import { Mirror, type MirrorOptions } from '../mirror/mirror.ts';
import type { SqliteStore } from '../stores/sqlite/store.ts';
import { openStore, scriptUrl } from './open-store.ts';

export interface MirrorConfig extends Omit<MirrorOptions, 'store' | 'processScript'> {
  /** Of the mirror's store alone. Made when it is missing. */
  readonly directory: string;
  /** Reader processes, 2 by default. */
  readonly readers?: number;
}

/** Changes come from many places of large tables: with fewer checkpoints a page that many of them touch is written less often. */
const WRITER_TUNING = { cacheMebibytes: 64, checkpointPages: 16_000 };

/** The mirror has not been started. Whoever closes it closes the store after it. Throws as openStore() does. */
export async function openMirror({
  directory,
  readers,
  ...options
}: MirrorConfig): Promise<{ readonly mirror: Mirror; readonly store: SqliteStore }> {
  // What a power failure takes back is read from the source again: the positions are in the same transactions.
  const store = await openStore({
    directory,
    synchronous: 'NORMAL',
    writerTuning: WRITER_TUNING,
    ...(readers === undefined ? {} : { readers }),
  });
  return { store, mirror: new Mirror({ ...options, store, processScript: scriptUrl('mirror') }) };
}
