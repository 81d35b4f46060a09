/** Words by what they are to the readers of statements (token-facts.ts, query-tables.ts, statement-tables.ts). */

export type StatementKind =
  | 'select'
  /** SHOW, DESCRIBE, EXPLAIN and their like. */
  | 'show'
  | 'write'
  | 'ddl'
  | 'begin'
  | 'commit'
  | 'rollback'
  /** SAVEPOINT, ROLLBACK TO, RELEASE SAVEPOINT. */
  | 'savepoint'
  | 'set'
  | 'use'
  | 'kill'
  | 'processlist'
  | 'warnings'
  | 'call'
  /** What leaves something on its connection: PREPARE, LOCK TABLES, HANDLER, XA, FLUSH ... WITH READ LOCK. */
  | 'keep'
  /** UNLOCK TABLES, DEALLOCATE PREPARE. */
  | 'drop'
  | 'other';

/** By the first word; some need a second look. */
export const KINDS: Readonly<Record<string, StatementKind>> = {
  SELECT: 'select',
  WITH: 'select',
  VALUES: 'select',
  TABLE: 'select',
  SHOW: 'show',
  DESCRIBE: 'show',
  DESC: 'show',
  EXPLAIN: 'show',
  HELP: 'show',
  CHECKSUM: 'show',
  DO: 'select',
  INSERT: 'write',
  UPDATE: 'write',
  DELETE: 'write',
  REPLACE: 'write',
  LOAD: 'write',
  CREATE: 'ddl',
  ALTER: 'ddl',
  DROP: 'ddl',
  RENAME: 'ddl',
  TRUNCATE: 'ddl',
  BEGIN: 'begin',
  COMMIT: 'commit',
  ROLLBACK: 'rollback',
  SAVEPOINT: 'savepoint',
  RELEASE: 'savepoint',
  SET: 'set',
  USE: 'use',
  KILL: 'kill',
  CALL: 'call',
  LOCK: 'keep',
  PREPARE: 'keep',
  HANDLER: 'keep',
  XA: 'keep',
  UNLOCK: 'drop',
  DEALLOCATE: 'drop',
};

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** At the outermost level these end what LIMIT could follow. */
export const NO_LIMIT_BEHIND = set('LIMIT FOR LOCK INTO PROCEDURE FETCH OFFSET ROWS');

/** Words that may stand before a parenthesis and are no functions then. */
export const NO_CALLS = set(`
  IN VALUES VALUE AND OR NOT EXISTS ON USING AS SELECT FROM WHERE BY KEY INDEX OVER THEN ELSE WHEN CASE XOR LIKE BETWEEN IS DISTINCT DISTINCTROW ALL
  UNION EXCEPT INTERSECT HAVING JOIN SET INTERVAL CHAR PARTITION BINARY DIV MOD REGEXP RLIKE RETURN RETURNING LIMIT WITH RECURSIVE ROW CHARACTER
  INT INTEGER BIGINT SMALLINT TINYINT MEDIUMINT FLOAT DOUBLE REAL DEC DECIMAL NUMERIC VARCHAR VARBINARY GROUP INTO COLUMNS LATERAL
`);

/** Words that are functions without a parenthesis. */
export const CURRENT = set(`
  CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME LOCALTIME LOCALTIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP CURRENT_USER SYSDATE NEXTVAL NEXT PREVIOUS LASTVAL
  SQL_CALC_FOUND_ROWS
`);

/** Functions among whose arguments FROM may stand. */
export const FUNCTIONS_WITH_FROM = set('TRIM SUBSTRING SUBSTR MID EXTRACT');

/** With these a query begins. */
export const QUERY_WORDS = set('SELECT WITH VALUES TABLE');

/** Words that end a list of tables: reserved ones, which no server takes for an alias. */
export const TABLE_LIST_ENDS = set(`
  WHERE GROUP HAVING ORDER LIMIT FETCH LOCK PROCEDURE INTO UNION SET SELECT FROM TABLE VALUES UPDATE DELETE CALL LOAD
`);

/** Reserved words that stand where a table's name was expected. */
export const NO_TABLES = set(`
  SELECT SET VALUES OUTFILE DUMPFILE DUAL WHERE FROM JOIN ON USING INTO UPDATE DELETE INSERT REPLACE TABLE ORDER GROUP LIMIT UNION
`);

/** Behind a table's name these are no alias. */
export const NO_ALIASES = set(`
  JOIN INNER CROSS LEFT RIGHT NATURAL STRAIGHT_JOIN ON USING USE IGNORE FORCE FOR WHERE GROUP HAVING ORDER LIMIT FETCH LOCK PROCEDURE INTO UNION SET
  SELECT PARTITION FROM VALUES
`);
