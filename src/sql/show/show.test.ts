import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../errors.ts';
import type { ShowAst } from '../ast.ts';
import { matchesLike } from './like.ts';
import { named, type SampleSession, sampleContext, show } from './sample-catalog.suite.ts';
import { showTable } from './show.ts';
import { describeTable } from './show-schema.ts';

/** The rows of a SHOW, each as an array, under the names of its columns. */
function answer(ast: ShowAst, session: SampleSession = {}): unknown[][] {
  const context = sampleContext(session);
  const table = showTable(ast, context);
  return [table.columns.map((column) => column.name), ...table.rows(context)];
}

function like(pattern: string): { like: ShowAst['like']; slots: SampleSession['slots'] } {
  return { like: { kind: 'slot', index: 0 }, slots: [{ type: { kind: 'string' }, value: pattern }] };
}

function errno(call: () => unknown): number {
  try {
    call();
  } catch (error) {
    if (error instanceof SluiceError) return error.errno;
    throw error;
  }
  return 0;
}

describe('SHOW CREATE TABLE', () => {
  function created(table: string, session: SampleSession = {}): unknown {
    return answer(show('create table', { table: { name: table } }), session)[1]?.[1];
  }

  it('writes columns, keys and options as MySQL 8 does', () => {
    expect(created('USERS')).toBe(`CREATE TABLE \`users\` (
  \`id\` int unsigned NOT NULL AUTO_INCREMENT,
  \`name\` varchar(20) NOT NULL DEFAULT '',
  \`email\` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
  \`active\` tinyint(1) NOT NULL DEFAULT '1',
  \`bio\` text COMMENT 'it''s optional',
  \`created\` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  \`seen\` datetime(6) DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`email\` (\`email\`),
  KEY \`name\` (\`name\`(10),\`seen\` DESC)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='who buys'`);
  });

  it('writes foreign keys, checks, expressions and collations', () => {
    expect(created('orders')).toBe(`CREATE TABLE \`orders\` (
  \`number\` bigint NOT NULL,
  \`user\` int unsigned DEFAULT NULL,
  \`total\` decimal(10,2) DEFAULT '0.00',
  \`state\` enum('new','won''t ship') CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  \`flags\` bit(3) DEFAULT b'101',
  \`token\` varchar(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT (uuid()),
  \`data\` json DEFAULT NULL,
  \`paid\` timestamp(3) NULL DEFAULT NULL,
  \`note\` varchar(5) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  UNIQUE KEY \`number\` (\`number\`) COMMENT 'the key',
  CONSTRAINT \`orders_ibfk_1\` FOREIGN KEY (\`user\`) REFERENCES \`users\` (\`id\`) ON DELETE CASCADE,
  CONSTRAINT \`orders_chk_1\` CHECK (\`total\` >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci`);
  });

  it('honours sql_quote_show_create and ANSI_QUOTES', () => {
    expect(created('users', { set: { sql_quote_show_create: 0 } })).toContain('CREATE TABLE users (\n  id int');
    expect(created('users', { set: { sql_mode: 'ANSI_QUOTES' } })).toContain('CREATE TABLE "users" (\n  "id" int');
  });
});

describe('SHOW of the schema', () => {
  it('DATABASES', () => {
    const names = [['Old'], ['information_schema'], ['performance_schema'], ['shop']];
    expect(answer(show('databases'))).toEqual([['Database'], ...names]);
  });

  it('DATABASES LIKE', () => {
    const { slots, ...clause } = like('S%');
    expect(answer(show('databases', clause), { slots: slots ?? [] })).toEqual([['Database (S%)'], ['shop']]);
  });

  it('TABLES', () => {
    expect(answer(show('tables'))).toEqual([['Tables_in_shop'], ['orders'], ['users']]);
    expect(answer(show('tables', { database: 'old' }))).toEqual([['Tables_in_Old']]);
  });

  it('FULL TABLES LIKE', () => {
    const { slots, ...clause } = like('us%');
    expect(answer(show('tables', { full: true, ...clause }), { slots: slots ?? [] })).toEqual([
      ['Tables_in_shop (us%)', 'Table_type'],
      ['users', 'BASE TABLE'],
    ]);
  });

  it('COLUMNS', () => {
    expect(answer(show('columns', { table: { name: 'users' } }))).toEqual([
      ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
      ['id', 'int unsigned', 'NO', 'PRI', null, 'auto_increment'],
      ['name', 'varchar(20)', 'NO', 'MUL', '', ''],
      ['email', 'varchar(100)', 'YES', 'UNI', null, ''],
      ['active', 'tinyint(1)', 'NO', '', '1', ''],
      ['bio', 'text', 'YES', '', null, ''],
      ['created', 'timestamp', 'NO', '', 'CURRENT_TIMESTAMP', 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP'],
      ['seen', 'datetime(6)', 'YES', '', null, ''],
    ]);
  });

  it('FULL COLUMNS; a unique key without NULLs is the primary key where there is none', () => {
    const rows = answer(show('columns', { full: true, table: { name: 'orders' } }));
    const privileges = 'select,insert,update,references';
    expect(rows.slice(0, 2)).toEqual([
      ['Field', 'Type', 'Collation', 'Null', 'Key', 'Default', 'Extra', 'Privileges', 'Comment'],
      ['number', 'bigint', null, 'NO', 'PRI', null, '', privileges, ''],
    ]);
    expect(rows[6]).toEqual([
      'token',
      'varchar(36)',
      'utf8mb4_0900_ai_ci',
      'YES',
      '',
      'uuid()',
      'DEFAULT_GENERATED',
      privileges,
      '',
    ]);
  });

  it('COLUMNS of a table of information_schema', () => {
    const rows = answer(show('columns', { table: { database: 'INFORMATION_SCHEMA', name: 'schemata' } }));
    expect(rows[2]).toEqual(['SCHEMA_NAME', 'varchar(64)', 'NO', '', null, '']);
  });

  it('DESCRIBE t column', () => {
    const context = sampleContext();
    const rows = describeTable({ table: { name: 'users' }, column: 'NAME' }, context).rows(context);
    expect(rows.map((row) => row[0])).toEqual(['name']);
  });

  it('INDEX', () => {
    const rows = answer(show('index', { table: { name: 'users' } }));
    expect(rows[0]).toEqual([
      'Table',
      'Non_unique',
      'Key_name',
      'Seq_in_index',
      'Column_name',
      'Collation',
      'Cardinality',
      'Sub_part',
      'Packed',
      'Null',
      'Index_type',
      'Comment',
      'Index_comment',
      'Visible',
      'Expression',
    ]);
    expect(rows.slice(1).map((row) => row.slice(1, 10))).toEqual([
      [0, 'PRIMARY', 1, 'id', 'A', null, null, null, ''],
      [0, 'email', 1, 'email', 'A', null, null, null, 'YES'],
      [1, 'name', 1, 'name', 'A', null, 10, null, ''],
      [1, 'name', 2, 'seen', 'D', null, null, null, 'YES'],
    ]);
  });

  it('TABLE STATUS', () => {
    const context = sampleContext();
    expect(named(showTable(show('table status'), context), context)[1]).toMatchObject({
      Name: 'users',
      Engine: 'InnoDB',
      Version: 10,
      Row_format: 'Dynamic',
      Rows: null,
      Create_time: '2024-05-06 07:08:09',
      Collation: 'utf8mb4_0900_ai_ci',
      Create_options: '',
      Comment: 'who buys',
    });
  });

  it('CREATE DATABASE', () => {
    expect(answer(show('create database', { database: 'SHOP' }))[1]).toEqual([
      'shop',
      "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */",
    ]);
    expect(answer(show('create database', { database: 'shop', rest: 'if not exists' }))[1]?.[1]).toContain(
      'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100',
    );
    expect(answer(show('create database', { database: 'old' }))[1]?.[1]).toBe(
      "CREATE DATABASE `Old` /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */",
    );
  });

  it.each<[string, ShowAst, SampleSession, number]>([
    ['no database', show('tables'), { database: null }, 1046],
    ['an unknown database', show('tables', { database: 'nowhere' }), {}, 1049],
    ['an unknown table', show('columns', { table: { name: 'nothing' } }), {}, 1146],
    [
      'an unknown table of information_schema',
      show('index', { table: { database: 'information_schema', name: 'x' } }),
      {},
      1146,
    ],
    ['what there is no like of', show('create trigger', { rest: 't' }), {}, 1235],
    ["another engine's status", show('engine', { rest: 'MyISAM STATUS' }), {}, 1235],
    ["another user's rights", show('grants', { rest: "'bob'@'%'" }), {}, 1235],
  ])('%s is an error', (_, ast, session, expected) => {
    expect(errno(() => answer(ast, session))).toBe(expected);
  });
});

describe('SHOW of the server', () => {
  it('VARIABLES LIKE', () => {
    const { slots, ...clause } = like('lower\\_case\\_%names');
    expect(answer(show('variables', clause), { slots: slots ?? [] })).toEqual([
      ['Variable_name', 'Value'],
      ['lower_case_table_names', '2'],
    ]);
  });

  it('VARIABLES shows global variables too, GLOBAL VARIABLES none of sessions only', () => {
    const names = (ast: ShowAst) => answer(ast).map((row) => row[0]);
    expect(names(show('variables'))).toEqual(expect.arrayContaining(['port', 'autocommit', 'last_insert_id']));
    const global = names(show('variables', { scope: 'global' }));
    expect(global).toEqual(expect.arrayContaining(['port', 'autocommit']));
    expect(global).not.toContain('last_insert_id');
  });

  it('STATUS', () => {
    expect(answer(show('status'))).toEqual([
      ['Variable_name', 'Value'],
      ['Questions', '3'],
      ['Uptime', '12'],
    ]);
  });

  it('PROCESSLIST cuts statements, FULL PROCESSLIST does not', () => {
    const info = (full: boolean) => String(answer(show('processlist', { full }))[1]?.[7]);
    expect([info(false).length, info(true).length]).toEqual([100, 209]);
  });

  it('WARNINGS, ERRORS and their counts', () => {
    const warnings = [
      { level: 'Note', errno: 1051, message: 'a' },
      { level: 'Error', errno: 1064, message: 'b' },
      { level: 'Warning', errno: 1265, message: 'c' },
    ] as const;
    const slot = (value: number) => ({ type: { kind: 'int', unsigned: false } as const, value });
    const limit = { offset: { kind: 'slot', index: 0 }, count: { kind: 'slot', index: 1 } } as const;
    expect(answer(show('warnings', { limit }), { warnings, slots: [slot(1), slot(1)] })).toEqual([
      ['Level', 'Code', 'Message'],
      ['Error', 1064, 'b'],
    ]);
    expect(answer(show('errors'), { warnings })).toHaveLength(2);
    expect(answer(show('count warnings'), { warnings })).toEqual([['@@session.warning_count'], [3]]);
    expect(answer(show('count errors'), { warnings })).toEqual([['@@session.error_count'], [1]]);
  });

  it.each([
    ['engines', 'Engine', 'InnoDB'],
    ['character set', 'Charset', 'utf8mb4'],
    ['collation', 'Collation', 'utf8mb4_0900_ai_ci'],
    ['plugins', 'Name', 'caching_sha2_password'],
    ['grants', 'Grants for root@%', 'GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION'],
    ['privileges', 'Privilege', 'Select'],
  ])('%s has the column %s with %s', (what, name, value) => {
    const [columns, ...rows] = answer(show(what));
    expect(columns?.[0]).toBe(name);
    expect(rows.map((row) => row[0])).toContain(value);
  });

  it.each([
    'triggers',
    'events',
    'procedure status',
    'function status',
    'open tables',
    'master status',
    'slave status',
    'profiles',
  ])('%s is an empty set', (what) => {
    expect(answer(show(what))).toHaveLength(1);
  });
});

describe('LIKE', () => {
  it.each([
    ['users', 'US%', true],
    ['users', '%ser_', true],
    ['users', 'user', false],
    ['a_b', 'a\\_b', true],
    ['axb', 'a\\_b', false],
    ['', '%', true],
    ['', '_', false],
    ['Größe', 'gr_ße', true],
    ['abcbcd', 'a%bcd', true],
    ['100%', '100\\%', true],
  ])('%j like %j: %s', (text, pattern, expected) => {
    expect(matchesLike(text, pattern)).toBe(expected);
  });

  it('takes no pattern long', () => {
    const startedAt = performance.now();
    matchesLike('a'.repeat(64), `${'%a'.repeat(2000)}b`);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
