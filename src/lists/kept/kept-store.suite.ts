/** For tests: kept lists over an embedded store, with random tables, writes and lists, and the store's own answers to hold them against. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { column, insert, planned, read, remove, schema, table, update } from '../../stores/samples.suite.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import { quotedTable, quoteName } from '../../stores/sqlite/ddl.ts';
import { openInlineStore, type SqliteStore } from '../../stores/sqlite/store.ts';
import type { WriteStatement } from '../../stores/statement.ts';
import type { Commit } from '../../stores/store.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import type { SeededRandom } from '../../util/random.ts';
import { numberFromText } from '../operators/number-from-text.ts';
import { storedNumber } from '../operators/stored-number.ts';
import { LIST_FUNCTIONS } from '../store-functions.ts';
import { KeptLists, type KeptListsOptions } from './kept-lists.ts';
import { textBytes } from './kept-row.ts';
import type { ListAnswer } from './list-answers.ts';
import type { CustomList, ListOrder, ListQuery, ListTerm, Reading } from './list-query.ts';
import type { RowEncoder } from './row-encoder.ts';

/** Rows with all their values: nothing is made of them. */
export function wholeRows(definition: TableDefinition): RowEncoder<StoreRow> {
  let encoder = WHOLE_ROWS.get(definition);
  if (encoder === undefined) {
    encoder = {
      select: definition.columns.map((column) => quoteName(column.name)),
      decode: (values) => values,
      encode: (row) => row,
      bytesOf: () => 500,
    };
    WHOLE_ROWS.set(definition, encoder);
  }
  return encoder;
}

/** A few columns as a text, which the store does not make. */
export const SUMMARY: RowEncoder<string> = {
  select: ['"id"', '"forum"', '"name"'],
  decode: (values) => values.join('|'),
  encode: (row) => row.slice(0, 3).join('|'),
  bytesOf: textBytes,
};

const WHOLE_ROWS = new WeakMap<TableDefinition, RowEncoder<StoreRow>>();

export class KeptStore {
  readonly store: SqliteStore;
  readonly kept: KeptLists;
  readonly problems: unknown[] = [];
  readonly #directory: string;
  /** Reports are held back until deliver(). */
  lags = false;
  /** The newest commit whose report was delivered. */
  delivered: number;
  #undelivered: Commit[] = [];

  constructor(options: Partial<KeptListsOptions> = {}) {
    this.#directory = mkdtempSync(join(tmpdir(), 'sluice-kept-'));
    this.store = openInlineStore({
      directory: this.#directory,
      synchronous: 'NORMAL',
      functions: [...LIST_FUNCTIONS],
      lockWaitTimeoutMs: 1000,
    });
    this.delivered = this.store.sequence;
    this.kept = new KeptLists({
      store: this.store,
      memoryBytes: 64 << 20,
      keepAfter: 1,
      onProblem: (error) => this.problems.push(error),
      ...options,
    });
    this.store.onCommit((commit) => {
      this.#undelivered.push(commit);
      if (!this.lags) this.deliver();
    });
  }

  deliver(): void {
    const commits = this.#undelivered;
    this.#undelivered = [];
    for (const commit of commits) {
      this.delivered = commit.sequence;
      this.kept.apply(commit);
    }
  }

  async write(statement: WriteStatement): Promise<void> {
    await this.store.write(statement, planned(this.store));
  }

  async create(definition: TableDefinition): Promise<TableDefinition> {
    await this.write(schema({ kind: 'create-table', table: definition }));
    return this.table(definition.name);
  }

  table(name: string): TableDefinition {
    return this.store.catalog.table('main', name)!;
  }

  ask(query: ListQuery): ListAnswer<StoreRow> | null {
    return this.kept.ask(query, wholeRows(query.table));
  }

  /** What the store says. */
  fresh(query: ListQuery): { count: number; rows: StoreRow[] } {
    const { where, params } = whereText(query);
    const from = `FROM ${quotedTable(query.table)}${where}`;
    const count = Number(this.store.readInline(read(`SELECT count(*) ${from}`, params))[0]![0]);
    const limit = query.max === null ? -1 : query.max;
    const sql = `SELECT * ${from} ORDER BY ${orderText(query)} LIMIT ${limit} OFFSET ${query.skip}`;
    return { count, rows: this.store.readInline(read(sql, params)) };
  }

  async close(): Promise<void> {
    this.kept.close();
    // What was being read then: the store does not close under it at once.
    await this.kept.settled();
    await this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

// Written apart from store-reads.ts, so that a mistake there is seen.

/** Beyond 64 bits, as a double: no integer of the store is there, and none of the tests' doubles. */
function bound(value: StoreValue): StoreValue {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) return Number(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function termText(query: ListQuery, term: ListTerm, params: StoreValue[]): string {
  const name = term.reading?.sql ?? quoteName(query.table.columns[term.column]!.name);
  const collate = term.collation === 'binary' ? ' COLLATE BINARY' : '';
  switch (term.op) {
    case 'is null':
      return `${name} IS NULL`;
    case 'is not null':
      return `${name} IS NOT NULL`;
    case 'in': {
      const parts = term.values.map((value) => {
        params.push(bound(value));
        return `${name}${collate} = ?`;
      });
      return parts.length === 0 ? '0' : `(${parts.join(' OR ')})`;
    }
    case 'between':
      params.push(bound(term.low), bound(term.high));
      return `(${name}${collate} >= ? AND ${name}${collate} <= ?)`;
    default:
      params.push(bound(term.value));
      return `${name}${collate} ${term.op} ?`;
  }
}

function whereText(query: ListQuery): { where: string; params: StoreValue[] } {
  if (query.custom !== undefined) return { where: query.custom.whereSql, params: [...query.custom.params] };
  const params: StoreValue[] = [];
  const terms = query.conditions.map((term) => termText(query, term, params));
  return { where: terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`, params };
}

function orderText(query: ListQuery): string {
  const parts = query.order.flatMap((item) => {
    const name = item.reading?.sql ?? quoteName(query.table.columns[item.column]!.name);
    const collate =
      item.collation === 'number' ? '' : item.collation === 'nocase' ? ' COLLATE NOCASE' : ' COLLATE BINARY';
    const nulls = `${name} IS NULL${item.nulls === 'first' ? ' DESC' : ''}`;
    return [nulls, `${name}${collate}${item.descending ? ' DESC' : ''}`];
  });
  parts.push(`id${query.ties === 'descending' ? ' DESC' : ''}`);
  return parts.join(', ');
}

// ---- Random tables, rows and lists

const DECIMAL = { name: 'decimal', precision: 10, scale: 2 } as const;
const TEXT_BIN = { name: 'varchar', length: 20, collation: 'utf8mb4_bin' } as const;

/** `id`, then columns of every kind that lists treat differently. */
export function everyKind(name: string, key: 'int' | 'bigint' = 'int'): TableDefinition {
  const columns: ColumnDefinition[] = [
    column('id', { name: key }, { nullable: false }),
    column('forum'),
    column('name', { name: 'varchar', length: 20 }),
    column('tag', TEXT_BIN),
    column('big', { name: 'bigint' }),
    column('score', { name: 'double' }),
    column('made', { name: 'datetime' }),
    column('price', DECIMAL),
    column('sent', TEXT_BIN),
    column('parent'),
  ];
  return table(name, columns, ['id'], {
    indexes: [{ name: 'by_forum', unique: false, parts: [{ column: 'forum' }] }],
    foreignKeys: [
      {
        name: `${name}_parent`,
        columns: ['parent'],
        referencedDatabase: 'main',
        referencedTable: 'parents',
        referencedColumns: ['id'],
        onDelete: 'cascade',
        onUpdate: 'set null',
      },
    ],
  });
}

export const PARENTS: TableDefinition = table('parents', [column('id', { name: 'int' }, { nullable: false })], ['id']);

/** What a text reads as in the list protocol. */
export const NUMBER_OF_SENT: Reading = {
  name: 'number',
  sql: 'sluice_num("sent")',
  of(value) {
    const number = typeof value === 'string' ? storedNumber(numberFromText(value)) : null;
    return typeof number === 'bigint' && Number.isSafeInteger(Number(number)) ? Number(number) : number;
  },
};

const NAMES = ['a', 'A', 'b', 'B', 'aB', 'Ab', 'é', 'É', ''];
const SENT = ['1', '2', '2.5', 'x', '-3', '10', 'inf', 'nan', '5x', ''];

type Draw = (random: SeededRandom) => StoreValue;

const DRAWS: Readonly<Record<string, Draw>> = {
  forum: (random) => random.below(5),
  name: (random) => random.pick(NAMES),
  tag: (random) => random.pick(NAMES),
  big: (random) => {
    const value = (BigInt(random.below(3)) << 61n) + BigInt(random.below(4)) - 2n;
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
  score: (random) => (random.below(20) - 10) / 4,
  made: (random) => `2024-01-0${1 + random.below(9)} 00:00:0${random.below(3)}`,
  price: (random) => random.below(12) * 100,
  sent: (random) => random.pick(SENT),
  parent: (random) => 1 + random.below(6),
};

export function drawValue(random: SeededRandom, name: string): StoreValue {
  return random.chance(0.15) ? null : DRAWS[name]!(random);
}

export function drawRow(random: SeededRandom, definition: TableDefinition, id: StoreValue): StoreRow {
  return definition.columns.map(({ name }, i) => (i === 0 ? id : name in DRAWS ? drawValue(random, name) : null));
}

function collationOf(name: string): ListTerm['collation'] {
  return name === 'name' ? 'nocase' : name === 'tag' || name === 'sent' || name === 'made' ? 'binary' : 'number';
}

export function drawQuery(random: SeededRandom, definition: TableDefinition): ListQuery {
  const conditions: ListTerm[] = [];
  for (let i = random.below(4); i > 0; i--) conditions.push(drawTerm(random, definition));
  const ties = random.chance(0.7) ? 'ascending' : 'descending';
  const order: ListOrder[] = [];
  for (let i = random.pick([0, 1, 1, 1, 1, 2, 3]); i > 0; i--) order.push(drawOrder(random, definition));
  const wantsRows = random.chance(0.85);
  return {
    table: definition,
    conditions,
    order,
    ties,
    skip: random.chance(0.5) ? 0 : random.below(30),
    max: random.chance(0.05) ? null : random.below(25),
    wantsRows,
    wantsCount: !wantsRows || random.chance(0.5),
    ...(random.chance(0.1) && { custom: drawCustom(random, definition, conditions) }),
  };
}

/** Beyond what a column, or a number, holds exactly. */
const FAR_NUMBERS: readonly StoreValue[] = [10n ** 20n, -(10n ** 20n), 2 ** 62, -(2 ** 62), 1e300, 2 ** 53, 0.5, -0];

function drawTerm(random: SeededRandom, definition: TableDefinition): ListTerm {
  const at = random.chance(0.1) ? 0 : random.pick([1, 1, 2, 3, 4, 5, 6, 7, 8]);
  const { name } = definition.columns[at]!;
  const reads = name === 'sent' && random.chance(0.7);
  const draw = (): StoreValue => {
    if (collationOf(name) === 'number' && random.chance(0.03)) return random.pick(FAR_NUMBERS);
    if (at === 0) return 1 + random.below(120);
    const value = DRAWS[name]!(random);
    return reads ? NUMBER_OF_SENT.of(value) : value;
  };
  const collation = reads ? 'number' : name === 'name' && random.chance(0.3) ? 'binary' : collationOf(name);
  const base = { column: at, collation, ...(reads && { reading: NUMBER_OF_SENT }) } as const;
  switch (
    random.pick(['=', '=', '=', 'in', '<', '<=', '>', '>=', 'between', 'is null', 'is not null', '<>'] as const)
  ) {
    case 'in':
      return { ...base, op: 'in', values: Array.from({ length: random.below(5) }, draw) };
    case 'between':
      return { ...base, op: 'between', low: draw(), high: draw() };
    case 'is null':
      return { ...base, op: 'is null' };
    case 'is not null':
      return { ...base, op: 'is not null' };
    case '<':
      return { ...base, op: '<', value: draw() };
    case '<=':
      return { ...base, op: '<=', value: draw() };
    case '>':
      return { ...base, op: '>', value: draw() };
    case '>=':
      return { ...base, op: '>=', value: draw() };
    case '<>':
      return { ...base, op: '<>', value: draw() };
    default:
      return { ...base, op: '=', value: draw() };
  }
}

function drawOrder(random: SeededRandom, definition: TableDefinition): ListOrder {
  const at = random.below(9);
  const { name } = definition.columns[at]!;
  const reads = name === 'sent' && random.chance(0.7);
  return {
    column: at,
    descending: random.chance(0.5),
    collation: reads ? 'number' : collationOf(name),
    nulls: random.chance(0.5) ? 'first' : 'last',
    ...(reads && { reading: NUMBER_OF_SENT }),
  };
}

/** LIKE, which no index answers. */
function drawCustom(random: SeededRandom, definition: TableDefinition, conditions: readonly ListTerm[]): CustomList {
  const letter = random.pick(['a', 'b', 'A']);
  const params: StoreValue[] = [];
  const query = { table: definition, conditions, order: [], ties: 'ascending', skip: 0, max: 0 } as const;
  const terms = conditions.map((term) => termText({ ...query, wantsRows: true, wantsCount: true }, term, params));
  return {
    key: letter,
    matches: (row) => typeof row[3] === 'string' && row[3].includes(letter),
    whereSql: ` WHERE ${[...terms, `instr("tag", '${letter}') > 0`].join(' AND ')}`,
    params,
    orderSql: '',
  };
}

/** A random write: none, one or many rows, by one statement or a transaction that is kept or not. */
export async function writeAtRandom(random: SeededRandom, store: KeptStore, name: string): Promise<void> {
  const kind = random.below(100);
  const definition = store.table(name);
  if (kind < 1) {
    if (random.chance(0.7)) return store.write(schema({ kind: 'truncate-table', table: { database: 'main', name } }));
    const createdAt = new Date(Date.parse(definition.createdAt) + 1000).toISOString();
    await store.write(schema({ kind: 'drop-tables', tables: [{ database: 'main', name }] }));
    return store.write(schema({ kind: 'create-table', table: { ...definition, createdAt } }));
  }
  if (kind < 2) return store.write(alteration(random, definition));
  if (kind < 4) {
    const sql = `DELETE FROM "main.parents" WHERE "id" = ${1 + random.below(6)}`;
    await store.write(remove('parents', sql));
    return store.write(
      insert(
        'parents',
        [1, 2, 3, 4, 5, 6].map((id) => [id]),
        { mode: 'ignore' },
      ),
    );
  }
  if (kind < 15) {
    const lease = await store.store.acquireWriter(1000, { foreignKeyChecks: true });
    for (let i = 1 + random.below(4); i > 0; i--) await lease.write(rowWrite(random, definition), planned(store.store));
    await (random.chance(0.4) ? lease.rollback() : lease.commit());
    return;
  }
  if (kind < 25) {
    const together = Array.from({ length: 2 + random.below(5) }, () => store.write(rowWrite(random, definition)));
    await Promise.all(together);
    return;
  }
  return store.write(rowWrite(random, definition));
}

function rowWrite(random: SeededRandom, definition: TableDefinition): Exclude<WriteStatement, { kind: 'schema' }> {
  const { name } = definition;
  const stored = quotedTable(definition);
  const draw = (): StoreValue => 1 + random.below(120);
  const columns = definition.columns.slice(1).filter((candidate) => candidate.name in DRAWS);
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const rows = Array.from({ length: random.chance(0.8) ? 1 : 1 + random.below(20) }, () =>
        drawRow(random, definition, draw()),
      );
      return insert(name, rows, { mode: random.chance(0.5) ? 'replace' : 'ignore' });
    }
    case 4:
    case 5:
    case 6: {
      const chosen = random.pick(columns).name;
      const value = drawValue(random, chosen);
      const sql = `UPDATE ${stored} SET ${quoteName(chosen)} = ? WHERE "id" = ?`;
      return update(name, sql, [bound(value), bound(draw())]);
    }
    case 7: {
      const chosen = random.pick(columns).name;
      const value = drawValue(random, chosen);
      const sql = `UPDATE ${stored} SET ${quoteName(chosen)} = ? WHERE "id" % 7 = ?`;
      return update(name, sql, [bound(value), BigInt(random.below(7))]);
    }
    case 8:
      return remove(name, `DELETE FROM ${stored} WHERE "id" = ?`, [bound(draw())]);
    default:
      return remove(name, `DELETE FROM ${stored} WHERE "id" % 11 = ?`, [BigInt(random.below(11))]);
  }
}

/** A column more or less at the end, or an index. */
function alteration(random: SeededRandom, definition: TableDefinition): WriteStatement {
  const { database, name, columns } = definition;
  const more = random.chance(0.5);
  const altered = columns.length > 10 ? columns.slice(0, 10) : more ? [...columns, column('more')] : columns;
  const indexes = altered === columns ? [...definition.indexes].reverse().slice(1) : definition.indexes;
  return schema({
    kind: 'alter-table',
    table: { database, name },
    definition: { ...definition, columns: altered, indexes },
    sources: altered.map((_, i) =>
      i < columns.length ? { kind: 'column', name: columns[i]!.name } : { kind: 'value', value: 7n },
    ),
  });
}
