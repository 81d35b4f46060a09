/** Random lists over a random table of SQL, asked after each of many random writes. */
import type { SeededRandom } from '../../../src/util/random.ts';
import type { Asked, Fresh } from './asked.ts';
import type { GateClient } from './gate-client.ts';
import { type Answers, KeptGate } from './kept-gate.ts';
import { ListModel } from './list-model.ts';
import { ProtocolList } from './protocol-list.ts';
import { RandomTable } from './random-table.ts';
import { RandomWriter } from './random-writes.ts';
import { SqlList } from './sql-list.ts';

const LISTS = 8;

/** Of the session that asks: what they mean for an answer, they mean for one from memory. */
const SETTINGS = ['DO 1', "SET time_zone = '+05:30'", "SET sql_mode = ''"];

export async function runTables(random: SeededRandom, steps: number, isTight: boolean): Promise<Answers> {
  const gate = new KeptGate(random, isTight);
  try {
    const first = gate.client(null);
    await first.run('CREATE DATABASE main');
    const table = new RandomTable(random);
    const plain = gate.client();
    const reader = gate.client();
    await reader.run(random.pick(SETTINGS));
    const source = { table: 'main.t', names: table.names, text: (name: string) => table.text(name) };
    let lists: Asked[] = [];
    const freshOf = async (client: GateClient): Promise<Fresh> => {
      const definition = gate.store.catalog.table('main', 't');
      if (definition === undefined) throw new Error('there is no table t');
      const order = table.keyNames.length === 0 ? '' : ` ORDER BY ${table.keyNames.join(', ')}`;
      const rows = await (client === reader ? plain : client).rows(`SELECT * FROM t WHERE LENGTH('x') = 1${order}`);
      return { model: new ListModel(definition, rows), sequence: gate.store.sequence };
    };
    const checkAll = async (client: GateClient, what: string): Promise<void> => {
      const fresh = await freshOf(client);
      for (const list of lists) {
        try {
          await gate.counted(() => list.check(client, fresh, random));
        } catch (error) {
          (error as Error).message = `${what}: ${list.text}\n${(error as Error).message}`;
          throw error;
        }
      }
    };
    const writer = new RandomWriter(random, table, gate.client(), (client) =>
      checkAll(client as GateClient, `in a transaction, after ${writer.last}`),
    );
    await writer.create();
    for (let step = 0; step < steps; step++) {
      await writer.write();
      Object.assign(source, { names: table.names });
      // Lists of columns that are gone stay for a while: they have to fail.
      if (lists.length === LISTS && random.chance(0.15)) lists = lists.slice(1);
      while (lists.length < LISTS)
        lists.push(random.chance(0.5) ? new SqlList(table, random) : new ProtocolList(source, random));
      await gate.pause(random);
      await checkAll(reader, `step ${step}, after ${writer.last}`);
    }
    if (gate.problems.length > 0) throw new Error(`kept lists had problems: ${JSON.stringify(gate.problems)}`);
  } finally {
    await gate.close();
  }
  return gate.answers;
}
