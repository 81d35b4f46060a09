/**
 * What a protocol asks of the gate and what it gets back. Protocols turn bytes into these and these into bytes, and
 * nothing else; every one of them goes through Session.execute().
 */
import type { KeyCommand } from '../keys/command.ts';
import type { KeyEntry } from '../keys/entries.ts';
import type { KeyChange } from '../keys/key-changes.ts';
import type { ListCommand } from '../lists/command.ts';
import type { Parameters } from '../sql/bind-values.ts';
import type { ResultColumn } from '../sql/result-column.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { ColumnType } from '../stores/column-type.ts';
import type { BoundParameters } from '../stores/mysql/connection.ts';
import type { ResultEnd, SourceAnswer } from '../stores/mysql/result.ts';
import type { StoreRow } from '../stores/values.ts';

export type { Parameters };

export type Request =
  /** One statement. `maxRows` overrides the protocol's row limit (0 = none). */
  | {
      readonly kind: 'sql';
      readonly text: string;
      readonly parameters?: Parameters;
      readonly maxRows?: number;
      readonly form?: RowForm;
    }
  | {
      readonly kind: 'prepared';
      readonly statement: PreparedStatement;
      readonly parameters: readonly SlotValue[];
      /** The parameters as the client sent them, for a statement that was prepared with `packets`. */
      readonly bound?: BoundParameters;
      /** Their values: asked for when somebody has to know them. */
      readonly boundValues?: () => readonly SlotValue[];
      readonly maxRows?: number;
      readonly form?: RowForm;
      /** The rows are taken in pieces, when the client likes. */
      readonly cursor?: boolean;
    }
  | { readonly kind: 'list'; readonly command: ListCommand }
  /** A page of a list, typed. Takes `table`, `where`, `order_by`, `order_sort`, `limit_skip`, `limit_max` and `count`. */
  | { readonly kind: 'page'; readonly command: ListCommand }
  /** A command on the tree of keys. SessionKeys (session-keys.ts) has a method for each. */
  | { readonly kind: 'keys'; readonly command: KeyCommand }
  /** A find whose entries come in chunks: however many, they are never in memory at once. */
  | { readonly kind: 'key-stream'; readonly command: Extract<KeyCommand, { op: 'find' }> };

/** How a protocol writes rows. A request that names one may be answered with rows that are ready (ReadyOutcome). One object for each form. */
export interface RowForm {
  /** Tells it from other forms. */
  readonly name: string;
  /** Writes rows of columns with these types, as binary text (util/binary-text.ts). */
  writerOf(types: readonly ColumnType[]): (row: StoreRow) => string;
}

export interface OkOutcome {
  readonly kind: 'ok';
  readonly affectedRows: number;
  readonly insertId: number | bigint;
  readonly warningCount: number;
  /** "Rows matched: 1  Changed: 1  Warnings: 0" and the like. */
  readonly info: string;
}

/** All rows at once: what was answered inline, or is small. Values in stored form; see sql/result-column.ts for their text. */
export interface RowsOutcome {
  readonly kind: 'rows';
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly StoreRow[];
  readonly warningCount: number;
}

/** Rows in the form that the request named. */
export interface ReadyOutcome {
  readonly kind: 'ready';
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly string[];
}

/** Rows that are still coming. Leaving the loop early cancels the statement; a failure in the middle rejects. */
export interface StreamOutcome {
  readonly kind: 'stream';
  readonly columns: readonly ResultColumn[];
  readonly chunks: AsyncIterable<readonly StoreRow[]>;
}

/** The answer to a list command. */
export interface ListOutcome {
  readonly kind: 'list';
  /** JSON as the protocol of lists prescribes it. */
  readonly json: string;
  /** The JSON is binary text (util/binary-text.ts). */
  readonly isBinary: boolean;
}

/** A page of a list as typed JSON. */
export interface PageOutcome {
  readonly kind: 'page';
  /** Name of the primary key's column; null for tables without a single one. */
  readonly key: string | null;
  /** `[{...},...]`: JSON as binary text (util/binary-text.ts). */
  readonly rowsJson: string;
  /** null: not asked for. */
  readonly count: number | null;
  /** Of the newest commit that the page is as new as; null in front of a MySQL server, which numbers none. */
  readonly sequence: number | null;
}

/** The answer to a key command. */
export interface KeysOutcome {
  readonly kind: 'keys';
  /** KeyResult of the command's op (keys/command.ts). */
  readonly result: unknown;
}

/** Entries in the order asked for, from one snapshot. Leaving the loop early ends the find; a failure in the middle rejects. */
export interface KeyStreamOutcome {
  readonly kind: 'key-stream';
  readonly chunks: AsyncIterable<readonly KeyEntry[]>;
}

/** What a MySQL server answered, for a client that speaks its protocol: sent on as it is. */
export interface PacketsOutcome {
  readonly kind: 'packets';
  readonly answer: SourceAnswer;
}

/** The same while rows are still coming. Leaving the loop early cancels the statement. */
export interface PacketStreamOutcome {
  readonly kind: 'packet-stream';
  readonly columnCount: number;
  readonly columns: readonly Buffer[];
  /** Whole packets of rows. */
  readonly rows: AsyncIterable<Buffer>;
  /** Once the rows have been read to their end. */
  end(): ResultEnd;
}

export type Outcome =
  | OkOutcome
  | RowsOutcome
  | ReadyOutcome
  | StreamOutcome
  | ListOutcome
  | PageOutcome
  | KeysOutcome
  | KeyStreamOutcome
  | PacketsOutcome
  | PacketStreamOutcome;

/**
 * A message to the subscriber of a list, ready to be sent: the texts are shared by all subscribers of a list. `data` is JSON:
 *
 * - snapshot: `{"key":"pkey","rows":[{...}],"count":n|null,"seq":n}`
 * - change: `{"seq":n,"insert":[{"row":{...},"at":i}],"update":[{...}],"remove":[key,...],"count":n|null}`. To be applied in this order: take the
 *   rows of `remove` away, replace those of `update` (by their key), then put in those of `insert`, one by one, each so that it stands at `at`.
 */
export interface LiveMessage {
  readonly event: 'snapshot' | 'change';
  /** `<epoch>-<sequence>`; opaque to clients. */
  readonly id: string;
  readonly data: string;
}

/** What a subscriber of a list has still to get. */
export interface LiveMessages {
  /** The next one if there is one now. A client that takes too slowly gets a fresh snapshot instead of a queue without end. */
  take(): LiveMessage | null;
  /** Called when there may be something to take. */
  onMessage: (() => void) | null;
  /** The list cannot go on (its table changed as a whole, the server ends): the client should connect again. */
  onEnd: ((reason: Error) => void) | null;
  /** Safe to call twice. */
  close(): void;
}

/** What a watch of keys tells. `sequence` is what to resume from. */
export type KeyMessage =
  /** What one commit did to the keys of the pattern, in their order. */
  | { readonly event: 'change'; readonly sequence: number; readonly changes: readonly KeyChange[] }
  /** Changes were left out (the client was away or slow for too long, or very many keys changed at once): what it knows of the keys, it must read again. */
  | { readonly event: 'reset'; readonly sequence: number };

/** What a client that watches keys has still to get. */
export interface KeyMessages {
  /** Everything up to this commit has been told. */
  readonly sequence: number;
  /** The next one if there is one now. */
  take(): KeyMessage | null;
  /** Called when there may be something to take: after each commit with changes. What was missed while away can be taken at once. */
  onMessage: (() => void) | null;
  /** The server ends: the client should connect again, and resume. */
  onEnd: ((reason: Error) => void) | null;
  /** Safe to call twice. */
  close(): void;
}

export interface PreparedStatement {
  readonly text: string;
  readonly parameterCount: number;
  /** As far as they are known before the parameters are; empty for statements without a result. */
  readonly columns: readonly ResultColumn[];
  /** Definitions as a MySQL server sent them: then parameters are to be given as they came, `bound`. */
  readonly packets?: PreparedPackets;
}

export interface PreparedPackets {
  readonly parameters: Buffer;
  readonly columns: Buffer;
  readonly columnCount: number;
}

/** State that protocols report with each answer. */
export interface SessionStatus {
  readonly autocommit: boolean;
  readonly inTransaction: boolean;
  readonly database: string | null;
  /** SERVER_STATUS_NO_BACKSLASH_ESCAPES */
  readonly noBackslashEscapes: boolean;
}

export interface ClientInfo {
  readonly user: string;
  /** Address of the peer, without the port. */
  readonly host: string;
  readonly protocol: 'mysql' | 'http' | 'redis' | 'json' | 'embedded';
  readonly database?: string;
  /** The id that the protocol has told the client already. */
  readonly connectionId?: number;
  /** CLIENT_FOUND_ROWS: UPDATE counts matched rows instead of changed ones. */
  readonly foundRows?: boolean;
  /** MySQL's number for the character set and collation that the client speaks. */
  readonly collation?: number;
  /** MySQL's connection attributes. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * One client's session. Requests of one session run one after the other: execute() may be called again only when the earlier outcome
 * has settled and, for a stream, has been read or left.
 */
export interface Session {
  /** The connection id that SHOW PROCESSLIST and KILL use. */
  readonly id: number;
  readonly status: SessionStatus;
  /** Answers at once where the work was done inline: callers must handle both, and a throw. */
  execute(request: Request): Outcome | Promise<Outcome>;
  /** COM_STMT_PREPARE. Throws as a parse or bind would. */
  prepare(text: string): PreparedStatement | Promise<PreparedStatement>;
  /**
   * Subscribes to the list that a command names as one of kind `page` does. Throws what is wrong with the command. `after`: the id of the last
   * message that the client has; null for none. In front of a MySQL server it may have to wait for the list's table.
   */
  subscribe(command: ListCommand, after: string | null): LiveMessages | Promise<LiveMessages>;
  /**
   * Watches the keys of a pattern. `from`: the sequence number that the client knows everything up to (KeyMessage.sequence); null: from now on. Numbers stay
   * good through a restart, as long as nothing was written in between that is no longer known. Throws SLUICE_BAD_PATTERN.
   */
  watchKeys(pattern: string, from: number | null): KeyMessages;
  /** Splits a multi-statement text. */
  split(text: string): string[];
  /** COM_INIT_DB, USE. Throws 1049. */
  useDatabase(name: string): void | Promise<void>;
  /** COM_RESET_CONNECTION: rolls back, forgets variables. */
  reset(): Promise<void>;
  /** COM_CHANGE_USER, after the protocol has authenticated. */
  changeUser(client: ClientInfo): Promise<void>;
  /** Kills what runs; called when the peer is gone. Safe to call twice. */
  close(): void;
  /** Called when KILL CONNECTION or the server's end closes this session. */
  onKill: ((reason: Error) => void) | null;
}

/** What operators see and change, whichever the store. */
export interface Operations {
  /** Names of the pages of status(). */
  readonly pages: readonly string[];
  /** Administrators of the whole server. */
  mayOperate(user: string): boolean;
  /** Plain data, ready for JSON; undefined: there is no such page. */
  status(page: string): unknown;
  /** In Prometheus' text format. */
  metrics(): string;
  /** false: there is no session with that id. */
  kill(id: number, what: 'query' | 'connection'): boolean;
  /** The server's settings, by variable. */
  config(): Readonly<Record<string, string | number | null>>;
  /** Sets them, all or none; null: the default. Throws what SET GLOBAL throws. */
  configure(values: ReadonlyMap<string, string | number | null>): void;
  /** Has users, rules and table access read again. Rejects with what is wrong, and then nothing has changed. */
  reload(): Promise<void>;
}

export interface Gate {
  /** Opens a session for an authenticated client. Throws 1040 when there are too many. */
  openSession(client: ClientInfo): Session;
  /** Ends a session's statement or the whole session; false when there is none with that id. */
  kill(id: number, what: 'query' | 'connection'): boolean;
  /** Which lists are kept, for /v1/status/lists: plain data, ready for JSON. */
  listStatistics(): unknown;
  readonly accounts: Accounts;
}

export interface Accounts {
  /** What the server must know of a user to check a password: SHA1(SHA1(password)) for mysql_native_password and the password's
   * caching_sha2 digest SHA256(SHA256(password)). null when the user is unknown or not allowed from there. Empty password: both null. */
  find(
    user: string,
    host: string,
  ): { readonly nativeHash: Uint8Array | null; readonly sha2Hash: Uint8Array | null } | null;
}
