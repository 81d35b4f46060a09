/** A client that has logged in, as the commands see it: its session, its statements, and the packets that tell of both. */
import type { Outcome, Request, Session } from '../../gate/request.ts';
import { CAPABILITY, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { authenticate } from './authenticate.ts';
import { makeScramble } from './authentication.ts';
import type { Channel } from './channel.ts';
import type { Cursor } from './cursor.ts';
import { clientInfo, type Identity, type LoginContext, type LoginDialog } from './login.ts';
import { writeOk } from './responses.ts';
import { PIECE_BYTES } from './results.ts';
import { OpenStatements } from './statements.ts';

/** What commands need of the server. */
export interface ClientContext extends LoginContext {
  readonly maxAllowedPacketBytes: number;
  /** COM_STATISTICS' line. */
  statistics(): string;
}

export class Client {
  readonly session: Session;
  readonly channel: Channel;
  readonly out: PacketWriter;
  readonly context: ClientContext;
  readonly statements: OpenStatements;
  readonly #dialog: LoginDialog;
  #capabilities: number;
  #isEnding = false;
  #liveCursor: Cursor | null = null;
  #reportedSchema: string | null;

  constructor(session: Session, capabilities: number, channel: Channel, dialog: LoginDialog, context: ClientContext) {
    this.session = session;
    this.channel = channel;
    this.out = channel.out;
    this.context = context;
    this.statements = new OpenStatements(context.maxAllowedPacketBytes);
    this.#dialog = dialog;
    this.#capabilities = capabilities;
    this.#reportedSchema = session.status.database;
  }

  /** Those of the client that the server offers too. */
  get capabilities(): number {
    return this.#capabilities;
  }

  /** The connection is to be closed after this command's answer. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  quit(): void {
    this.#isEnding = true;
  }

  /** Runs a request. An open cursor's statement is read to its end first: a session runs one at a time. */
  execute(request: Request): Outcome | Promise<Outcome> {
    const cursor = this.#liveCursor;
    if (cursor === null) return this.session.execute(request);
    this.#liveCursor = null;
    return cursor.keepRest().then(() => this.session.execute(request));
  }

  setCursor(cursor: Cursor): void {
    if (cursor.isLive) this.#liveCursor = cursor;
  }

  forgetCursor(cursor: Cursor): void {
    if (this.#liveCursor === cursor) this.#liveCursor = null;
  }

  async closeStatements(): Promise<void> {
    this.#liveCursor = null;
    const cursors = this.statements.cursors();
    this.statements.clear();
    for (const cursor of cursors) await cursor.close();
  }

  /** SERVER_STATUS for the next packet that tells it. */
  status(extra: number): number {
    const { autocommit, inTransaction, noBackslashEscapes } = this.session.status;
    return (
      (autocommit ? SERVER_STATUS.AUTOCOMMIT : 0) |
      (inTransaction ? SERVER_STATUS.IN_TRANS : 0) |
      (noBackslashEscapes ? SERVER_STATUS.NO_BACKSLASH_ESCAPES : 0) |
      extra
    );
  }

  /** The current database if the client wants to be told of changes (CLIENT_SESSION_TRACK) and has not been told of this one. */
  changedSchema(): string | null {
    if ((this.#capabilities & CAPABILITY.SESSION_TRACK) === 0) return null;
    const { database } = this.session.status;
    if (database === this.#reportedSchema) return null;
    this.#reportedSchema = database;
    return database ?? '';
  }

  sendOk(): void {
    writeOk(this.out, this.#capabilities, {
      affectedRows: 0,
      insertId: 0,
      status: this.status(0),
      warnings: 0,
      info: '',
      schema: this.changedSchema(),
    });
  }

  /** Between the parts of a long answer: sends what is large enough, and waits while the client is behind. */
  async breathe(): Promise<void> {
    if (this.out.length >= PIECE_BYTES && !this.channel.flush()) await this.channel.drained();
  }

  allowMultiStatements(allowed: boolean): void {
    const flag = CAPABILITY.MULTI_STATEMENTS;
    this.#capabilities = allowed ? this.#capabilities | flag : this.#capabilities & ~flag;
  }

  /** COM_CHANGE_USER. Asks for the password's proof anew, as MySQL does. A failure is the connection's end. */
  async changeUser(identity: Identity, plugin: string): Promise<void> {
    const { gate, keys, authPlugin } = this.context;
    const { host } = this.#dialog;
    try {
      await authenticate(this.#dialog, gate.accounts, keys, {
        user: identity.user,
        host,
        plugin,
        // What came with the command was made from a scramble that has been used before: it does not count.
        answer: new Uint8Array(0),
        scramble: makeScramble(),
        askedPlugin: authPlugin,
        canSwitch: (this.#capabilities & CAPABILITY.PLUGIN_AUTH) !== 0,
        mustSwitch: true,
      });
      await this.closeStatements();
      await this.session.changeUser(clientInfo(this.session.id, host, this.#capabilities, identity));
    } catch (error) {
      this.#isEnding = true;
      throw error;
    }
    this.sendOk();
  }
}
