import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListOutcome } from './request.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

let gate: TestGate;
let session: TestSession;

beforeEach(async () => {
  gate = new TestGate();
  session = gate.session();
  await session.execute('CREATE TABLE t (id INT PRIMARY KEY, n INT, name VARCHAR(20))');
  await session.execute("INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 20, '江')");
});

afterEach(() => gate.close());

/** The answer to a list command by its URL, and where it is from. */
async function list(query: string): Promise<{ json: string; isKept: boolean }> {
  const parameters = query.split('&').map((part) => part.split('=', 2) as [string, string]);
  const command = { parameters, query, body: '', formEncoded: false };
  const outcome = (await session.session.execute({ kind: 'list', command })) as ListOutcome;
  await gate.gate.kept.settled();
  const json = outcome.isBinary ? Buffer.from(outcome.json, 'latin1').toString('utf8') : outcome.json;
  return { json, isKept: outcome.isBinary };
}

const TWENTY = 'command=select&type=*&table=main.t&where=n:NUMEQ:20&order_by=id&order_sort=NUMDESC';
const ROWS = '[{"id":"3","n":"20","name":"江"},{"id":"2","n":"20","name":"b"}]';

describe('a list command', () => {
  it('is answered from memory when it is asked again, and is the same', async () => {
    expect(await list(TWENTY)).toEqual({ json: ROWS, isKept: false });
    for (let i = 0; i < 4; i++) expect(await list(TWENTY)).toEqual({ json: ROWS, isKept: true });
  });

  it('that an index of words finds is read by it, and kept as any other', async () => {
    expect((await list('command=setindex&table=main.t&field=name&type=TDBITQGRAM')).json).toBe('{"ok":true}');
    const reads = vi.spyOn(gate.store, 'read');
    const found = 'command=select&type=*&table=main.t&where=name:STRINC:江';
    const row = '[{"id":"3","n":"20","name":"江"}]';
    expect(await list(found)).toEqual({ json: row, isKept: false });
    expect(await list(found)).toEqual({ json: row, isKept: true });
    const texts = reads.mock.calls.map(([statement]) => statement.sql);
    expect(texts.filter((sql) => sql.includes('sluice_state') && sql.includes(' MATCH '))).toHaveLength(1);
    await session.execute("UPDATE t SET name = '小江' WHERE id = 1");
    expect((await list(found)).json).toBe(`[{"id":"1","n":"10","name":"小江"},${row.slice(1)}`);
    expect((await list('command=setindex&table=main.t&field=name&type=TDBITVOID')).json).toBe('{"ok":true}');
    expect((await list(found)).json).toBe(`[{"id":"1","n":"10","name":"小江"},${row.slice(1)}`);
  });

  it('is not taken for another one with the same operand', async () => {
    const found = {
      'n:STRINC:2': '2,3',
      'name:STRINC:2': '',
      'n:!STRINC:2': '1',
      'n:STREW:2': '',
      'n:!STREW:2': '1,2,3',
      'id:STRINC:2': '2',
    };
    for (let asked = 0; asked < 4; asked++) {
      for (const [where, ids] of Object.entries(found)) {
        const { json } = await list(`command=select&type=*&table=main.t&where=${where}`);
        const rows = JSON.parse(json) as { id: string }[];
        expect([where, rows.map(({ id }) => id).join()]).toEqual([where, ids]);
      }
    }
  });

  it('finds nothing where a number that no column can hold is asked for', async () => {
    await session.execute('CREATE TABLE doubles (id INT PRIMARY KEY, d DOUBLE)');
    await session.execute('INSERT INTO doubles VALUES (1, 1.5)');
    const infinite = 'command=select&type=*&table=main.doubles&where=d:NUMOREQ:inf|d:STREQ:1.5';
    expect((await list(infinite)).json).toBe('[]');
    expect((await list(infinite)).json).toBe('[]');
    expect(await list(infinite)).toEqual({ json: '[]', isKept: true });
  });

  it('sees every write that was answered before', async () => {
    for (let i = 0; i < 4; i++) await list(TWENTY);
    await session.execute("UPDATE t SET name = 'c' WHERE id = 2");
    const changed = ROWS.replace('"b"', '"c"');
    for (let i = 0; i < 4; i++) expect(await list(TWENTY)).toEqual({ json: changed, isKept: true });
    await session.execute('DELETE FROM t WHERE id = 3');
    expect(await list(TWENTY)).toEqual({ json: '[{"id":"2","n":"20","name":"c"}]', isKept: true });
    await session.execute('ALTER TABLE t ADD COLUMN more INT DEFAULT 7');
    expect((await list(TWENTY)).json).toBe('[{"id":"2","n":"20","name":"c","more":"7"}]');
    await session.execute('TRUNCATE TABLE t');
    expect((await list(TWENTY)).json).toBe('[]');
  });

  it('has nothing of a transaction that is open, in its own session all', async () => {
    for (let i = 0; i < 4; i++) await list(TWENTY);
    const other = gate.session();
    await other.execute('BEGIN');
    await other.execute('DELETE FROM t WHERE id = 2');
    expect((await list(TWENTY)).json).toBe(ROWS);
    await other.execute('COMMIT');
    expect((await list(TWENTY)).json).toBe('[{"id":"3","n":"20","name":"江"}]');
    await session.execute('BEGIN');
    await session.execute('DELETE FROM t WHERE id = 3');
    expect(await list(TWENTY)).toEqual({ json: '[]', isKept: false });
    await session.execute('ROLLBACK');
    expect((await list(TWENTY)).json).toBe('[{"id":"3","n":"20","name":"江"}]');
  });
});

describe('a list of a table whose key is BIGINT UNSIGNED', () => {
  it('has the rows beyond 2^63-1 too, in the order of the numbers', async () => {
    await session.execute('CREATE TABLE u (id BIGINT UNSIGNED PRIMARY KEY, n INT)');
    await session.execute('INSERT INTO u VALUES (5, 1), (18446744073709551615, 1), (10, 1), (9223372036854775808, 1)');
    const newest = 'command=select&type=*&table=main.u&where=n:NUMEQ:1&order_by=id&order_sort=STRDESC';
    const keys = ['18446744073709551615', '9223372036854775808', '10', '5'];
    for (let i = 0; i < 4; i++) {
      const rows = JSON.parse((await list(newest)).json) as { id: string }[];
      expect(rows.map(({ id }) => id)).toEqual(keys);
      expect((await list('command=count&table=main.u&where=n:NUMEQ:1')).json).toBe('4');
      expect(await session.rows('SELECT COUNT(*) FROM u WHERE n = 1')).toEqual([['4']]);
    }
  });
});

describe('a SELECT that is a list', () => {
  it.each([
    ['SELECT name, id FROM t WHERE n = 20 ORDER BY name DESC LIMIT 1', [['江', 3]]],
    ['SELECT COUNT(*) FROM t WHERE n BETWEEN 5 AND 15', [[1]]],
    ['SELECT * FROM t WHERE id = 2', [[2, 20, 'b']]],
    ["SELECT id FROM t WHERE name = 'A' ORDER BY n", [[1]]],
    ['SELECT id FROM t ORDER BY n DESC', [[3], [2], [1]]],
    ['SELECT id FROM t WHERE n > 10 ORDER BY n', [[2], [3]]],
    ['SELECT id FROM t WHERE n <> 10 ORDER BY id DESC', [[3], [2]]],
    ['SELECT COUNT(*) FROM t WHERE name IS NOT NULL AND n <> 20', [[1]]],
    ['SELECT id FROM t WHERE n <> 20 AND n = 20 ORDER BY id', []],
  ])('%s: from memory the same', async (sql, rows) => {
    for (let i = 0; i < 3; i++) {
      const outcome = await session.session.execute({ kind: 'sql', text: sql });
      if (outcome.kind === 'rows') expect(outcome.rows).toEqual(rows);
      else if (outcome.kind === 'stream') {
        const read = [];
        for await (const chunk of outcome.chunks) read.push(...chunk);
        expect(read).toEqual(rows);
      } else expect.unreachable(outcome.kind);
      await gate.gate.kept.settled();
    }
    expect(gate.gate.kept.statistics().hits).toBeGreaterThan(0);
  });
});

it('explain=1 tells what would answer', async () => {
  const kept = async (): Promise<unknown> =>
    (JSON.parse((await list(`${TWENTY}&explain=1`)).json) as { kept: unknown }).kept;
  expect(await kept()).toEqual({ by: 'index', state: 'not kept' });
  for (let i = 0; i < 2; i++) await list(TWENTY);
  expect(await kept()).toEqual({ by: 'index', state: 'ready' });
});

it('EXPLAIN tells what would answer', async () => {
  const route = async (sql: string): Promise<string> =>
    (await session.rows(`EXPLAIN ${sql}`))[0]?.at(-1)?.split('; ')[1] ?? '';
  const list = 'SELECT id FROM t WHERE n = 20 ORDER BY id LIMIT 1';
  expect(await route(list)).toBe('route: reader');
  for (let i = 0; i < 2; i++) await session.rows(list);
  await gate.gate.kept.settled();
  expect(await route(list)).toBe('route: kept index');
  expect(await route('SELECT * FROM t WHERE id = 1')).toBe('route: kept key');
  await session.execute('BEGIN');
  expect(await route(list)).toBe('route: reader');
});
