import { describe, expect, it } from 'vitest';
import type { StoreFunction } from '../function.ts';
import {
  BIGINT,
  column,
  foreignKey,
  INT,
  insert,
  people,
  planned,
  read,
  remove,
  table,
  update,
  VARCHAR,
} from '../samples.suite.ts';
import type { ListIndexKind, TableDefinition } from '../schema.ts';
import type { ColumnSource, SchemaChange } from '../schema-change.ts';
import { Engine } from './engine.ts';
import { useEngine } from './engine-harness.suite.ts';
import { nameColumns, storedListIndex } from './list-index-sql.ts';
import { listIndexesOf } from './list-indexes.ts';

/** Stand for those of lists/, which this room does not know. */
const FUNCTIONS: readonly StoreFunction[] = [
  { name: 'sluice_num', deterministic: true, call: (value) => Number.parseFloat(String(value)) || 0 },
  {
    name: 'sluice_grams',
    deterministic: true,
    call: (value) => (typeof value === 'string' ? value.split('').join(' ') : null),
  },
];

const harness = useEngine(FUNCTIONS);

const POST: readonly TableDefinition['columns'][number][] = [
  column('id', BIGINT, { nullable: false }),
  column('part', VARCHAR, { nullable: false }),
  column('tags', VARCHAR),
  column('author', INT),
];

/** Every way in which a table's rows are known. */
const TABLES = {
  'an integer key': table('post', POST, ['id']),
  'a key of two columns': table('post', POST, ['part', 'id']),
  'no key': table('post', POST),
} as const;

function setIndex(kind: ListIndexKind | 'optimise' | 'drop', of = 'tags', name = 'post'): void {
  harness.change({ kind: 'list-index', table: { database: 'main', name }, column: of, action: kind });
}

function indexes(name = 'post'): string[] {
  return listIndexesOf(harness.table(name)).map((index) => `${index.column} ${index.kind}`);
}

/** Ids of the rows that the inverted index names for a term; by themselves, without the operator's look. */
function found(term: string, name = 'post', of = 'tags'): unknown[] {
  return harness.rows(candidates(term, name, of)).flat();
}

function candidates(term: string, name = 'post', of = 'tags'): string {
  const definition = harness.table(name);
  const index = listIndexesOf(definition).find((candidate) => candidate.column === of);
  if (index === undefined) throw new Error(`no index on ${of}`);
  const terms = storedListIndex(index);
  const docs = `SELECT rowid FROM ${terms} WHERE ${terms} MATCH '"${term}"'`;
  if (definition.primaryKey.length === 0)
    return `SELECT id FROM "main.${name}" WHERE _sluice_row IN (${docs}) ORDER BY id`;
  if (definition.primaryKey.length === 1) return `${docs} ORDER BY rowid`;
  return `SELECT ${nameColumns(definition)[1]} FROM ${terms}_keys WHERE _sluice_doc IN (${docs}) ORDER BY 1`;
}

/** What the file has of list indexes. */
function leftOvers(): unknown[] {
  return harness.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'sluice\\_list%' ESCAPE '\\'").flat();
}

function post(id: number, tags: string | null, author: number | null = null): (string | number | null)[] {
  return [id, 'A', tags, author];
}

describe.each(Object.entries(TABLES))('an inverted index of a table with %s', (_name, definition) => {
  const setUp = (): void => {
    harness.create(definition);
    harness.write(insert('post', [post(1, 'red,green'), post(2, 'Red blue'), post(3, null), post(4, 'blue')]));
    setIndex('token');
  };

  it('is filled from the rows that are there', () => {
    setUp();
    expect(indexes()).toEqual(['tags token']);
    expect([found('red'), found('green'), found('blue'), found('re')]).toEqual([[1, 2], [1], [2, 4], []]);
  });

  it('follows every kind of write', () => {
    setUp();
    harness.write(insert('post', [post(5, 'green'), post(6, 'red')]));
    harness.write(update('post', `UPDATE "main.post" SET "tags" = 'white' WHERE "id" IN (1, 3)`));
    harness.write(update('post', `UPDATE "main.post" SET "tags" = NULL WHERE "id" = 4`));
    harness.write(remove('post', 'DELETE FROM "main.post" WHERE "id" = 2'));
    expect([found('red'), found('green'), found('blue'), found('white')]).toEqual([[6], [5], [], [1, 3]]);
    harness.write(insert('post', [post(5, 'blue')], { mode: definition.primaryKey.length > 0 ? 'replace' : 'insert' }));
    expect(found('blue')).toEqual([5]);
  });

  it('follows keys that change', () => {
    setUp();
    harness.write(update('post', 'UPDATE "main.post" SET "id" = 10 WHERE "id" = 1'));
    harness.write(update('post', 'UPDATE "main.post" SET "part" = \'a\', "id" = "id" + 20 WHERE "id" = 2'));
    expect([found('red'), found('green')]).toEqual([[10, 22], [10]]);
  });

  it('serves the transaction that writes, back to its savepoints', () => {
    setUp();
    harness.transaction(() => {
      const write = (statement: ReturnType<typeof update>) => harness.engine.write(statement, planned(harness.engine));
      write(update('post', `UPDATE "main.post" SET "tags" = 'white' WHERE "id" = 1`));
      expect(found('white')).toEqual([1]);
      harness.engine.savepoint({ kind: 'savepoint', name: 's' });
      harness.engine.write(insert('post', [post(7, 'white')]), planned(harness.engine));
      expect(found('white')).toEqual([1, 7]);
      harness.engine.savepoint({ kind: 'rollback-to', name: 's' });
      expect(found('white')).toEqual([1]);
      harness.engine.write(insert('post', [post(8, 'white')]), planned(harness.engine));
      // A statement that finds its rows by the index.
      const sql = `DELETE FROM "main.post" WHERE "id" IN (${candidates('white').replace(/ORDER BY.*/, '')})`;
      expect(write(remove('post', sql)).affected).toBe(2);
      expect(found('white')).toEqual([]);
    });
    expect([found('white'), found('red')]).toEqual([[], [2]]);
  });

  it('forgets what was rolled back', () => {
    setUp();
    expect(() =>
      harness.transaction(() => {
        harness.engine.write(insert('post', [post(9, 'red')]), planned(harness.engine));
        expect(found('red')).toEqual([1, 2, 9]);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(found('red')).toEqual([1, 2]);
    harness.write(insert('post', [post(9, 'blue')]));
    expect([found('red'), found('blue')]).toEqual([
      [1, 2],
      [2, 4, 9],
    ]);
  });

  it('goes on after a restart and after a crash', () => {
    setUp();
    harness.reopen();
    harness.write(insert('post', [post(5, 'red')]));
    harness.crash();
    harness.write(insert('post', [post(6, 'red')]));
    expect(found('red')).toEqual([1, 2, 5, 6]);
  });

  it('is empty after TRUNCATE, and goes on', () => {
    setUp();
    harness.change({ kind: 'truncate-table', table: definition });
    expect(found('red')).toEqual([]);
    harness.write(insert('post', [post(1, 'red')]));
    expect(found('red')).toEqual([1]);
  });

  it('is complete for readers when a write is committed', () => {
    setUp();
    const sql = candidates('red');
    const reader = Engine.open(harness.directory, { readOnly: true, synchronous: 'NORMAL', functions: FUNCTIONS });
    harness.write(insert('post', [post(5, 'red')]));
    expect(reader.read(read(sql)).flat()).toEqual([1, 2, 5]);
    reader.close();
  });

  it('does not show in what a commit reports', () => {
    setUp();
    const { commit } = harness.transaction(() => {
      harness.engine.write(insert('post', [post(5, 'red')]), planned(harness.engine));
      found('red');
      harness.engine.write(insert('post', [post(6, 'red')]), planned(harness.engine));
    });
    expect(commit?.changes.map((change) => [change.table, change.rows?.length])).toEqual([['post', 2]]);
  });

  it('is carried through changes of the table, and rebuilt where that is', () => {
    setUp();
    const before = listIndexesOf(harness.table('post'))[0]?.id;
    alter([...POST, column('more')], { kind: 'value', value: null });
    expect(listIndexesOf(harness.table('post'))[0]?.id).toBe(before);
    expect(found('red')).toEqual([1, 2]);
    // A column that may no longer be NULL: the table is made anew.
    alter([...POST, column('more', INT, { nullable: false })], { kind: 'expression', sql: '1' });
    expect(listIndexesOf(harness.table('post'))[0]?.id).not.toBe(before);
    expect(found('red')).toEqual([1, 2]);
    harness.change({
      kind: 'rename-tables',
      renames: [{ from: definition, to: { database: 'main', name: 'article' } }],
    });
    harness.write(insert('article', [[5, 'A', 'red', null, 1]]));
    expect(found('red', 'article')).toEqual([1, 2, 5]);
  });

  it('follows its column when that is renamed', () => {
    setUp();
    const columns = POST.map((of) => (of.name === 'tags' ? { ...of, name: 'labels' } : of));
    harness.change({
      kind: 'alter-table',
      table: definition,
      definition: {
        ...harness.table('post'),
        columns,
        listIndexes: listIndexesOf(harness.table('post')).map((index) => ({ ...index, column: 'labels' })),
      },
      sources: POST.map(({ name }) => ({ kind: 'column', name })),
    });
    harness.write(update('post', `UPDATE "main.post" SET "labels" = 'white' WHERE "id" = 1`));
    expect(indexes()).toEqual(['labels token']);
    expect([found('white', 'post', 'labels'), found('red', 'post', 'labels')]).toEqual([[1], [2]]);
  });

  it('leaves nothing behind', () => {
    setUp();
    setIndex('drop');
    expect([indexes(), leftOvers()]).toEqual([[], []]);
    setIndex('qgram');
    setIndex('token', 'part');
    const { listIndexes: _, ...plain } = harness.table('post');
    harness.change({ kind: 'alter-table', table: definition, ...without('tags', plain) });
    expect(indexes()).toEqual(['part token']);
    harness.change({ kind: 'drop-tables', tables: [definition] });
    expect(leftOvers()).toEqual([]);
  });

  function alter(columns: TableDefinition['columns'], last: ColumnSource): void {
    const existing = harness.table('post');
    const sources = columns.map(
      ({ name }, i): ColumnSource => (i === columns.length - 1 ? last : { kind: 'column', name }),
    );
    harness.change({ kind: 'alter-table', table: existing, definition: { ...existing, columns }, sources });
  }
});

/** A definition without a column, and with its other columns' list indexes. */
function without(
  name: string,
  plain: TableDefinition,
): Pick<Extract<SchemaChange, { kind: 'alter-table' }>, 'definition' | 'sources'> {
  const columns = plain.columns.filter((of) => of.name !== name);
  const listIndexes = listIndexesOf(harness.table(plain.name)).filter((index) => index.column !== name);
  return {
    definition: { ...plain, columns, listIndexes },
    sources: columns.map((of) => ({ kind: 'column', name: of.name })),
  };
}

describe('list indexes', () => {
  it('cost other tables nothing', () => {
    harness.create(people(), TABLES['an integer key']);
    setIndex('token');
    const triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'main.people'";
    expect(harness.rows(triggers)).toEqual([[0]]);
  });

  it('follow cascades', () => {
    const key = foreignKey('fk', 'author', 'people.id', { onDelete: 'cascade', onUpdate: 'set null' });
    harness.create(people(), table('post', POST, ['id'], { foreignKeys: [key] }));
    setIndex('token');
    setIndex('token', 'author');
    harness.write(
      insert('people', [
        [1, 'ann', 1],
        [2, 'bob', 2],
      ]),
    );
    harness.write(insert('post', [post(1, 'red', 1), post(2, 'red', 2)]));
    harness.write(update('people', 'UPDATE "main.people" SET "id" = 9 WHERE "id" = 2'));
    expect([found('1', 'post', 'author'), found('2', 'post', 'author')]).toEqual([[1], []]);
    harness.write(remove('people', 'DELETE FROM "main.people" WHERE "id" = 1'));
    expect([found('red'), found('1', 'post', 'author')]).toEqual([[2], []]);
  });

  it('hold the farthest rowids', () => {
    harness.create(table('post', POST, ['id']));
    setIndex('token');
    const ends = [-(2n ** 63n), -1, 0, 2n ** 63n - 1n];
    harness.write(
      insert(
        'post',
        ends.map((id) => [id, 'A', 'red', null]),
      ),
    );
    expect(found('red')).toEqual(ends);
  });

  it('are one for each column: a new one takes the place', () => {
    harness.create(TABLES['an integer key']);
    harness.write(insert('post', [post(1, 'red')]));
    for (const kind of ['lexical', 'decimal', 'token', 'qgram', 'lexical'] as const) setIndex(kind);
    expect(indexes()).toEqual(['tags lexical']);
    expect(leftOvers()).toHaveLength(1);
    setIndex('token', 'part');
    expect(indexes()).toEqual(['tags lexical', 'part token']);
  });

  it.each(['lexical', 'decimal', 'token', 'qgram'] as const)('%s: can be optimised', (kind) => {
    harness.create(TABLES['an integer key']);
    harness.write(insert('post', [post(1, 'red')]));
    setIndex(kind);
    const { version } = harness.engine.catalog;
    setIndex('optimise');
    expect(indexes()).toEqual([`tags ${kind}`]);
    // Plans that were made before are made anew; rows are not reported as changed.
    expect(harness.engine.catalog.version).toBe(version + 1);
  });

  it('report no changed rows', () => {
    harness.create(TABLES['an integer key']);
    const change = { kind: 'list-index', table: TABLES['an integer key'], column: 'tags', action: 'token' } as const;
    expect(harness.change(change)).toMatchObject({ changes: [], schemaChanged: true });
  });

  it('that are not there can be neither optimised nor dropped', () => {
    harness.create(TABLES['an integer key']);
    expect(() => setIndex('optimise')).toThrow("field: 'tags' has no index");
    expect(() => setIndex('drop')).toThrow("field: 'tags' has no index");
    expect(() => setIndex('token', 'nosuch')).toThrow("Unknown column 'nosuch' in 'field'");
    expect(() => setIndex('token', 'tags', 'nosuch')).toThrow("Table 'main.nosuch' doesn't exist");
  });

  it('are made anew for CREATE TABLE LIKE', () => {
    harness.create(TABLES['an integer key']);
    setIndex('token');
    setIndex('lexical', 'part');
    harness.create({ ...harness.table('post'), name: 'copy' });
    harness.write(insert('copy', [post(1, 'red')]));
    expect(indexes('copy')).toEqual(['tags token', 'part lexical']);
    expect([found('red', 'copy'), found('red')]).toEqual([[1], []]);
    const ids = [harness.table('post'), harness.table('copy')].flatMap((of) => listIndexesOf(of).map(({ id }) => id));
    expect(new Set(ids).size).toBe(4);
  });

  it('that were dropped since a statement was planned make it stale', () => {
    harness.create(TABLES['an integer key']);
    setIndex('token');
    setIndex('lexical', 'part');
    const [token, lexical] = listIndexesOf(harness.table('post')).map(storedListIndex);
    setIndex('drop');
    setIndex('drop', 'part');
    const stale = expect.objectContaining({ code: 'SLUICE_STALE_PLAN' });
    expect(() => harness.engine.read(read(`SELECT rowid FROM ${token} WHERE ${token} MATCH 'red'`))).toThrow(stale);
    expect(() => harness.engine.read(read(`SELECT * FROM "main.post" INDEXED BY ${lexical}`))).toThrow(stale);
  });
});
