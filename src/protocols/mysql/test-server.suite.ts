/** What the tests over a socket have in common: a server over a fake gate, clients that are ended after each test, and scripted answers. */
import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import { afterEach, expect } from 'vitest';
import { failure } from '../../errors.ts';
import type { Outcome, Request } from '../../gate/request.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import type { StoreRow } from '../../stores/values.ts';
import { column, type FakeGate, type FakeSession, ok, rows } from './fake-gate.suite.ts';
import { MysqlServer, type MysqlServerOptions } from './server.ts';

export const ID = column('id', { name: 'int' }, { nullable: false, primaryKey: true });
export const NAME = column('name', { name: 'varchar', length: 40 });

export function textOf(request: Request): string {
  if (request.kind === 'sql') return request.text;
  return request.kind === 'prepared' ? request.statement.text : '';
}

/** Rows of a stream, and how far its reader has come. */
export class Stream {
  pulled = 0;
  isLeft = false;
  readonly #chunks: number;
  readonly #rowsPerChunk: number;
  readonly #row: (index: number) => StoreRow;
  readonly #failAt: number;

  constructor(chunks: number, rowsPerChunk: number, row: (index: number) => StoreRow, failAt = -1) {
    this.#chunks = chunks;
    this.#rowsPerChunk = rowsPerChunk;
    this.#row = row;
    this.#failAt = failAt;
  }

  async *chunks(): AsyncGenerator<readonly StoreRow[]> {
    try {
      for (let chunk = 0; chunk < this.#chunks; chunk++) {
        if (chunk === this.#failAt) throw failure('ER_QUERY_INTERRUPTED');
        this.pulled++;
        yield Array.from({ length: this.#rowsPerChunk }, (_, i) => this.#row(chunk * this.#rowsPerChunk + i));
      }
    } finally {
      this.isLeft = true;
    }
  }

  outcome(columns: readonly ResultColumn[] = [ID, NAME]): Outcome {
    return { kind: 'stream', columns, chunks: this.chunks() };
  }
}

/** The little that the tests' statements can do. */
export function standardAnswer(request: Request, session: FakeSession): Outcome | Promise<Outcome> {
  const text = textOf(request);
  if (text === 'select two') return rows([ID, NAME], [1, 'one'], [2, null]);
  if (text === 'select later') return Promise.resolve(rows([ID, NAME], [7, 'seven']));
  if (text === 'fail') throw failure('ER_NO_SUCH_TABLE', 'shop', 'nothing');
  if (text === 'fail later') return Promise.reject(failure('ER_DUP_ENTRY', '1', 't.PRIMARY'));
  if (text === 'bug') throw new TypeError('undefined is not a function');
  if (text === 'wait') return session.closed();
  if (text.startsWith('use ')) {
    session.status.database = text.slice(4);
    return ok();
  }
  if (text === 'begin') {
    session.status.inTransaction = true;
    return ok();
  }
  if (text.startsWith('KILL')) return ok();
  return ok({ affectedRows: 1, insertId: 42, warningCount: 3, info: `did ${text}` });
}

const servers: MysqlServer[] = [];
const clients: Connection[] = [];

/** A server that is closed after the test. */
export async function start(
  gate: FakeGate,
  options: Partial<MysqlServerOptions> = {},
): Promise<{ server: MysqlServer; port: number }> {
  const server = new MysqlServer(gate, { serverVersion: '8.0.42-Sluice-0.1.0', drainTimeoutMs: 300, ...options });
  servers.push(server);
  return { server, port: await server.listen(0, '127.0.0.1') };
}

/** The port of a server for this test. */
export async function open(...given: Parameters<typeof start>): Promise<number> {
  return (await start(...given)).port;
}

/** mysql2, ended after the test. */
export async function connect(port: number, options: ConnectionOptions = {}): Promise<Connection> {
  const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', ...options });
  connection.on('error', () => undefined);
  clients.push(connection);
  return connection;
}

export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

afterEach(async () => {
  for (const connection of clients.splice(0)) connection.destroy();
  for (const server of servers.splice(0)) await server.close();
});
