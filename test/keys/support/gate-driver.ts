/** The gate itself, with the store's real processes: two sessions, whose clock is set by SQL. */
import { Keys } from '../../../src/gate/embedded-keys.ts';
import type { GateSession } from '../../../src/gate/session.ts';
import { openKeyServer } from './key-server.ts';
import type { KeyDriver, ModelKeys } from './model-driver.ts';

const SESSIONS = 2;

export async function openGateDriver(): Promise<KeyDriver> {
  const server = await openKeyServer();
  let sessions: GateSession[] = [];
  let keys: ModelKeys[] = [];
  const connect = (): void => {
    sessions = Array.from({ length: SESSIONS }, () => server.session());
    keys = sessions.map((session) => keysOf(session, () => server.session()));
  };
  connect();
  return {
    name: 'gate',
    get keys() {
      return keys;
    },
    setNow: async (now) => {
      for (const session of sessions) await session.execute({ kind: 'sql', text: `SET timestamp = ${now / 1000}` });
    },
    restart: async () => {
      await server.restart();
      connect();
    },
    close: () => server.close(),
  };
}

export function keysOf(session: GateSession, connect: () => GateSession): Keys {
  const sql = async (text: string): Promise<void> => {
    await session.execute({ kind: 'sql', text });
  };
  return new Keys({
    session,
    connect,
    run: async (work) => work(),
    transaction: async (work) => {
      await sql('BEGIN');
      try {
        const result = await work();
        await sql('COMMIT');
        return result;
      } catch (error) {
        await sql('ROLLBACK');
        throw error;
      }
    },
  });
}
