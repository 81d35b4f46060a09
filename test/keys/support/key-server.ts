/** A gate over a store with its real processes, in a temporary directory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalGate } from '../../../src/gate/gate.ts';
import type { GateSession } from '../../../src/gate/session.ts';
import { openStore } from '../../../src/processes/open-store.ts';
import { VariableStore } from '../../../src/sql/variables/variable-store.ts';
import type { SqliteStore } from '../../../src/stores/sqlite/store.ts';

export interface KeyServer {
  session(): GateSession;
  readerPids(): readonly number[];
  writerPid(): number | undefined;
  kill(sessionId: number): void;
  /** Closes everything and opens it again; sessions are gone. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openKeyServer(options: { readonly readers?: number } = {}): Promise<KeyServer> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  const open = async (): Promise<{ store: SqliteStore; gate: LocalGate }> => {
    const store = await openStore({ directory, synchronous: 'NORMAL', ...options });
    return { store, gate: gateOver(store) };
  };
  let parts = await open();
  const shut = async (): Promise<void> => {
    parts.gate.close();
    await parts.store.close();
  };
  return {
    session: () => parts.gate.openSession({ user: 'root', host: 'localhost', protocol: 'embedded', database: 'main' }),
    readerPids: () => parts.store.processes.readers,
    writerPid: () => parts.store.processes.writer,
    kill: (id) => parts.gate.kill(id, 'query'),
    restart: async () => {
      await shut();
      parts = await open();
    },
    close: async () => {
      await shut();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function gateOver(store: SqliteStore): LocalGate {
  const silent = (): void => undefined;
  return new LocalGate({
    store,
    variables: new VariableStore({ version: '8.0.42-Sluice-test' }),
    accounts: [],
    tcsqlTable: 'main.feed',
    listsMemoryBytes: 64 * 1024 * 1024,
    log: { error: silent, warn: silent, info: silent },
  });
}
