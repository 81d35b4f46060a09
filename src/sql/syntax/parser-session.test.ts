import { describe, expect, test } from 'vitest';
import { parse } from './parser.ts';

const statement = (sql: string) => parse(sql).statement;

describe('set', () => {
  const system = (name: string, scope = 'session') => ({ kind: 'system', scope, name });
  test.each([
    ['SET @a = 1', [{ target: { kind: 'user', name: 'a' }, value: { kind: 'slot' } }]],
    [
      "SET @a := 1, SESSION sql_mode = '', @@global.x = DEFAULT",
      [
        { target: { kind: 'user' } },
        { target: system('sql_mode') },
        { target: system('x', 'global'), value: { kind: 'default' } },
      ],
    ],
    ['SET autocommit = ON', [{ target: system('autocommit'), value: { kind: 'column', name: 'ON' } }]],
    [
      'SET @@autocommit = off, sql_mode = ANSI',
      [{ value: { kind: 'column', name: 'off' } }, { value: { kind: 'column', name: 'ANSI' } }],
    ],
    ['SET binlog_format = ROW', [{ value: { kind: 'column', name: 'ROW' } }]],
    ['SET character_set_results = binary', [{ value: { kind: 'column', name: 'binary' } }]],
    ['SET x = BINARY @a', [{ value: { kind: 'unary', op: 'binary' } }]],
    ['SET GLOBAL x = 1, y = 2', [{ target: system('x', 'global') }, { target: system('y') }]],
    ['SET PERSIST x = 1', [{ target: system('x', 'persist') }]],
    ['SET LOCAL x = 1', [{ target: system('x') }]],
    ["SET @@SESSION.Time_Zone = '+00:00'", [{ target: system('time_zone') }]],
    ['SET hot.key_buffer_size = 1', [{ target: system('hot.key_buffer_size') }]],
    ['SET global = 1', [{ target: system('global') }]],
    ['SET transaction = 1', [{ target: system('transaction') }]],
    ['SET names = 1', [{ target: system('names') }]],
    ['SET x = (SELECT 1)', [{ value: { kind: 'subquery' } }]],
    [
      'SET CHARACTER SET utf8mb4',
      [
        { target: system('character_set_client'), value: { name: 'utf8mb4' } },
        { target: system('character_set_results') },
        { target: system('collation_connection'), value: { kind: 'system-variable', name: 'collation_database' } },
      ],
    ],
    [
      'SET NAMES utf8mb4 COLLATE utf8mb4_bin, autocommit = 1',
      [
        { target: system('character_set_client'), value: { kind: 'column', name: 'utf8mb4' } },
        { target: system('character_set_results') },
        { target: system('character_set_connection') },
        { target: system('collation_connection'), value: { name: 'utf8mb4_bin' } },
        { target: system('autocommit') },
      ],
    ],
  ])('%s', (sql, assignments) => {
    const set = statement(sql);
    expect(set).toMatchObject({ kind: 'set', assignments });
    expect(set.kind === 'set' && set.assignments).toHaveLength(assignments.length);
  });

  test.each([
    ['SET NAMES utf8', { kind: 'set-names', charset: 'utf8mb3', collation: undefined }],
    ["SET NAMES 'utf8mb4' COLLATE 'UTF8MB4_bin'", { kind: 'set-names', charset: 'utf8mb4', collation: 'utf8mb4_bin' }],
    ['SET NAMES DEFAULT', { kind: 'set-names', charset: 'default' }],
    [
      'SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY',
      { kind: 'set-transaction', scope: 'next', isolation: 'READ-COMMITTED', readOnly: true },
    ],
    [
      'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE',
      { scope: 'session', isolation: 'SERIALIZABLE', readOnly: undefined },
    ],
    ['SET GLOBAL TRANSACTION READ WRITE', { scope: 'global', readOnly: false }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));

  test.each([
    ["SET PASSWORD = 'x'", "support 'SET PASSWORD'"],
    ['SET DEFAULT ROLE r TO u', "support 'SET DEFAULT ROLE'"],
    ['SET PERSIST_ONLY x = 1', "support 'SET PERSIST_ONLY'"],
    ['SET NAMES nope', "Unknown character set: 'nope'"],
    ['SET', "near ''"],
    ['SET READ ONLY', "near 'READ ONLY'"],
    ['SET TRANSACTION x', "near 'x'"],
    ['SET x', "near ''"],
    ['SET x = ', "near ''"],
  ])('%s is refused', (sql, message) => expect(() => statement(sql)).toThrow(message));
});

describe('show', () => {
  test.each([
    ['SHOW DATABASES', { what: 'databases', full: false }],
    ["SHOW SCHEMAS LIKE 'a%'", { what: 'databases', like: { kind: 'slot' } }],
    ['SHOW FULL TABLES FROM `d` WHERE Table_type = "VIEW"', { what: 'tables', full: true, database: 'd', where: {} }],
    ["SHOW TABLE STATUS IN d LIKE 'x'", { what: 'table status', database: 'd' }],
    ['SHOW OPEN TABLES', { what: 'open tables' }],
    ['SHOW FULL COLUMNS FROM t FROM d', { what: 'columns', table: { database: 'd', name: 't' }, full: true }],
    ['SHOW EXTENDED FIELDS IN d.t', { what: 'columns', table: { database: 'd', name: 't' } }],
    ['SHOW KEYS FROM t', { what: 'index' }],
    ["SHOW INDEXES FROM t WHERE Key_name = 'PRIMARY'", { what: 'index', where: {} }],
    ['SHOW CREATE TABLE d.t', { what: 'create table', table: { database: 'd', name: 't' } }],
    ['SHOW CREATE SCHEMA IF NOT EXISTS d', { what: 'create database', database: 'd' }],
    ['SHOW CREATE PROCEDURE p', { what: 'create procedure', table: { name: 'p' } }],
    ["SHOW CREATE USER 'a'@'b'", { what: 'create user', rest: "'a'@'b'" }],
    ["SHOW GLOBAL VARIABLES LIKE 'x'", { what: 'variables', scope: 'global' }],
    ['SHOW SESSION STATUS', { what: 'status', scope: 'session' }],
    ['SHOW WARNINGS LIMIT 5', { what: 'warnings', limit: {} }],
    ['SHOW COUNT(*) ERRORS', { what: 'count errors' }],
    ['SHOW FULL PROCESSLIST', { what: 'processlist', full: true }],
    ['SHOW STORAGE ENGINES', { what: 'engines' }],
    ['SHOW CHARSET', { what: 'character set' }],
    ["SHOW CHARACTER SET LIKE 'utf8%'", { what: 'character set' }],
    ["SHOW COLLATION WHERE Charset = 'utf8mb4'", { what: 'collation', where: {} }],
    ['SHOW GRANTS', { what: 'grants', rest: undefined }],
    ['SHOW GRANTS FOR CURRENT_USER()', { what: 'grants', rest: 'CURRENT_USER()' }],
    ['SHOW ENGINE INNODB STATUS', { what: 'engine', rest: 'INNODB STATUS' }],
    ['SHOW FUNCTION STATUS', { what: 'function status' }],
    ['SHOW MASTER STATUS', { what: 'master status' }],
    ['SHOW BINARY LOG STATUS', { what: 'binary log status' }],
    ["SHOW BINLOG EVENTS IN 'x' FROM 4", { what: 'binlog events', rest: "IN 'x' FROM 4" }],
    ['SHOW TRIGGERS FROM d', { what: 'triggers', database: 'd' }],
    ['SHOW PLUGINS', { what: 'plugins' }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject({ kind: 'show', ...expected }));

  test.each([
    ['SHOW', ''],
    ['SHOW NONSENSE x', 'NONSENSE x'],
    ['SHOW COLUMNS t', 't'],
    ['SHOW TABLES LIKE x', 'x'],
  ])('%s is an error near "%s"', (sql, near) => expect(() => statement(sql)).toThrow(`near '${near}' at line 1`));
});

describe('transactions and locks', () => {
  test.each([
    ['BEGIN WORK', { kind: 'begin', consistentSnapshot: false }],
    ['START TRANSACTION', { kind: 'begin', readOnly: undefined }],
    [
      'START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT',
      { kind: 'begin', readOnly: true, consistentSnapshot: true },
    ],
    ['COMMIT', { kind: 'commit', chain: false, release: false }],
    ['COMMIT WORK AND CHAIN', { kind: 'commit', chain: true }],
    ['ROLLBACK AND NO CHAIN RELEASE', { kind: 'rollback', chain: false, release: true }],
    ['COMMIT NO RELEASE', { kind: 'commit', release: false }],
    ['ROLLBACK TO SAVEPOINT `s`', { kind: 'rollback-to', name: 's' }],
    ['ROLLBACK WORK TO s', { kind: 'rollback-to' }],
    ['SAVEPOINT s', { kind: 'savepoint', name: 's' }],
    ['RELEASE SAVEPOINT s', { kind: 'release-savepoint', name: 's' }],
    [
      'LOCK TABLES a READ LOCAL, d.b AS x LOW_PRIORITY WRITE',
      { kind: 'lock-tables', tables: [{ mode: 'read' }, { table: { database: 'd' }, alias: 'x', mode: 'write' }] },
    ],
    ['UNLOCK TABLES', { kind: 'unlock-tables' }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));
});

describe('the rest', () => {
  test.each([
    ['USE `d`', { kind: 'use', database: 'd' }],
    ['DESC t', { kind: 'describe', table: { name: 't' }, column: undefined }],
    ['DESCRIBE d.t c', { kind: 'describe', table: { database: 'd' }, column: 'c' }],
    ["EXPLAIN t 'a%'", { kind: 'describe', column: 'a%' }],
    ['EXPLAIN SELECT 1', { kind: 'explain', analyze: false, format: undefined, statement: { kind: 'query' } }],
    ['EXPLAIN FORMAT=JSON DELETE FROM t', { kind: 'explain', format: 'json', statement: { kind: 'delete' } }],
    ['EXPLAIN ANALYZE (SELECT 1)', { kind: 'explain', analyze: true }],
    ['EXPLAIN EXTENDED SELECT 1', { kind: 'explain' }],
    ['ANALYZE NO_WRITE_TO_BINLOG TABLE a, b', { kind: 'table-maintenance', action: 'analyze', tables: [{}, {}] }],
    ['CHECK TABLE a FOR UPGRADE', { action: 'check' }],
    ['OPTIMIZE TABLE a', { action: 'optimize' }],
    ['REPAIR TABLE a QUICK', { action: 'repair' }],
    ['CHECKSUM TABLE a EXTENDED', { action: 'checksum' }],
    ['KILL 5', { kind: 'kill', what: 'connection', id: { kind: 'slot' } }],
    ['KILL QUERY CONNECTION_ID()', { kind: 'kill', what: 'query', id: { kind: 'call' } }],
    ['DO 1, SLEEP(2)', { kind: 'do', expressions: [{}, {}] }],
    ["PREPARE s FROM 'SELECT ?'", { kind: 'prepare', name: 's', source: { kind: 'slot' } }],
    ['PREPARE s FROM @q', { source: { kind: 'user-variable', name: 'q' } }],
    ['EXECUTE s USING @a, @b', { kind: 'execute', name: 's', using: ['a', 'b'] }],
    ['EXECUTE s', { using: [] }],
    ['DEALLOCATE PREPARE s', { kind: 'deallocate', name: 's' }],
    ['DROP PREPARE s', { kind: 'deallocate' }],
    ['FLUSH LOCAL TABLES WITH READ LOCK', { kind: 'flush', what: 'tables with read lock' }],
    ["HELP 'x'", { kind: 'unsupported', construct: 'HELP' }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));
});
