import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChangeset } from './changeset.ts';

const LIMIT = { changes: 1000, bytes: 1e6 };

/** The changeset that SQLite makes for some statements. */
function changesetOf(create: string, statements: string): Uint8Array {
  const db = new DatabaseSync(':memory:');
  db.exec(create);
  const session = db.createSession();
  db.exec(statements);
  const bytes = session.changeset();
  db.close();
  return bytes;
}

const CREATE = `CREATE TABLE "d.t" (id INTEGER PRIMARY KEY, a, b);
  INSERT INTO "d.t" VALUES (1, 'one', NULL), (2, 'two', x'00ff'), (3, 3.5, 9223372036854775807)`;

describe('a changeset', () => {
  it('of inserts has new records', () => {
    const bytes = changesetOf(CREATE, `INSERT INTO "d.t" VALUES (-5, 'é', 1e300), (9007199254740993, '', x'')`);
    const [table] = parseChangeset(bytes, LIMIT);
    expect(table).toMatchObject({ name: 'd.t', isKey: [true, false, false] });
    expect(table?.changes).toHaveLength(2);
    expect(table?.changes).toEqual(
      expect.arrayContaining([
        { op: 'insert', old: null, new: [-5, 'é', 1e300] },
        { op: 'insert', old: null, new: [9007199254740993n, '', new Uint8Array(0)] },
      ]),
    );
  });

  it('of a delete has the whole old record', () => {
    const bytes = changesetOf(CREATE, 'DELETE FROM "d.t" WHERE id = 3');
    expect(parseChangeset(bytes, LIMIT)[0]?.changes).toEqual([
      { op: 'delete', old: [3, 3.5, 9223372036854775807n], new: null },
    ]);
  });

  it('of an update has the key and what changed', () => {
    const bytes = changesetOf(CREATE, `UPDATE "d.t" SET b = NULL WHERE id = 2`);
    expect(parseChangeset(bytes, LIMIT)[0]?.changes).toEqual([
      { op: 'update', old: [2, undefined, new Uint8Array([0, 255])], new: [undefined, undefined, null] },
    ]);
  });

  it('joins what one transaction did to a row', () => {
    const bytes = changesetOf(
      CREATE,
      `INSERT INTO "d.t" VALUES (4, 1, 1); UPDATE "d.t" SET a = 2 WHERE id = 4; DELETE FROM "d.t" WHERE id = 4`,
    );
    expect(parseChangeset(bytes, LIMIT)).toEqual([]);
  });

  it('of several tables has each, and leaves out those without a key', () => {
    const bytes = changesetOf(
      `${CREATE}; CREATE TABLE "d.u" (a TEXT, b INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID; CREATE TABLE nokey (a)`,
      `INSERT INTO "d.u" VALUES ('x', 1); INSERT INTO nokey VALUES (1); DELETE FROM "d.t" WHERE id = 1`,
    );
    const tables = parseChangeset(bytes, LIMIT);
    expect(tables.map(({ name, isKey }) => [name, isKey])).toEqual([
      ['d.u', [true, true]],
      ['d.t', [true, false, false]],
    ]);
  });

  it('with more changes than wanted has none listed, and the tables after it whole', () => {
    const many = 'WITH RECURSIVE r (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM r WHERE i < 60)';
    const bytes = changesetOf(
      `${CREATE}; CREATE TABLE "d.u" (a INTEGER PRIMARY KEY)`,
      `INSERT INTO "d.t" ${many} SELECT i, hex(zeroblob(200)), i / 2.0 FROM r; UPDATE "d.t" SET a = x'01' WHERE id < 4; INSERT INTO "d.u" VALUES (1)`,
    );
    const tables = parseChangeset(bytes, { ...LIMIT, changes: 50 });
    expect(tables.map(({ name, changes }) => [name, changes?.length])).toEqual([
      ['d.t', undefined],
      ['d.u', 1],
    ]);
    expect(parseChangeset(bytes, { ...LIMIT, bytes: 10_000 })[0]?.changes).toBeNull();
    expect(parseChangeset(bytes, { ...LIMIT, changes: 54 })[0]?.changes).toHaveLength(54);
  });

  it('that is empty has no tables', () => {
    expect(parseChangeset(new Uint8Array(0), LIMIT)).toEqual([]);
  });
});

describe('bytes that are no changeset', () => {
  const bytes = changesetOf(
    CREATE,
    `UPDATE "d.t" SET a = 'x', b = 1; DELETE FROM "d.t" WHERE id = 2; INSERT INTO "d.t" VALUES (9, 'nine', x'09')`,
  );

  it.each([
    ['begin with something else', new Uint8Array([1, 2, 3]), 'a table header was expected'],
    ['have a table without columns', new Uint8Array([0x54, 0, 0]), 'a table of 0 columns'],
    ['have a name without end', new Uint8Array([0x54, 1, 1, 0x61]), 'a table name without end'],
    ['have an unknown operation', new Uint8Array([0x54, 1, 1, 0x61, 0, 99, 0]), 'operation 99'],
    ['have an unknown type', new Uint8Array([0x54, 1, 1, 0x61, 0, 18, 0, 7]), 'value type 7'],
    [
      'have a length beyond their end',
      new Uint8Array([0x54, 1, 1, 0x61, 0, 18, 0, 3, 100, 0x61]),
      'ends in the middle',
    ],
    ['have an endless varint', new Uint8Array([0x54, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 'a varint beyond 32 bits'],
  ])('that %s fail an assertion', (_name, broken, message) => {
    expect(() => parseChangeset(broken, LIMIT)).toThrow(message);
    expect(() => parseChangeset(broken, { changes: 0, bytes: 0 })).toThrow(message);
  });

  it('cut anywhere, they are read up to a whole change or fail an assertion', () => {
    const whole = parseChangeset(bytes, LIMIT)[0]!.changes!;
    for (let length = 1; length < bytes.length; length++) {
      try {
        const changes = parseChangeset(bytes.subarray(0, length), LIMIT)[0]!.changes!;
        expect(changes).toEqual(whole.slice(0, changes.length));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_ASSERTION' });
      }
    }
  });

  it('changed anywhere, they give values or fail an assertion, and never hang', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = new Uint8Array(bytes);
        changed[at] = value;
        try {
          parseChangeset(changed, LIMIT);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_ASSERTION' });
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});
