import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BIGINT_UNSIGNED,
  column,
  DOUBLE,
  planned,
  schema,
  table,
  VARBINARY,
  VARCHAR,
} from '../stores/samples.suite.ts';
import type { TableDefinition } from '../stores/schema.ts';
import { openInlineStore, type SqliteStore } from '../stores/sqlite/store.ts';
import type { Commit } from '../stores/store.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { SeededRandom } from '../util/random.ts';
import { encodeRows, encodeSegments, type Segment } from './batch-body.ts';
import { MirrorStore } from './mirror-store.ts';
import { type ApplyInput, MIRROR_PROCEDURE } from './procedure.ts';

let directory: string;
let store: SqliteStore;
let mirror: MirrorStore;
let commits: Commit[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-mirror-'));
  store = openInlineStore({
    directory,
    synchronous: 'NORMAL',
    functions: [],
    procedures: [MIRROR_PROCEDURE],
    lockWaitTimeoutMs: 1_000,
  });
  mirror = new MirrorStore(store);
  await mirror.prepare();
  commits = [];
  store.onCommit((commit) => commits.push(commit));
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const COLUMNS = [
  column('k', VARCHAR, { nullable: false }),
  column('n', BIGINT_UNSIGNED),
  column('d', DOUBLE),
  column('b', VARBINARY),
  column('s', VARCHAR),
];
const KEYED = table('keyed', COLUMNS, ['k']);
const KEYLESS = table('keyless', COLUMNS);
const NUMBERED = table(
  'numbered',
  [column('id', { name: 'int' }, { nullable: false, autoIncrement: true }), ...COLUMNS],
  ['id'],
);
const NAMES = [KEYED, KEYLESS, NUMBERED].map(({ database, name }) => ({ database, table: name }));
const at = (offset: number) => ({ file: 'bin.000001', offset });

async function create(...tables: TableDefinition[]): Promise<void> {
  for (const definition of tables)
    await store.write(schema({ kind: 'create-table', table: definition }), planned(store));
  await mirror.amend({ put: NAMES.map((name) => ({ ...name, position: at(4), signature: '', copy: null })) });
  commits = [];
}

function batch(number: number, segments: readonly Segment[], more: Partial<ApplyInput> = {}): ApplyInput {
  const rows = segments.reduce((sum, [, , afters]) => sum + afters.length, 0);
  return {
    kind: 'apply',
    run: 'r',
    number,
    position: at(100 + number),
    body: encodeSegments(segments),
    rows,
    transactions: 1,
    wholly: [],
    lost: [],
    tables: NAMES,
    ...more,
  };
}

const rowsOf = (name: string): StoreRow[] =>
  store.readInline({ kind: 'read', sql: `SELECT * FROM "main.${name}"`, params: [] });
const sorted = (rows: readonly StoreRow[]): string[] => rows.map((row) => JSON.stringify(row, plain)).sort();
const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

/** What a source would do: rows by their keys, case folded, or a list of them. */
class Source {
  readonly random: SeededRandom;
  readonly keyed = new Map<string, StoreRow>();
  readonly keyless: StoreRow[] = [];
  readonly numbered = new Map<number, StoreRow>();

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  rest(): StoreRow {
    const { random } = this;
    return [
      random.pick<StoreValue>([null, 0, 7, 2 ** 40, 9007199254740993n, '18446744073709551615']),
      random.pick<StoreValue>([null, 1, 1.25, 1e300]),
      random.pick<StoreValue>([null, new Uint8Array([0, 255])]),
      random.pick<StoreValue>([null, '', 'plain', 'nul \0 in it', 'PLAIN', '\u{1f600}']),
    ];
  }

  key(): string {
    return this.random.pick(['a', 'A', 'B', 'b', 'c', 'dd', 'dD', 'e', 'é', 'f', 'F', 'g']);
  }

  /** One change, as images. */
  next(): Segment {
    const table = this.random.below(3);
    const [before, after] = table === 0 ? this.#keyed() : table === 1 ? this.#keyless() : this.#numbered();
    return [table, [before], [after]];
  }

  #keyed(): [StoreRow | null, StoreRow | null] {
    const key = this.key();
    const before = this.keyed.get(key.toLowerCase());
    if (before === undefined) return [null, this.#set(this.keyed, key.toLowerCase(), [key, ...this.rest()])];
    this.keyed.delete(key.toLowerCase());
    if (this.random.chance(0.3)) return [before, null];
    const moved = this.random.chance(0.3) ? this.key() : (before[0] as string);
    const free = this.keyed.has(moved.toLowerCase()) ? (before[0] as string) : moved;
    return [before, this.#set(this.keyed, free.toLowerCase(), [free, ...this.rest()])];
  }

  #numbered(): [StoreRow | null, StoreRow | null] {
    const id = this.random.below(20) - 1;
    const before = this.numbered.get(id);
    if (before === undefined) return [null, this.#set(this.numbered, id, [id, this.key(), ...this.rest()])];
    this.numbered.delete(id);
    if (this.random.chance(0.3)) return [before, null];
    return [before, this.#set(this.numbered, id, [id, before[1]!, ...before.slice(2, 5), this.rest()[3]!])];
  }

  #keyless(): [StoreRow | null, StoreRow | null] {
    const row: StoreRow = [this.key(), ...this.rest()];
    if (this.keyless.length < 3 || this.random.chance(0.4)) {
      this.keyless.push(row);
      return [null, row];
    }
    const index = this.random.below(this.keyless.length);
    const [before] = this.keyless.splice(index, 1);
    if (this.random.chance(0.4)) return [before!, null];
    this.keyless.push(row);
    return [before!, row];
  }

  #set<K>(rows: Map<K, StoreRow>, key: K, row: StoreRow): StoreRow {
    rows.set(key, row);
    return row;
  }
}

/** Brings a copy of the numbered table up to date by the reports of commits alone. */
function follow(rows: Map<StoreValue, StoreRow>): void {
  for (const { changes } of commits.splice(0)) {
    for (const { table: name, rows: changed } of changes) {
      if (name !== 'numbered') continue;
      if (changed === null) {
        rows.clear();
        for (const row of rowsOf('numbered')) rows.set(row[0]!, row);
      }
      for (const { key, before, after } of changed ?? []) {
        expect(before ?? undefined).toEqual(rows.get(key[0]!));
        if (after === null) rows.delete(key[0]!);
        else rows.set(after[0]!, after);
      }
    }
  }
}

describe('batches of the binlog', () => {
  it.each([1, 2, 3])('leave the tables as the source has them, and are reported row by row (seed %i)', async (seed) => {
    await create(KEYED, KEYLESS, NUMBERED);
    const source = new Source(seed);
    const followed = new Map<StoreValue, StoreRow>();
    for (let number = 0; number < 150; number++) {
      const isBulk = source.random.chance(0.1);
      const count = source.random.below(isBulk ? 2_500 : 12) + 1;
      const segments = Array.from({ length: count }, () => source.next());
      expect(await mirror.call(batch(number, segments, isBulk ? { wholly: [0, 1, 2] } : {}))).toEqual({ kind: 'done' });
      expect(sorted(rowsOf('keyed')), `batch ${number}`).toEqual(sorted([...source.keyed.values()]));
      expect(sorted(rowsOf('keyless').map((row) => row.slice(1)))).toEqual(sorted(source.keyless));
      expect(sorted(rowsOf('numbered'))).toEqual(sorted([...source.numbered.values()]));
      follow(followed);
      expect(sorted([...followed.values()])).toEqual(sorted(rowsOf('numbered')));
    }
    expect(mirror.state).toMatchObject({ run: 'r', batch: 149, tables: NAMES.map(() => ({ position: at(249) })) });
  });

  const row = (id: number, s = 'x'): StoreRow => [id, 'k', null, null, null, s];

  it('are applied in their order and once', async () => {
    await create(KEYED, KEYLESS, NUMBERED);
    await mirror.call(batch(0, [[2, [null], [row(1)]]]));
    for (const number of [2, 0 + 5]) expect(await mirror.call(batch(number, []))).toEqual({ kind: 'out-of-order' });
    expect(await mirror.call(batch(1, [], { run: 'another' }))).toEqual({ kind: 'out-of-order' });
    expect(await mirror.call(batch(1, [[2, [row(1)], [null]]]))).toEqual({ kind: 'done' });
    expect(await mirror.call(batch(1, []))).toEqual({ kind: 'out-of-order' });
    expect(mirror.state.tables[0]?.position).toEqual(at(101));
  });

  it.each([
    ['a row to change', [2, [row(2)], [row(2, 'y')]]],
    ['a row to delete', [2, [row(2)], [null]]],
    ['room for a new row', [2, [null], [row(1)]]],
    ['the columns of a row', [2, [null], [[3, 'k']]]],
    ['a row without a key', [1, [['a', null, null, null, null]], [null]]],
  ] as [string, Segment][])('that do not find %s change nothing, and name the table', async (_, segment) => {
    await create(KEYED, KEYLESS, NUMBERED);
    await mirror.call(batch(0, [[2, [null], [row(1)]]]));
    const before = mirror.state;
    const outcome = await mirror.call(batch(1, [[2, [null], [row(9)]], segment]));
    expect(outcome).toMatchObject({ kind: 'mismatch', table: segment[0] });
    expect(rowsOf('numbered')).toEqual([row(1)]);
    expect(mirror.state).toEqual(before);
  });

  it('take lost tables out of what is followed, and leave positions that are ahead alone', async () => {
    await create(KEYED, KEYLESS, NUMBERED);
    const [keyed, keyless] = NAMES;
    await mirror.amend({ put: [{ ...keyed!, position: at(5_000), signature: '', copy: null }] });
    await mirror.call(batch(0, [], { lost: [{ table: 1, why: 'ALTER' }] }));
    const names = mirror.state.tables.map(({ table: name, position }) => [name, position.offset]);
    expect(names.sort()).toEqual([
      ['keyed', 5_000],
      ['numbered', 100],
    ]);
    expect(isDeepStrictEqual(keyless, NAMES[1])).toBe(true);
  });
});

describe('a copy', () => {
  it('takes the place of the table in one commit, also when that was interrupted', async () => {
    await create(KEYED, KEYLESS, NUMBERED);
    await mirror.call(
      batch(0, [
        [
          2,
          [null, null],
          [
            [1, 'a', null, null, null, ''],
            [2, 'b', null, null, null, ''],
          ],
        ],
      ]),
    );
    await mirror.createCopy(NUMBERED, 'copy');
    const rows: StoreRow[] = [[7, 'c', null, null, null, 'new']];
    expect(await mirror.call({ kind: 'load', copy: 'copy', body: encodeRows(rows) })).toEqual({ kind: 'done' });
    await mirror.amend({ put: [{ ...NAMES[2]!, position: at(500), signature: 's', copy: 'copy' }] });
    commits = [];
    await mirror.prepare();
    expect(rowsOf('numbered')).toEqual(rows);
    expect(commits.filter(({ changes }) => changes.some((change) => change.table === 'numbered'))).toHaveLength(1);
    expect(mirror.state.tables.find(({ table: name }) => name === 'numbered')).toMatchObject({
      position: at(500),
      copy: null,
    });
    expect(store.catalog.tables('sluice_mirror').map(({ name }) => name)).toEqual(['state']);
  });
});
