/** From an accepted socket to an open session: greeting, TLS, authentication, database. */
import type { SecureContext } from 'node:tls';
import { failure } from '../../errors.ts';
import type { ClientInfo, Gate, Session } from '../../gate/request.ts';
import { CAPABILITY } from '../../util/mysql-packets/constants.ts';
import { authenticate, type Dialog } from './authenticate.ts';
import { type AuthPlugin, makeScramble } from './authentication.ts';
import { type HandshakeResponse, readHandshakeResponse, SERVER_CAPABILITIES, writeGreeting } from './handshake.ts';
import type { LazyRsaKeys } from './rsa-keys.ts';

/** What login needs of the server. */
export interface LoginContext {
  readonly gate: Gate;
  readonly serverVersion: string;
  readonly authPlugin: AuthPlugin;
  readonly secureContext: SecureContext | null;
  readonly keys: LazyRsaKeys;
}

export interface LoginDialog extends Dialog {
  readonly host: string;
  startTls(context: SecureContext): void;
  /** The client's next packet, without a question before it. */
  read(): ReturnType<Dialog['ask']>;
}

export interface LoggedIn {
  readonly session: Session;
  readonly capabilities: number;
}

/** Throws ER_HANDSHAKE_ERROR, ER_ACCESS_DENIED_ERROR, and what Gate.openSession() throws. */
export async function login(dialog: LoginDialog, connectionId: number, context: LoginContext): Promise<LoggedIn> {
  const offered = context.secureContext === null ? SERVER_CAPABILITIES : SERVER_CAPABILITIES | CAPABILITY.SSL;
  const scramble = makeScramble();
  writeGreeting(dialog.out, {
    serverVersion: context.serverVersion,
    connectionId,
    capabilities: offered,
    scramble,
    plugin: context.authPlugin,
  });
  const response = await readResponse(dialog, offered, context);
  const { host } = dialog;
  await authenticate(dialog, context.gate.accounts, context.keys, {
    user: response.user,
    host,
    plugin: response.plugin,
    answer: response.answer,
    scramble,
    askedPlugin: context.authPlugin,
    canSwitch: (response.capabilities & CAPABILITY.PLUGIN_AUTH) !== 0,
  });
  const session = context.gate.openSession(clientInfo(connectionId, host, response.capabilities, response));
  try {
    // In front of a MySQL server only that one knows whether the database is there.
    if (response.database !== '') await session.useDatabase(response.database);
  } catch (error) {
    session.close();
    throw error;
  }
  return { session, capabilities: response.capabilities };
}

/** Who a client says it is. */
export interface Identity {
  readonly user: string;
  /** Empty for none. */
  readonly database: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly collation?: number;
}

/** What the gate is told of a client. */
export function clientInfo(connectionId: number, host: string, capabilities: number, identity: Identity): ClientInfo {
  const { user, database, attributes, collation } = identity;
  const foundRows = (capabilities & CAPABILITY.FOUND_ROWS) !== 0;
  const client = {
    user,
    host,
    protocol: 'mysql',
    connectionId,
    foundRows,
    attributes,
    ...(collation !== undefined && { collation }),
  } as const;
  return database === '' ? client : { ...client, database };
}

async function readResponse(dialog: LoginDialog, offered: number, context: LoginContext): Promise<HandshakeResponse> {
  const first = readHandshakeResponse(await dialog.ask(), offered);
  if (first.kind === 'response') return first;
  if (context.secureContext === null) throw failure('ER_HANDSHAKE_ERROR', 'the server has no certificate for TLS');
  dialog.startTls(context.secureContext);
  const second = readHandshakeResponse(await dialog.read(), offered);
  if (second.kind !== 'response') throw failure('ER_HANDSHAKE_ERROR', 'TLS was requested within TLS');
  return second;
}
