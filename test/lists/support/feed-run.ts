/** Random lists over a table without a schema, asked after each of many random list commands. */
import type { SeededRandom } from '../../../src/util/random.ts';
import type { Asked } from './asked.ts';
import { type Answers, KeptGate } from './kept-gate.ts';
import type { ListClient } from './list-client.ts';
import { ListModel } from './list-model.ts';
import { type ListSource, ProtocolList } from './protocol-list.ts';
import { LIST_INDEXES } from './random-writes.ts';

const LISTS = 8;
const FIELDS = ['uid', 'hot', 'name', 'note', 'late'];
const PKEYS = 60;
const VALUES = [
  ...['0', '1', '2', '3', '10', '9', '-1', '2.5', '2.50', ' 7', '5x', 'inf'],
  ...['nan', '', 'a', 'A', 'b', 'aB', 'é', 'a b', 'b,a', '江湖', '9007199254740993', '9007199254740992'],
];

/** `names`: the fields that have a column. */
export function feedSource(random: SeededRandom): ListSource & { readonly names: string[] } {
  return {
    table: 'main.feed',
    names: ['pkey'],
    text: (name) => (name === 'pkey' ? String(1 + random.below(PKEYS)) : random.pick(VALUES)),
  };
}

export async function runFeed(random: SeededRandom, steps: number, isTight: boolean): Promise<Answers> {
  const gate = new KeptGate(random, isTight);
  try {
    const writer = gate.client(null);
    const reader = gate.client(null);
    const source = feedSource(random);
    let lists: Asked[] = [];
    for (let step = 0; step < steps; step++) {
      const last = await writeFeed(writer, random, source);
      const definition = gate.store.catalog.table('main', 'feed');
      if (definition === undefined) continue;
      source.names.splice(0, source.names.length, ...definition.columns.map((column) => column.name));
      if (lists.length === LISTS && random.chance(0.15)) lists = lists.slice(1);
      while (lists.length < LISTS) lists.push(new ProtocolList(source, random));
      await gate.pause(random);
      const rows = await reader.rows("SELECT * FROM main.feed WHERE LENGTH('x') = 1");
      const fresh = { model: new ListModel(definition, rows), sequence: gate.store.sequence };
      for (const list of lists) {
        try {
          await gate.counted(() => list.check(reader, fresh, random));
        } catch (error) {
          (error as Error).message = `step ${step}, after ${last}: ${list.text}\n${(error as Error).message}`;
          throw error;
        }
      }
    }
    if (gate.problems.length > 0) throw new Error(`kept lists had problems: ${JSON.stringify(gate.problems)}`);
  } finally {
    await gate.close();
  }
  return gate.answers;
}

/** Gives what it did, for messages. */
export async function writeFeed(client: ListClient, random: SeededRandom, source: ListSource): Promise<string> {
  const object = (chance: number): Record<string, string> =>
    Object.fromEntries(FIELDS.filter(() => random.chance(chance)).map((name) => [name, random.pick(VALUES)]));
  const whole = (): object => ({ ...(random.chance(0.9) && { pkey: source.text('pkey') }), ...object(0.7) });
  const field = random.pick(source.names);
  const operator = random.pick(['NUMEQ', 'STREQ', 'NUMLT', 'STRBW', '!NUMGE']);
  const where = `${field}:${operator}:${source.text(field)}`;
  const kind = random.below(100);
  const [parameters, body]: [Record<string, string>, unknown] =
    kind < 35
      ? [{ command: 'insert' }, whole()]
      : kind < 50
        ? [{ command: 'insert' }, Array.from({ length: 1 + random.below(10) }, whole)]
        : kind < 75
          ? [{ command: 'update', where }, object(0.3)]
          : kind < 80
            ? [{ command: 'update', where, order_by: field, limit_skip: '1', limit_max: '2' }, object(0.3)]
            : kind < 95
              ? [{ command: 'delete', where, limit_max: '4' }, undefined]
              : kind < 96
                ? [{ command: 'delete', type: '*' }, undefined]
                : kind < 99
                  ? [{ command: 'setindex', field, type: random.pick(LIST_INDEXES) }, undefined]
                  : [{}, undefined];
  if (parameters.command !== undefined) {
    await client.list(parameters, body === undefined ? '' : JSON.stringify(body));
    return JSON.stringify([parameters, body]);
  }
  // By SQL too, as any table.
  const sql = random.pick([
    `UPDATE main.feed SET ${field === 'pkey' ? 'pkey = pkey + 100' : `${field} = NULL`} WHERE pkey < ${random.below(20)}`,
    `DELETE FROM main.feed WHERE pkey = ${random.below(PKEYS)}`,
    'TRUNCATE TABLE main.feed',
    'DROP TABLE main.feed',
  ]);
  await client.run(sql);
  return sql;
}
