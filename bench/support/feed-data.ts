/** The feed that T1 and T2 are about: made once in a run of the benches, and loaded into a data directory that they share. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FEED_TABLE_SQL, type FeedRow, feedRows } from '../../src/demo/feed.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import type { BenchContext } from './claim.ts';
import { FeedModel } from './feed-model.ts';
import { runInDataDir, TableFile } from './fill-table.ts';

/** How many rows are remembered for lookups by key. */
const SAMPLE_ROWS = 1_000;

/**
 * What the manual's queries need, in both databases alike: B wants a user's rows in the order of the key, D those of a kind in
 * the order of time. An index ends with the primary key, in SQLite as in InnoDB.
 */
const FURTHER_KEYS = ['uid_pkey (uid)', 'idtype_dateline (idtype, dateline)'];

/** The table as MariaDB is to have it. */
export const FEED_WITH_KEYS_SQL = FEED_TABLE_SQL.replace(
  /^ {2}KEY /m,
  FURTHER_KEYS.map((key) => `  KEY ${key},\n`)
    .join('')
    .concat('$&'),
);

export interface FeedData {
  /** Holds `main.feed`; for one server at a time. */
  readonly dataDir: string;
  readonly model: FeedModel;
}

let prepared: Promise<FeedData> | undefined;

/** The folder stays until the benches end. */
export function prepareFeed(context: Pick<BenchContext, 'rows' | 'log'>): Promise<FeedData> {
  prepared ??= makeFeed(context);
  return prepared;
}

async function makeFeed({ rows, log }: Pick<BenchContext, 'rows' | 'log'>): Promise<FeedData> {
  const startedAt = performance.now();
  const dataDir = join(makeTempDir('bench-feed').path, 'data');
  const keys = [...FEED_WITH_KEYS_SQL.matchAll(/^ {2}KEY (\w+) (\(.*?\))/gm)];
  await runInDataDir(dataDir, [FEED_WITH_KEYS_SQL.replace(/,\n {2}KEY[^)]*\)/g, '')]);
  const model = new FeedModel(rows, SAMPLE_ROWS);
  const file = new TableFile(dataDir);
  file.insertRows('main.feed', remembered(feedRows(rows), model));
  file.close();
  // Indexes on rows that are there cost a fraction of rows put into indexes.
  await runInDataDir(
    dataDir,
    keys.map(([, name, columns]) => `CREATE INDEX ${name} ON feed ${columns}`),
  );
  log(`${rows.toLocaleString('en-US')} rows of the feed made in ${seconds(startedAt)} s`);
  return { dataDir, model };
}

function* remembered(rows: Iterable<FeedRow>, model: FeedModel): Generator<FeedRow> {
  for (const row of rows) {
    model.add(row);
    yield row;
  }
}

/** Writes the feed as MySQL's LOAD DATA reads it. While no server has it open. */
export async function writeFeedText({ dataDir }: FeedData, path: string): Promise<void> {
  const file = new TableFile(dataDir);
  try {
    await pipeline(linesOf(file.rows('main.feed')), createWriteStream(path));
  } finally {
    file.close();
  }
}

function* linesOf(chunks: Iterable<readonly Readonly<Record<string, unknown>>[]>): Generator<string> {
  for (const rows of chunks) yield rows.map((row) => `${Object.values(row).map(escaped).join('\t')}\n`).join('');
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n' };

function escaped(value: unknown): string {
  return String(value).replace(/[\\\t\n]/g, (character) => ESCAPES[character] ?? character);
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(0);
}
