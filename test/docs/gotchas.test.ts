/** docs/gotchas.md says what is not there: when one of these comes, its line must go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, open } from '../../src/index.ts';
import { readSources } from '../structure/sources.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { readPage } from './page.ts';

const text = readPage('docs/gotchas.md');

/** The words of the page, and a statement that is refused. */
const REFUSED: readonly (readonly [words: string, statement: string])[] = [
  ['Triggers', 'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1'],
  ['stored procedures', 'CREATE PROCEDURE x() SELECT 1'],
  ['functions', 'CREATE FUNCTION x() RETURNS INT RETURN 1'],
  ['events', 'CREATE EVENT x ON SCHEDULE EVERY 1 HOUR DO SELECT 1'],
  ['views', 'CREATE VIEW x AS SELECT 1'],
  ['temporary tables', 'CREATE TEMPORARY TABLE x (a INT)'],
  ['`LOCK TABLES`', 'LOCK TABLES t READ'],
  ['`GET_LOCK`', "SELECT GET_LOCK('x', 1)"],
  ['`XA`', "XA START 'x'"],
  ['partitions', 'CREATE TABLE x (a INT) PARTITION BY HASH (a) PARTITIONS 2'],
  ['generated columns', 'CREATE TABLE x (a INT, b INT AS (a + 1))'],
  ['full-text', 'CREATE TABLE x (a TEXT, FULLTEXT (a))'],
  ['spatial', 'CREATE TABLE x (a POINT NOT NULL, SPATIAL INDEX (a))'],
  ['`LOAD DATA`', "LOAD DATA INFILE 'x' INTO TABLE t"],
  ['names without a host', "CREATE USER x@'10.0.0.1'"],
  ['not for single tables', 'GRANT SELECT ON main.t TO x'],
  ['others are error 1235', 'SET NAMES latin1'],
];

const NOT_SUPPORTED_YET = 1235;
const NO_SUCH_FUNCTION = 1305;

describe('docs/gotchas.md', () => {
  const folder = makeTempDir('gotchas');
  let db: Database;

  beforeAll(async () => {
    db = open(folder.path);
    await db.sql('CREATE TABLE t (a INT)');
  });
  afterAll(async () => {
    await db.close();
    folder.remove();
  });

  it.each(REFUSED)('%s: refused by name', async (words, statement) => {
    expect(text).toContain(words);
    const outcome = await db.sql(statement).catch((error: { errno?: number }) => error);
    expect([NOT_SUPPORTED_YET, NO_SUCH_FUNCTION]).toContain((outcome as { errno?: number }).errno);
  });

  /** The variables that are kept but do nothing, and how the code would read them. */
  it.each([
    ['group_concat_max_len', 'groupConcatMaxBytes'],
    ['interactive_timeout', 'interactiveTimeoutMs'],
  ])('%s does nothing yet', (variable, setting) => {
    expect(text).toContain(`\`${variable}\``);
    const readers = readSources('src').filter(({ text }) => new RegExp(`\\b${setting}\\b`).test(text));
    expect(readers.map(({ path }) => path).filter((path) => !/variables\/settings|\.test\.ts$/.test(path))).toEqual([]);
  });
});
