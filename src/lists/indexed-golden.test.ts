/** The operators by example, with each kind of list index and without: an index never changes an answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnDefinition } from '../stores/schema.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { listTable } from './columns.ts';
import { parseWhere } from './condition.ts';
import { ListStore, TEST_FORMS } from './list-store.suite.ts';
import { GOLDEN } from './operators/golden.suite.ts';
import { storedMatcher } from './row-matcher.ts';
import { INDEX_TYPES } from './set-index.ts';

const KINDS = [null, ...Object.values(INDEX_TYPES)];

const TEXTS: readonly StoreValue[] = [...new Set(GOLDEN.map(([, , value]) => value))];

interface Column extends ColumnDefinition {
  readonly values: readonly StoreValue[];
}

const COLUMNS: readonly Column[] = [
  { name: 'bin', type: { name: 'longtext', collation: 'utf8mb4_bin' }, nullable: true, values: TEXTS },
  { name: 'nocase', type: { name: 'varchar', length: 255 }, nullable: true, values: TEXTS },
  { name: 'text', type: { name: 'text' }, nullable: true, values: TEXTS },
  { name: 'whole', type: { name: 'int' }, nullable: true, values: [null, 0, 1, 5, -5, 57, 48, 12, 16, 3] },
  {
    name: 'huge',
    type: { name: 'bigint', unsigned: true },
    nullable: true,
    values: [
      null,
      0n,
      5n,
      57n,
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 63n - 1n,
      '09223372036854775808',
      '18446744073709551615',
    ],
  },
  {
    name: 'real',
    type: { name: 'double' },
    nullable: true,
    values: [null, 0, 5, -5, 5.5, 0.5, 55.5, 1e17, 1e20, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  },
  {
    name: 'money',
    type: { name: 'decimal', precision: 18, scale: 2 },
    nullable: true,
    values: [null, 0, 500, -500, 550, 50, 5550, 5700, 100, 999_999_999_999_999_999n],
  },
];

const KEYS: readonly [string, readonly ColumnDefinition[], readonly string[]][] = [
  ['an integer key', [{ name: 'pkey', type: { name: 'bigint' }, nullable: false }], ['pkey']],
  ['a text key', [{ name: 'pkey', type: { name: 'varchar', length: 20 }, nullable: false }], ['pkey']],
  [
    'a key of two columns',
    [
      { name: 'pkey', type: { name: 'bigint' }, nullable: false },
      { name: 'part', type: { name: 'varchar', length: 20 }, nullable: false },
    ],
    ['part', 'pkey'],
  ],
  ['no key', [{ name: 'pkey', type: { name: 'bigint' }, nullable: false }], []],
];

const SOME_COLUMNS = COLUMNS.filter(({ name }) => name === 'nocase' || name === 'huge');

/** Each operator and operand of the golden table, as it is and negated. */
const CONDITIONS = [
  ...new Set(
    GOLDEN.flatMap(([operator, operand]) => {
      const positive = `${operator.replace('!', '')}:${operand.replace(/[\\|:]/g, '\\$&')}`;
      return [positive, `!${positive}`];
    }),
  ),
];

/** As many rows as the longest list of values; each key once. */
const ROWS = Math.max(...COLUMNS.map(({ values }) => values.length));

describe.each(KEYS)('with %s', (_name, keyColumns, primaryKey) => {
  let store: ListStore;
  beforeAll(() => {
    store = new ListStore();
    const columns = COLUMNS.map(({ values: _values, ...column }) => column);
    store.createTable([...keyColumns, ...columns], { primaryKey });
    store.insertRows(Array.from({ length: ROWS }, (_, i) => row(i)));
  });
  afterAll(() => store.close());

  function row(i: number): StoreRow {
    const isText = keyColumns[0]?.type.name === 'varchar';
    const keys = isText ? [`k${i}`] : keyColumns.map((_, part) => (part === 0 ? i - 20 : `K${i % 3}`));
    return [...keys, ...COLUMNS.map(({ values }) => values[i % values.length] ?? null)];
  }

  const places = Array.from({ length: ROWS }, (_, i) => i);
  const firstText = (i: number): string => String(row(i)[0]);

  /** Keys of the rows that fulfil a condition, by its predicate. */
  function expected(where: string): string[] {
    const definition = store.engine.catalog.table('main', 'feed');
    if (definition === undefined) throw new TypeError('no table');
    const [condition] = parseWhere(where);
    const table = listTable(definition, TEST_FORMS.textFormatter);
    const column = table.column(condition!.field, 'where');
    const matches = storedMatcher(column, condition!);
    return places.filter((i) => matches(row(i)[column.position] ?? null)).map(firstText);
  }

  /** What the store answers. */
  function answer(where: string, count: boolean): string {
    const plan = store.plan([
      ['command', 'select'],
      ['type', count ? 'count' : '*'],
      ['where', where],
    ]);
    if (plan.kind !== 'read') throw new TypeError('a select reads');
    return plan.render(store.engine.read(plan.bind().statement));
  }

  function found(where: string): string[] {
    return (JSON.parse(answer(where, false)) as { pkey: string }[]).map(({ pkey }) => pkey);
  }

  const sorted = (keys: readonly string[]): string[] => [...keys].sort();

  // What differs by key is how inverted indexes name rows, and ties: fewer columns show it.
  const columns = primaryKey[0] === 'pkey' && keyColumns[0]?.type.name === 'bigint' ? COLUMNS : SOME_COLUMNS;

  it.each(columns)('$name: every operator answers the same with each kind of index', ({ name }) => {
    const conditions = CONDITIONS.map((condition) => `${name}:${condition}`);
    const expectedKeys = conditions.map(expected);
    let plainOrders: string[] | undefined;
    for (const kind of KINDS) {
      if (kind !== null) expect(store.run(`command=setindex&field=${name}&type=${kind}`)).toBe('{"ok":true}');
      conditions.forEach((where, i) => {
        const keys = expectedKeys[i]!;
        expect(sorted(found(where)), `${kind} ${where}`).toEqual(sorted(keys));
        if (columns === COLUMNS) expect(answer(where, true), `${kind} ${where}`).toBe(String(keys.length));
      });
      const orders = ['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC'].map((sort) =>
        store.run(`command=select&type=*&order_by=${name}&order_sort=${sort}`),
      );
      plainOrders ??= orders;
      expect(orders, String(kind)).toEqual(plainOrders);
    }
    store.run(`command=setindex&field=${name}&type=TDBITVOID`);
  });

  it('that is what the golden table says', () => {
    for (const [operator, operand, value, isMatch] of GOLDEN) {
      const where = `bin:${operator}:${operand.replace(/[\\|:]/g, '\\$&')}`;
      expect(expected(where).includes(firstText(TEXTS.indexOf(value))), where).toBe(isMatch);
    }
  });
});
