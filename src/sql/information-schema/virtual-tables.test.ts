import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../stores/column-type.ts';
import { named, sampleContext } from '../show/sample-catalog.suite.ts';
import { columnTypeText } from './column-type-text.ts';
import { findVirtualTable, isVirtualDatabase, VIRTUAL_TABLES } from './virtual-tables.ts';

const context = sampleContext();

/** The rows of a table of information_schema that are about the sample's database or table. */
function rows(table: string, place: Readonly<Record<string, unknown>> = {}): Record<string, unknown>[] {
  const found = findVirtualTable('information_schema', table);
  if (found === undefined) throw new Error(`there is no ${table}`);
  return named(found, context).filter((row) => Object.entries(place).every(([name, value]) => row[name] === value));
}

describe('virtual tables', () => {
  it('are found in any case', () => {
    expect(findVirtualTable('Information_Schema', 'tables')?.name).toBe('TABLES');
    expect(findVirtualTable('performance_schema', 'session_variables')?.database).toBe('performance_schema');
    expect(findVirtualTable('mysql', 'user')).toBeUndefined();
    expect([isVirtualDatabase('MySQL'), isVirtualDatabase('shop')]).toEqual([true, false]);
  });

  it('give rows as wide as their columns, of JSON values only', () => {
    for (const table of VIRTUAL_TABLES) {
      for (const row of table.rows(context)) {
        expect(row, table.name).toHaveLength(table.columns.length);
        expect(JSON.parse(JSON.stringify(row)), table.name).toEqual(row);
        const nulls = table.columns.filter((column, i) => row[i] === null && !column.nullable);
        // MySQL too calls CREATE_TIME NOT NULL and shows none for its system views.
        expect(
          nulls.map((column) => column.name).filter((name) => name !== 'CREATE_TIME'),
          table.name,
        ).toEqual([]);
      }
    }
  });

  it('name each column once', () => {
    for (const table of VIRTUAL_TABLES) {
      expect(new Set(table.columns.map((column) => column.name)).size, table.name).toBe(table.columns.length);
    }
  });
});

describe('information_schema', () => {
  it('SCHEMATA', () => {
    expect(rows('SCHEMATA').map((row) => [row.SCHEMA_NAME, row.DEFAULT_COLLATION_NAME])).toEqual([
      ['Old', 'latin1_swedish_ci'],
      ['information_schema', 'utf8mb3_general_ci'],
      ['performance_schema', 'utf8mb4_0900_ai_ci'],
      ['shop', 'utf8mb4_0900_ai_ci'],
    ]);
  });

  it('TABLES', () => {
    const of = (schema: string) =>
      rows('TABLES', { TABLE_SCHEMA: schema }).map((row) => [row.TABLE_NAME, row.TABLE_TYPE]);
    expect(of('shop')).toEqual([
      ['orders', 'BASE TABLE'],
      ['users', 'BASE TABLE'],
    ]);
    expect(of('information_schema')).toContainEqual(['TABLES', 'SYSTEM VIEW']);
  });

  it('COLUMNS', () => {
    const facts = rows('COLUMNS', { TABLE_NAME: 'orders' }).map((row) => [
      row.COLUMN_NAME,
      row.ORDINAL_POSITION,
      row.DATA_TYPE,
      row.CHARACTER_MAXIMUM_LENGTH,
      row.CHARACTER_OCTET_LENGTH,
      row.NUMERIC_PRECISION,
      row.NUMERIC_SCALE,
      row.DATETIME_PRECISION,
      row.CHARACTER_SET_NAME,
    ]);
    expect(facts).toEqual([
      ['number', 1, 'bigint', null, null, 19, 0, null, null],
      ['user', 2, 'int', null, null, 10, 0, null, null],
      ['total', 3, 'decimal', null, null, 10, 2, null, null],
      ['state', 4, 'enum', 10, 40, null, null, null, 'utf8mb4'],
      ['flags', 5, 'bit', null, null, 3, null, null, null],
      ['token', 6, 'varchar', 36, 144, null, null, null, 'utf8mb4'],
      ['data', 7, 'json', null, null, null, null, null, null],
      ['paid', 8, 'timestamp', null, null, null, null, 3, null],
      ['note', 9, 'varchar', 5, 5, null, null, null, 'latin1'],
    ]);
  });

  it('STATISTICS, TABLE_CONSTRAINTS, KEY_COLUMN_USAGE', () => {
    expect(rows('STATISTICS', { TABLE_NAME: 'orders' })).toMatchObject([
      { INDEX_NAME: 'number', NON_UNIQUE: 0, SEQ_IN_INDEX: 1, COLUMN_NAME: 'number', INDEX_COMMENT: 'the key' },
    ]);
    expect(rows('TABLE_CONSTRAINTS').map((row) => [row.TABLE_NAME, row.CONSTRAINT_NAME, row.CONSTRAINT_TYPE])).toEqual([
      ['orders', 'number', 'UNIQUE'],
      ['orders', 'orders_ibfk_1', 'FOREIGN KEY'],
      ['orders', 'orders_chk_1', 'CHECK'],
      ['users', 'PRIMARY', 'PRIMARY KEY'],
      ['users', 'email', 'UNIQUE'],
    ]);
    expect(rows('KEY_COLUMN_USAGE', { CONSTRAINT_NAME: 'orders_ibfk_1' })).toMatchObject([
      {
        TABLE_NAME: 'orders',
        COLUMN_NAME: 'user',
        ORDINAL_POSITION: 1,
        POSITION_IN_UNIQUE_CONSTRAINT: 1,
        REFERENCED_TABLE_SCHEMA: 'shop',
        REFERENCED_TABLE_NAME: 'users',
        REFERENCED_COLUMN_NAME: 'id',
      },
    ]);
  });

  it('REFERENTIAL_CONSTRAINTS names the key that is referenced; CHECK_CONSTRAINTS its clause', () => {
    expect(rows('REFERENTIAL_CONSTRAINTS')).toMatchObject([
      {
        UNIQUE_CONSTRAINT_NAME: 'PRIMARY',
        UPDATE_RULE: 'NO ACTION',
        DELETE_RULE: 'CASCADE',
        REFERENCED_TABLE_NAME: 'users',
      },
    ]);
    expect(rows('CHECK_CONSTRAINTS')).toMatchObject([
      { CONSTRAINT_NAME: 'orders_chk_1', CHECK_CLAUSE: '`total` >= 0' },
    ]);
  });

  it.each(['VIEWS', 'ROUTINES', 'PARAMETERS', 'TRIGGERS', 'EVENTS', 'FILES', 'SCHEMA_PRIVILEGES', 'COLUMN_STATISTICS'])(
    '%s is empty',
    (table) => {
      expect(rows(table)).toEqual([]);
    },
  );

  it('PROCESSLIST, variables and counters', () => {
    expect(rows('PROCESSLIST')).toMatchObject([{ ID: 7, USER: 'root', DB: 'shop', COMMAND: 'Query', TIME: 0 }]);
    expect(rows('SESSION_VARIABLES', { VARIABLE_NAME: 'autocommit' })).toMatchObject([{ VARIABLE_VALUE: 'ON' }]);
    expect(rows('GLOBAL_STATUS', { VARIABLE_NAME: 'Uptime' })).toMatchObject([{ VARIABLE_VALUE: '12' }]);
  });
});

describe('columnTypeText', () => {
  it.each<[ColumnType, string]>([
    [{ name: 'int', unsigned: true, length: 11 }, 'int unsigned'],
    [{ name: 'tinyint', length: 1 }, 'tinyint(1)'],
    [{ name: 'tinyint', length: 1, unsigned: true }, 'tinyint unsigned'],
    [{ name: 'tinyint', length: 4 }, 'tinyint'],
    [{ name: 'bigint', length: 20 }, 'bigint'],
    [{ name: 'varchar', length: 20 }, 'varchar(20)'],
    [{ name: 'char' }, 'char(1)'],
    [{ name: 'varbinary', length: 16 }, 'varbinary(16)'],
    [{ name: 'decimal', precision: 10, scale: 2, unsigned: true }, 'decimal(10,2) unsigned'],
    [{ name: 'decimal' }, 'decimal(10,0)'],
    [{ name: 'float' }, 'float'],
    [{ name: 'double', precision: 8, scale: 3 }, 'double(8,3)'],
    [{ name: 'datetime', scale: 6 }, 'datetime(6)'],
    [{ name: 'timestamp', scale: 0 }, 'timestamp'],
    [{ name: 'time' }, 'time'],
    [{ name: 'bit', length: 8 }, 'bit(8)'],
    [{ name: 'year', length: 4 }, 'year'],
    [{ name: 'enum', values: ['a', "it's"] }, "enum('a','it''s')"],
    [{ name: 'set', values: ['x', 'y'] }, "set('x','y')"],
    [{ name: 'mediumtext' }, 'mediumtext'],
    [{ name: 'json' }, 'json'],
  ])('%o is %s', (type, text) => {
    expect(columnTypeText(type)).toBe(text);
  });
});
