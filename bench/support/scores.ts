/**
 * Tables of scores that differ in nothing but their number of rows. Row n has a score that arithmetic gives, so each list of them is known
 * without asking anyone.
 */
import { join } from 'node:path';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import type { BenchContext } from './claim.ts';
import { runInDataDir, TableFile } from './fill-table.ts';
import type { KnownQuery, TextRecord } from './known-query.ts';
import { drawValues } from './template.ts';

/** A prime: n * MULTIPLIER % SCORES passes through all scores once before it begins again. */
const SCORES = 1_000_003;
const MULTIPLIER = 48_271;
/**
 * Where lists begin, with at least half of the rows behind it. A thousand starts are lists that are asked for again and again: whatever the table's
 * size, 10,000 rows are on their first pages. Any start brings rows that nobody has asked for, once the table is large.
 */
const STARTS = {
  thousand: { template: '{1..999}00', scoreOf: (value: string) => Number(value) * 100 },
  any: { template: '{0..499999}', scoreOf: Number },
} as const;

export type Starts = keyof typeof STARTS;

const [USERS, USER_STRIDE, FIRST_TIME] = [20_000, 7_919, 1_250_000_000];

/** As both databases compute them from n. */
export const SCORE_VALUES = [
  'n',
  `n * ${USER_STRIDE} % ${USERS}`,
  `n * ${MULTIPLIER} % ${SCORES}`,
  `${FIRST_TIME} + n`,
] as const;

export function scoreTableSql(name: string): string {
  return `CREATE TABLE ${name} (id BIGINT NOT NULL PRIMARY KEY, uid INT NOT NULL, score INT NOT NULL, created INT NOT NULL)`;
}

export class ScoreTable {
  readonly name: string;
  readonly rows: number;
  /** How many rows have a score below each. */
  readonly #below: Int32Array;

  constructor(rows: number) {
    this.rows = rows;
    this.name = `scores_${rows}`;
    this.#below = new Int32Array(SCORES + 1);
    for (let n = 1; n <= rows; n++) this.#below[scoreOf(n) + 1]!++;
    for (let score = 0; score < SCORES; score++) this.#below[score + 1]! += this.#below[score]!;
  }

  /** `score >= start`. */
  countFrom(start: number): number {
    return this.rows - this.#below[start]!;
  }

  /** The same, lowest score first and by id where scores are equal. */
  pageFrom(start: number, skip: number, max: number): TextRecord[] {
    const records: TextRecord[] = [];
    let at = this.#below[start]! + skip;
    let score = this.#scoreAt(at);
    while (records.length < max && at < this.rows) {
      while (this.#below[score + 1]! <= at) score++;
      const id = firstIdOf(score) + SCORES * (at - this.#below[score]!);
      records.push(recordOf(id, score));
      at++;
    }
    return records;
  }

  /** The score of the row that is at `at` in the order of scores. */
  #scoreAt(at: number): number {
    let [low, high] = [0, SCORES];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#below[middle + 1]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function scoreOf(n: number): number {
  return (n * MULTIPLIER) % SCORES;
}

const INVERSE = inverseOf(MULTIPLIER, SCORES);

/** The least n >= 1 with this score. */
function firstIdOf(score: number): number {
  return score === 0 ? SCORES : Number((BigInt(score) * BigInt(INVERSE)) % BigInt(SCORES));
}

/** By Fermat: value^(prime - 2). */
function inverseOf(value: number, prime: number): number {
  let [result, base, exponent] = [1n, BigInt(value), BigInt(prime - 2)];
  const modulus = BigInt(prime);
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return Number(result);
}

function recordOf(id: number, score: number): TextRecord {
  return {
    id: String(id),
    uid: String((id * USER_STRIDE) % USERS),
    score: String(score),
    created: String(FIRST_TIME + id),
  };
}

export type ScoreQuery = 'page 1' | 'count' | 'page 10,000';

export const SCORE_QUERIES: readonly ScoreQuery[] = ['page 1', 'count', 'page 10,000'];

const PAGE_ROWS = 10;
const DEEP_SKIP = 100_000;

/** Pages and counts of what begins at a random one of these scores. The smallest tables have no page 10,000: there it is one in their middle. */
export function scoreQuery(table: ScoreTable, kind: ScoreQuery, starts: Starts): KnownQuery {
  const { template: start, scoreOf: from } = STARTS[starts];
  const any = starts === 'any' ? ' (any)' : '';
  const name = `${kind}${any} at ${table.rows.toLocaleString('en-US')} rows`;
  const draw: KnownQuery['draw'] = (random) => drawValues(start, random);
  const path = `/?command=select&table=main.${table.name}&where=score:NUMGE:${start}`;
  if (kind === 'count') {
    return {
      name,
      path: `${path}&type=count`,
      sql: `SELECT COUNT(*) FROM ${table.name} WHERE score >= ${start}`,
      draw,
      expected: ([value = '']) => table.countFrom(from(value)),
    };
  }
  const skip = kind === 'page 1' ? 0 : Math.min(DEEP_SKIP, Math.floor(table.rows / 4));
  return {
    name,
    path: `${path}&type=*&order_by=score&order_sort=NUMASC&limit_skip=${skip}&limit_max=${PAGE_ROWS}`,
    sql: `SELECT * FROM ${table.name} WHERE score >= ${start} ORDER BY score, id LIMIT ${PAGE_ROWS} OFFSET ${skip}`,
    draw,
    expected: ([value = '']) => table.pageFrom(from(value), skip, PAGE_ROWS),
  };
}

export interface ScoreData {
  readonly dataDir: string;
  /** From the smallest to the largest, ten times as many rows each. */
  readonly tables: readonly ScoreTable[];
}

let prepared: Promise<ScoreData> | undefined;

/** 10,000 to 10,000,000 rows, unless the benches run with smaller tables. The folder stays until the benches end. */
export function prepareScores(context: Pick<BenchContext, 'rows' | 'log'>): Promise<ScoreData> {
  prepared ??= makeScores(context);
  return prepared;
}

async function makeScores({ rows, log }: Pick<BenchContext, 'rows' | 'log'>): Promise<ScoreData> {
  const dataDir = join(makeTempDir('bench-scores').path, 'data');
  const tables = [rows / 100, rows / 10, rows, rows * 10].map((count) => new ScoreTable(Math.ceil(count)));
  const startedAt = performance.now();
  await runInDataDir(
    dataDir,
    tables.map(({ name }) => scoreTableSql(name)),
  );
  const file = new TableFile(dataDir);
  for (const table of tables) file.insertSeries(`main.${table.name}`, table.rows, SCORE_VALUES);
  file.close();
  await runInDataDir(
    dataDir,
    tables.map(({ name }) => `CREATE INDEX score ON ${name} (score)`),
  );
  const names = tables.map((table) => table.rows.toLocaleString('en-US')).join(', ');
  log(`tables of ${names} rows made in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  return { dataDir, tables };
}
