import { describe, expect, it } from 'vitest';
import { column, foreignKey, insert, people, planned, remove, table, update, VARCHAR } from '../samples.suite.ts';
import type { InsertStatement, ModifyStatement } from '../statement.ts';
import type { Commit, RowChange } from '../store.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();

function commitOf(...statements: (InsertStatement | ModifyStatement)[]): Commit | null {
  return harness.transaction(() => {
    for (const statement of statements) harness.engine.write(statement, planned(harness.engine));
  }).commit;
}

/** The changes to one table, in the order of their keys. */
function changes(commit: Commit | null, name: string): readonly RowChange[] | null | undefined {
  const rows = commit?.changes.find(({ table }) => table === name)?.rows;
  return rows && [...rows].sort((a, b) => String(a.key).localeCompare(String(b.key)));
}

describe('the report of a commit', () => {
  it('has whole rows, also of columns that did not change', () => {
    harness.create(people());
    commitOf(
      insert('people', [
        [1, 'ann', 1],
        [2, 'bob', 9007199254740993n],
      ]),
    );
    const commit = commitOf(
      update('people', `UPDATE "main.people" SET name = name || '!'`),
      insert('people', [[3, 'cid', null]]),
      remove('people', 'DELETE FROM "main.people" WHERE id = 1'),
    );
    expect(changes(commit, 'people')).toEqual([
      { op: 'delete', key: [1], before: [1, 'ann', 1], after: null },
      { op: 'update', key: [2], before: [2, 'bob', 9007199254740993n], after: [2, 'bob!', 9007199254740993n] },
      { op: 'insert', key: [3], before: null, after: [3, 'cid', null] },
    ]);
  });

  it('has one change a row, from before the transaction to after it', () => {
    harness.create(people());
    commitOf(insert('people', [[1, 'ann', 1]]));
    const commit = commitOf(
      update('people', 'UPDATE "main.people" SET likes = 2'),
      update('people', 'UPDATE "main.people" SET likes = 3'),
      insert('people', [[2, 'bob', 1]]),
      update('people', 'UPDATE "main.people" SET likes = 5 WHERE id = 2'),
      insert('people', [[3, 'cid', 1]]),
      remove('people', 'DELETE FROM "main.people" WHERE id = 3'),
    );
    expect(changes(commit, 'people')).toEqual([
      { op: 'update', key: [1], before: [1, 'ann', 1], after: [1, 'ann', 3] },
      { op: 'insert', key: [2], before: null, after: [2, 'bob', 5] },
    ]);
  });

  it('has nothing of a statement that failed, or that changed nothing', () => {
    harness.create(people());
    commitOf(insert('people', [[1, 'ann', 1]]));
    const commit = harness.transaction(() => {
      const options = planned(harness.engine);
      expect(() =>
        harness.engine.write(
          insert('people', [
            [2, 'bob', 1],
            [3, 'ann', 1],
          ]),
          options,
        ),
      ).toThrow('Duplicate');
      harness.engine.write(update('people', 'UPDATE "main.people" SET likes = 1'), options);
    }).commit;
    expect(commit).toBeNull();
  });

  it('tells a change of a key as a row that goes and one that comes', () => {
    harness.create(people());
    commitOf(insert('people', [[1, 'ann', 1]]));
    const commit = commitOf(update('people', 'UPDATE "main.people" SET id = 5'));
    expect(changes(commit, 'people')).toEqual([
      { op: 'delete', key: [1], before: [1, 'ann', 1], after: null },
      { op: 'insert', key: [5], before: null, after: [5, 'ann', 1] },
    ]);
  });

  it('knows a row without a primary key by its hidden one, which is not among its columns', () => {
    harness.create(table('log', [column('line', VARCHAR), column('n')]));
    commitOf(
      insert('log', [
        ['a', 1],
        ['a', 1],
      ]),
    );
    const commit = commitOf(update('log', 'UPDATE "main.log" SET n = 2 WHERE _sluice_row = 2'));
    expect(changes(commit, 'log')).toEqual([{ op: 'update', key: [2], before: ['a', 1], after: ['a', 2] }]);
  });

  it('has what foreign keys did to other tables', () => {
    const pets = table('pets', [column('id'), column('owner')], ['id'], {
      foreignKeys: [foreignKey('fk', 'owner', 'people.id', { onDelete: 'set null' })],
    });
    harness.create(people(), pets);
    commitOf(insert('people', [[1, 'ann', 1]]), insert('pets', [[7, 1]]));
    const commit = commitOf(remove('people', 'DELETE FROM "main.people"'));
    expect(changes(commit, 'pets')).toEqual([{ op: 'update', key: [7], before: [7, 1], after: [7, null] }]);
    expect(changes(commit, 'people')).toMatchObject([{ op: 'delete', key: [1] }]);
  });

  it('lists no rows when there are too many', () => {
    harness.create(people());
    const rows = Array.from({ length: 10_001 }, (_, i): [null, string, number] => [null, `p${i}`, 1]);
    expect(changes(commitOf(insert('people', rows.slice(0, 10_000))), 'people')).toHaveLength(10_000);
    expect(changes(commitOf(update('people', 'UPDATE "main.people" SET likes = 2')), 'people')).toHaveLength(10_000);
    commitOf(insert('people', rows.slice(10_000)));
    expect(changes(commitOf(update('people', 'UPDATE "main.people" SET likes = 3')), 'people')).toBeNull();
  });
});

describe('the report of large rows', () => {
  it('lists none beyond some megabytes, however few they are', () => {
    harness.create(table('files', [column('id'), column('body', { name: 'longtext' }), column('n')], ['id']));
    const body = 'x'.repeat(1024 * 1024);
    const rows = Array.from({ length: 8 }, (_, i): [number, string, number] => [i, body, 0]);
    expect(changes(commitOf(insert('files', rows)), 'files')).toBeNull();
    expect(changes(commitOf(update('files', 'UPDATE "main.files" SET n = 1')), 'files')).toBeNull();
    expect(changes(commitOf(update('files', 'UPDATE "main.files" SET n = 2 WHERE id = 1')), 'files')).toHaveLength(1);
  });
});

describe('keys that fold case', () => {
  const words = table('words', [column('word', VARCHAR), column('n')], ['word']);

  it('report a change of case as one update', () => {
    harness.create(words);
    commitOf(
      insert('words', [
        ['abc', 1],
        ['x', 1],
      ]),
    );
    const commit = commitOf(update('words', `UPDATE "main.words" SET word = 'ABC' WHERE word = 'abc'`));
    expect(changes(commit, 'words')).toEqual([{ op: 'update', key: ['abc'], before: ['abc', 1], after: ['ABC', 1] }]);
  });

  it('report a row that was deleted and came back in another case as one update', () => {
    harness.create(words);
    commitOf(insert('words', [['abc', 1]]));
    const commit = commitOf(remove('words', 'DELETE FROM "main.words"'), insert('words', [['Abc', 2]]));
    expect(changes(commit, 'words')).toEqual([{ op: 'update', key: ['abc'], before: ['abc', 1], after: ['Abc', 2] }]);
  });

  it('report rows that came and went as nothing, or as what is left', () => {
    harness.create(words);
    commitOf(insert('words', [['keep', 1]]));
    const commit = commitOf(
      insert('words', [['abc', 1]]),
      update('words', `UPDATE "main.words" SET word = 'ABC' WHERE word = 'abc'`),
      remove('words', `DELETE FROM "main.words" WHERE word = 'aBc'`),
      remove('words', `DELETE FROM "main.words" WHERE word = 'keep'`),
      insert('words', [['KEEP', 1]]),
      remove('words', `DELETE FROM "main.words" WHERE word = 'keep'`),
    );
    expect(changes(commit, 'words')).toEqual([{ op: 'delete', key: ['keep'], before: ['keep', 1], after: null }]);
  });
});
