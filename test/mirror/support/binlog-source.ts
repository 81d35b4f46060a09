/** A MariaDB whose binlog is read, with what a reader must know of its tables. */

import type { TableLayout } from '../../../src/mirror/binlog/column-layout.ts';
import type { BinlogPosition } from '../../../src/mirror/binlog/position.ts';
import { describedColumns, readLayout } from '../../../src/mirror/binlog/read-layout.ts';
import { columnList, TEXT_ROWS_SETTINGS, textRowReader } from '../../../src/mirror/binlog/text-rows.ts';
import { SourceConnection } from '../../../src/stores/mysql/connection.ts';
import { textRows, textTable } from '../../../src/stores/mysql/rows.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import { parseSourceAddress, type SourceAddress } from '../../../src/util/source-address.ts';
import { type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';

export class BinlogSource {
  readonly server: Pick<MariadbServer, 'port'>;
  readonly connection: SourceConnection;
  readonly #started: MariadbServer | null;

  private constructor(
    server: Pick<MariadbServer, 'port'>,
    connection: SourceConnection,
    started: MariadbServer | null,
  ) {
    this.server = server;
    this.connection = connection;
    this.#started = started;
  }

  static async start(...args: string[]): Promise<BinlogSource> {
    const server = await startMariadb({
      args: ['--log-bin=mysql-bin', '--binlog-format=ROW', '--server-id=1', '--binlog-row-image=FULL', ...args],
    });
    return BinlogSource.#open(server, server);
  }

  static async #open(server: Pick<MariadbServer, 'port'>, started: MariadbServer | null): Promise<BinlogSource> {
    const connection = await SourceConnection.open(addressOf(server));
    for (const statement of TEXT_ROWS_SETTINGS) await connection.query(statement);
    return new BinlogSource(server, connection, started);
  }

  /** A server that is there already. */
  static at(server: Pick<MariadbServer, 'port'>): Promise<BinlogSource> {
    return BinlogSource.#open(server, null);
  }

  get address(): SourceAddress {
    return addressOf(this.server);
  }

  get process(): MariadbServer {
    if (this.#started === null) throw new Error('it was started elsewhere');
    return this.#started;
  }

  close(): void {
    this.connection.end();
  }

  async stop(): Promise<void> {
    this.connection.end();
    await this.#started?.stop();
  }

  async run(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.connection.query(statement);
  }

  async table(text: string): Promise<(string | null)[][]> {
    const [result] = (await this.connection.query(text)).results;
    return result === undefined ? [] : textTable(result);
  }

  /** Where the binlog ends. */
  async position(): Promise<BinlogPosition> {
    const [[file, offset] = []] = await this.table('SHOW MASTER STATUS');
    return { file: file as string, offset: Number(offset) };
  }

  async layout(database: string, table: string): Promise<TableLayout> {
    const columns = await describedColumns(this.connection, database, table);
    if (columns.length === 0) throw new Error(`there is no table ${database}.${table}`);
    return readLayout(this.connection, columns);
  }

  /** All rows, in stored form, as a first copy reads them. */
  async rows(database: string, table: string, { columns }: TableLayout): Promise<StoreRow[]> {
    const [result] = (await this.connection.query(`SELECT ${columnList(columns)} FROM \`${database}\`.\`${table}\``))
      .results;
    if (result === undefined) return [];
    return Array.from(textRows(result.rows, result.columnCount), textRowReader(columns));
  }
}

function addressOf({ port }: Pick<MariadbServer, 'port'>): SourceAddress {
  return parseSourceAddress(`mysql://root@127.0.0.1:${port}/`);
}
