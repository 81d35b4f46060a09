/** The operators by example (src/lists/operators/golden.suite.ts) on columns of many types of a MariaDB behind Sluice: what each operator says of a value's text. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matcherOf, parseWhere } from '../../src/lists/condition.ts';
import { GOLDEN } from '../../src/lists/operators/golden.suite.ts';
import { numberFromText } from '../../src/lists/operators/number-from-text.ts';
import { OPERATORS } from '../../src/lists/operators/operators.ts';
import { type InFront, startInFront } from '../support/in-front.ts';
import { mysqlClient } from '../support/mariadb-server.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { queryText } from './support/list-client.ts';

type Values = readonly (string | null)[];

const TEXTS: Values = [...new Set(GOLDEN.map(([, , value]) => value))];
const ASCII: Values = TEXTS.filter((text) => text === null || /^[ -~]*$/.test(text));
const INTEGERS: Values = [null, '0', '1', '5', '-5', '57', '48', '12', '16', '3'];

interface Column {
  readonly name: string;
  readonly type: string;
  readonly values: Values;
  /** Not what the text reads as. */
  readonly isReal?: boolean;
}

const COLUMNS: readonly Column[] = [
  { name: 'bin', type: 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', values: TEXTS },
  {
    name: 'folded',
    type: 'VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, KEY (folded)',
    values: TEXTS,
  },
  {
    name: 'general',
    type: 'VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, KEY (general)',
    values: TEXTS,
  },
  { name: 'by_bytes', type: 'VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, KEY (by_bytes)', values: TEXTS },
  { name: 'latin', type: 'VARCHAR(255) CHARACTER SET latin1, KEY (latin)', values: ASCII },
  { name: 'two_bytes', type: 'VARCHAR(255) CHARACTER SET ucs2', values: ASCII },
  { name: 'whole', type: 'INT, KEY (whole)', values: INTEGERS },
  { name: 'filled', type: 'INT(6) ZEROFILL', values: [null, '000000', '000005', '000057', '123456'] },
  { name: 'huge', type: 'BIGINT UNSIGNED', values: [null, '0', '5', '9007199254740993', '18446744073709551615'] },
  { name: 'bits', type: 'BIT(12)', values: [null, '0', '5', '57', '4095'] },
  { name: 'money', type: 'DECIMAL(12,2), KEY (money)', values: [null, '0.00', '5.00', '-5.00', '5.50', '57.00'] },
  {
    name: 'exact',
    type: 'DECIMAL(40,10)',
    values: [null, '0.0000000000', '5.0000000001', '9007199254740993.0000000000'],
  },
  { name: 'real_number', type: 'DOUBLE', values: [null, '0', '5', '-5', '5.5', '0.5', '1e20'], isReal: true },
  { name: 'day', type: 'DATE', values: [null, '2024-01-02', '0005-01-01', '1999-12-31'] },
  { name: 'made', type: 'DATETIME(2)', values: [null, '2024-01-02 03:04:05.60', '1999-12-31 00:00:00.00'] },
  { name: 'span', type: 'TIME', values: [null, '-01:00:00', '00:00:05', '100:00:00'] },
  { name: 'since', type: 'YEAR', values: [null, '1999', '2005'] },
  { name: 'label', type: "ENUM('abc','Abd','5','')", values: [null, 'abc', 'Abd', '5', ''] },
];

/** Each operator and operand of the table, as it is and negated. */
const CONDITIONS = [
  ...new Set(
    GOLDEN.flatMap(([operator, operand]) => {
      const positive = `${operator.replace('!', '')}:${operand.replace(/[\\|:]/g, '\\$&')}`;
      return [positive, `!${positive}`];
    }),
  ),
];

let front: InFront;
let connection: Connection;

beforeAll(async () => {
  front = await startInFront();
  await mysqlClient(front.mariadb, 'CREATE DATABASE main CHARACTER SET utf8mb4');
  connection = await connectDriver(front.sluice, { database: 'main' });
});
afterAll(async () => {
  await connection.end();
  await front.stop();
});

/** Keys of the rows that fulfil a condition, by its predicate. */
function expected({ values, isReal }: Column, where: string): string[] {
  const [condition] = parseWhere(where);
  if (condition === undefined) throw new TypeError(where);
  const operator = OPERATORS[condition.operator];
  const ofText = matcherOf(condition);
  const ofNumber = operator.kind === 'number' && isReal === true ? operator.prepare(condition.operand) : null;
  const matches = (value: string | null): boolean => {
    if (ofNumber === null) return ofText(value);
    return value === null ? condition.negated : ofNumber(Number(value)) !== condition.negated;
  };
  return values.flatMap((value, i) => (matches(value) ? [String(i + 1)] : []));
}

async function answer(parameters: Readonly<Record<string, string>>): Promise<string> {
  const text = await (await fetch(`${front.sluice.httpUrl}/?${queryText(parameters)}`)).text();
  if (text.startsWith('{"error"')) throw new Error(`${JSON.stringify(parameters)}: ${text}`);
  return text;
}

describe('every operator says of a value what it says of its text', () => {
  it.each(COLUMNS)('$name', async (column) => {
    const { name, type, values } = column;
    await connection.query(`CREATE TABLE t_${name} (pkey INT PRIMARY KEY, ${name} ${type})`);
    for (const [i, value] of values.entries())
      await connection.query(`INSERT INTO t_${name} VALUES (?, ?)`, [
        i + 1,
        name === 'bits' && value !== null ? Number(value) : value,
      ]);
    const table = `main.t_${name}`;
    const shown = JSON.parse(await answer({ command: 'select', type: '*', table })) as Record<string, string>[];
    expect(
      shown.map((row) => row[name] ?? null).map((text) => (column.isReal && text !== null ? Number(text) : text)),
    ).toEqual(values.map((text) => (column.isReal && text !== null ? Number(text) : text)));
    for (const condition of CONDITIONS) {
      const where = `${name}:${condition}`;
      const keys = expected(column, where);
      const rows = JSON.parse(await answer({ command: 'select', type: '*', table, where })) as { pkey: string }[];
      expect(
        rows.map(({ pkey }) => pkey),
        where,
      ).toEqual(keys);
      expect(await answer({ command: 'count', table, where }), where).toBe(String(keys.length));
    }
  });

  it.each(COLUMNS)('and orders $name', async ({ name, values, isReal }) => {
    const number = (text: string): number | bigint => (isReal ? Number(text) : numberFromText(text));
    const numeric = (a: string, b: string): number => (number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0);
    const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    for (const sort of ['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC']) {
      const direction = sort.endsWith('DESC') ? -1 : 1;
      const isMissing = (value: string | null): boolean =>
        value === null || (sort.startsWith('NUM') && Number.isNaN(number(value)));
      const keys = values.map((value, i) => ({ value, i }));
      keys.sort((a, b) => {
        if (isMissing(a.value) || isMissing(b.value))
          return Number(isMissing(a.value)) - Number(isMissing(b.value)) || a.i - b.i;
        const compare = sort.startsWith('NUM') ? numeric : byBytes;
        return direction * compare(a.value ?? '', b.value ?? '') || a.i - b.i;
      });
      const rows = JSON.parse(
        await answer({ command: 'select', type: '*', table: `main.t_${name}`, order_by: name, order_sort: sort }),
      ) as { pkey: string }[];
      expect(
        rows.map(({ pkey }) => pkey),
        sort,
      ).toEqual(keys.map(({ i }) => String(i + 1)));
    }
  });
});
