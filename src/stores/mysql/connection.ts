/**
 * One connection to the source. Commands may be sent one behind the other without waiting: the source answers in order. What the connection carries
 * over from one statement to the next (database, settings, prepared statements) is noted here, so that whoever takes it next knows.
 */
import type { Socket } from 'node:net';
import { failure, type SluiceError } from '../../errors.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { COMMAND, ERR_HEADER, HEADER_BYTES } from '../../util/mysql-packets/constants.ts';
import { packetEnd } from '../../util/mysql-packets/packet-end.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import type { PayloadWriter } from '../../util/mysql-packets/payload-writer.ts';
import { encodeRawText, holdsRawBytes } from '../../util/raw-text.ts';
import { readShared } from '../../util/shared-input.ts';
import type { SourceAddress } from '../../util/source-address.ts';
import { writeAtTurnEnd } from '../../util/turn-writes.ts';
import { logIn } from './login.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { OkReply, type PreparedOnSource, PrepareReply, type Reply, readSourceError } from './replies.ts';
import type { ResultEnd, SourceAnswer } from './result.ts';
import { type ResultLimits, ResultReply, type RowSink } from './result-reply.ts';

/** How long the source may take to close a connection that was told good-bye. */
const END_TIMEOUT_MS = 1_000;
/** One set for all connections: only a command that is being written has one. */
const BUFFERS = new BufferPool();
const SHORT_TEXT_CHARS = 4096;

/** A statement's execution: what COM_STMT_EXECUTE has behind the statement's id. */
export interface BoundParameters {
  /** NULL bitmap, the flag that types follow, types, values; empty without parameters. */
  readonly bytes: Uint8Array;
  /** Values sent ahead, by parameter. */
  readonly longData: ReadonlyMap<number, Uint8Array> | null;
}

export class SourceConnection {
  readonly threadId: number;
  readonly serverVersion: string;
  readonly openedAt = Date.now();
  /** As far as is known; null for none. */
  database: string | null = null;
  /** Which settings are in force: the key of a SettingsText; null on a fresh connection. */
  settings: string | null = null;
  /** It may carry what is not noted here: to be reset before anybody else gets it. */
  isTainted = false;
  /** Called once. */
  onClosed: ((reason: SluiceError) => void) | null = null;
  readonly #socket: Socket;
  readonly #out = new PacketWriter(BUFFERS);
  readonly #replies: Reply[] = [];
  readonly #prepared = new PreparedStatements();
  /** Pieces of a packet that is not whole yet. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  #neededBytes = 0;
  #closed: SluiceError | null = null;
  #closedWhy = '';
  #isGone = false;
  #onGone: (() => void) | null = null;
  #endTimer: NodeJS.Timeout | undefined;

  private constructor(socket: Socket, threadId: number, serverVersion: string) {
    this.#socket = socket;
    this.threadId = threadId;
    this.serverVersion = serverVersion;
    socket.removeAllListeners('error');
    // Answers are kept until they have been sent on: of what is read into a shared buffer they need a copy, which is small next to one of their own.
    if (!readShared(socket, (bytes) => this.#onData(Buffer.from(bytes))))
      socket.on('data', (piece) => this.#onData(piece));
    socket.on('error', (error) => this.#close(error.message));
    socket.on('end', () => this.#close('it closed the connection'));
    socket.on('close', () => {
      this.#close('it closed the connection');
      clearTimeout(this.#endTimer);
      this.#isGone = true;
      this.#onGone?.();
    });
    socket.resume();
  }

  /** Rejects with what the source says, or SLUICE_SOURCE_UNAVAILABLE. */
  static async open(address: SourceAddress): Promise<SourceConnection> {
    const { socket, threadId, serverVersion } = await logIn(address);
    return new SourceConnection(socket, threadId, serverVersion);
  }

  get isClosed(): boolean {
    return this.#closed !== null;
  }

  get isBusy(): boolean {
    return this.#replies.length > 0;
  }

  /** One statement. Rejects with SourceError, with what `limits` say, or, the connection being lost, with SLUICE_SOURCE_LOST. */
  query(text: string, limits?: ResultLimits, sink: RowSink | null = null): Promise<SourceAnswer> {
    const reply = new ResultReply(limits, sink);
    this.#beginText(COMMAND.COM_QUERY, text);
    this.#send(reply);
    return reply.promise;
  }

  useDatabase(name: string): Promise<ResultEnd> {
    this.#begin(COMMAND.COM_INIT_DB);
    this.#out.text(name);
    return this.#simple();
  }

  ping(): Promise<ResultEnd> {
    this.#begin(COMMAND.COM_PING);
    return this.#simple();
  }

  /** Ends a transaction, temporary tables, locks, variables and prepared statements; the database stays. */
  reset(): Promise<ResultEnd> {
    this.#prepared.clear();
    this.settings = null;
    this.isTainted = false;
    this.#begin(COMMAND.COM_RESET_CONNECTION);
    return this.#simple();
  }

  prepare(text: string): Promise<PreparedOnSource> {
    const reply = new PrepareReply();
    this.#beginText(COMMAND.COM_STMT_PREPARE, text);
    this.#send(reply);
    return reply.promise;
  }

  /** The statement as prepared on this connection, which is done if it has not been. */
  prepared(text: string): PreparedOnSource | Promise<PreparedOnSource> {
    return this.#prepared.find(text, this) ?? this.#prepareAndKeep(text);
  }

  async #prepareAndKeep(text: string): Promise<PreparedOnSource> {
    const { database, settings } = this;
    const statement = await this.prepare(text);
    const oldest = this.#prepared.add(text, { database, settings }, statement);
    if (oldest !== null) this.#closeStatement(oldest);
    return statement;
  }

  execute(
    statement: PreparedOnSource,
    bound: BoundParameters,
    limits?: ResultLimits,
    sink: RowSink | null = null,
  ): Promise<SourceAnswer> {
    const out = this.#out;
    for (const [parameter, value] of bound.longData ?? []) {
      this.#begin(COMMAND.COM_STMT_SEND_LONG_DATA);
      out.u32(statement.id);
      out.u16(parameter);
      out.bytes(value);
      out.end();
    }
    this.#begin(COMMAND.COM_STMT_EXECUTE);
    out.u32(statement.id);
    // No cursor; one iteration.
    out.u8(0);
    out.u32(1);
    out.bytes(bound.bytes);
    const reply = new ResultReply(limits, sink);
    this.#send(reply);
    return reply.promise;
  }

  /** Any other command: what takes its answer is the caller's. */
  command(command: number, write: (out: PayloadWriter) => void, reply: Reply): void {
    this.#begin(command);
    write(this.#out);
    this.#send(reply);
  }

  /** All that the source has sent, encrypted or not. */
  get bytesReceived(): number {
    return this.#socket.bytesRead;
  }

  /** Stops reading: the source must wait. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Says good-bye. */
  end(): void {
    if (this.#closed !== null) return;
    this.#begin(COMMAND.COM_QUIT);
    this.#out.end();
    this.#socket.end(this.#out.copy());
    this.#close('Sluice closed it', false);
    this.#endTimer = setTimeout(() => this.#socket.destroy(), END_TIMEOUT_MS);
  }

  /** Called once, when the source has it no longer: after a good-bye that takes a moment. */
  whenGone(callback: () => void): void {
    if (this.#isGone) callback();
    else this.#onGone = callback;
  }

  /** Cuts it off: what runs on it fails. */
  destroy(why: string): void {
    this.#close(why);
  }

  #closeStatement({ id }: PreparedOnSource): void {
    this.#begin(COMMAND.COM_STMT_CLOSE);
    this.#out.u32(id);
    this.#out.end();
    this.#write();
  }

  #simple(): Promise<ResultEnd> {
    const reply = new OkReply();
    this.#send(reply);
    return reply.promise;
  }

  /** The text as the client sent it, bytes that are not UTF-8 included. Hot path: a short one is encoded where it is to be. */
  #beginText(command: number, text: string): void {
    const out = this.#out;
    this.#begin(command);
    if (text.length <= SHORT_TEXT_CHARS) {
      const from = out.length;
      out.text(text);
      // As many bytes as characters: it is ASCII.
      if (out.length - from === text.length || !holdsRawBytes(text)) return;
      out.abandon();
      this.#begin(command);
    }
    out.bytes(holdsRawBytes(text) ? encodeRawText(text) : Buffer.from(text, 'utf8'));
  }

  #begin(command: number): void {
    this.#out.sequence = 0;
    this.#out.begin();
    this.#out.u8(command);
  }

  #send(reply: Reply): void {
    this.#out.end();
    if (this.#closed !== null) {
      this.#out.release(true);
      reply.fail(this.#closed);
      return;
    }
    this.#replies.push(reply);
    this.#write();
  }

  #write(): void {
    if (this.#closed !== null) {
      this.#out.release(true);
      return;
    }
    // What several clients ask in one turn goes out at its end: the source is woken once for them.
    writeAtTurnEnd(this.#socket);
    this.#socket.write(this.#out.copy());
  }

  #onData(piece: Buffer): void {
    let chunk = piece;
    if (this.#piecesBytes > 0) {
      this.#pieces.push(piece);
      this.#piecesBytes += piece.length;
      if (this.#piecesBytes < this.#neededBytes) return;
      chunk = Buffer.concat(this.#pieces);
      this.#pieces = [];
      this.#piecesBytes = 0;
    }
    let at = 0;
    while (at < chunk.length) {
      const reply = this.#replies[0];
      if (reply === undefined) {
        this.#unasked(chunk.subarray(at));
        return;
      }
      const next = this.#take(reply, chunk, at);
      if (reply.isDone) this.#replies.shift();
      else if (next < chunk.length) this.#keep(chunk, next);
      if (!reply.isDone) return;
      at = next;
    }
  }

  /** A packet that is not what the protocol says: the connection cannot go on. */
  #take(reply: Reply, chunk: Buffer, at: number): number {
    try {
      return reply.take(chunk, at, chunk.length);
    } catch (error) {
      this.#close(error instanceof Error ? error.message : String(error));
      return chunk.length;
    }
  }

  /** Why it was closed, in a few words; '' while it is open. */
  get closedWhy(): string {
    return this.#closedWhy;
  }

  #keep(chunk: Buffer, at: number): void {
    const rest = chunk.subarray(at);
    this.#pieces = [rest];
    this.#piecesBytes = rest.length;
    this.#neededBytes = rest.length < HEADER_BYTES ? HEADER_BYTES : packetEnd(rest, 0, rest.length);
  }

  /** The source ends the connection (idle for too long, killed, shutting down), mostly saying why. */
  #unasked(bytes: Buffer): void {
    if (bytes[HEADER_BYTES] !== ERR_HEADER) this.#close('it sent what nobody asked for');
    else this.#close(readSourceError(new Payload(bytes, HEADER_BYTES + 1, bytes.length)).message);
  }

  #close(why: string, atOnce = true): void {
    if (this.#closed !== null) return;
    const reason = failure('SLUICE_SOURCE_LOST', why);
    this.#closed = reason;
    this.#closedWhy = why;
    if (atOnce) this.#socket.destroy();
    this.#pieces = [];
    for (const reply of this.#replies.splice(0)) if (!reply.isDone) reply.fail(reason);
    this.onClosed?.(reason);
  }
}
