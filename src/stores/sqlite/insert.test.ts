import { describe, expect, it } from 'vitest';
import {
  BIGINT_UNSIGNED,
  column,
  foreignKey,
  insert,
  people,
  planned,
  read,
  table,
  VARBINARY,
  VARCHAR,
} from '../samples.suite.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();
const all = () => harness.rows('SELECT * FROM "main.people" ORDER BY id');

describe('INSERT', () => {
  it('keeps nothing of a statement with one bad row', () => {
    harness.create(people());
    expect(() =>
      harness.write(
        insert('people', [
          [null, 'ann', 1],
          [null, 'ann', 2],
        ]),
      ),
    ).toThrow('Duplicate entry');
    expect(all()).toEqual([]);
  });

  it('refuses NULL in an integer primary key without AUTO_INCREMENT', () => {
    harness.create(table('t', [column('id', undefined, { nullable: false })], ['id']));
    expect(() => harness.write(insert('t', [[null]]))).toThrow("Column 'id' cannot be null");
  });

  it('takes its rows from a query, of its own table too', () => {
    harness.create(people());
    harness.write(
      insert('people', [
        [null, 'ann', 1],
        [null, 'bob', 2],
      ]),
    );
    const rows = read('SELECT NULL, name || ?1, likes FROM "main.people"', ['!']);
    expect(harness.write(insert('people', rows as never))).toMatchObject({ affected: 2, insertId: 3 });
    expect(all().slice(2)).toEqual([
      [3, 'ann!', 1],
      [4, 'bob!', 2],
    ]);
  });

  it('leaves the rows it was given as they are', () => {
    harness.create(people());
    const row = [null, 'ann', 1];
    harness.write(insert('people', [row]));
    expect(row).toEqual([null, 'ann', 1]);
  });
});

describe('INSERT IGNORE', () => {
  it('leaves out what breaks a key, NOT NULL, a CHECK or a foreign key, with a warning each', () => {
    const columns = [
      column('id', undefined, { nullable: false }),
      column('name', VARCHAR, { nullable: false }),
      column('parent'),
    ];
    harness.create(
      table('t', columns, ['id'], {
        checks: [{ name: 'named', text: "name <> ''", storeSql: `"name" <> ''` }],
        foreignKeys: [foreignKey('fk', 'parent', 't.id')],
      }),
    );
    const result = harness.write(
      insert(
        't',
        [
          [1, 'one', null],
          [1, 'again', null],
          [2, null, null],
          [3, '', null],
          [4, 'four', 99],
          [5, 'five', 1],
        ],
        { mode: 'ignore' },
      ),
    );
    expect(result).toMatchObject({ affected: 2, matched: 6, duplicates: 4 });
    expect(result.warnings.map(({ errno }) => errno)).toEqual([1062, 1048, 3819, 1452]);
    expect(harness.rows('SELECT id FROM "main.t"')).toEqual([[1], [5]]);
  });
});

describe('REPLACE', () => {
  it('deletes the rows that share any unique key, and counts them', () => {
    harness.create(people());
    harness.write(
      insert('people', [
        [1, 'ann', 1],
        [2, 'bob', 2],
        [3, 'cid', 3],
      ]),
    );
    expect(harness.write(insert('people', [[1, 'BOB', 9]], { mode: 'replace' }))).toMatchObject({
      affected: 3,
      duplicates: 2,
    });
    expect(harness.write(insert('people', [[4, 'dan', 4]], { mode: 'replace' }))).toMatchObject({
      affected: 1,
      duplicates: 0,
    });
    expect(all()).toEqual([
      [1, 'BOB', 9],
      [3, 'cid', 3],
      [4, 'dan', 4],
    ]);
  });

  it('leaves an equal row alone, and counts 1 as MySQL does', () => {
    harness.create(people());
    harness.write(insert('people', [[1, 'ann', 1]]));
    const { result, commit } = harness.transaction(() =>
      harness.engine.write(insert('people', [[1, 'ann', 1]], { mode: 'replace' }), planned(harness.engine)),
    );
    expect(result).toMatchObject({ affected: 1 });
    expect(commit).toBeNull();
  });

  it('sees the prefix of a unique prefix key', () => {
    harness.create(
      table('t', [column('a', VARCHAR), column('b')], [], {
        indexes: [{ name: 'u', unique: true, parts: [{ column: 'a', length: 3 }] }],
      }),
    );
    harness.write(
      insert('t', [
        ['abcd', 1],
        ['xyz', 2],
      ]),
    );
    expect(harness.write(insert('t', [['ABCx', 3]], { mode: 'replace' }))).toMatchObject({ affected: 2 });
    expect(harness.rows('SELECT a, b FROM "main.t" ORDER BY b')).toEqual([
      ['xyz', 2],
      ['ABCx', 3],
    ]);
    expect(() => harness.write(insert('t', [['XYZ?', 1]]))).toThrow("Duplicate entry 'XYZ' for key 't.u'");
  });
});

describe('ON DUPLICATE KEY UPDATE', () => {
  const upsert = (row: (string | number | null)[], set: string, where: string, params: bigint[] = []) =>
    harness.write(insert('people', [row], { mode: 'upsert', update: { set, where, params } }));

  it('counts 1 for an insert, 2 for a change, 0 when nothing differs', () => {
    harness.create(people());
    const set = 'likes = excluded.likes';
    const where = '"main.people".likes IS NOT excluded.likes';
    expect(upsert([null, 'ann', 1], set, where)).toMatchObject({ affected: 1, insertId: 1, lastId: 1 });
    expect(upsert([null, 'ANN', 2], set, where)).toMatchObject({ affected: 2, insertId: 0, lastId: 1, duplicates: 1 });
    expect(upsert([null, 'ann', 2], set, where)).toMatchObject({ affected: 0, unchanged: 1 });
    expect(all()).toEqual([[1, 'ann', 2]]);
  });

  it('has parameters of its own', () => {
    harness.create(people());
    upsert([null, 'ann', 1], 'likes = ?1', '1', [5n]);
    expect(upsert([null, 'ann', 1], 'likes = likes + ?1 + ?2', '1', [5n, 7n])).toMatchObject({ affected: 2 });
    expect(all()).toEqual([[1, 'ann', 13]]);
  });

  it('tells the id given to LAST_INSERT_ID(expression)', () => {
    harness.create(people());
    upsert([7, 'ann', 1], 'likes = 2', '1');
    expect(upsert([null, 'ann', 1], 'id = sluice_last_insert_id(id), likes = 3', '1')).toMatchObject({
      lastId: 7,
      assignedId: 7,
    });
  });
});

describe('values without affinity', () => {
  it('keep their class: whole numbers are stored as integers', () => {
    harness.create(table('t', [column('n', BIGINT_UNSIGNED), column('b', VARBINARY)]));
    harness.write(
      insert('t', [
        [5, new Uint8Array([5])],
        ['18446744073709551615', null],
      ]),
    );
    expect(harness.rows('SELECT typeof(n), typeof(b) FROM "main.t"')).toEqual([
      ['integer', 'blob'],
      ['text', 'null'],
    ]);
    expect(harness.rows('SELECT n FROM "main.t" ORDER BY n DESC')).toEqual([['18446744073709551615'], [5]]);
  });
});
