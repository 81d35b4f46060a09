import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnDefinition } from '../stores/schema.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { SeededRandom } from '../util/random.ts';
import { listTable } from './columns.ts';
import type { Condition } from './condition.ts';
import { conditionSql } from './condition-sql.ts';
import { ListStore, TEST_FORMS } from './list-store.suite.ts';
import { GOLDEN } from './operators/golden.suite.ts';
import { isOperatorName, OPERATORS, type OperatorName } from './operators/operators.ts';
import { storedMatcher } from './row-matcher.ts';

const COLUMNS: readonly ColumnDefinition[] = [
  { name: 'pkey', type: { name: 'bigint' }, nullable: false },
  { name: 'bin', type: { name: 'longtext', collation: 'utf8mb4_bin' }, nullable: true },
  { name: 'nocase', type: { name: 'varchar', length: 255 }, nullable: true },
  { name: 'whole', type: { name: 'bigint' }, nullable: true },
  { name: 'huge', type: { name: 'bigint', unsigned: true }, nullable: true },
  { name: 'real', type: { name: 'double' }, nullable: true },
  { name: 'money', type: { name: 'decimal', precision: 18, scale: 2 }, nullable: true },
  { name: 'kind', type: { name: 'enum', values: ['5', 'abc', 'Abc', ''] }, nullable: true },
  { name: 'at', type: { name: 'datetime' }, nullable: true },
];

let store: ListStore;
beforeAll(() => {
  store = new ListStore();
  const indexes = COLUMNS.slice(1).map(({ name }) => ({
    name: `by_${name}`,
    unique: false,
    parts: [{ column: name }],
  }));
  store.createTable(COLUMNS, { indexes });
});
afterAll(() => store.close());

function table() {
  const definition = store.engine.catalog.table('main', 'feed');
  if (definition === undefined) throw new TypeError('no table');
  return listTable(definition, TEST_FORMS.textFormatter);
}

/** Which rows fulfil the condition, by SQLite. */
function keysBySql(condition: Condition): number[] {
  const { sql, column } = { sql: table(), column: table().column(condition.field, 'where') };
  const form = conditionSql(column, condition);
  const read = {
    kind: 'read',
    sql: `SELECT "pkey" FROM ${sql.sql} WHERE ${form.sql}`,
    params: form.bind(condition.operand),
  } as const;
  return store.engine
    .read(read)
    .map(([key]) => Number(key))
    .sort((a, b) => a - b);
}

function replaceRows(rows: readonly StoreRow[]): void {
  store.run('command=delete&type=*');
  store.insertRows(rows);
}

function golden(name: string, operand: string, field: string): Condition {
  const operator = name.replace('!', '');
  if (!isOperatorName(operator)) throw new TypeError(operator);
  return { field, operator, negated: name.startsWith('!'), operand };
}

describe('operators in SQLite, by the golden table', () => {
  const values = [...new Set(GOLDEN.map(([, , value]) => value))];

  it.each(['bin', 'nocase'])('give the same answers on the text column %s', (field) => {
    replaceRows(
      values.map((value, i) => COLUMNS.map(({ name }) => (name === 'pkey' ? i : name === field ? value : null))),
    );
    for (const [name, operand, value, expected] of GOLDEN) {
      const found = keysBySql(golden(name, operand, field)).includes(values.indexOf(value));
      expect(found, `${field} ${name} ${JSON.stringify(operand)} of ${JSON.stringify(value)}`).toBe(expected);
    }
  });
});

const TEXTS: readonly string[] = [
  ...new Set(GOLDEN.flatMap(([, operand, value]) => [operand, value ?? ''])),
  ...[
    '5',
    '05',
    '5.00',
    '5.5',
    'ABC',
    'abc',
    'aBc',
    'abcd',
    '2024-01-02 03:04:05',
    '2024',
    '-1',
    '1e20',
    '-7.25',
    '12.34',
    '1234',
  ],
];
const INTEGERS: readonly (number | bigint)[] = [
  0,
  1,
  5,
  -5,
  57,
  1000,
  2 ** 53 - 1,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const UNSIGNED: readonly StoreValue[] = [
  0n,
  1n,
  5n,
  57n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  '09223372036854775808',
  '18446744073709551615',
];
const REALS: readonly number[] = [
  0,
  1,
  5,
  5.5,
  -7.25,
  0.1,
  1e17,
  1e20,
  1e300,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

function randomRow(random: SeededRandom, key: number): StoreRow {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!;
  const row: StoreRow = [
    key,
    pick(TEXTS),
    pick(TEXTS),
    pick(INTEGERS),
    pick(UNSIGNED),
    pick(REALS),
    pick([0, 5, 500, 1234, -725, 55, 100, 999999999999999999n]),
    pick([0, 1, 2, 3, 4]),
    pick(['2024-01-02 03:04:05', '1999-12-31 23:59:59', '2024-01-01 00:00:00']),
  ];
  return row.map((value, i) => (i > 0 && random.chance(0.1) ? null : value));
}

describe('operators in SQLite, at random', () => {
  it('agree with the predicates for every type of column', () => {
    const random = new SeededRandom(20260101);
    const operators = Object.keys(OPERATORS) as OperatorName[];
    let compared = 0;
    let matched = 0;
    for (let round = 0; round < 6; round++) {
      const rows = Array.from({ length: 60 }, (_, key) => randomRow(random, key));
      replaceRows(rows);
      for (const column of table().columns.slice(1)) {
        for (let i = 0; i < 120; i++) {
          const operator = operators[random.below(operators.length)]!;
          const operand = randomOperand(random, rows, column.position);
          const condition: Condition = {
            field: column.definition.name,
            operator,
            negated: random.chance(0.3),
            operand,
          };
          if (operator === 'STRRX' && !isExpression(operand)) continue;
          const matches = storedMatcher(column, condition);
          const expected = rows.flatMap((row, key) => (matches(row[column.position] ?? null) ? [key] : []));
          expect(keysBySql(condition), JSON.stringify(condition)).toEqual(expected);
          compared += rows.length;
          matched += expected.length;
        }
      }
    }
    expect(compared).toBeGreaterThan(200_000);
    expect(matched).toBeGreaterThan(50_000);
  });

  function randomOperand(random: SeededRandom, rows: readonly StoreRow[], position: number): string {
    const text = TEXTS[random.below(TEXTS.length)]!;
    const own = table().columns[position]!.text(rows[random.below(rows.length)]![position] ?? null) ?? '';
    switch (random.below(5)) {
      case 0:
        return text;
      case 1:
        return own.slice(random.below(own.length + 1));
      case 2:
        return own.slice(0, random.below(own.length + 1));
      case 3:
        return `${own},${text}`;
      default:
        return own;
    }
  }

  function isExpression(operand: string): boolean {
    try {
      OPERATORS.STRRX.prepare(operand);
      return true;
    } catch {
      return false;
    }
  }
});

describe('native forms', () => {
  it.each([
    ['whole', 'NUMEQ', '5', /SEARCH .* USING (?:COVERING )?INDEX main\.feed\.by_whole \(whole=\?\)/],
    ['whole', 'NUMGE', '5', /SEARCH .*by_whole \(whole>\?\)/],
    ['whole', 'NUMBT', '1,5', /SEARCH .*by_whole \(whole>\? AND whole<\?\)/],
    ['whole', 'NUMOREQ', '1,5', /SEARCH .*by_whole \(whole=\?\)/],
    ['whole', 'STREQ', '5', /SEARCH .*by_whole \(whole=\?\)/],
    ['huge', 'NUMLT', '5', /SEARCH .*by_huge \(huge<\?\)/],
    ['real', 'NUMGT', '5', /SEARCH .*by_real \(real>\?\)/],
    ['bin', 'STREQ', 'abc', /SEARCH .*by_bin \(bin=\?\)/],
    ['bin', 'STRBW', 'abc', /SEARCH .*by_bin \(bin>\? AND bin<\?\)/],
    ['bin', 'STROREQ', 'a,b', /SEARCH .*by_bin \(bin=\?\)/],
    ['nocase', 'STREQ', 'abc', /SEARCH .*by_nocase \(nocase=\?\)/],
    ['nocase', 'STRBW', 'abc', /SEARCH .*by_nocase \(nocase>\? AND nocase<\?\)/],
    ['nocase', 'STROREQ', 'a,b', /SEARCH .*by_nocase \(nocase=\?\)/],
    ['pkey', 'NUMEQ', '5', /SEARCH .*USING INTEGER PRIMARY KEY \(rowid=\?\)/],
    ['pkey', 'NUMOREQ', '5,6', /SEARCH .*USING INTEGER PRIMARY KEY \(rowid=\?\)/],
  ])('%s %s seeks in an index', (field, operator, operand, plan) => {
    const explained = JSON.parse(
      store.run(`command=select&type=count&where=${field}:${operator}:${operand}&explain=1`),
    );
    expect(explained.plan.join('; ')).toMatch(plan);
  });
});
