import { join } from 'node:path';
import { type MariadbServer, mysqlClient } from '../../test/support/mariadb-server.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { FEED_WITH_KEYS_SQL, type FeedData, writeFeedText } from './feed-data.ts';

const LOAD_MS_MAX = 600_000;

/** `main.feed` in a MariaDB: the rows that the feed's model has, with keys that serve its queries. They do not go into the binlog. */
export async function loadFeed({ port }: MariadbServer, feed: FeedData): Promise<void> {
  const dir = makeTempDir('bench-text');
  const file = join(dir.path, 'feed.tsv');
  await writeFeedText(feed, file);
  const statements = [
    'SET sql_log_bin = 0',
    'CREATE DATABASE main',
    'USE main',
    FEED_WITH_KEYS_SQL,
    'SET unique_checks = 0, foreign_key_checks = 0',
    `LOAD DATA INFILE '${file}' INTO TABLE feed CHARACTER SET utf8mb4`,
    'ANALYZE TABLE feed',
  ];
  await mysqlClient({ port }, `${statements.join(';\n')};`, LOAD_MS_MAX);
  dir.remove();
}
