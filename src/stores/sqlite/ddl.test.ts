import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../column-type.ts';
import { BIGINT_UNSIGNED, column, foreignKey, INT, table, VARCHAR } from '../samples.suite.ts';
import { affinity, columnCollation, createIndexesSql, createTableSql, rowidColumn } from './ddl.ts';

const required = { nullable: false };

describe('CREATE TABLE', () => {
  it('makes an integer primary key the rowid', () => {
    const users = table(
      'users',
      [column('id', INT, required), column('name', VARCHAR, required), column('age')],
      ['id'],
    );
    expect(createTableSql(users)).toBe(
      'CREATE TABLE "main.users" ("id" INTEGER PRIMARY KEY, "name" TEXT COLLATE NOCASE NOT NULL, "age" INTEGER)',
    );
  });

  it('keeps tables with another primary key in the order of that key', () => {
    const members = table('members', [column('club', VARCHAR), column('person', INT)], ['club', 'person']);
    expect(createTableSql(members)).toBe(
      'CREATE TABLE "main.members" ("club" TEXT COLLATE NOCASE NOT NULL, "person" INTEGER NOT NULL, PRIMARY KEY ("club", "person")) WITHOUT ROWID',
    );
  });

  it('gives tables without a primary key a hidden one', () => {
    expect(createTableSql(table('log', [column('line', VARCHAR)]))).toBe(
      'CREATE TABLE "main.log" ("_sluice_row" INTEGER PRIMARY KEY, "line" TEXT COLLATE NOCASE)',
    );
  });

  it('names tables by database, with dots inside names written otherwise', () => {
    expect(createTableSql(table('a.b"c', [column('x')], [], { database: 'da@ta' }))).toContain(
      'CREATE TABLE "da@0040ta.a@002eb""c" (',
    );
  });

  it('references parents by their stored names, and checks by name', () => {
    const child = table('child', [column('id'), column('parent')], ['id'], {
      foreignKeys: [
        foreignKey('fk', 'parent', 'parent.id', {
          onDelete: 'cascade',
          onUpdate: 'set null',
          referencedDatabase: 'other',
        }),
      ],
      checks: [{ name: 'positive', text: '`id` > 0', storeSql: '"id" > 0' }],
    });
    expect(createTableSql(child)).toBe(
      'CREATE TABLE "main.child" ("id" INTEGER PRIMARY KEY, "parent" INTEGER, ' +
        'CONSTRAINT "fk" FOREIGN KEY ("parent") REFERENCES "other.parent" ("id") ON DELETE CASCADE ON UPDATE SET NULL, ' +
        'CONSTRAINT "positive" CHECK ("id" > 0))',
    );
  });
});

describe('the rowid', () => {
  it('can be BIGINT UNSIGNED only where ids are generated: other values may need all 64 bits', () => {
    expect(rowidColumn(table('t', [column('id', BIGINT_UNSIGNED)], ['id']))).toBeNull();
    expect(rowidColumn(table('t', [column('id', BIGINT_UNSIGNED, { autoIncrement: true })], ['ID']))).toBe('id');
  });

  it('is no text and no composite key', () => {
    expect(rowidColumn(table('t', [column('id', VARCHAR)], ['id']))).toBeNull();
    expect(rowidColumn(table('t', [column('a'), column('b')], ['a', 'b']))).toBeNull();
  });
});

describe('CREATE INDEX', () => {
  const columns = [column('a', VARCHAR), column('b', { ...VARCHAR, collation: 'utf8mb4_bin' }), column('c')];

  it('names indexes by their table', () => {
    const indexed = table('t', columns, [], {
      indexes: [
        { name: 'ab', unique: true, parts: [{ column: 'a' }, { column: 'c', descending: true }] },
        { name: 'prefix', unique: false, parts: [{ column: 'a', length: 10 }] },
      ],
    });
    expect(createIndexesSql(indexed)).toEqual([
      'CREATE UNIQUE INDEX "main.t.ab" ON "main.t" ("a", "c" DESC)',
      'CREATE INDEX "main.t.prefix" ON "main.t" ("a")',
    ]);
  });

  it('makes a unique prefix an expression with the collation of its column', () => {
    const indexed = table('t', columns, [], {
      indexes: [
        {
          name: 'u',
          unique: true,
          parts: [
            { column: 'a', length: 3 },
            { column: 'b', length: 4 },
          ],
        },
      ],
    });
    expect(createIndexesSql(indexed)).toEqual([
      'CREATE UNIQUE INDEX "main.t.u" ON "main.t" (substr("a", 1, 3) COLLATE NOCASE, substr("b", 1, 4) COLLATE BINARY)',
    ]);
  });
});

describe('a column', () => {
  const cases: [ColumnType, string, string][] = [
    [{ name: 'tinyint', unsigned: true }, 'INTEGER', 'BINARY'],
    [{ name: 'bigint' }, 'INTEGER', 'BINARY'],
    [{ name: 'bigint', unsigned: true }, 'BLOB', 'BINARY'],
    [{ name: 'decimal', precision: 10, scale: 2 }, 'INTEGER', 'BINARY'],
    [{ name: 'double' }, 'REAL', 'BINARY'],
    [{ name: 'varchar', length: 5 }, 'TEXT', 'NOCASE'],
    [{ name: 'text', collation: 'utf8mb4_general_ci' }, 'TEXT', 'NOCASE'],
    [{ name: 'text', collation: 'utf8mb4_bin' }, 'TEXT', 'BINARY'],
    [{ name: 'text', collation: 'utf8mb4_0900_as_cs' }, 'TEXT', 'BINARY'],
    [{ name: 'datetime', scale: 3 }, 'TEXT', 'BINARY'],
    [{ name: 'time' }, 'INTEGER', 'BINARY'],
    [{ name: 'enum', values: ['a'] }, 'INTEGER', 'BINARY'],
    [{ name: 'json' }, 'TEXT', 'BINARY'],
    [{ name: 'varbinary', length: 5 }, 'BLOB', 'BINARY'],
  ];
  it.each(cases)('of type %j is stored as %s, compared %s', (type, expectedAffinity, collation) => {
    expect(affinity(type)).toBe(expectedAffinity);
    expect(columnCollation(type)).toBe(collation);
  });
});
