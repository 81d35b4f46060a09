import { isDeepStrictEqual } from 'node:util';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver, rowsOf } from '../../test/support/mysql-driver.ts';
import type { KnownQuery } from './known-query.ts';
import { fillTemplate } from './template.ts';

export interface SqlServer {
  readonly name: string;
  readonly port: number;
  readonly database: string;
}

/**
 * Asks with values whose answers are known.
 * @throws naming the first that is wrong
 */
export async function checkSqlAnswers(
  { name, port, database }: SqlServer,
  query: Pick<KnownQuery, 'sql' | 'draw' | 'expected'>,
  count: number,
): Promise<void> {
  const connection = await connectDriver({ mysqlPort: port }, { database });
  try {
    const random = new SeededRandom(count);
    for (let i = 0; i < count; i++) {
      const values = query.draw(random);
      const sql = fillTemplate(query.sql, values);
      const rows = (await rowsOf(connection, sql)).map(asTexts);
      const expected = query.expected(values);
      const found = typeof expected === 'number' ? Number(Object.values(rows[0] ?? {})[0]) : rows;
      if (!isDeepStrictEqual(found, expected))
        throw new Error(`${name}, ${sql}: ${JSON.stringify(found)}\n  instead of ${JSON.stringify(expected)}`);
    }
  } finally {
    await connection.end();
  }
}

function asTexts(row: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));
}
