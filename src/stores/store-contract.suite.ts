/** What every store must do: one suite, run by each implementation. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BIGINT,
  BIGINT_UNSIGNED,
  collect,
  column,
  DOUBLE,
  foreignKey,
  insert,
  people,
  planned,
  read,
  remove,
  schema,
  table,
  update,
  VARBINARY,
  VARCHAR,
} from './samples.suite.ts';
import type { WriteStatement } from './statement.ts';
import type { Commit, Store } from './store.ts';

export interface StoreHarness {
  /** Opens the store of a directory, empty or used before. */
  open(directory: string, options: { lockWaitTimeoutMs: number }): Promise<Store>;
}

const LOCK_WAIT_TIMEOUT_MS = 300;
const COUNT = read('SELECT count(*) FROM "main.people"');

/** Rows 1 to n. */
const numbers = (n: number) =>
  read("WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < ?1) SELECT i, 'row ' || i FROM r", [
    BigInt(n),
  ]);
const endless = read('WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r');

export function storeContract(name: string, harness: StoreHarness): void {
  describe(`the store contract: ${name}`, () => {
    let directory: string;
    let store: Store;

    // Starting processes takes longest: the store is opened once, and each test begins with the one table `people`, empty.
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'sluice-store-'));
      await open();
    });

    beforeEach(async () => {
      await write(schema({ kind: 'drop-database', name: 'main' }));
      await write(schema({ kind: 'create-database', database: { name: 'main' } }));
      await write(schema({ kind: 'create-table', table: people() }));
    });

    afterAll(async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    });

    async function open(): Promise<void> {
      store = await harness.open(directory, { lockWaitTimeoutMs: LOCK_WAIT_TIMEOUT_MS });
    }

    async function reopen(): Promise<void> {
      await store.close();
      await open();
    }

    function write(statement: WriteStatement, foreignKeyChecks = true) {
      return store.write(statement, planned(store, foreignKeyChecks));
    }

    function lease(timeoutMs = 1000) {
      return store.acquireWriter(timeoutMs, { foreignKeyChecks: true });
    }

    describe('an autocommit write', () => {
      it('answers with MySQL counts and the first generated id', async () => {
        const result = await write(
          insert('people', [
            [null, 'ann', 1],
            [null, 'bob', 2],
          ]),
        );
        expect(result).toMatchObject({ affected: 2, matched: 2, insertId: 1, warnings: [] });
      });

      it('is reported to listeners before it is answered, and can be read then', async () => {
        const order: string[] = [];
        store.onCommit((commit) => order.push(`commit ${commit.sequence - before}`));
        const before = store.sequence;
        const first = write(insert('people', [[null, 'ann', 1]])).then(() => {
          order.push('answer 1');
          expect(store.readInline(COUNT)).toEqual([[1]]);
        });
        await first;
        await write(insert('people', [[null, 'bob', 1]])).then(() => order.push('answer 2'));
        expect(order).toEqual(['commit 1', 'answer 1', 'commit 2', 'answer 2']);
        expect(store.sequence).toBe(before + 2);
      });

      it('is told of as unreported from when reads see it until it is reported', async () => {
        expect(store.unreported()).toBeNull();
        const before = store.sequence;
        let answered = false;
        const writing = store.write(insert('people', [[1, 'Ada', null]]), planned(store)).then(() => {
          answered = true;
        });
        while (!answered) {
          const seen = store.readInline(COUNT)[0]![0] === 1;
          if (seen && store.sequence === before) expect(store.unreported()).toBe(before + 1);
          await new Promise(setImmediate);
        }
        await writing;
        expect(store.sequence).toBe(before + 1);
        expect(store.unreported()).toBeNull();
      });

      it('is reported with its rows before and after', async () => {
        const commits: Commit[] = [];
        await write(
          insert('people', [
            [null, 'ann', 1],
            [null, 'bob', 2],
          ]),
        );
        const stop = store.onCommit((commit) => commits.push(commit));
        await write(update('people', 'UPDATE "main.people" SET likes = 5 WHERE id = 1 AND sluice_changed(likes <> 5)'));
        await write(remove('people', 'DELETE FROM "main.people" WHERE id = 2'));
        stop();
        await write(insert('people', [[null, 'cid', 3]]));
        expect(commits.map(({ changes }) => changes)).toEqual([
          [
            {
              database: 'main',
              table: 'people',
              rows: [{ op: 'update', key: [1], before: [1, 'ann', 1], after: [1, 'ann', 5] }],
            },
          ],
          [
            {
              database: 'main',
              table: 'people',
              rows: [{ op: 'delete', key: [2], before: [2, 'bob', 2], after: null }],
            },
          ],
        ]);
      });

      it('that fails leaves nothing behind, and those sent with it alone', async () => {
        const sent = await Promise.allSettled([
          write(insert('people', [[null, 'ann', 1]])),
          write(
            insert('people', [
              [null, 'bob', 1],
              [null, 'ANN', 1],
            ]),
          ),
          write(insert('people', [[null, 'cid', 1]])),
          write(insert('nowhere', [[1]])),
          write(insert('people', [[null, 'dan', 1]])),
        ]);
        expect(sent.map(({ status }) => status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'rejected',
          'fulfilled',
        ]);
        expect(sent[1]).toMatchObject({
          reason: { code: 'ER_DUP_ENTRY', message: "Duplicate entry 'ANN' for key 'people.by_name'" },
        });
        expect(store.readInline(read('SELECT name FROM "main.people" ORDER BY id'))).toEqual([
          ['ann'],
          ['cid'],
          ['dan'],
        ]);
      });

      it('that changes nothing is no commit', async () => {
        await write(insert('people', [[null, 'ann', 1]]));
        const before = store.sequence;
        const result = await write(
          update('people', 'UPDATE "main.people" SET likes = 1 WHERE sluice_changed(likes <> 1)'),
        );
        expect(result).toMatchObject({ affected: 0, matched: 1 });
        await write(remove('people', 'DELETE FROM "main.people" WHERE id = 99'));
        expect(store.sequence).toBe(before);
      });

      it('planned under another catalog is refused', async () => {
        const options = planned(store);
        await write(schema({ kind: 'create-table', table: people('others') }));
        await expect(store.write(insert('people', [[null, 'ann', 1]]), options)).rejects.toMatchObject({
          code: 'SLUICE_STALE_PLAN',
        });
      });

      it('without foreign key checks may leave a row without a parent', async () => {
        const child = table('pets', [column('id', undefined, { nullable: false }), column('owner')], ['id'], {
          foreignKeys: [foreignKey('owned', 'owner', 'people.id')],
        });
        await write(schema({ kind: 'create-table', table: child }));
        await expect(write(insert('pets', [[1, 99]]))).rejects.toMatchObject({ code: 'ER_NO_REFERENCED_ROW_2' });
        const [without, with_] = await Promise.allSettled([
          write(insert('pets', [[1, 99]]), false),
          write(insert('pets', [[2, 99]])),
        ]);
        expect(without).toMatchObject({ status: 'fulfilled' });
        expect(with_).toMatchObject({ status: 'rejected' });
      });

      it('keeps order: many at once end as if one after the other', async () => {
        await write(insert('people', [[1, 'counter', 0]]));
        const increments = Array.from({ length: 200 }, () =>
          write(update('people', 'UPDATE "main.people" SET likes = likes + 1 WHERE id = 1')),
        );
        await Promise.all(increments);
        expect(store.readInline(read('SELECT likes FROM "main.people"'))).toEqual([[200]]);
      });
    });

    describe('a schema change', () => {
      it('is in the catalog when it is answered, and is a commit', async () => {
        const commits: Commit[] = [];
        store.onCommit((commit) => commits.push(commit));
        const version = store.catalog.version;
        await write(schema({ kind: 'create-table', table: people('others') }));
        expect(store.catalog.version).toBe(version + 1);
        expect(store.catalog.table('MAIN', 'Others')).toEqual(people('others'));
        expect(commits).toMatchObject([
          { schemaChanged: true, changes: [{ database: 'main', table: 'others', rows: null }] },
        ]);
      });

      it('that fails changes nothing', async () => {
        const version = store.catalog.version;
        await expect(write(schema({ kind: 'create-table', table: people() }))).rejects.toMatchObject({
          code: 'ER_TABLE_EXISTS_ERROR',
        });
        expect(store.catalog.version).toBe(version);
      });
    });

    describe('a lease of the writer', () => {
      it('sees its own writes, which nobody else does before its commit', async () => {
        const writer = await lease();
        expect(writer.sequence).toBe(store.sequence);
        await writer.write(insert('people', [[null, 'ann', 1]]), planned(store));
        expect(await writer.read(COUNT, {})).toEqual([[1]]);
        expect(store.readInline(COUNT)).toEqual([[0]]);
        const reported: Commit[] = [];
        store.onCommit((commit) => reported.push(commit));
        const commit = await writer.commit();
        expect(reported).toEqual([commit]);
        expect(store.sequence).toBe(commit?.sequence);
        expect(store.readInline(COUNT)).toEqual([[1]]);
      });

      it('keeps nothing after a rollback', async () => {
        const writer = await lease();
        await writer.write(insert('people', [[null, 'ann', 1]]), planned(store));
        await writer.rollback();
        expect(store.readInline(COUNT)).toEqual([[0]]);
      });

      it('goes on after a failed statement', async () => {
        const writer = await lease();
        await writer.write(insert('people', [[null, 'ann', 1]]), planned(store));
        await expect(writer.write(insert('people', [[null, 'ann', 1]]), planned(store))).rejects.toMatchObject({
          code: 'ER_DUP_ENTRY',
        });
        await writer.write(insert('people', [[null, 'bob', 1]]), planned(store));
        await writer.commit();
        expect(store.readInline(COUNT)).toEqual([[2]]);
      });

      it('commits to null when nothing was changed, with or without work', async () => {
        expect(await (await lease()).commit()).toBeNull();
        const writer = await lease();
        await writer.read(COUNT, {});
        expect(await writer.commit()).toBeNull();
      });

      it('has savepoints', async () => {
        const writer = await lease();
        await writer.write(insert('people', [[null, 'ann', 1]]), planned(store));
        await writer.savepoint({ kind: 'savepoint', name: 'Here' });
        await writer.write(insert('people', [[null, 'bob', 1]]), planned(store));
        await writer.savepoint({ kind: 'rollback-to', name: 'here' });
        await writer.write(insert('people', [[null, 'cid', 1]]), planned(store));
        await writer.savepoint({ kind: 'release', name: 'here' });
        await expect(writer.savepoint({ kind: 'release', name: 'here' })).rejects.toMatchObject({
          code: 'ER_SP_DOES_NOT_EXIST',
        });
        const commit = await writer.commit();
        expect(commit?.changes[0]?.rows?.map(({ after }) => after?.[1])).toEqual(['ann', 'cid']);
      });

      it('holds back every other write until it ends, in the order they came', async () => {
        const writer = await lease();
        await writer.write(insert('people', [[1, 'first', 0]]), planned(store));
        const second = write(insert('people', [[null, 'second', 0]]));
        const third = lease().then(async (next) => {
          expect(await next.read(COUNT, {})).toEqual([[2]]);
          await next.rollback();
        });
        const fourth = write(insert('people', [[null, 'fourth', 0]]));
        expect(store.readInline(COUNT)).toEqual([[0]]);
        await writer.commit();
        await Promise.all([second, third, fourth]);
        expect(store.readInline(read('SELECT name FROM "main.people" ORDER BY id'))).toEqual([
          ['first'],
          ['second'],
          ['fourth'],
        ]);
      });

      it('is waited for only so long', async () => {
        const writer = await lease();
        await expect(lease(50)).rejects.toMatchObject({ code: 'ER_LOCK_WAIT_TIMEOUT' });
        await expect(write(insert('people', [[null, 'ann', 1]]))).rejects.toMatchObject({
          code: 'ER_LOCK_WAIT_TIMEOUT',
        });
        await writer.rollback();
        await write(insert('people', [[null, 'ann', 1]]));
      });

      it('is of no use after its end', async () => {
        const writer = await lease();
        await writer.rollback();
        await writer.rollback();
        await expect(writer.read(COUNT, {})).rejects.toThrow();
        await expect(writer.commit()).rejects.toThrow();
      });
    });

    describe('a snapshot', () => {
      it('sees one commit for as long as it is open', async () => {
        await write(insert('people', [[null, 'ann', 1]]));
        const snapshot = store.openSnapshot();
        expect(snapshot.sequence).toBe(store.sequence);
        await write(insert('people', [[null, 'bob', 1]]));
        expect(snapshot.readInline(COUNT)).toEqual([[1]]);
        expect(store.readInline(COUNT)).toEqual([[2]]);
        snapshot.close();
        const later = store.openSnapshot();
        expect(later.readInline(COUNT)).toEqual([[2]]);
        expect(later.sequence).toBe(store.sequence);
        later.close();
        later.close();
      });
    });

    describe('a read stream', () => {
      it('gives all rows in order, in chunks', async () => {
        let expected = 1;
        let chunks = 0;
        for await (const chunk of store.read(numbers(20_000)).chunks) {
          chunks++;
          for (const row of chunk) expect(row).toEqual([expected, `row ${expected++}`]);
        }
        expect(expected).toBe(20_001);
        expect(chunks).toBeGreaterThan(10);
      });

      it('gives no rows when there are none', async () => {
        expect(await collect(store.read(COUNT).chunks)).toEqual([[0]]);
        expect(await collect(store.read(read('SELECT * FROM "main.people"')).chunks)).toEqual([]);
      });

      it('sees every write answered before', async () => {
        for (let i = 1; i <= 20; i++) {
          await write(insert('people', [[null, `p${i}`, 1]]));
          expect(await collect(store.read(COUNT).chunks)).toEqual([[i]]);
        }
      });

      it('rejects with the failure of its statement', async () => {
        await expect(collect(store.read(read('SELECT nonsense')).chunks)).rejects.toThrow('nonsense');
        expect(await collect(store.read(COUNT).chunks)).toEqual([[0]]);
      });

      it('can be left early, and others go on', async () => {
        for (let i = 0; i < 5; i++) {
          for await (const chunk of store.read(numbers(1_000_000)).chunks) {
            expect(chunk[0]).toEqual([1, 'row 1']);
            break;
          }
        }
        expect(await collect(store.read(COUNT).chunks)).toEqual([[0]]);
      });

      it('can be cancelled between chunks', async () => {
        const stream = store.read(numbers(1_000_000));
        const reading = (async () => {
          for await (const chunk of stream.chunks) if (chunk.length > 0) stream.cancel(new Error('enough'));
        })();
        await expect(reading).rejects.toThrow('enough');
        expect(await collect(store.read(COUNT).chunks)).toEqual([[0]]);
      });

      it('runs many at once', async () => {
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) => collect(store.read(numbers(i * 100 + 1)).chunks)),
        );
        expect(results.map((rows) => rows.length)).toEqual(Array.from({ length: 20 }, (_, i) => i * 100 + 1));
      });

      it('restarts unseen when an integer beyond 2^53 turns up late', async () => {
        const sql =
          'WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5000) SELECT CASE i WHEN 4000 THEN 9007199254740993 ELSE i END FROM r';
        const rows = await collect(store.read(read(sql)).chunks);
        expect(rows.length).toBe(5000);
        expect(rows[3998]).toEqual([3999]);
        expect(rows[3999]).toEqual([9007199254740993n]);
        expect(rows[4000]).toEqual([4001]);
      });
    });

    it('gives every kind of value back as it was given', async () => {
      const types = table('types', [
        column('big', BIGINT),
        column('unsigned', BIGINT_UNSIGNED),
        column('text', VARCHAR),
        column('bytes', VARBINARY),
        column('real', DOUBLE),
      ]);
      await write(schema({ kind: 'create-table', table: types }));
      const rows = [
        [9223372036854775807n, '18446744073709551615', 'a\0b', new Uint8Array([0, 255]), 1e300],
        [-9223372036854775808n, 0, '', new Uint8Array(0), 0.1],
        [9007199254740991, 9007199254740993n, '\ud83d\ude00é\uffff', null, -1.5],
        [null, null, null, null, null],
        [5, 7, '5', new Uint8Array([53]), 5],
      ];
      const commits: Commit[] = [];
      store.onCommit((commit) => commits.push(commit));
      await write(insert('types', rows));
      const all = read('SELECT big, unsigned, text, bytes, real FROM "main.types" ORDER BY _sluice_row');
      expect(store.readInline(all)).toEqual(rows);
      expect(await collect(store.read(all).chunks)).toEqual(rows);
      expect(commits[0]?.changes[0]?.rows?.map(({ after }) => after)).toEqual(rows);
      expect(
        store.readInline(read('SELECT typeof(unsigned), typeof(real) FROM "main.types" WHERE text = ?', ['5'])),
      ).toEqual([['integer', 'real']]);
      expect(store.readInline(read('SELECT count(*) FROM "main.types" WHERE text = ?', ['a\0b']))).toEqual([[1]]);
    });

    describe('reopened', () => {
      it('has its rows, catalog, sequence and next id', async () => {
        await write(
          insert('people', [
            [null, 'ann', 1],
            [null, 'bob', 1],
          ]),
        );
        await write(remove('people', 'DELETE FROM "main.people" WHERE id = 2'));
        const { sequence } = store;
        const { version } = store.catalog;
        await reopen();
        expect(store.sequence).toBe(sequence);
        expect(store.catalog.version).toBe(version);
        expect(store.catalog.table('main', 'people')).toEqual(people());
        expect(store.readInline(read('SELECT name FROM "main.people"'))).toEqual([['ann']]);
        expect(await write(insert('people', [[null, 'cid', 1]]))).toMatchObject({ insertId: 3 });
        expect(store.sequence).toBe(sequence + 1);
      });
    });

    it('has the database main at first, and what the server keeps for itself', async () => {
      const fresh = mkdtempSync(join(tmpdir(), 'sluice-store-'));
      const other = await harness.open(fresh, { lockWaitTimeoutMs: LOCK_WAIT_TIMEOUT_MS });
      expect(other.catalog.databases().filter(({ name }) => name !== 'sluice')).toEqual([{ name: 'main' }]);
      expect(other.catalog.tables('main')).toEqual([]);
      await other.close();
      rmSync(fresh, { recursive: true });
    });

    it('lets nobody else open its directory', async () => {
      await expect(async () => harness.open(directory, { lockWaitTimeoutMs: LOCK_WAIT_TIMEOUT_MS })).rejects.toThrow(
        directory,
      );
    });

    describe('closing', () => {
      it('carries out what was asked before and refuses what comes after', async () => {
        const writes = Array.from({ length: 50 }, (_, i) => write(insert('people', [[null, `p${i}`, 1]])));
        const closed = store.close();
        await expect(write(insert('people', [[null, 'late', 1]]))).rejects.toMatchObject({
          code: 'ER_SERVER_SHUTDOWN',
        });
        await Promise.all(writes);
        await closed;
        await open();
        expect(store.readInline(COUNT)).toEqual([[50]]);
      });

      it('does not wait for who is still reading', { timeout: 8_000 }, async () => {
        await write(
          insert(
            'people',
            Array.from({ length: 2000 }, (_, i) => [null, `p${i}`, 1]),
          ),
        );
        const stream = store.read(read('SELECT * FROM "main.people"'));
        const chunks = stream.chunks[Symbol.asyncIterator]();
        await chunks.next();
        const snapshot = store.openSnapshot();
        expect(snapshot.readInline(COUNT)).toEqual([[2000]]);
        await write(remove('people', 'DELETE FROM "main.people"'));
        await reopen();
        expect(store.readInline(COUNT)).toEqual([[0]]);
      });

      it('rolls back the transaction that holds the writer', async () => {
        const writer = await lease();
        await writer.write(insert('people', [[null, 'ann', 1]]), planned(store));
        await reopen();
        expect(store.readInline(COUNT)).toEqual([[0]]);
      });
    });

    // Where nothing runs in readers, nothing waits for one.
    it.runIf(name.includes('processes'))('begins a read that is to be first before those that wait', async () => {
      const ended: string[] = [];
      const ending = (what: string, isFirst: boolean): Promise<unknown> =>
        collect(store.read(numbers(20_000), isFirst).chunks).then(() => ended.push(what));
      const waiting = Array.from({ length: 20 }, () => ending('waiting', false));
      await Promise.all([...waiting, ending('first', true)]);
      expect(ended.indexOf('first')).toBeLessThan(10);
    });

    // Nothing but the end of its process stops a statement in the middle, so this is asked of stores with reader processes only.
    it.runIf(name.includes('processes'))('ends a runaway statement when it is cancelled', async () => {
      const stream = store.read(endless);
      const reading = collect(stream.chunks);
      setTimeout(() => stream.cancel(new Error('too long')), 100);
      await expect(reading).rejects.toThrow('too long');
      const others = await Promise.all([1, 2, 3].map(() => collect(store.read(COUNT).chunks)));
      expect(others).toEqual([[[0]], [[0]], [[0]]]);
    });
  });
}
