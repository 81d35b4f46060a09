/**
 * Random statements, answered by MariaDB and by Sluice. The seed is printed: SLUICE_TEST_SEED=n runs the same statements again,
 * SLUICE_TEST_STATEMENTS=n more or fewer of them.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer, Side } from './support/answer.ts';
import { brief, difference } from './support/compare.ts';
import { Generator, TABLES, tableSql } from './support/generator.ts';
import { mariadbSide } from './support/mariadb-side.ts';
import { sluiceSide } from './support/sluice-side.ts';

const seed = Number(process.env.SLUICE_TEST_SEED ?? 20_240_607);
const statements = Number(process.env.SLUICE_TEST_STATEMENTS ?? 4_000);
/** Differences shown before the test gives up. */
const SHOWN_MAX = 20;
const OUT_OF_RANGE = 1690;

let mariadb: Side;
let sluice: Side;

beforeAll(async () => {
  [mariadb, sluice] = await Promise.all([mariadbSide(), sluiceSide()]);
});

afterAll(async () => {
  await Promise.all([mariadb?.close(), sluice?.close()]);
});

it(`random statements agree with MariaDB (seed ${seed})`, async () => {
  console.log(`random statements: seed ${seed}, ${statements} statements`);
  const generator = new Generator(seed);
  for (const table of TABLES) await both(tableSql(table));
  const problems: string[] = [];
  for (let i = 0; i < statements && problems.length < SHOWN_MAX; i++) {
    // The first statements fill the tables.
    const isWrite = i < 60 || i % 4 === 0;
    const problem = isWrite ? await writeProblem(generator.write()) : await queryProblem(generator.query());
    if (problem !== null) problems.push(problem);
  }
  expect(problems.join('\n'), `seed ${seed}`).toBe('');
});

function both(sql: string): Promise<[Answer, Answer]> {
  return Promise.all([mariadb.run(sql), sluice.run(sql)]);
}

async function queryProblem({ sql, ordered }: { sql: string; ordered: boolean }): Promise<string | null> {
  const [expected, actual] = (await both(sql)).map((answer) => (ordered ? answer : sorted(answer))) as [Answer, Answer];
  return problemOf(sql, expected, actual);
}

/** After a write the whole table must be the same, whether it failed or not. */
async function writeProblem({ sql, table }: { sql: string; table: string }): Promise<string | null> {
  const [expected, actual] = await both(sql);
  const problem = problemOf(sql, expected, actual);
  const [before, after] = await both(`SELECT * FROM ${table} ORDER BY id`);
  const left = difference(before, after);
  if (problem === null && left === null) return null;
  const excused = isOutOfRange(expected) || isOutOfRange(actual) || isZeroDateError(expected);
  // So that one difference does not show in all statements after it.
  for (const side of [mariadb, sluice]) await side.run(`DELETE FROM ${table}`);
  return problem ?? (excused ? null : `${sql}\n     left the table different: ${left}`);
}

function problemOf(sql: string, expected: Answer, actual: Answer): string | null {
  // Which of several errors a statement meets first depends on the order of its rows; in INSERT Sluice looks at values before keys.
  if (!sql.startsWith('SELECT') && expected.kind === 'error' && actual.kind === 'error') return null;
  if (isZeroDateError(expected)) return null;
  // Which rows an expression that overflows is evaluated for is left to each server.
  if (isOutOfRange(expected) || isOutOfRange(actual)) return null;
  const problem = difference(expected, actual);
  return problem === null ? null : `${sql}\n     ${problem}`;
}

function isOutOfRange(answer: Answer): boolean {
  return answer.kind === 'error' && answer.errno === OUT_OF_RANGE;
}

/** MariaDB takes NULL + INTERVAL for a zero date while it writes. */
function isZeroDateError(answer: Answer): boolean {
  return answer.kind === 'error' && answer.message.includes("value: '0000-00-00'");
}

function sorted(answer: Answer): Answer {
  if (answer.kind !== 'rows') return answer;
  const rows = [...answer.rows].sort((a, b) =>
    brief({ ...answer, rows: [a] }) < brief({ ...answer, rows: [b] }) ? -1 : 1,
  );
  return { ...answer, rows };
}
