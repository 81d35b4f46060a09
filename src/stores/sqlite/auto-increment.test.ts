import { describe, expect, it } from 'vitest';
import { column, insert, people, planned, remove, table, update } from '../samples.suite.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();
let named = 0;

/** Inserts a row and returns its generated id. */
function next(into = 'people'): number {
  return Number(harness.write(insert(into, [[null, `name ${named++}`, 1]])).insertId);
}

function give(id: number): void {
  harness.write(insert('people', [[id, `name ${named++}`, 1]]));
}

describe('AUTO_INCREMENT', () => {
  it('starts at 1 and follows explicit ids', () => {
    harness.create(people());
    expect([next(), next()]).toEqual([1, 2]);
    give(10);
    expect(next()).toBe(11);
    give(5);
    give(-3);
    expect(next()).toBe(12);
  });

  it('generates for NULL and 0, or for NULL only where 0 is a value', () => {
    harness.create(people());
    expect(
      harness.write(
        insert('people', [
          [0, 'a', 1],
          [null, 'b', 1],
        ]),
      ),
    ).toMatchObject({ insertId: 1 });
    harness.write(insert('people', [[0, 'c', 1]], { zeroIsValue: true }));
    expect(harness.rows('SELECT id FROM "main.people" ORDER BY id')).toEqual([[0], [1], [2]]);
  });

  it('never gives an id again: after a delete, a failed statement, a rollback', () => {
    harness.create(people());
    expect(next()).toBe(1);
    harness.write(remove('people', 'DELETE FROM "main.people"'));
    expect(next()).toBe(2);
    harness.write(insert('people', [[null, 'taken', 1]]));
    expect(() => harness.write(insert('people', [[null, 'taken', 1]]))).toThrow('Duplicate');
    expect(next()).toBe(5);
    harness.engine.begin({ foreignKeyChecks: true });
    harness.engine.write(insert('people', [[null, 'gone', 1]]), planned(harness.engine));
    harness.engine.rollback();
    expect(next()).toBe(7);
  });

  it('goes on exactly after a clean close, even when the last rows are gone', () => {
    harness.create(people());
    for (let i = 0; i < 5; i++) next();
    harness.write(remove('people', 'DELETE FROM "main.people" WHERE id > 2'));
    harness.reopen();
    expect(next()).toBe(6);
  });

  it('skips ids after a crash, and gives none again', () => {
    harness.create(people());
    const given = [next(), next()];
    harness.write(remove('people', 'DELETE FROM "main.people"'));
    harness.crash();
    const after = next();
    expect(after).toBeGreaterThan(Math.max(...given));
    expect(after).toBeLessThanOrEqual(1003);
    for (let i = 0; i < 2500; i++) next();
    const last = next();
    harness.crash();
    expect(next()).toBeGreaterThan(last);
  });

  it('follows an UPDATE of the column', () => {
    harness.create(people());
    next();
    harness.write(update('people', 'UPDATE "main.people" SET "id" = 50 WHERE sluice_changed(1)'));
    expect(next()).toBe(51);
  });

  it('starts again after TRUNCATE, and where ALTER TABLE says', () => {
    harness.create(people());
    for (let i = 0; i < 3; i++) next();
    harness.change({ kind: 'truncate-table', table: { database: 'main', name: 'people' } });
    expect(next()).toBe(1);
    const definition = harness.table('people');
    const sources = definition.columns.map(({ name }) => ({ kind: 'column', name }) as const);
    harness.change({ kind: 'alter-table', table: definition, definition, sources, autoIncrement: 100 });
    expect(next()).toBe(100);
    harness.change({ kind: 'alter-table', table: definition, definition, sources, autoIncrement: 5 });
    expect(next()).toBe(101);
  });

  it('goes with its table when that is renamed, and starts anew with a new table of the old name', () => {
    harness.create(people());
    for (let i = 0; i < 3; i++) next();
    const to = { database: 'main', name: 'persons' };
    harness.change({ kind: 'rename-tables', renames: [{ from: { database: 'main', name: 'people' }, to }] });
    expect(next('persons')).toBe(4);
    harness.create(people());
    expect(next()).toBe(1);
  });

  it('gives the last id of its type again, which fails as a duplicate', () => {
    const small = table('small', [column('id', { name: 'tinyint' }, { autoIncrement: true })], ['id']);
    harness.create(small);
    harness.write(insert('small', [[126]]));
    expect(harness.write(insert('small', [[null]]))).toMatchObject({ insertId: 127 });
    expect(() => harness.write(insert('small', [[null]]))).toThrow("Duplicate entry '127' for key 'small.PRIMARY'");
  });

  it('is exact beyond 2^53', () => {
    harness.create(table('big', [column('id', { name: 'bigint' }, { autoIncrement: true })], ['id']));
    harness.write(insert('big', [[9007199254740993n]]));
    expect(harness.write(insert('big', [[null]]))).toMatchObject({ insertId: 9007199254740994n });
  });

  it('may be the second column of a key', () => {
    const columns = [column('kind'), column('id', { name: 'bigint', unsigned: true }, { autoIncrement: true })];
    harness.create(
      table('t', columns, ['kind', 'id'], { indexes: [{ name: 'id', unique: false, parts: [{ column: 'id' }] }] }),
    );
    harness.write(
      insert('t', [
        [1, null],
        [2, null],
      ]),
    );
    expect(harness.rows('SELECT kind, id, typeof(id) FROM "main.t"')).toEqual([
      [1, 1, 'integer'],
      [2, 2, 'integer'],
    ]);
  });
});
