import type { Connection } from 'mysql2/promise';
import type { SeededRandom } from '../../../src/util/random.ts';
import { connectDriver, type DriverError, type DriverValue } from '../../support/mysql-driver.ts';
import type { SluiceServer } from '../../support/sluice-server.ts';
import { type ListClient, type Page, preparedText, queryText, type SqlPart, slotsOf, sqlText } from './list-client.ts';

interface HttpError {
  readonly error: { readonly errno: number; readonly message: string; readonly code: string };
}

/** Which of them a request takes is drawn: MySQL's text and binary protocols, /v1/sql as one answer or as lines, /v1/batch, list commands, pages. */
export class ServerClient implements ListClient {
  readonly listsJoin = false;
  readonly ways = 6;
  isInTransaction = false;
  readonly #server: SluiceServer;
  readonly #random: SeededRandom;
  readonly #connection: Connection;

  static async open(server: SluiceServer, random: SeededRandom): Promise<ServerClient> {
    const connection = await connectDriver(server, {
      database: 'main',
      rowsAsArray: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    });
    return new ServerClient(server, random, connection);
  }

  private constructor(server: SluiceServer, random: SeededRandom, connection: Connection) {
    this.#server = server;
    this.#random = random;
    this.#connection = connection;
  }

  close(): Promise<void> {
    return this.#connection.end();
  }

  async query(parts: readonly SqlPart[], way: number): Promise<string> {
    const values = slotsOf(parts).map((slot) => slot.value as DriverValue);
    switch (way) {
      case 0:
        return this.#driver(() => this.#connection.query(sqlText(parts)));
      case 1:
        return this.#driver(() => this.#connection.execute(preparedText(parts), values));
      case 2:
        return this.#sql({ sql: sqlText(parts) });
      case 3:
        return this.#sql({ sql: preparedText(parts), params: values });
      case 4: {
        const lines = await this.#post('/v1/sql', { sql: sqlText(parts), as: 'array' }, 'application/x-ndjson');
        return lines.startsWith('{"error"') ? errorText(JSON.parse(lines)) : lines;
      }
      default: {
        const { results } = (await this.#json('/v1/batch', { statements: [sqlText(parts)] })) as { results: object[] };
        return answerText(results[0] as object);
      }
    }
  }

  async #driver(ask: () => Promise<unknown>): Promise<string> {
    try {
      const [rows] = (await ask()) as [unknown];
      return Array.isArray(rows) ? JSON.stringify(rows) : 'ok';
    } catch (error) {
      const { errno, message } = error as DriverError;
      if (errno === undefined) throw error;
      return `error ${errno}: ${message}`;
    }
  }

  async #sql(body: object): Promise<string> {
    return answerText(await this.#json('/v1/sql', { as: 'array', ...body }));
  }

  async run(sql: string): Promise<string> {
    const begins = /^(?:BEGIN|START|SET autocommit = 0)/.test(sql);
    if (begins) this.isInTransaction = true;
    const byDriver = this.isInTransaction || /^SET /.test(sql) || this.#random.chance(0.4);
    if (/^(?:COMMIT|ROLLBACK)$/.test(sql)) this.isInTransaction = false;
    if (byDriver) return this.#driver(() => this.#connection.query(sql));
    if (this.#random.chance(0.5)) return this.#sql({ sql });
    const { results } = (await this.#json('/v1/batch', { statements: [sql] })) as { results: object[] };
    return answerText(results[0] as object);
  }

  async batch(statements: readonly string[], atomic: boolean): Promise<void> {
    const answer = (await this.#json('/v1/batch', { statements, atomic })) as { results?: object[] };
    if (answer.results === undefined) errorText(answer as HttpError);
  }

  async atOnce(statements: readonly string[]): Promise<void> {
    await Promise.all(statements.map((sql) => this.#sql({ sql })));
  }

  async list(parameters: Readonly<Record<string, string>>, body?: string): Promise<string> {
    const init = body === undefined ? {} : { method: 'POST', body };
    const response = await fetch(`${this.#server.httpUrl}/?${queryText(parameters)}`, init);
    const text = await response.text();
    return response.ok ? text : errorText(JSON.parse(text) as HttpError);
  }

  async page({ table, ...parameters }: Readonly<Record<string, string>>): Promise<Page> {
    const response = await fetch(`${this.#server.httpUrl}/v1/lists/${table}?${queryText(parameters)}`);
    const { rows, count, seq } = (await response.json()) as { rows: object[]; count?: number; seq: number };
    return { rows, count: count ?? null, sequence: seq };
  }

  async #json(path: string, body: object): Promise<object> {
    return JSON.parse(await this.#post(path, body, 'application/json')) as object;
  }

  async #post(path: string, body: object, accept: string): Promise<string> {
    const response = await fetch(this.#server.httpUrl + path, {
      method: 'POST',
      headers: { accept },
      body: JSON.stringify({ database: 'main', ...body }),
    });
    return response.text();
  }
}

function answerText(answer: object): string {
  if ('error' in answer) return errorText(answer as HttpError);
  const { fields, rows } = answer as { fields: { name: string }[]; rows: unknown[] };
  if (fields.length === 0) return 'ok';
  return [fields.map(({ name }) => name).join(), ...rows.map((row) => JSON.stringify(row))].join('\n');
}

/** Failures that nobody foresaw are the test's. */
function errorText({ error }: HttpError): string {
  if (error.code === 'ER_UNKNOWN_ERROR') throw new Error(error.message);
  return `error ${error.errno}: ${error.message}`;
}
