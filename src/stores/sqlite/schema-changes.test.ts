import { describe, expect, it } from 'vitest';
import { column, foreignKey, INT, insert, people, table, VARCHAR } from '../samples.suite.ts';
import type { TableDefinition } from '../schema.ts';
import type { ColumnSource } from '../schema-change.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();
const required = { nullable: false };
const from = (name: string): ColumnSource => ({ kind: 'column', name });
const value = (of: string | number | null): ColumnSource => ({ kind: 'value', value: of });

/** Alters `people`: each column with its source. */
function alter(
  columns: readonly (readonly [TableDefinition['columns'][number], ColumnSource])[],
  more: Partial<TableDefinition> = {},
): void {
  const existing = harness.table('people');
  harness.change({
    kind: 'alter-table',
    table: existing,
    definition: { ...existing, columns: columns.map(([of]) => of), ...more },
    sources: columns.map(([, source]) => source),
  });
}

const [id, name, likes] = people().columns as [
  TableDefinition['columns'][number],
  TableDefinition['columns'][number],
  TableDefinition['columns'][number],
];
const kept = [
  [id, from('id')],
  [name, from('name')],
  [likes, from('likes')],
] as const;

function setUp(): void {
  harness.create(people());
  harness.write(
    insert('people', [
      [1, 'ann', 10],
      [2, 'bob', 20],
    ]),
  );
}

/** SQLite's own text of what belongs to a table. */
function stored(like: string): unknown[] {
  return harness.rows('SELECT sql FROM sqlite_schema WHERE name LIKE ?1 ORDER BY name', [like]).map(([sql]) => sql);
}

function rows(of = 'people'): unknown[][] {
  return harness.rows(`SELECT * FROM "main.${of}"`);
}

describe('ALTER TABLE', () => {
  it('adds constant columns at the end in place', () => {
    setUp();
    alter([...kept, [column('age'), value(null)], [column('city', VARCHAR, required), value("it's")]]);
    expect(rows()).toEqual([
      [1, 'ann', 10, null, "it's"],
      [2, 'bob', 20, null, "it's"],
    ]);
    expect(stored('main.people')[0]).toContain('DEFAULT');
    expect(harness.write(insert('people', [[null, 'cid', 1, 2, 'x']]))).toMatchObject({ insertId: 3 });
  });

  it('adds columns in the middle, drops, reorders and converts by building the table anew', () => {
    setUp();
    alter([
      [column('n', INT, required), { kind: 'sequence' }],
      [name, { kind: 'expression', sql: `upper("name") || '.'` }],
      [id, from('id')],
    ]);
    expect(rows()).toEqual([
      [1, 'ANN.', 1],
      [2, 'BOB.', 2],
    ]);
    expect(() => harness.write(insert('people', [[9, 'bob.', null]]))).toThrow(
      "Duplicate entry 'bob.' for key 'people.by_name'",
    );
    expect(harness.write(insert('people', [[3, 'cid', null]]))).toMatchObject({ insertId: 4 });
  });

  it('renames columns in place, and other tables follow', () => {
    setUp();
    const pets = table('pets', [column('pet'), column('owner')], ['pet'], {
      foreignKeys: [foreignKey('fk', 'owner', 'people.id')],
    });
    harness.create(pets);
    harness.write(insert('pets', [[1, 2]]));
    alter([[{ ...id, name: 'person' }, from('id')], ...kept.slice(1)], { primaryKey: ['person'] });
    expect(rows()).toEqual([
      [1, 'ann', 10],
      [2, 'bob', 20],
    ]);
    expect(harness.table('pets').foreignKeys[0]?.referencedColumns).toEqual(['person']);
    expect(stored('main.pets')[0]).toContain('REFERENCES "main.people" ("person")');
    expect(() => harness.write(insert('pets', [[2, 9]]))).toThrow('REFERENCES `people` (`person`)');
    harness.reopen();
    expect(() => harness.write(insert('pets', [[2, 9]]))).toThrow('REFERENCES `people` (`person`)');
  });

  it('renames and rebuilds at once, with expressions over the old names', () => {
    setUp();
    alter(
      [
        [{ ...id, name: 'ID' }, from('id')],
        [column('label', VARCHAR), from('name')],
        [column('length'), { kind: 'expression', sql: 'length("name")' }],
      ],
      { indexes: [{ name: 'by_name', unique: true, parts: [{ column: 'label' }] }] },
    );
    expect(rows()).toEqual([
      [1, 'ann', 3],
      [2, 'bob', 3],
    ]);
  });

  it('lets two columns change names', () => {
    harness.create(table('people', [column('id', INT, required), column('a'), column('b')], ['id']));
    harness.write(insert('people', [[1, 2, 3]]));
    alter([
      [id, from('id')],
      [column('b'), from('a')],
      [column('a'), from('b')],
    ]);
    expect(harness.rows('SELECT id, a, b FROM "main.people"')).toEqual([[1, 3, 2]]);
  });

  it('changes indexes in place, and says which value is there twice', () => {
    setUp();
    harness.write(insert('people', [[3, 'Cid', 10]]));
    const byLikes = { name: 'by_likes', unique: false, parts: [{ column: 'likes' }] };
    alter(kept, { indexes: [...people().indexes, byLikes] });
    expect(stored('main.people.%')).toHaveLength(2);
    alter(kept, { indexes: [byLikes] });
    expect(stored('main.people.%')).toEqual(['CREATE INDEX "main.people.by_likes" ON "main.people" ("likes")']);
    expect(() => alter(kept, { indexes: [{ ...byLikes, unique: true }] })).toThrow(
      "Duplicate entry '10' for key 'people.by_likes'",
    );
    expect(stored('main.people.%')).toHaveLength(1);
    expect(harness.table('people').indexes).toEqual([byLikes]);
  });

  it('changes the primary key, and says which value is there twice', () => {
    setUp();
    harness.write(insert('people', [[3, 'cid', 10]]));
    expect(() => alter(kept, { primaryKey: ['likes'] })).toThrow("Duplicate entry '10' for key 'people.PRIMARY'");
    alter(kept, { primaryKey: ['likes', 'id'] });
    expect(stored('main.people')[0]).toContain('PRIMARY KEY ("likes", "id")) WITHOUT ROWID');
    alter(kept, { primaryKey: [] });
    alter(kept, { primaryKey: [], comment: 'no key' });
    expect(harness.rows('SELECT id FROM "main.people" ORDER BY _sluice_row')).toEqual([[1], [3], [2]]);
  });

  it('checks rows against a new foreign key, a new check and NOT NULL', () => {
    setUp();
    expect(() => alter(kept, { foreignKeys: [foreignKey('fk', 'likes', 'people.id')] })).toThrow(
      'CONSTRAINT `fk` FOREIGN KEY (`likes`) REFERENCES `people` (`id`)',
    );
    const check = { name: 'few', text: '`likes` < 15', storeSql: '"likes" < 15' };
    expect(() => alter(kept, { checks: [check] })).toThrow("Check constraint 'few' is violated.");
    harness.write(insert('people', [[3, 'cid', null]]));
    expect(() => alter([...kept.slice(0, 2), [{ ...likes, nullable: false }, from('likes')]])).toThrow(
      "Column 'likes' cannot be null",
    );
    expect(rows()).toHaveLength(3);
  });

  it('keeps the unique key that another table references', () => {
    setUp();
    const pets = table('pets', [column('id'), column('owner', VARCHAR)], ['id'], {
      foreignKeys: [foreignKey('fk', 'owner', 'people.name')],
    });
    harness.create(pets);
    expect(() => alter(kept, { indexes: [] })).toThrow(
      "missing unique key for constraint 'fk' in the referenced table 'people'",
    );
    expect(() => alter(kept.slice(0, 1), { indexes: [] })).toThrow("missing column 'name' for constraint 'fk'");
  });

  it('can rename the table in the same change', () => {
    setUp();
    alter(kept.slice(0, 2), { name: 'persons' });
    expect(rows('persons')).toEqual([
      [1, 'ann'],
      [2, 'bob'],
    ]);
    expect(harness.engine.catalog.table('main', 'people')).toBeUndefined();
    expect(stored('main.persons.by_name')).toHaveLength(1);
  });
});

describe('RENAME TABLE', () => {
  it('goes into another database, and foreign keys and indexes follow', () => {
    setUp();
    harness.create(
      table('pets', [column('id'), column('owner')], ['id'], { foreignKeys: [foreignKey('fk', 'owner', 'people.id')] }),
    );
    harness.change({ kind: 'create-database', database: { name: 'shop' } });
    const to = { database: 'shop', name: 'customers' };
    harness.change({ kind: 'rename-tables', renames: [{ from: { database: 'main', name: 'people' }, to }] });
    expect(harness.rows('SELECT name FROM "shop.customers"')).toEqual([['ann'], ['bob']]);
    expect(stored('shop.customers.%')).toHaveLength(1);
    expect(() => harness.write(insert('pets', [[1, 9]]))).toThrow('REFERENCES `shop`.`customers` (`id`)');
  });

  it('lets two tables change places', () => {
    setUp();
    harness.create(people('others'));
    const rename = (old: string, to: string) => ({
      from: { database: 'main', name: old },
      to: { database: 'main', name: to },
    });
    harness.change({
      kind: 'rename-tables',
      renames: [rename('people', 'x'), rename('others', 'people'), rename('x', 'others')],
    });
    expect(rows('others')).toHaveLength(2);
    expect(rows()).toEqual([]);
    expect(() => harness.change({ kind: 'rename-tables', renames: [rename('people', 'others')] })).toThrow(
      "Table 'others' already exists",
    );
  });

  it('can change the case of a name', () => {
    setUp();
    harness.change({
      kind: 'rename-tables',
      renames: [{ from: { database: 'main', name: 'people' }, to: { database: 'main', name: 'People' } }],
    });
    expect(harness.table('PEOPLE').name).toBe('People');
    expect(harness.write(insert('people', [[null, 'cid', 1]]))).toMatchObject({ insertId: 3 });
  });
});

describe('DROP', () => {
  it('refuses a parent, unless its children go too or nobody checks', () => {
    setUp();
    const pets = table('pets', [column('id'), column('owner')], ['id'], {
      foreignKeys: [foreignKey('fk', 'owner', 'people.id')],
    });
    harness.create(pets);
    const drop = (names: string[], checks = true) =>
      harness.change({ kind: 'drop-tables', tables: names.map((of) => ({ database: 'main', name: of })) }, checks);
    expect(() => drop(['people'])).toThrow(
      "Cannot drop table 'people' referenced by a foreign key constraint 'fk' on table 'pets'.",
    );
    expect(() => harness.change({ kind: 'truncate-table', table: { database: 'main', name: 'people' } })).toThrow('fk');
    drop(['people', 'pets']);
    expect(harness.engine.catalog.tables('main')).toEqual([]);
    harness.create(people(), pets);
    drop(['people'], false);
    expect(() => drop(['nothing'])).toThrow("Table 'main.nothing' doesn't exist");
  });

  it('takes a database with all its tables', () => {
    setUp();
    harness.create(
      table('pets', [column('id'), column('owner')], ['id'], { foreignKeys: [foreignKey('fk', 'owner', 'people.id')] }),
    );
    const commit = harness.change({ kind: 'drop-database', name: 'MAIN' });
    expect(commit.changes.map((change) => change.table)).toEqual(['people', 'pets']);
    expect(harness.engine.catalog.databases()).toEqual([]);
    expect(stored('main.%')).toEqual([]);
    expect(() => harness.change({ kind: 'drop-database', name: 'main' })).toThrow("Can't drop database 'main'");
  });
});

describe('CREATE', () => {
  it('fills a table from a query', () => {
    setUp();
    const rows_ = { kind: 'read', sql: 'SELECT id, name FROM "main.people"', params: [] } as const;
    harness.change({ kind: 'create-table', table: table('copy', [column('a'), column('b', VARCHAR)]), rows: rows_ });
    expect(harness.rows('SELECT a, b FROM "main.copy"')).toEqual([
      [1, 'ann'],
      [2, 'bob'],
    ]);
  });

  it('leaves nothing of a table that cannot be', () => {
    setUp();
    const rows_ = { kind: 'read', sql: `SELECT 'twice' FROM "main.people"`, params: [] } as const;
    expect(() =>
      harness.change({ kind: 'create-table', table: table('copy', [column('a', VARCHAR)], ['a']), rows: rows_ }),
    ).toThrow('twice');
    expect(stored('main.copy')).toEqual([]);
    expect(() =>
      harness.change({ kind: 'create-table', table: table('t', [column('a')], [], { database: 'nowhere' }) }),
    ).toThrow("Unknown database 'nowhere'");
    const bad = table('t', [column('a')], [], { foreignKeys: [foreignKey('fk', 'a', 'people.likes')] });
    expect(() => harness.create(bad)).toThrow(
      "missing unique key for constraint 'fk' in the referenced table 'people'",
    );
  });
});
