import { describe, expect, test } from 'vitest';
import type { ColumnSpec } from '../ast.ts';
import { parse } from './parser.ts';

const statement = (sql: string) => parse(sql).statement;

function column(definition: string): ColumnSpec {
  const create = statement(`CREATE TABLE t (${definition})`);
  const element = create.kind === 'create-table' ? create.elements[0] : undefined;
  if (element?.kind !== 'column') throw new Error('no column');
  return element.column;
}

describe('types', () => {
  const ci = 'utf8mb4_0900_ai_ci';
  const national = 'utf8mb3_general_ci';
  test.each([
    ['INT', { name: 'int' }],
    ['INTEGER(11) UNSIGNED', { name: 'int', length: 11, unsigned: true }],
    ['BIGINT SIGNED', { name: 'bigint' }],
    ['INT1', { name: 'tinyint' }],
    ['MIDDLEINT', { name: 'mediumint' }],
    ['INT8', { name: 'bigint' }],
    ['BOOL', { name: 'tinyint', length: 1 }],
    ['BOOLEAN', { name: 'tinyint', length: 1 }],
    ['DECIMAL', { name: 'decimal', precision: 10, scale: 0 }],
    ['DEC(5)', { name: 'decimal', precision: 5, scale: 0 }],
    ['NUMERIC(12,4) UNSIGNED', { name: 'decimal', precision: 12, scale: 4, unsigned: true }],
    ['FIXED(3,1)', { name: 'decimal', precision: 3, scale: 1 }],
    ['FLOAT', { name: 'float' }],
    ['FLOAT(24)', { name: 'float' }],
    ['FLOAT(25)', { name: 'double' }],
    ['FLOAT(7,3)', { name: 'float', precision: 7, scale: 3 }],
    ['DOUBLE PRECISION', { name: 'double' }],
    ['REAL', { name: 'double' }],
    ['BIT', { name: 'bit', length: 1 }],
    ['BIT(8)', { name: 'bit', length: 8 }],
    ['YEAR(4)', { name: 'year' }],
    ['DATE', { name: 'date' }],
    ['TIME', { name: 'time', scale: 0 }],
    ['DATETIME(6)', { name: 'datetime', scale: 6 }],
    ['TIMESTAMP(3)', { name: 'timestamp', scale: 3 }],
    ['CHAR', { name: 'char', length: 1 }],
    ['CHARACTER(5)', { name: 'char', length: 5 }],
    ['VARCHAR(5)', { name: 'varchar', length: 5 }],
    ['CHARACTER VARYING(5)', { name: 'varchar', length: 5 }],
    ['VARCHAR(5) CHARACTER SET utf8mb4', { name: 'varchar', length: 5, collation: ci }],
    ['VARCHAR(5) CHARSET latin1 COLLATE latin1_bin', { name: 'varchar', length: 5, collation: 'latin1_bin' }],
    ['VARCHAR(5) COLLATE utf8mb4_bin NOT NULL', { name: 'varchar', length: 5, collation: 'utf8mb4_bin' }],
    ['VARCHAR(5) NOT NULL COLLATE utf8mb4_bin', { name: 'varchar', length: 5, collation: 'utf8mb4_bin' }],
    ['VARCHAR(5) BINARY', { name: 'varchar', length: 5, collation: 'utf8mb4_bin' }],
    ['VARCHAR(5) ASCII', { name: 'varchar', length: 5, collation: 'latin1_swedish_ci' }],
    ['VARCHAR(5) CHARACTER SET binary', { name: 'varbinary', length: 5 }],
    ['TEXT CHARSET binary', { name: 'blob' }],
    ['CHAR(3) BYTE', { name: 'binary', length: 3 }],
    ['NCHAR(3)', { name: 'char', length: 3, collation: national }],
    ['NATIONAL CHAR VARYING(3)', { name: 'varchar', length: 3, collation: national }],
    ['NVARCHAR(160)', { name: 'varchar', length: 160, collation: national }],
    ['NCHAR VARCHAR(3)', { name: 'varchar', length: 3, collation: national }],
    ['TEXT', { name: 'text' }],
    ['TEXT(63)', { name: 'tinytext' }],
    ['TEXT(64)', { name: 'text' }],
    ['TEXT(100000)', { name: 'mediumtext' }],
    ['LONGTEXT COLLATE utf8mb4_bin', { name: 'longtext', collation: 'utf8mb4_bin' }],
    ['LONG VARCHAR', { name: 'mediumtext' }],
    ['LONG', { name: 'mediumtext' }],
    ['LONG VARBINARY', { name: 'mediumblob' }],
    ['BINARY', { name: 'binary', length: 1 }],
    ['VARBINARY(16)', { name: 'varbinary', length: 16 }],
    ['BLOB', { name: 'blob' }],
    ['BLOB(255)', { name: 'tinyblob' }],
    ['BLOB(70000)', { name: 'mediumblob' }],
    ["ENUM('a', 'b ', 'it''s')", { name: 'enum', values: ['a', 'b', "it's"] }],
    ["SET('x','y') CHARACTER SET latin1", { name: 'set', values: ['x', 'y'], collation: 'latin1_swedish_ci' }],
    ['JSON', { name: 'json' }],
  ])('%s', (type, expected) => expect(column(`c ${type}`).type).toEqual(expected));

  test.each([
    ['POINT', "support 'type POINT'"],
    ['INT ZEROFILL', "support 'ZEROFILL'"],
    ['YEAR(2)', "support 'YEAR(2)'"],
    ['VARCHAR', "near ')'"],
    ['FOO', "near 'FOO)'"],
    ['DATETIME(7)', 'Too-big precision 7 specified. Maximum is 6.'],
    ['CHAR(1) CHARSET nope', "Unknown character set: 'nope'"],
  ])('%s is refused', (type, message) => expect(() => column(`c ${type}`)).toThrow(message));

  test('REAL under REAL_AS_FLOAT', () => {
    expect(parse('CREATE TABLE t (a REAL)', { realAsFloat: true }).statement).toMatchObject({
      elements: [{ column: { type: { name: 'float' } } }],
    });
  });
});

describe('columns', () => {
  test.each([
    ['a INT NOT NULL', { nullable: false }],
    ['a INT NULL', { nullable: true }],
    ['a INT NOT NULL AUTO_INCREMENT PRIMARY KEY', { autoIncrement: true, primaryKey: true }],
    ['a INT KEY', { primaryKey: true }],
    ['a INT UNIQUE KEY', { unique: true }],
    ['a SERIAL', { type: { name: 'bigint', unsigned: true }, nullable: false, autoIncrement: true, unique: true }],
    ["a INT DEFAULT '0' NOT NULL", { default: { kind: 'slot' }, nullable: false }],
    ['a INT DEFAULT -1', { default: { kind: 'unary', op: '-' } }],
    ['a INT DEFAULT NULL', { default: { kind: 'null' } }],
    ["a CHAR(1) DEFAULT 'x' COLLATE utf8mb4_bin", { default: { kind: 'slot' }, type: { collation: 'utf8mb4_bin' } }],
    [
      'a BLOB DEFAULT (uuid_to_bin( uuid() ))',
      { default: { kind: 'call', name: 'UUID_TO_BIN' }, defaultText: 'uuid_to_bin( uuid() )' },
    ],
    [
      'a DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE NOW(3)',
      { default: { name: 'CURRENT_TIMESTAMP', args: [{}] }, onUpdate: { name: 'NOW' } },
    ],
    ["a INT COMMENT 'it''s'", { comment: "it's" }],
    ['a INT AS (b + 1)', { generated: { stored: false, text: 'b + 1' } }],
    ['a INT GENERATED ALWAYS AS (b+1) STORED UNIQUE', { generated: { stored: true, text: 'b+1' }, unique: true }],
    ['a INT CHECK (a > 0)', { check: { name: undefined, text: 'a > 0' } }],
    ['a INT CONSTRAINT c CHECK (a > 0) ENFORCED', { check: { name: 'c', text: 'a > 0' } }],
    [
      'a INT REFERENCES t (b) ON DELETE CASCADE',
      { references: { table: { name: 't' }, columns: ['b'], onDelete: 'cascade' } },
    ],
    ['a INT COLUMN_FORMAT FIXED STORAGE DISK VISIBLE', { name: 'a' }],
  ])('%s', (definition, expected) => expect(column(definition)).toMatchObject(expected));

  test('nothing written is nothing said', () => {
    expect(column('a INT')).toEqual({ name: 'a', type: { name: 'int' } });
    expect(column("a INT DEFAULT '0'").defaultText).toBeUndefined();
  });

  test.each([
    ['a INT INVISIBLE', 'INVISIBLE columns'],
    ['a INT CHECK (a) NOT ENFORCED', 'CHECK ... NOT ENFORCED'],
    ['a INT CHECK (a > 0) CHECK (a < 5)', 'several CHECK at one column'],
  ])('%s is refused', (definition, construct) => expect(() => column(definition)).toThrow(`support '${construct}'`));
});

describe('CREATE TABLE', () => {
  test('keys', () => {
    const sql = `CREATE TABLE IF NOT EXISTS db.t (
      a INT, PRIMARY KEY (a, b DESC), UNIQUE u (c(10)), CONSTRAINT x UNIQUE KEY (d), KEY USING BTREE (e), INDEX \`i\` (f) COMMENT 'c' USING HASH INVISIBLE,
      FULLTEXT KEY ft (g, h), KEY fn ((lower(a)), b), CONSTRAINT fk FOREIGN KEY fi (a, b) REFERENCES db.u (c, d) MATCH SIMPLE ON UPDATE NO ACTION ON DELETE SET NULL,
      FOREIGN KEY (a) REFERENCES u (b), CONSTRAINT ck CHECK (a > 0), CHECK (b))`;
    expect(statement(sql)).toMatchObject({
      kind: 'create-table',
      table: { database: 'db', name: 't' },
      temporary: false,
      ifNotExists: true,
      elements: [
        { kind: 'column' },
        {
          kind: 'primary-key',
          parts: [
            { column: 'a', descending: false },
            { column: 'b', descending: true },
          ],
        },
        { kind: 'index', name: 'u', type: 'unique', parts: [{ column: 'c', length: 10 }] },
        { kind: 'index', name: 'x', type: 'unique', parts: [{ column: 'd' }] },
        { kind: 'index', name: undefined, type: 'index', parts: [{ column: 'e' }] },
        { kind: 'index', name: 'i', type: 'index', comment: 'c' },
        { kind: 'index', name: 'ft', type: 'fulltext', parts: [{ column: 'g' }, { column: 'h' }] },
        { kind: 'index', name: 'fn', parts: [{ expression: { kind: 'call', name: 'LOWER' } }, { column: 'b' }] },
        {
          kind: 'foreign-key',
          name: 'fk',
          columns: ['a', 'b'],
          references: {
            table: { database: 'db', name: 'u' },
            columns: ['c', 'd'],
            onUpdate: 'no action',
            onDelete: 'set null',
          },
        },
        { kind: 'foreign-key', name: undefined, columns: ['a'] },
        { kind: 'check', name: 'ck', text: 'a > 0' },
        { kind: 'check', name: undefined, text: 'b' },
      ],
    });
  });

  test('options', () => {
    const sql =
      "CREATE TABLE t (a INT) ENGINE=InnoDB AUTO_INCREMENT 42, DEFAULT CHARACTER SET = utf8 COLLATE 'utf8_bin' COMMENT='x' ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=8 DATA DIRECTORY='/x' PACK_KEYS=DEFAULT";
    expect(statement(sql)).toMatchObject({
      options: {
        engine: 'InnoDB',
        auto_increment: '42',
        charset: 'utf8mb3',
        collate: 'utf8_bin',
        comment: 'x',
        row_format: 'DYNAMIC',
        key_block_size: '8',
        'data directory': '/x',
        pack_keys: 'default',
      },
    });
  });

  test.each([
    ['CREATE TABLE t LIKE db.u', { like: { database: 'db', name: 'u' } }],
    ['CREATE TEMPORARY TABLE t (LIKE u)', { temporary: true, like: { name: 'u' } }],
    ['CREATE TABLE t AS SELECT 1 a', { elements: [], query: { kind: 'query' } }],
    ['CREATE TABLE t SELECT 1 a', { query: { kind: 'query' } }],
    ['CREATE TABLE t (SELECT 1 a)', { elements: [], query: { kind: 'query' } }],
    ['CREATE TABLE t (a INT) ENGINE=InnoDB (SELECT 1 a)', { elements: [{}], query: { kind: 'query' } }],
    ['CREATE TABLE t (a INT, KEY (a)) ENGINE=InnoDB AS TABLE u', { elements: [{}, {}], query: { kind: 'query' } }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));

  test.each([
    ['CREATE TABLE t (a INT) PARTITION BY HASH (a)', "support 'PARTITION BY'"],
    ['CREATE TABLE t (a INT) REPLACE SELECT 1 a', "support 'CREATE TABLE ... REPLACE SELECT'"],
    ['CREATE TABLE t (FULLTEXT (a) WITH PARSER ngram)', 'WITH PARSER ngram'],
    ['CREATE TABLE t ()', "near ')'"],
    ['CREATE TABLE t', "near ''"],
    ['CREATE TABLE select (a INT)', "near 'select (a INT)'"],
    ['CREATE TABLE t (a INT,)', "near ')'"],
    ['CREATE TABLE t (CONSTRAINT x KEY (a))', 'near'],
  ])('%s is refused', (sql, message) => expect(() => statement(sql)).toThrow(message));
});

describe('ALTER TABLE', () => {
  test.each([
    ['ADD a INT', [{ kind: 'add-column', column: { name: 'a' } }]],
    ['ADD COLUMN a INT FIRST', [{ kind: 'add-column', place: { kind: 'first' } }]],
    [
      'ADD COLUMN a INT NOT NULL AFTER b, DROP c',
      [{ place: { kind: 'after', column: 'b' } }, { kind: 'drop-column', name: 'c' }],
    ],
    ['ADD (a INT, b INT, KEY (a))', [{ kind: 'add-column' }, { kind: 'add-column' }, { kind: 'add-element' }]],
    [
      'ADD INDEX i (a), ADD UNIQUE (b), ADD PRIMARY KEY (c)',
      [{ element: { name: 'i' } }, { element: { type: 'unique' } }, { element: { kind: 'primary-key' } }],
    ],
    [
      'ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (b)',
      [{ kind: 'add-element', element: { kind: 'foreign-key', name: 'f' } }],
    ],
    ['ADD CHECK (a > 0)', [{ element: { kind: 'check' } }]],
    ['DROP COLUMN a', [{ kind: 'drop-column', name: 'a' }]],
    [
      'DROP PRIMARY KEY, DROP INDEX i, DROP KEY `PRIMARY`',
      [{ kind: 'drop-primary-key' }, { kind: 'drop-index', name: 'i' }, { kind: 'drop-index', name: 'PRIMARY' }],
    ],
    [
      'DROP FOREIGN KEY f, DROP CHECK c, DROP CONSTRAINT d',
      [{ kind: 'drop-foreign-key' }, { kind: 'drop-check' }, { kind: 'drop-constraint' }],
    ],
    ['MODIFY a BIGINT', [{ kind: 'change-column', name: 'a', column: { name: 'a', type: { name: 'bigint' } } }]],
    [
      'CHANGE COLUMN a b BIGINT FIRST',
      [{ kind: 'change-column', name: 'a', column: { name: 'b' }, place: { kind: 'first' } }],
    ],
    ['ALTER a SET DEFAULT 5', [{ kind: 'set-default', name: 'a', value: { kind: 'slot' } }]],
    ['ALTER COLUMN a DROP DEFAULT', [{ kind: 'set-default', name: 'a' }]],
    [
      'RENAME COLUMN a TO b, RENAME INDEX i TO j',
      [
        { kind: 'rename-column', from: 'a', to: 'b' },
        { kind: 'rename-index', from: 'i', to: 'j' },
      ],
    ],
    ['RENAME u', [{ kind: 'rename-table', to: { name: 'u' } }]],
    ['RENAME TO db.u', [{ kind: 'rename-table', to: { database: 'db', name: 'u' } }]],
    [
      'CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      [{ kind: 'convert-charset', charset: 'utf8mb4', collation: 'utf8mb4_bin' }],
    ],
    [
      "ENGINE=InnoDB COMMENT 'x', AUTO_INCREMENT=5",
      [
        { kind: 'options', options: { engine: 'InnoDB', comment: 'x' } },
        { kind: 'options', options: { auto_increment: '5' } },
      ],
    ],
    ['DEFAULT CHARSET=utf8mb4', [{ kind: 'options', options: { charset: 'utf8mb4' } }]],
    ['DISABLE KEYS', [{ kind: 'no-effect', text: 'DISABLE KEYS' }]],
    [
      'ADD a INT, ALGORITHM=INPLACE, LOCK=NONE',
      [{ kind: 'add-column' }, { kind: 'no-effect' }, { kind: 'no-effect', text: 'LOCK=NONE' }],
    ],
    [
      'ALTER INDEX i INVISIBLE, FORCE, ORDER BY a DESC',
      [{ kind: 'no-effect' }, { kind: 'no-effect' }, { kind: 'no-effect' }],
    ],
    ['', []],
  ])('%s', (actions, expected) =>
    expect(statement(`ALTER TABLE t ${actions}`)).toMatchObject({ kind: 'alter-table', actions: expected }),
  );

  test.each([
    ['ADD PARTITION (PARTITION p VALUES LESS THAN (1))', 'ALTER TABLE ... ADD PARTITION'],
    ['DISCARD TABLESPACE', 'ALTER TABLE ... DISCARD'],
    ['ALTER CHECK c NOT ENFORCED', 'ALTER TABLE ... ALTER CHECK'],
  ])('%s is refused', (actions, construct) =>
    expect(() => statement(`ALTER TABLE t ${actions}`)).toThrow(`support '${construct}'`),
  );
});

describe('other definitions', () => {
  test.each([
    [
      'CREATE DATABASE IF NOT EXISTS d DEFAULT CHARACTER SET utf8mb4 COLLATE = utf8mb4_bin',
      {
        kind: 'create-database',
        name: 'd',
        ifNotExists: true,
        options: { charset: 'utf8mb4', collate: 'utf8mb4_bin' },
      },
    ],
    ['CREATE SCHEMA d', { kind: 'create-database', options: {} }],
    ['ALTER DATABASE d CHARSET latin1', { kind: 'alter-database', name: 'd', options: { charset: 'latin1' } }],
    ['ALTER DATABASE CHARSET latin1', { kind: 'alter-database', name: undefined }],
    ['DROP DATABASE IF EXISTS d', { kind: 'drop-database', name: 'd', ifExists: true }],
    [
      'DROP TABLE IF EXISTS a, db.b CASCADE',
      { kind: 'drop-table', ifExists: true, tables: [{ name: 'a' }, { database: 'db', name: 'b' }] },
    ],
    ['DROP TEMPORARY TABLE a', { kind: 'drop-table', temporary: true }],
    [
      'RENAME TABLE a TO b, c TO d.e',
      { kind: 'rename-table', renames: [{ to: { name: 'b' } }, { to: { database: 'd' } }] },
    ],
    ['TRUNCATE t', { kind: 'truncate', table: { name: 't' } }],
    ['TRUNCATE TABLE t', { kind: 'truncate' }],
    [
      "CREATE UNIQUE INDEX i USING BTREE ON t (a, b(5) DESC) COMMENT 'x' ALGORITHM=INPLACE",
      { kind: 'create-index', table: { name: 't' }, index: { name: 'i', type: 'unique', comment: 'x' } },
    ],
    ['CREATE FULLTEXT INDEX i ON t (a)', { index: { type: 'fulltext' } }],
    ['DROP INDEX i ON db.t', { kind: 'drop-index', name: 'i', table: { database: 'db' } }],
    ['DROP INDEX `PRIMARY` ON t', { kind: 'drop-index', name: 'PRIMARY' }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));

  test.each([
    ['CREATE VIEW v AS SELECT 1', 'CREATE VIEW'],
    ['CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1', 'CREATE VIEW'],
    ['CREATE DEFINER = CURRENT_USER() PROCEDURE p() BEGIN SELECT 1; END', 'CREATE PROCEDURE'],
    ['CREATE AGGREGATE FUNCTION f RETURNS INT SONAME "x"', 'CREATE FUNCTION'],
    ['DROP VIEW IF EXISTS v', 'DROP VIEW'],
    ['DROP TRIGGER t', 'DROP TRIGGER'],
    ["LOAD DATA INFILE 'x' INTO TABLE t", 'LOAD DATA'],
    ['HANDLER t OPEN', 'HANDLER'],
    ["XA START 'x'", 'XA START'],
    ['CALL p(1)', 'CALL'],
    ['START REPLICA', 'START REPLICA'],
  ])('%s is named as unsupported', (sql, construct) =>
    expect(statement(sql)).toEqual({ kind: 'unsupported', construct }),
  );
});
