/** `IN ::ids` with the lists that clients give, and those that are wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_LIST_PARAMETER_VALUES } from '../limits.ts';
import type { BoundValue } from '../sql/bind-values.ts';
import type { SlotValue } from '../sql/slots.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

let server: TestGate;
let a: TestSession;

beforeAll(async () => {
  server = new TestGate();
  a = server.session();
  await a.execute('CREATE TABLE n (id INT PRIMARY KEY, name VARCHAR(20))');
  await a.execute(`INSERT INTO n VALUES ${Array.from({ length: 40 }, (_, i) => `(${i}, 'n${i}')`).join(', ')}`);
});
afterAll(() => server.close());

const int = (value: number): SlotValue => ({ type: { kind: 'int', unsigned: false }, value });
const text = (value: string): SlotValue => ({ type: { kind: 'string' }, value });
const nothing: SlotValue = { type: { kind: 'null' }, value: null };

async function firstColumn(sql: string, given: Readonly<Record<string, BoundValue>>): Promise<unknown[]> {
  const outcome = await a.session.execute({ kind: 'sql', text: sql, parameters: new Map(Object.entries(given)) });
  if (outcome.kind === 'ok') return [outcome.affectedRows];
  const rows: unknown[] = [];
  if (outcome.kind === 'rows') rows.push(...outcome.rows.map((row) => row[0]));
  if (outcome.kind === 'stream') for await (const chunk of outcome.chunks) rows.push(...chunk.map((row) => row[0]));
  return rows;
}

describe('list parameters', () => {
  it.each([1, 2, 3, 5, 8, 30])('%i values', async (count) => {
    const ids = Array.from({ length: count }, (_, i) => i);
    expect(await firstColumn('SELECT id FROM n WHERE id IN ::ids ORDER BY id', { ids: ids.map(int) })).toEqual(ids);
    const others = await firstColumn('SELECT COUNT(*) FROM n WHERE id NOT IN ::ids', { ids: ids.map(int) });
    expect(others.map(Number)).toEqual([40 - count]);
  });

  it('as many as there may be', async () => {
    const ids = Array.from({ length: MAX_LIST_PARAMETER_VALUES }, (_, i) => int(i * 2));
    const counted = await firstColumn('SELECT COUNT(*) FROM n WHERE id IN ::ids', { ids });
    expect(counted.map(Number)).toEqual([20]);
    const more = { ids: [...ids, int(1)] };
    await expect(firstColumn('SELECT 1 FROM n WHERE id IN ::ids', more)).rejects.toThrow(/::ids has 16385 values/);
  });

  it('beside values and literals, twice the same, of mixed types, with NULL', async () => {
    const sql = 'SELECT id FROM n WHERE (id IN ::ids OR name IN ::names) AND id < :most AND id <> 3 AND id IN ::ids';
    const given = { ids: [int(3), int(4), text('5')], names: [text('n4')], most: int(5) };
    expect(await firstColumn(sql, given)).toEqual([4]);
    expect(await firstColumn('SELECT id FROM n WHERE id IN ::ids', { ids: [nothing, int(7)] })).toEqual([7]);
    expect(await firstColumn('SELECT id FROM n WHERE id NOT IN ::ids', { ids: [nothing, int(7)] })).toEqual([]);
  });

  it('in a write', async () => {
    expect(await firstColumn("UPDATE n SET name = 'x' WHERE id IN ::ids", { ids: [38, 39].map(int) })).toEqual([2]);
  });

  it('is not looked for in strings, names and comments', async () => {
    const sql = "SELECT '::ids' AS `::ids` /* ::ids */ FROM n WHERE id IN ::ids -- ::ids";
    expect(await firstColumn(sql, { ids: [int(1)] })).toEqual(['::ids']);
  });

  it('lists of similar length share a plan', async () => {
    const ask = (count: number): Promise<unknown[]> =>
      firstColumn('SELECT name FROM n WHERE id IN ::ids LIMIT 1', { ids: Array.from({ length: count }, () => int(9)) });
    await ask(9);
    const { misses } = server.gate.plans;
    for (let count = 9; count <= 16; count++) expect(await ask(count)).toEqual(['n9']);
    expect(server.gate.plans.misses).toBe(misses);
  });

  it.each<[what: string, given: Readonly<Record<string, BoundValue>>, message: RegExp]>([
    ['a missing list', {}, /No value was given for parameter ::ids/],
    ['an empty list', { ids: [] }, /::ids is an empty list/],
    ['one value for a list', { ids: int(1) }, /::ids takes a list and was given one value; write :ids/],
  ])('%s is error 1210', async (_what, given, message) => {
    const asked = firstColumn('SELECT 1 FROM n WHERE id IN ::ids', given);
    await expect(asked).rejects.toMatchObject({ errno: 1210, message: expect.stringMatching(message) });
  });

  it('a list for one value is error 1210', async () => {
    const asked = firstColumn('SELECT 1 FROM n WHERE id = :id', { id: [int(1)] });
    await expect(asked).rejects.toThrow(/:id takes one value and was given a list; write IN ::id/);
  });

  it('has its place behind IN alone', async () => {
    await expect(firstColumn('SELECT ::ids', { ids: [int(1)] })).rejects.toMatchObject({ errno: 1064 });
    await expect(firstColumn('SELECT 1 LIMIT ::ids', { ids: [int(1)] })).rejects.toMatchObject({ errno: 1064 });
    expect(() => a.session.prepare('SELECT 1 FROM n WHERE id IN ::ids')).toThrow(/list parameters/);
  });
});
