/**
 * Clients that write as fast as they are answered, and a book of what they were told. Each piece of work has a name of its own, which is in
 * every row that it writes, so that the rows show which work was done: wholly, in part, or twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { connectDriver, type DriverError } from '../support/mysql-driver.ts';

export const LOAD_TABLES_SQL = [
  'CREATE DATABASE faults',
  `CREATE TABLE faults.log (id BIGINT PRIMARY KEY AUTO_INCREMENT, round INT NOT NULL, work VARCHAR(40) NOT NULL, text VARCHAR(200) NOT NULL,
     KEY by_round (round, work))`,
  `CREATE TABLE faults.ledger (work VARCHAR(40) PRIMARY KEY, round INT NOT NULL)`,
];

/** What the client knows of its work. */
type Fate =
  /** Acknowledged: it must be there. */
  | 'done'
  /** Told that it was not done: it must not be there. */
  | 'refused'
  /** The connection or the writer ended in between: all of it is there, or nothing. */
  | 'unknown';

export interface Work {
  readonly name: string;
  readonly kind: 'row' | 'rows' | 'transaction';
  readonly fate: Fate;
  /** Of its first row, where it was told. */
  readonly id: number | null;
}

/** Rows that a work of each kind leaves in `faults.log`. */
export const ROWS_OF = { row: 1, rows: 3, transaction: 2 } as const;

const TEXT = 'x'.repeat(100);
/** Errors by which a client knows that its work was not done and may be tried again. */
const RETRYABLE_ERRNOS: ReadonlySet<number> = new Set([1040, 1053, 1205, 1213]);
const OUTCOME_UNKNOWN = /may or may not have taken effect/;

export class WriteLoad {
  readonly #server: { readonly mysqlPort: number };
  readonly #round: number;
  readonly #running: Promise<void>[];
  #stopped = false;
  readonly works: Work[] = [];
  /** Errors that no client should have to expect. */
  readonly surprises: string[] = [];
  /** How often each expected error was seen, by number or code. */
  readonly errors = new Map<string, number>();

  constructor(server: { readonly mysqlPort: number }, { round, clients }: { round: number; clients: number }) {
    this.#server = server;
    this.#round = round;
    this.#running = Array.from({ length: clients }, (_, number) => this.#client(number));
  }

  get done(): number {
    return this.works.filter(({ fate }) => fate === 'done').length;
  }

  /** Waits until `count` more pieces of work have been acknowledged. */
  async progress(count: number): Promise<void> {
    const goal = this.done + count;
    while (this.done < goal && this.surprises.length === 0) await sleep(5);
  }

  /** Resolves when the last client has its answer, or its connection has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #client(number: number): Promise<void> {
    let connection: Connection | null = null;
    for (let turn = 0; !this.#stopped; turn++) {
      connection ??= await this.#connect();
      if (connection === null) continue;
      const name = `${this.#round}-${number}-${turn}`;
      if (!(await this.#work(connection, name, (['row', 'rows', 'transaction'] as const)[turn % 3] ?? 'row'))) {
        connection.destroy();
        connection = null;
      }
    }
    connection?.destroy();
  }

  async #connect(): Promise<Connection | null> {
    try {
      const connection = await connectDriver(this.#server, { database: 'faults' });
      // The end of a connection between two statements: the next one tells.
      connection.on('error', () => undefined);
      return connection;
    } catch (error) {
      this.#note(error as DriverError);
      await sleep(10);
      return null;
    }
  }

  /** False when the connection is of no use any more. */
  async #work(connection: Connection, name: string, kind: Work['kind']): Promise<boolean> {
    const progress = { id: null as number | null, ending: false };
    try {
      await this.#run(connection, name, kind, progress);
      this.works.push({ name, kind, fate: 'done', id: progress.id });
      return true;
    } catch (thrown) {
      const error = thrown as DriverError;
      this.#note(error);
      const lost = isConnectionLoss(error);
      const open = lost || OUTCOME_UNKNOWN.test(error.message);
      // Before COMMIT is sent nothing of a transaction may be kept, whatever became of the connection.
      const unknown = open && (kind !== 'transaction' || progress.ending);
      this.works.push({ name, kind, fate: unknown ? 'unknown' : 'refused', id: progress.id });
      if (!lost && kind === 'transaction') await connection.query('ROLLBACK').catch(() => undefined);
      return !lost;
    }
  }

  async #run(
    connection: Connection,
    name: string,
    kind: Work['kind'],
    progress: { id: number | null; ending: boolean },
  ): Promise<void> {
    const row = [this.#round, name, TEXT];
    const insert = async (rows: number): Promise<number> => {
      const sql = `INSERT INTO log (round, work, text) VALUES ${Array(rows).fill('(?, ?, ?)').join(', ')}`;
      const [result] = await connection.execute<ResultSetHeader>(sql, Array(rows).fill(row).flat());
      return result.insertId;
    };
    if (kind !== 'transaction') {
      progress.id = await insert(ROWS_OF[kind]);
      return;
    }
    await connection.query('BEGIN');
    progress.id = await insert(1);
    await connection.execute('INSERT INTO ledger (work, round) VALUES (?, ?)', [name, this.#round]);
    await insert(1);
    progress.ending = true;
    await connection.query('COMMIT');
  }

  #note(error: DriverError): void {
    const name = OUTCOME_UNKNOWN.test(error.message) ? 'outcome unknown' : String(error.errno ?? error.code);
    const expected =
      isConnectionLoss(error) || OUTCOME_UNKNOWN.test(error.message) || RETRYABLE_ERRNOS.has(error.errno);
    const key = isConnectionLoss(error) ? 'connection lost' : name;
    if (expected) this.errors.set(key, (this.errors.get(key) ?? 0) + 1);
    else this.surprises.push(`${name}: ${error.message}`);
  }
}

function isConnectionLoss({ code, message }: DriverError): boolean {
  return (
    ['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code) ||
    /connection is in closed state|Connection lost/.test(message)
  );
}
