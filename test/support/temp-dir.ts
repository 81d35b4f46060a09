import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

export interface TempDir {
  readonly path: string;
  /** Removes it with all that is in it; at the latest this happens when the process ends. */
  remove(): void;
}

/** A new folder below the system's temporary folder. */
export function makeTempDir(name = 'test'): TempDir {
  const path = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
  // Retries: a process that was just killed may still be writing its last file.
  const removeNow = () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const forget = atExit(removeNow);
  return {
    path,
    remove() {
      forget();
      removeNow();
    },
  };
}
