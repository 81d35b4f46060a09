/**
 * Sluice inside a Node program, without any server: `import { open } from "sluice"`. The same gate, planner and store as behind the protocols, with
 * SQLite in this process.
 *
 * ```ts
 * const db = open('./data');
 * await db.sql('CREATE TABLE note (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200))');
 * await db.sql('INSERT INTO note (text) VALUES (?)', ['hello']);
 * const { rows } = await db.sql('SELECT * FROM note WHERE id = :id', { id: 1 });   // [{ id: 1, text: 'hello' }]
 * await db.keys.put('user.1.name', 'li');
 * await db.close();
 * ```
 */
import { defaultListsMemoryBytes } from './config.ts';
import { failure, SluiceError } from './errors.ts';
import type { Entry } from './gate/embedded-entry.ts';
import type { KeyFind } from './gate/embedded-find.ts';
import { Keys } from './gate/embedded-keys.ts';
import type { KeyWatch, WatchEvent } from './gate/embedded-watch.ts';
import { LocalGate } from './gate/gate.ts';
import type { Outcome, Parameters } from './gate/request.ts';
import type { GateSession } from './gate/session.ts';
import type { KeyFilter } from './keys/filters.ts';
import { KeyMap } from './keys/key-map.ts';
import type { KeySet } from './keys/key-set.ts';
import type { KeySetQuery } from './keys/key-set-plans.ts';
import { KeyPointer, type KeyValue } from './keys/values.ts';
import type { PutOptions } from './keys/write-plans.ts';
import { openEmbeddedStore } from './processes/open-store.ts';
import type { ResultColumn } from './sql/result-column.ts';
import type { SlotValue } from './sql/slots.ts';
import { type JsonValue, jsonFormatter } from './sql/values/format.ts';
import { VariableStore } from './sql/variables/variable-store.ts';
import type { StoreRow } from './stores/values.ts';
import { MYSQL_VERSION, SLUICE_VERSION } from './version.ts';

export type { Entry, KeyFilter, KeyFind, KeySet, KeySetQuery, Keys, KeyValue, KeyWatch, PutOptions, WatchEvent };
export { KeyMap, KeyPointer, SluiceError };

export interface OpenOptions {
  /** FULL (default): a commit is on the disk when it is acknowledged. NORMAL: a power failure may take the last ones back. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** What kept lists may take of this process's memory; an eighth of the machine's by default, 2 GiB at most. */
  readonly listsMemoryBytes?: number;
  /** The database that unqualified names are looked up in; `main` by default. */
  readonly database?: string;
}

export type ParameterValue = null | boolean | number | bigint | string | Date | Uint8Array;

/** By name; an array is the list of an `IN ::name`. */
export type NamedParameters = Readonly<Record<string, ParameterValue | readonly ParameterValue[]>>;

export interface SqlResult {
  readonly fields: readonly ResultColumn[];
  /** Integers and doubles as numbers (integers beyond 2^53 as strings), DECIMAL, dates and times as strings, bytes as base64. */
  readonly rows: readonly Readonly<Record<string, JsonValue>>[];
  readonly rowsAffected: number;
  /** The first AUTO_INCREMENT value that the statement gave; 0 when it gave none. */
  readonly insertId: number | bigint;
}

/** Runs statements one after the other, in a session of its own: transactions, variables and USE are this object's. */
export class Connection {
  /** The tree of keys. Its operations and SQL's are of one session. */
  readonly keys: Keys;
  readonly #session: GateSession;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: GateSession, connect: () => GateSession) {
    this.#session = session;
    this.keys = new Keys({
      session,
      run: (work) => this.#run(work),
      connect,
      transaction: (work) => this.transaction(work),
    });
  }

  /** One statement. `parameters`: an array for `?`, an object for `:name` and `::name`. Rejects with a SluiceError that has MySQL's errno. */
  sql(text: string, parameters: readonly ParameterValue[] | NamedParameters = []): Promise<SqlResult> {
    return this.#run(async () =>
      resultOf(await this.#session.execute({ kind: 'sql', text, parameters: slots(parameters) })),
    );
  }

  #run<T>(work: () => T | Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. A retryable failure is the caller's to retry. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.sql('BEGIN');
    try {
      const result = await work();
      await this.sql('COMMIT');
      return result;
    } catch (error) {
      await this.sql('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#session.close();
  }
}

/** An open data directory. Statements given to it directly run in one connection; `connect()` gives others. */
export class Database extends Connection {
  readonly #gate: LocalGate;
  readonly #options: OpenOptions;
  readonly #closeStore: () => Promise<void>;

  constructor(gate: LocalGate, options: OpenOptions, closeStore: () => Promise<void>) {
    super(sessionOf(gate, options), () => sessionOf(gate, options));
    this.#gate = gate;
    this.#options = options;
    this.#closeStore = closeStore;
  }

  connect(): Connection {
    const open = (): GateSession => sessionOf(this.#gate, this.#options);
    return new Connection(open(), open);
  }

  override async close(): Promise<void> {
    this.#gate.close();
    await this.#closeStore();
  }
}

/**
 * Opens a data directory, which is made when it is missing.
 * @throws SluiceError when a server or another program has it open, or when it is of a later format.
 */
export function open(directory: string, options: OpenOptions = {}): Database {
  const store = openEmbeddedStore({
    directory,
    ...(options.synchronous !== undefined && { synchronous: options.synchronous }),
  });
  const silent = () => undefined;
  const gate = new LocalGate({
    store,
    variables: new VariableStore({ version: MYSQL_VERSION, sluice_version: SLUICE_VERSION, sluice_data: directory }),
    accounts: [],
    tcsqlTable: 'main.feed',
    listsMemoryBytes: options.listsMemoryBytes ?? defaultListsMemoryBytes(),
    log: { error: silent, warn: silent, info: silent },
  });
  return new Database(gate, options, () => store.close());
}

function sessionOf(gate: LocalGate, options: OpenOptions): GateSession {
  return gate.openSession({
    user: 'root',
    host: 'localhost',
    protocol: 'embedded',
    database: options.database ?? 'main',
  });
}

function slots(parameters: readonly ParameterValue[] | NamedParameters): Parameters {
  if (isArray(parameters)) return parameters.map(slotOf);
  return new Map(
    Object.entries(parameters).map(([name, value]) => [name, isArray(value) ? value.map(slotOf) : slotOf(value)]),
  );
}

/** Array.isArray tells nothing of a readonly array. */
function isArray<Other>(value: Other | readonly ParameterValue[]): value is readonly ParameterValue[] {
  return Array.isArray(value);
}

function slotOf(value: ParameterValue): SlotValue {
  if (value === null) return { type: { kind: 'null' }, value };
  if (typeof value === 'boolean') return { type: { kind: 'int', unsigned: false }, value: value ? 1 : 0 };
  if (typeof value === 'string') return { type: { kind: 'string' }, value };
  if (typeof value === 'bigint') return { type: { kind: 'int', unsigned: value > 9_223_372_036_854_775_807n }, value };
  if (typeof value === 'number')
    return { type: Number.isSafeInteger(value) ? { kind: 'int', unsigned: false } : { kind: 'double' }, value };
  if (value instanceof Date)
    return { type: { kind: 'datetime' }, value: value.toISOString().slice(0, -1).replace('T', ' ') };
  if (value instanceof Uint8Array) return { type: { kind: 'bytes' }, value };
  throw failure('ER_BAD_PARAMETER', `A parameter is ${typeof value}, which is no value of SQL`);
}

async function resultOf(outcome: Outcome): Promise<SqlResult> {
  if (outcome.kind === 'ok')
    return { fields: [], rows: [], rowsAffected: outcome.affectedRows, insertId: outcome.insertId };
  if (outcome.kind !== 'rows' && outcome.kind !== 'stream')
    throw new Error(`a statement of SQL gave '${outcome.kind}', which was not asked for`);
  const { columns } = outcome;
  const formatters = columns.map((column) => jsonFormatter(column.type));
  const objectOf = (row: StoreRow): Record<string, JsonValue> =>
    Object.fromEntries(columns.map((column, i) => [column.name, formatters[i]?.(row[i] ?? null) ?? null]));
  const rows: Record<string, JsonValue>[] = [];
  if (outcome.kind === 'rows') for (const row of outcome.rows) rows.push(objectOf(row));
  else for await (const chunk of outcome.chunks) for (const row of chunk) rows.push(objectOf(row));
  return { fields: columns, rows, rowsAffected: 0, insertId: 0 };
}
