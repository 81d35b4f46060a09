import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { insert } from '../../stores/samples.suite.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { StoreRow } from '../../stores/values.ts';
import { SeededRandom } from '../../util/random.ts';
import { drawQuery, everyKind, KeptStore, PARENTS, SUMMARY, writeAtRandom } from './kept-store.suite.ts';
import type { ListQuery } from './list-query.ts';
import type { LiveEvent } from './live-list.ts';
import type { Subscription } from './subscription.ts';

/** 200,000 once by hand: SLUICE_KEPT_STEPS=200000. */
const STEPS = Number(process.env.SLUICE_KEPT_STEPS ?? 3000);
const FIRST_SEED = Number(process.env.SLUICE_KEPT_SEED ?? 1);
const STEPS_PER_SEED = 500;
const LISTS = 12;
const SUBSCRIPTIONS = 4;

/** A client's page, made from nothing but the events. */
class Client {
  rows: StoreRow[] = [];
  count: number | null = null;
  sequence: number | null = null;
  readonly subscription: Subscription;
  readonly query: ListQuery;
  hasEnded = false;

  constructor(subscription: Subscription, query: ListQuery) {
    this.subscription = subscription;
    this.query = query;
  }

  receive(event: LiveEvent): void {
    this.sequence = event.seq;
    this.count = event.count;
    if (event.kind === 'snapshot') {
      this.rows = [...event.rows];
      return;
    }
    const gone = new Set(event.remove);
    this.rows = this.rows.filter((row) => !gone.has(row[0] as number));
    for (const { row, key } of event.update) this.rows[this.rows.findIndex((old) => old[0] === key)] = row;
    for (const { row, at } of event.insert) this.rows.splice(at, 0, row);
  }
}

/** Answers by where they came from, and differences that clients applied. */
interface Outcome {
  key: number;
  index: number;
  window: number;
  store: number;
  events: number;
  warmed: number;
}

async function run(seed: number, steps: number): Promise<Outcome> {
  const random = new SeededRandom(seed);
  const store = new KeptStore({
    memoryBytes: random.chance(0.3) ? 200_000 : 64 << 20,
    keepAfter: random.pick([1, 2]),
    buildStepRows: random.pick([7, 25, 2000]),
    warmAfter: random.pick([1, 20]),
    warmStepRows: random.pick([7, 500]),
  });
  const outcome: Outcome = { key: 0, index: 0, window: 0, store: 0, events: 0, warmed: 0 };
  try {
    await store.create(PARENTS);
    await store.write(insert('parents', [[1], [2], [3], [4], [5], [6]]));
    const name = 'things';
    await store.create(everyKind(name, random.pick(['int', 'bigint'])));
    let queries: ListQuery[] = [];
    let clients: Client[] = [];
    const isSlow = random.chance(0.4);
    /** What the store said of each list after each commit. */
    const history = new Map<ListQuery, Map<number, { rows: StoreRow[]; count: number }>>();
    const remember = (): void => {
      const definition = store.table(name);
      const now = new Set([...queries, ...clients.map((client) => client.query)]);
      for (const query of history.keys()) if (!now.has(query)) history.delete(query);
      for (const query of now) {
        if (query.table !== definition) continue;
        const known = history.get(query) ?? new Map();
        history.set(query, known);
        if (!known.has(store.store.sequence)) known.set(store.store.sequence, store.fresh(query));
      }
    };
    /** undefined: the query is younger than that commit. */
    const then = (query: ListQuery, sequence: number) => {
      const known = history.get(query);
      const found = known?.get(sequence);
      const oldest = Math.min(...(known?.keys() ?? []));
      expect(found !== undefined || sequence < oldest, 'a commit was missed').toBe(true);
      return found;
    };
    const stopListening = store.store.onCommit(remember);
    for (let step = 0; step < steps; step++) {
      store.lags = isSlow && random.chance(0.6);
      // What was refused, or warmed, may be again.
      if (random.chance(0.02)) vi.setSystemTime(Date.now() + 40_000);
      if (!store.lags) store.deliver();
      await writeAtRandom(random, store, name);
      const definition = store.table(name);
      queries = queries.map((query) => (query.table === definition ? query : { ...query, table: definition }));
      if (queries.length < LISTS || random.chance(0.1))
        queries = [...queries.slice(queries.length < LISTS ? 0 : 1), drawQuery(random, definition)];
      if (random.chance(0.3)) await (store.lags ? new Promise(setImmediate) : store.kept.settled());
      remember();
      for (const query of queries) {
        const answer = store.ask(query);
        outcome[answer?.from ?? 'store']++;
        if (answer === null) continue;
        const where = `seed ${seed}, step ${step}, from ${answer.from}: ${describeQuery(query)}`;
        expect(answer.sequence, where).toBe(store.delivered);
        const expected = then(query, answer.sequence);
        if (expected === undefined) continue;
        if (query.wantsCount) expect(answer.count, where).toBe(expected.count);
        if (!query.wantsRows) continue;
        expect(answer.rows, where).toEqual(expected.rows);
        if (random.chance(0.3))
          expect(store.kept.ask(query, SUMMARY)?.rows ?? null, where).toBeOneOf([
            expected.rows.map(SUMMARY.encode),
            null,
          ]);
      }
      if (!store.lags) expectSingleRows(random, store, definition);
      for (const client of clients) {
        for (let event = client.subscription.take(); event !== null; event = client.subscription.take()) {
          outcome.events++;
          client.receive(event);
          const where = `seed ${seed}, step ${step}, live at ${event.seq}: ${describeQuery(client.query)}`;
          const expected = then(client.query, event.seq);
          if (expected === undefined) continue;
          expect(client.rows, where).toEqual(expected.rows);
          if (client.query.wantsCount) expect(client.count, where).toBe(expected.count);
        }
      }
      if (!store.lags) clients = refreshClients(clients, random, store, name);
      remember();
    }
    store.lags = false;
    store.deliver();
    await store.kept.settled();
    for (const client of clients) {
      // The last commits may have ended it.
      if (client.query.table !== store.table(name)) continue;
      for (let event = client.subscription.take(); event !== null; event = client.subscription.take())
        client.receive(event);
      const fresh = store.fresh(client.query);
      expect(client.rows, `seed ${seed}: ${describeQuery(client.query)}`).toEqual(fresh.rows);
      if (client.query.wantsCount) expect(client.count).toBe(fresh.count);
    }
    stopListening();
    outcome.warmed = store.kept.statistics().warmedRows;
    expect(
      store.problems.map((problem) => (problem as Error).stack),
      `seed ${seed}`,
    ).toEqual([]);
  } finally {
    await store.close();
  }
  return outcome;
}

/** Rows one by one, so many that the table is worth warming. */
function expectSingleRows(random: SeededRandom, store: KeptStore, definition: TableDefinition): void {
  for (let i = 0; i < 4; i++) {
    const id = 1 + random.below(120);
    const query: ListQuery = {
      table: definition,
      conditions: [{ column: 0, collation: 'number', op: '=', value: id }],
      order: [],
      ties: 'ascending',
      skip: 0,
      max: 1,
      wantsRows: true,
      wantsCount: false,
    };
    expect(store.kept.ask(query, SUMMARY)?.rows, `row ${id}`).toEqual(store.fresh(query).rows.map(SUMMARY.encode));
  }
}

/** Ended ones are replaced; some go away and come back where they were. */
function refreshClients(clients: Client[], random: SeededRandom, store: KeptStore, name: string): Client[] {
  const definition = store.table(name);
  const kept = clients.filter((client) => client.query.table === definition && random.chance(0.97));
  for (const client of clients) if (!kept.includes(client)) client.subscription.close();
  const here = kept.map((client) => {
    if (!random.chance(0.05) || client.sequence === null) return client;
    client.subscription.close();
    const back = new Client(store.kept.subscribe(client.query, client.sequence), client.query);
    back.rows = client.rows;
    back.count = client.count;
    back.sequence = client.sequence;
    return back;
  });
  while (here.length < SUBSCRIPTIONS) {
    const drawn = drawQuery(random, definition);
    const query = { ...drawn, wantsRows: true, max: drawn.max ?? 10 };
    here.push(new Client(store.kept.subscribe(query), query));
  }
  return here;
}

function describeQuery(query: ListQuery): string {
  const { conditions, order, ties, skip, max, custom } = query;
  return JSON.stringify({ conditions, order, ties, skip, max, custom: custom?.key }, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}

describe('kept lists', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterAll(() => {
    vi.useRealTimers();
  });

  it(`are what a fresh query gives, through ${STEPS} random writes`, { timeout: 3_600_000 }, async () => {
    const total: Outcome = { key: 0, index: 0, window: 0, store: 0, events: 0, warmed: 0 };
    for (let done = 0, seed = FIRST_SEED; done < STEPS; done += STEPS_PER_SEED, seed++) {
      const outcome = await run(seed, Math.min(STEPS_PER_SEED, STEPS - done));
      for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += outcome[key];
    }
    if (process.env.SLUICE_KEPT_STEPS !== undefined) process.stdout.write(`${JSON.stringify(total)}\n`);
    expect(total.index).toBeGreaterThan(STEPS);
    expect(total.window).toBeGreaterThan(STEPS);
    expect(total.key).toBeGreaterThan(STEPS / 100);
    expect(total.events).toBeGreaterThan(STEPS / 10);
    expect(total.warmed).toBeGreaterThan(STEPS / 10);
  });
});
