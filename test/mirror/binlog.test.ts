/** Tables built up from the events of a real MariaDB's binlog are, at each end, what SELECT gives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableLayout } from '../../src/mirror/binlog/column-layout.ts';
import { BinlogSource } from './support/binlog-source.ts';
import { Follower, rowText } from './support/follower.ts';
import { RandomTables } from './support/random-tables.ts';

const ROUNDS = 60;

describe.each([
  ['with checksums', ['--binlog-checksum=CRC32']],
  ['without checksums, with more said of columns', ['--binlog-checksum=NONE', '--binlog-row-metadata=FULL']],
  ['compressed', ['--binlog-checksum=CRC32', '--log-bin-compress=ON', '--log-bin-compress-min-len=10']],
  ['with temporal types of MariaDB 5.3', ['--mysql56-temporal-format=OFF']],
])('a binlog %s', (_, args) => {
  let source: BinlogSource;

  beforeAll(async () => {
    source = await BinlogSource.start(...args);
  });

  afterAll(async () => {
    await source.stop();
  });

  it('gives the rows of tables of all types, whatever is done to them', async () => {
    const random = new RandomTables(Number(process.env.SLUICE_TEST_SEED ?? 1));
    await source.run('CREATE DATABASE r', ...random.definitions());
    const layouts = new Map<string, TableLayout>();
    for (const name of random.names) layouts.set(`r.${name}`, await source.layout('r', name));
    const from = await source.position();
    const follower = new Follower(source.address, from, layouts);
    for (let round = 0; round < ROUNDS; round++) {
      for (const statement of random.statements()) {
        await source.connection.query(statement).catch((error: Error) => {
          // What random values may run into; anything else is a mistake of this test.
          if (!/Duplicate entry|Out of range|truncated/.test(error.message))
            throw new Error(`${error.message}: ${statement.slice(0, 300)}`);
        });
      }
    }
    await follower.reaches(await source.position());
    for (const name of random.names) {
      const layout = layouts.get(`r.${name}`) as TableLayout;
      const expected = (await source.rows('r', name, layout)).map(rowText).sort();
      expect(expected.length).toBeGreaterThan(20);
      expect(differences(follower.rows(`r.${name}`), expected, layout)).toEqual([]);
    }
    expect(follower.events.filter(({ kind }) => kind === 'misfit')).toEqual([]);
    await follower.stop();
  });
});

/** Column by column, of the rows that should be the same ones: their texts as a whole say nothing to a reader. */
function differences(rows: readonly string[], expected: readonly string[], { columns }: TableLayout): string[] {
  const found: string[] = rows.length === expected.length ? [] : [`${rows.length} rows instead of ${expected.length}`];
  for (const [i, row] of rows.entries()) {
    const values = row.split('\n');
    const right = expected[i]?.split('\n') ?? [];
    for (const [c, value] of values.entries())
      if (value !== right[c])
        found.push(`row ${values[0]}, ${columns[c]?.name}: ${value} instead of ${right[c]}`.slice(0, 300));
  }
  return found.slice(0, 20);
}
