/** A mirror in a directory of its own, and whether its tables are what the source's are. */
import { expect } from 'vitest';
import { columnList, TEXT_ROWS_SETTINGS, textRowReader } from '../../../src/mirror/binlog/text-rows.ts';
import type { Mirror, MirrorStatistics } from '../../../src/mirror/mirror.ts';
import type { MirroredName } from '../../../src/mirror/protocol.ts';
import { readDefinition } from '../../../src/mirror/table-definition.ts';
import { openMirror } from '../../../src/processes/open-mirror.ts';
import { SourceConnection } from '../../../src/stores/mysql/connection.ts';
import { textRows } from '../../../src/stores/mysql/rows.ts';
import type { SqliteStore } from '../../../src/stores/sqlite/store.ts';
import type { StoreRow, StoreValue } from '../../../src/stores/values.ts';
import { parseSourceAddress } from '../../../src/util/source-address.ts';

export interface MirrorUnderTest {
  readonly mirror: Mirror;
  readonly store: SqliteStore;
  /** Of one table. */
  statistics(table: string): MirrorStatistics['tables'][number];
  /** Until the table is in this state. */
  until(table: string, state: string): Promise<void>;
  /** Until the mirror has everything that was committed before the call. */
  fresh(): Promise<void>;
  /** To be called when nobody writes: freshens, then compares all live tables. */
  expectSame(): Promise<void>;
  close(): Promise<void>;
}

const NO_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PATIENCE_MS = 120_000;

export async function startMirror(
  port: number,
  directory: string,
  tables: readonly MirroredName[],
): Promise<MirrorUnderTest> {
  const address = parseSourceAddress(`mysql://root@127.0.0.1:${port}/`);
  const { mirror, store } = await openMirror({ directory, address, tables, log: NO_LOG, readers: 1 });
  await mirror.start();
  const statistics = (table: string) => {
    const found = mirror.statistics().tables.find((each) => each.table === table);
    if (found === undefined) throw new Error(`no table ${table}`);
    return found;
  };
  const waitFor = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`${what}: ${JSON.stringify(mirror.statistics())}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const fresh = (): Promise<void> => waitFor('it does not become fresh', () => mirror.freshen());
  return {
    mirror,
    store,
    statistics,
    fresh,
    until: (table, state) => waitFor(`${table} does not become ${state}`, () => statistics(table).state === state),
    async expectSame() {
      await waitFor('tables do not become live', () =>
        tables.every(({ table }) => !['loading'].includes(statistics(table).state)),
      );
      await fresh();
      for (const name of tables) {
        if (mirror.stateOf(name.database, name.table)?.state !== 'live') continue;
        expect(mirroredRows(store, name), name.table).toEqual(await sourceRows(port, name));
      }
    },
    async close() {
      await mirror.close();
      await store.close();
    },
  };
}

function mirroredRows(store: SqliteStore, { database, table }: MirroredName): string[] {
  const definition = store.catalog.table(database, table);
  const rows = store.readInline({ kind: 'read', sql: `SELECT * FROM "${database}.${table}"`, params: [] });
  const isHidden = definition?.primaryKey.length === 0;
  return textsOf(isHidden ? rows.map((row) => row.slice(1)) : rows);
}

async function sourceRows(port: number, name: MirroredName): Promise<string[]> {
  const connection = await SourceConnection.open(parseSourceAddress(`mysql://root@127.0.0.1:${port}/`));
  for (const statement of TEXT_ROWS_SETTINGS) await connection.query(statement);
  const found = await readDefinition(connection, name);
  if (found.kind !== 'definition') throw new Error(`${name.table} is ${found.kind}`);
  const { results } = await connection.query(
    `SELECT ${columnList(found.layout.columns)} FROM \`${name.database}\`.\`${name.table}\``,
  );
  const read = textRowReader(found.layout.columns);
  const rows = Array.from(textRows(results[0]!.rows, results[0]!.columnCount), (values) => read(values));
  connection.end();
  return textsOf(rows);
}

/** Sorted, so that the order of rows without a key does not matter. */
function textsOf(rows: readonly StoreRow[]): string[] {
  return rows.map((row) => JSON.stringify(row.map(plain))).sort();
}

function plain(value: StoreValue): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return 0;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
