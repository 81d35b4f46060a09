/** Everyday statements, each answered by MariaDB and by Sluice: the answers must agree, but for what is listed with a reason. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Side } from './support/answer.ts';
import { brief, difference } from './support/compare.ts';
import { mariadbSide } from './support/mariadb-side.ts';
import { sluiceSide } from './support/sluice-side.ts';
import { type ListedStatement, statementFiles } from './support/statement-file.ts';

let mariadb: Side;
let sluice: Side;

beforeAll(async () => {
  [mariadb, sluice] = await Promise.all([mariadbSide(), sluiceSide()]);
});

afterAll(async () => {
  await Promise.all([mariadb?.close(), sluice?.close()]);
});

describe('statements', () => {
  it.each(statementFiles())('$name agrees with MariaDB', async ({ statements }) => {
    for (const side of [mariadb, sluice]) {
      await side.run('DROP DATABASE d');
      await side.run('CREATE DATABASE d');
      await side.run('USE d');
    }
    const problems: string[] = [];
    for (const statement of statements) {
      const problem = await problemOf(statement);
      if (problem !== null) problems.push(`line ${statement.line}: ${statement.sql}\n     ${problem}`);
    }
    expect(problems.join('\n'), `${problems.length} of ${statements.length} statements`).toBe('');
  });
});

async function problemOf({ sql, own }: ListedStatement): Promise<string | null> {
  const [expected, actual] = await Promise.all([mariadb.run(sql), sluice.run(sql)]);
  if (own === undefined) return difference(expected, actual);
  if (own.reason === '') return 'has no reason (-- why:)';
  if (brief(actual) !== own.answer) return `expected ${own.answer}\n     but got ${brief(actual)}`;
  return difference(expected, actual) === null ? 'agrees with MariaDB, though it is listed as a difference' : null;
}
