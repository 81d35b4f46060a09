import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { insert, people, planned, read, remove } from '../samples.suite.ts';
import { databasePath } from './data-directory.ts';
import { Engine } from './engine.ts';
import { useEngine } from './engine-harness.suite.ts';

const harness = useEngine();

describe('opening', () => {
  let open = true;
  function withFile(sql: string): void {
    if (open) harness.engine.close();
    open = false;
    const db = new DatabaseSync(databasePath(harness.directory));
    db.exec(sql);
    db.close();
  }

  it('refuses a file of a later format, and says so', () => {
    withFile('PRAGMA user_version = 99');
    expect(() => harness.open()).toThrow('format version 99; this release reads up to 1: use a later release');
    withFile('PRAGMA user_version = 1');
    harness.open();
    open = true;
  });

  it('refuses a file that is not its own', () => {
    withFile('PRAGMA application_id = 7');
    expect(() => harness.open()).toThrow('is not a Sluice database');
    withFile('PRAGMA application_id = 1399616873');
    harness.open();
    open = true;
  });

  it('keeps definitions with any kind of default', () => {
    const table = people();
    const defaults = [
      { kind: 'literal', value: 9223372036854775807n, text: '9223372036854775807' },
      { kind: 'literal', value: new Uint8Array([0, 255]), text: '' },
      { kind: 'now', fsp: 3 },
    ] as const;
    const columns = table.columns.map((column, i) => ({ ...column, default: defaults[i]! }));
    harness.create({ ...table, columns });
    harness.reopen();
    expect(harness.table('people').columns).toEqual(columns);
  });
});

describe('a second writer', () => {
  it('takes over: the first can commit no more', () => {
    harness.create(people());
    const first = harness.engine;
    harness.open();
    first.begin({ foreignKeyChecks: true });
    first.write(insert('people', [[null, 'ann', 1]]), planned(first));
    expect(() => first.commit()).toThrow('Another writer has taken over');
    const bob = harness.write(insert('people', [[null, 'bob', 1]]));
    first.close();
    expect(harness.rows('SELECT name FROM "main.people"')).toEqual([['bob']]);
    harness.write(remove('people', 'DELETE FROM "main.people"'));
    harness.reopen();
    expect(Number(harness.write(insert('people', [[null, 'cid', 1]])).insertId)).toBeGreaterThan(Number(bob.insertId));
  });
});

describe('reading', () => {
  it('gives integers beyond 2^53 exactly, and the others as numbers', () => {
    expect(harness.rows('SELECT 1, 9007199254740991, 9007199254740992, -9223372036854775808')).toEqual([
      [1, 9007199254740991, 9007199254740992n, -9223372036854775808n],
    ]);
  });

  it('streams in chunks and leaves no transaction open when it is left early', () => {
    const sql = 'WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 10000) SELECT i FROM r';
    for (const chunk of harness.engine.stream(read(sql))) {
      expect(chunk.length).toBeLessThanOrEqual(1000);
      break;
    }
    expect(harness.engine.inTransaction).toBe(false);
    let rows = 0;
    for (const chunk of harness.engine.stream(read(sql))) rows += chunk.length;
    expect(rows).toBe(10_000);
  });

  it('passes on what a function throws, and names what is wrong with a statement', () => {
    const failing = new RangeError('from the function');
    const engine = Engine.open(harness.directory, {
      readOnly: true,
      synchronous: 'FULL',
      cacheMebibytes: 8,
      functions: [
        {
          name: 'fails',
          deterministic: false,
          call: () => {
            throw failing;
          },
        },
        {
          kind: 'aggregate',
          name: 'product',
          deterministic: true,
          start: () => 1n,
          step: (state: bigint, value) => state * BigInt(value as number),
          result: (state: bigint) => state,
        },
      ],
    });
    expect(() => engine.read(read('SELECT fails()'))).toThrow(failing);
    expect(engine.read(read('SELECT product(column1) FROM (VALUES (2), (3), (7))'))).toEqual([[42]]);
    expect(() => engine.read(read('SELECT nonsense'))).toThrow('no such column: nonsense');
    engine.close();
  });
});

describe('a transaction', () => {
  it('that SQLite has to give up leaves nothing and can be followed by another', () => {
    harness.create(people());
    harness.engine.read(read('PRAGMA max_page_count = 30'));
    const big = Array.from({ length: 500 }, (_, i): [null, string, number] => [null, `${i}`.padEnd(1000, 'x'), 1]);
    expect(() => harness.write(insert('people', big))).toThrow(expect.objectContaining({ code: 'ER_DISK_FULL' }));
    expect(harness.engine.inTransaction).toBe(false);
    harness.engine.read(read('PRAGMA max_page_count = 1000000'));
    harness.write(insert('people', [[null, 'ann', 1]]));
    expect(harness.rows('SELECT count(*) FROM "main.people"')).toEqual([[1]]);
  });
});
