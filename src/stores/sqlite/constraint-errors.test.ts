import { describe, expect, it } from 'vitest';
import { column, foreignKey, insert, people, remove, table, update, VARCHAR } from '../samples.suite.ts';
import { translateFailure } from './constraint-errors.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();
const required = { nullable: false };

function failureOf(work: () => unknown): { errno: number; message: string } {
  try {
    work();
  } catch (error) {
    const { errno, message } = error as { errno: number; message: string };
    return { errno, message };
  }
  throw new Error('it did not fail');
}

describe('error 1062', () => {
  it('names the key with its table, and the value', () => {
    harness.create(people());
    harness.write(insert('people', [[1, 'ann', 1]]));
    expect(failureOf(() => harness.write(insert('people', [[1, 'bob', 1]])))).toEqual({
      errno: 1062,
      message: "Duplicate entry '1' for key 'people.PRIMARY'",
    });
  });

  it('prints the values of a composite key as their types do', () => {
    const columns = [
      column('price', { name: 'decimal', precision: 10, scale: 2 }),
      column('at', { name: 'time', scale: 1 }),
      column('size', { name: 'enum', values: ['s', 'm'] }),
      column('flags', { name: 'set', values: ['a', 'b', 'c'] }),
      column('code', { name: 'varbinary', length: 9 }),
    ];
    const parts = columns.map(({ name }) => ({ column: name }));
    harness.create(table('t', columns, [], { indexes: [{ name: 'all_of_it', unique: true, parts }] }));
    const row = () => [-150, -3_723_500_000, 2, 5, new Uint8Array([0x41, 0x00])];
    harness.write(insert('t', [row()]));
    expect(failureOf(() => harness.write(insert('t', [row()]))).message).toBe(
      "Duplicate entry '-1.50--01:02:03.5-m-a,c-A\\x00' for key 't.all_of_it'",
    );
  });

  it('of an UPDATE names the value that the row would have had', () => {
    harness.create(people());
    harness.write(
      insert('people', [
        [1, 'ann', 1],
        [2, 'bob', 2],
        [3, 'cid', 3],
      ]),
    );
    const set = (sql: string) =>
      failureOf(() => harness.write(update('people', `UPDATE "main.people" SET ${sql}`))).message;
    expect(set(`name = 'BOB' WHERE id = 3`)).toBe("Duplicate entry 'BOB' for key 'people.by_name'");
    expect(set(`name = 'new'`)).toBe("Duplicate entry 'new' for key 'people.by_name'");
    expect(set('id = id + 1')).toBe("Duplicate entry '2' for key 'people.PRIMARY'");
    expect(harness.rows('SELECT id, name FROM "main.people"')).toEqual([
      [1, 'ann'],
      [2, 'bob'],
      [3, 'cid'],
    ]);
  });

  it('of an UPDATE inside a transaction leaves what the transaction did before', () => {
    harness.create(people());
    harness.transaction(() => {
      const options = { catalogVersion: harness.engine.catalog.version, foreignKeyChecks: true };
      harness.engine.write(
        insert('people', [
          [1, 'ann', 1],
          [2, 'bob', 2],
        ]),
        options,
      );
      expect(() => harness.engine.write(update('people', `UPDATE "main.people" SET name = 'x'`), options)).toThrow(
        "'x'",
      );
      harness.engine.write(insert('people', [[3, 'cid', 3]]), options);
    });
    expect(harness.rows('SELECT name FROM "main.people"')).toEqual([['ann'], ['bob'], ['cid']]);
  });
});

describe('error 1048', () => {
  it('names the column', () => {
    harness.create(table('t', [column('a', VARCHAR, required), column('b.c, d', VARCHAR, required)]));
    expect(failureOf(() => harness.write(insert('t', [[null, 'b']])))).toEqual({
      errno: 1048,
      message: "Column 'a' cannot be null",
    });
    expect(failureOf(() => harness.write(insert('t', [['a', null]]))).message).toBe("Column 'b.c, d' cannot be null");
    harness.write(insert('t', [['a', 'b']]));
    expect(failureOf(() => harness.write(update('t', 'UPDATE "main.t" SET a = NULL')))).toMatchObject({ errno: 1048 });
  });

  it('is also what an integer primary key says to NULL', () => {
    harness.create(people());
    harness.write(insert('people', [[1, 'ann', 1]]));
    expect(failureOf(() => harness.write(update('people', 'UPDATE "main.people" SET id = NULL')))).toEqual({
      errno: 1048,
      message: "Column 'id' cannot be null",
    });
  });
});

describe('error 3819', () => {
  it('names the check', () => {
    harness.create(
      table('t', [column('a')], [], { checks: [{ name: 't_chk_1', text: '(`a` > 0)', storeSql: '"a" > 0' }] }),
    );
    expect(failureOf(() => harness.write(insert('t', [[0]])))).toEqual({
      errno: 3819,
      message: "Check constraint 't_chk_1' is violated.",
    });
    harness.write(insert('t', [[null]]));
  });
});

describe('errors 1451 and 1452', () => {
  const parent = (name: string) => table(name, [column('id', undefined, required)], ['id']);
  const id = column('id', undefined, required);

  function family(): void {
    const child = table('child', [id, column('mother'), column('father')], ['id'], {
      foreignKeys: [
        foreignKey('fk_mother', 'mother', 'mothers.id', { onDelete: 'restrict' }),
        foreignKey('fk_father', 'father', 'fathers.id', { onUpdate: 'cascade' }),
      ],
    });
    harness.create(parent('mothers'), parent('fathers'), child);
    harness.write(insert('mothers', [[1], [2]]));
    harness.write(insert('fathers', [[1], [2]]));
    harness.write(insert('child', [[1, 1, 1]]));
  }

  const mother = 'CONSTRAINT `fk_mother` FOREIGN KEY (`mother`) REFERENCES `mothers` (`id`) ON DELETE RESTRICT';
  const father = 'CONSTRAINT `fk_father` FOREIGN KEY (`father`) REFERENCES `fathers` (`id`) ON UPDATE CASCADE';

  it('of an INSERT names the key that has no parent', () => {
    family();
    expect(failureOf(() => harness.write(insert('child', [[2, 1, 9]])))).toEqual({
      errno: 1452,
      message: `Cannot add or update a child row: a foreign key constraint fails (\`main\`.\`child\`, ${father})`,
    });
    expect(failureOf(() => harness.write(insert('child', [[2, 9, 1]]))).message).toContain(mother);
    harness.write(insert('child', [[2, null, null]]));
  });

  it('of an UPDATE of the child names the key that has no parent', () => {
    family();
    const set = (sql: string) => failureOf(() => harness.write(update('child', `UPDATE "main.child" SET ${sql}`)));
    expect(set('father = 9')).toMatchObject({ errno: 1452, message: expect.stringContaining(father) });
    expect(set('mother = 9, father = 2')).toMatchObject({ errno: 1452, message: expect.stringContaining(mother) });
    expect(harness.rows('SELECT * FROM "main.child"')).toEqual([[1, 1, 1]]);
  });

  it('of the parent names the key that holds it', () => {
    family();
    expect(failureOf(() => harness.write(remove('fathers', 'DELETE FROM "main.fathers" WHERE id = 1')))).toEqual({
      errno: 1451,
      message: `Cannot delete or update a parent row: a foreign key constraint fails (\`main\`.\`child\`, ${father})`,
    });
    const change = failureOf(() => harness.write(update('mothers', 'UPDATE "main.mothers" SET id = 5 WHERE id = 1')));
    expect(change).toMatchObject({ errno: 1451, message: expect.stringContaining(mother) });
    harness.write(update('fathers', 'UPDATE "main.fathers" SET id = 5 WHERE id = 1'));
    expect(harness.rows('SELECT father FROM "main.child"')).toEqual([[5]]);
  });

  it('name the right one of several children, and one behind a cascade', () => {
    const near = table('near', [id, column('p')], ['id'], {
      foreignKeys: [foreignKey('fk_near', 'p', 'top.id', { onDelete: 'cascade' })],
    });
    const idle = table('idle', [id, column('p')], ['id'], { foreignKeys: [foreignKey('fk_idle', 'p', 'top.id')] });
    const far = table('far', [id, column('p')], ['id'], { foreignKeys: [foreignKey('fk_far', 'p', 'near.id')] });
    harness.create(parent('top'), near, idle, far);
    harness.write(insert('top', [[1], [2]]));
    harness.write(insert('idle', [[1, 2]]));
    harness.write(insert('near', [[1, 1]]));
    harness.write(insert('far', [[1, 1]]));
    const removing = (sql: string) =>
      failureOf(() => harness.write(remove('top', `DELETE FROM "main.top" WHERE ${sql}`))).message;
    expect(removing('id = 2')).toContain('fk_idle');
    // The direct reference has rows too, but none for this parent.
    expect(removing('id = 1')).toContain('fk_');
    harness.write(remove('far', 'DELETE FROM "main.far"'));
    harness.write(remove('top', 'DELETE FROM "main.top" WHERE id = 1'));
    expect(harness.rows('SELECT * FROM "main.near"')).toEqual([]);
  });

  it('speak of a parent that is not there yet', () => {
    const orphan = table('orphan', [id, column('p')], ['id'], { foreignKeys: [foreignKey('fk', 'p', 'later.id')] });
    expect(() => harness.create(orphan)).toThrow("failed to open the referenced table 'later'");
    harness.change({ kind: 'create-table', table: orphan }, false);
    expect(failureOf(() => harness.write(insert('orphan', [[1, 1]])))).toMatchObject({ errno: 1452 });
    harness.create(parent('later'));
    harness.write(insert('later', [[1]]));
    harness.write(insert('orphan', [[1, 1]]));
  });

  it('check row by row, as InnoDB does', () => {
    const tree = table('tree', [id, column('up')], ['id'], { foreignKeys: [foreignKey('fk', 'up', 'tree.id')] });
    harness.create(tree);
    harness.write(
      insert('tree', [
        [1, null],
        [2, 1],
        [3, 3],
      ]),
    );
    expect(failureOf(() => harness.write(remove('tree', 'DELETE FROM "main.tree"')))).toMatchObject({ errno: 1451 });
    harness.write(remove('tree', 'DELETE FROM "main.tree" WHERE id = 3'));
  });
});

it.each([
  'no such table: sluice_list_27',
  'no such table: main.sluice_list_27_data',
  'no such index: sluice_list_27',
  'vtable constructor failed: sluice_list_27',
])('a list index that is gone makes a plan stale, as SQLite says it: %s', (message) => {
  const thrown = Object.assign(new Error(message), { errcode: 1 });
  expect(translateFailure(thrown)).toMatchObject({ code: 'SLUICE_STALE_PLAN' });
});
