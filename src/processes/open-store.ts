/** Composition root of the embedded store: which scripts are its processes, which functions and procedures its connections have. */
import { LOCK_WAIT_TIMEOUT_MS } from '../limits.ts';
import { openInlineStore, openSqliteStore, type SqliteStore } from '../stores/sqlite/store.ts';
import type { WriterTuning } from '../stores/sqlite/writer-process.ts';
import { STORE_FUNCTIONS } from './store-functions.ts';
import { STORE_PROCEDURES } from './store-procedures.ts';
import { SYSTEM_TABLES } from './system-tables.ts';

export interface StoreConfig {
  readonly directory: string;
  /** FULL by default. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** Reader processes, 2 by default. */
  readonly readers?: number;
  readonly lockWaitTimeoutMs?: number;
  readonly writerTuning?: WriterTuning;
}

/** With a writer process and reader processes. Throws as openSqliteStore() does. */
export function openStore(config: StoreConfig): Promise<SqliteStore> {
  return openSqliteStore(storeOptions(config), {
    writerScript: scriptUrl('writer'),
    readerScript: scriptUrl('reader'),
    readers: config.readers ?? 2,
    writerTuning: config.writerTuning,
  });
}

/** With everything in this process: for embedded use. */
export function openEmbeddedStore(config: StoreConfig): SqliteStore {
  return openInlineStore(storeOptions(config));
}

function storeOptions(config: StoreConfig) {
  return {
    directory: config.directory,
    synchronous: config.synchronous ?? 'FULL',
    lockWaitTimeoutMs: config.lockWaitTimeoutMs ?? LOCK_WAIT_TIMEOUT_MS,
    functions: STORE_FUNCTIONS,
    procedures: STORE_PROCEDURES,
    systemTables: SYSTEM_TABLES,
  } as const;
}

/** The entry points lie beside this file: as .js when built, as .ts in development. */
export function scriptUrl(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}.${extension}`, import.meta.url).href;
}
