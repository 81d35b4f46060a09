/** Whatever way its changes were found, the report of a commit is the difference between the table before and after. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../util/random.ts';
import { column, DOUBLE, insert, planned, remove, table, update, VARBINARY, VARCHAR } from '../samples.suite.ts';
import type { TableDefinition } from '../schema.ts';
import type { InsertStatement, ModifyStatement } from '../statement.ts';
import type { Commit, RowChange } from '../store.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();

/** Its key takes 'a' and 'A' for equal. */
const TABLE = table(
  't',
  [
    column('k', VARCHAR, { nullable: false }),
    column('n'),
    column('d', DOUBLE),
    column('b', VARBINARY),
    column('s', VARCHAR),
  ],
  ['k'],
);

const rowsOf = (): StoreRow[] => harness.rows('SELECT * FROM "main.t" ORDER BY k');
const fold = (key: StoreValue | undefined): string => String(key).toLowerCase();

function difference(before: readonly StoreRow[], after: readonly StoreRow[]): RowChange[] {
  const [old, now] = [before, after].map((rows) => new Map(rows.map((row) => [fold(row[0]), row])));
  const changes: RowChange[] = [];
  for (const [name, row] of old!) {
    const left = now!.get(name);
    if (left === undefined) changes.push({ op: 'delete', key: [row[0]!], before: row, after: null });
    else if (!isDeepStrictEqual(left, row)) changes.push({ op: 'update', key: [row[0]!], before: row, after: left });
  }
  for (const [name, row] of now!)
    if (!old!.has(name)) changes.push({ op: 'insert', key: [row[0]!], before: null, after: row });
  return sorted(changes);
}

const sorted = (changes: readonly RowChange[]): RowChange[] =>
  [...changes].sort((a, b) => (fold(a.key[0]) < fold(b.key[0]) ? -1 : 1));
/** A row that became what it was may be told of. */
const reported = (commit: Commit | null): RowChange[] =>
  sorted((commit?.changes[0]?.rows ?? []).filter(({ before, after }) => !isDeepStrictEqual(before, after)));

class Statements {
  readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  key(): string {
    return this.random.pick(['a', 'A', 'B', 'b', 'c', 'dd', 'dD', 'e', 'é', 'f\u{1f600}', 'F\u{1f600}', 'g']);
  }

  row(): StoreRow {
    const { random } = this;
    return [
      this.key(),
      random.pick<StoreValue>([null, 0, 5, -7, 2 ** 40, 9007199254740993n, 12n, 1.5, 2.0, '17']),
      random.pick<StoreValue>([null, 1, 1.25, -0, 1e300, 2 ** 53]),
      random.pick<StoreValue>([null, new Uint8Array([0, 255]), 'text', 3]),
      random.pick<StoreValue>([null, '', 'plain', 'half \ud800', 'nul \0 in it', '\u{1f600}', 12]),
    ];
  }

  next(): InsertStatement | ModifyStatement {
    switch (this.random.below(13)) {
      case 0:
        return remove('t', 'DELETE FROM "main.t" WHERE k = ?', [this.key()]);
      case 12: {
        const [before] = harness.rows('SELECT * FROM "main.t" WHERE k = ?', [this.key()]);
        if (before === undefined) return insert('t', [this.row()]);
        return { ...remove('t', 'DELETE FROM "main.t" WHERE k = ?', [before[0]!]), known: { before, after: null } };
      }
      case 1:
        return update('t', 'UPDATE "main.t" SET n = coalesce(n, 0) + 1 WHERE k = ?', [this.key()]);
      case 2:
        return insert('t', [this.row()], { mode: this.random.pick(['put', 'replace', 'ignore'] as const) });
      case 3:
        return insert('t', [this.row(), this.row(), this.row()]);
      case 4:
      case 5: {
        const [before] = harness.rows('SELECT * FROM "main.t" WHERE k = ?', [this.key()]);
        if (before === undefined) return insert('t', [this.row()]);
        const value = this.row()[4]!;
        const known = { before, after: [...before.slice(0, 4), value] };
        return { ...update('t', 'UPDATE "main.t" SET s = ? WHERE k = ?', [value, before[0]!]), known };
      }
      case 6:
      case 7:
        return update('t', 'UPDATE "main.t" SET k = ? WHERE k = ?', [this.key(), this.key()]);
      case 8:
        // In both cases, and to the end or taken back as a whole.
        return update('t', 'UPDATE "main.t" SET k = CASE WHEN k = lower(k) THEN upper(k) ELSE ? END', [this.key()]);
      default:
        return insert('t', [this.row()]);
    }
  }
}

function attempt(statement: InsertStatement | ModifyStatement): void {
  try {
    harness.engine.write(statement, planned(harness.engine));
  } catch (error) {
    expect(String(error)).toContain('Duplicate');
  }
}

function runSome(statements: Statements): void {
  const { random } = statements;
  let isOpen = false;
  for (let left = 1 + random.below(6); left > 0; left--) {
    if (random.chance(0.08)) {
      harness.engine.savepoint({ kind: isOpen ? 'rollback-to' : 'savepoint', name: 'p' });
      isOpen = true;
    }
    attempt(statements.next());
  }
}

describe('the report of a commit', () => {
  it.each([1, 2, 3])('is the difference that the transaction made (seed %i)', (seed) => {
    harness.create(TABLE);
    const statements = new Statements(seed);
    let kinds = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const before = rowsOf();
      const { commit } = harness.transaction(() => runSome(statements));
      const expected = difference(before, rowsOf());
      expect(reported(commit), `transaction ${i}`).toEqual(expected);
      kinds = new Set([...kinds, ...expected.map(({ op }) => op)]);
    }
    expect([...kinds].sort()).toEqual(['delete', 'insert', 'update']);
  });

  it('has the values that AUTO_INCREMENT gave', () => {
    const counted: TableDefinition = table(
      'c',
      [column('id', { name: 'bigint' }, { autoIncrement: true, nullable: false }), column('n')],
      ['id'],
    );
    harness.create(counted);
    const { commit } = harness.transaction(() => {
      for (const row of [
        [null, 1],
        [0, 2],
        [7, 3],
        [null, 4],
      ] as StoreRow[])
        attempt(insert('c', [row]));
    });
    expect(commit?.changes[0]?.rows?.map(({ after }) => after)).toEqual([
      [1, 1],
      [2, 2],
      [7, 3],
      [8, 4],
    ]);
  });

  it('has what many inserts make, also when they are more than are noted one by one', () => {
    harness.create(TABLE);
    const { commit } = harness.transaction(() => {
      for (let i = 0; i < 2_500; i++) attempt(insert('t', [[`key ${i}`, i, null, null, null]]));
      attempt(remove('t', 'DELETE FROM "main.t" WHERE n < 500'));
      attempt(update('t', 'UPDATE "main.t" SET n = n + 1 WHERE n = 600 OR n = 2000'));
    });
    expect(reported(commit)).toEqual(difference([], rowsOf()));
    expect(reported(commit)).toHaveLength(2_000);
  });

  it('puts together the changes of a row that is found by another case of its key', () => {
    harness.create(TABLE);
    const { commit } = harness.transaction(() => {
      attempt(insert('t', [['Ab', 1, null, null, null]]));
      attempt(insert('t', [['cd', 1, null, null, null]]));
      attempt(remove('t', 'DELETE FROM "main.t" WHERE k = ?', ['aB']));
      attempt(update('t', 'UPDATE "main.t" SET n = 2 WHERE k = ?', ['CD']));
    });
    expect(commit?.changes[0]?.rows).toEqual([
      { op: 'insert', key: ['cd'], before: null, after: ['cd', 2, null, null, null] },
    ]);
  });

  it('keeps bytes that their owner changes afterwards', () => {
    harness.create(TABLE);
    const bytes = new Uint8Array([1, 2]);
    const { commit } = harness.transaction(() => attempt(insert('t', [['k', 1, null, bytes, null]])));
    bytes[0] = 9;
    expect(reported(commit)[0]?.after?.[3]).toEqual(new Uint8Array([1, 2]));
  });
});
