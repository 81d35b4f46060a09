/** Random tables of SQL: a key of any kind, columns of all types, indexes, a parent. */
import type { SeededRandom } from '../../../src/util/random.ts';

interface Kind {
  readonly type: string;
  /** As texts; MySQL takes them in quotes. */
  readonly values: readonly string[];
  /** The values must not be quoted. */
  readonly bare?: boolean;
}

const WORDS = ['a', 'A', 'b', 'B', 'aB', 'Ab', 'é', 'É', 'e', '', 'a b', '10', '9', '江湖', 'a,b'];

const KINDS: readonly Kind[] = [
  { type: 'INT', values: ['-3', '-1', '0', '1', '2', '3', '7', '2147483647'] },
  { type: 'TINYINT UNSIGNED', values: ['0', '1', '2', '3', '255'] },
  { type: 'BOOLEAN', values: ['0', '1'], bare: true },
  { type: 'SMALLINT', values: ['-1', '0', '1', '5', '40', '500'] },
  {
    type: 'BIGINT',
    values: [
      '-9223372036854775808',
      '-9007199254740993',
      '-1',
      '0',
      '2',
      '9007199254740992',
      '9007199254740993',
      '9223372036854775807',
    ],
  },
  {
    type: 'BIGINT UNSIGNED',
    values: ['0', '1', '2', '9007199254740993', '9223372036854775807', '9223372036854775808', '18446744073709551615'],
  },
  { type: 'DECIMAL(10,2)', values: ['-1.5', '0', '0.01', '1.00', '1.5', '2.25', '10', '99999999.99'] },
  {
    type: 'DECIMAL(18,4)',
    values: ['-12345678901234.1234', '-1', '0', '1.0001', '9.5', '10.25', '12345678901234.1234'],
  },
  { type: 'DOUBLE', values: ['-2.25', '-0.5', '0', '0.5', '1', '1e300', '9007199254740993', '3.75'] },
  { type: 'FLOAT', values: ['-0.5', '0', '0.25', '1.5', '100'] },
  { type: 'VARCHAR(20)', values: WORDS },
  { type: 'VARCHAR(20) COLLATE utf8mb4_bin', values: WORDS },
  { type: 'CHAR(6)', values: WORDS },
  { type: 'TEXT', values: [...WORDS, 'x'.repeat(300)] },
  { type: "ENUM('small','Large','10','')", values: ['small', 'Large', '10', ''] },
  { type: "SET('a','b','c')", values: ['', 'a', 'b', 'a,c', 'a,b,c'] },
  { type: 'DATE', values: ['1999-12-31', '2024-01-01', '2024-01-02', '2024-02-29'] },
  {
    type: 'DATETIME',
    values: ['2024-01-01 00:00:00', '2024-01-01 10:00:00', '2024-01-02 00:00:00', '1970-01-01 00:00:01'],
  },
  { type: 'DATETIME(3)', values: ['2024-01-01 00:00:00.000', '2024-01-01 00:00:00.001', '2024-01-02 00:00:00.5'] },
  { type: 'TIMESTAMP(0) NULL', values: ['2024-01-01 00:00:00', '2024-01-01 10:00:00', '2030-01-02 00:00:00'] },
  { type: 'TIME', values: ['-01:00:00', '00:00:00', '10:30:00', '100:00:00'] },
  { type: 'YEAR', values: ['1999', '2000', '2024'] },
  { type: 'BIT(8)', values: ['0', '1', '5', '255'], bare: true },
  { type: 'VARBINARY(10)', values: WORDS },
  { type: 'JSON', values: ['1', '"a"', '[1, 2]', '{"a": 1}', 'null'] },
];

const NUMBERS = ['0', '1', '-1', '2.5', '1e1', '18446744073709551615', '9007199254740993', 'NULL', 'TRUE'];
const TEXTS = [
  "'abc'",
  "''",
  "'2'",
  "'2x'",
  "'a'",
  "'B'",
  "'2024-01-01'",
  "'10:30:00'",
  "'1.50'",
  "x'61'",
  "DATE '2024-01-02'",
];

export interface RandomColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
}

export type KeyKind =
  | 'INT'
  | 'SMALLINT'
  | 'BIGINT'
  | 'BIGINT AUTO_INCREMENT'
  | 'BIGINT UNSIGNED'
  | 'VARCHAR(10)'
  | 'two'
  | 'none';

/** Lists are kept for tables with one of these. */
const KEPT_KEYS: readonly KeyKind[] = ['INT', 'SMALLINT', 'BIGINT', 'BIGINT AUTO_INCREMENT'];
const OTHER_KEYS: readonly KeyKind[] = ['BIGINT UNSIGNED', 'VARCHAR(10)', 'two', 'none'];

/** Rows that a table has at most, about. */
const KEY_MAX = 60;

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A table `main.t`; what it has changes with ALTER TABLE. */
export class RandomTable {
  readonly name = 't';
  readonly key: KeyKind;
  readonly hasParent: boolean;
  columns: RandomColumn[] = [];
  readonly #random: SeededRandom;
  #made = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.key = random.pick(random.chance(0.85) ? KEPT_KEYS : OTHER_KEYS);
    this.hasParent = random.chance(0.4);
    for (let i = 4 + random.below(5); i > 0; i--) this.columns.push(this.draw());
  }

  draw(): RandomColumn {
    const random = this.#random;
    return { name: `c${this.#made++}`, kind: random.pick(KINDS), nullable: random.chance(0.7) };
  }

  definition({ name, kind, nullable }: RandomColumn): string {
    return `${name} ${kind.type}${nullable ? '' : ' NOT NULL'}`;
  }

  get keyNames(): readonly string[] {
    return this.key === 'none' ? [] : this.key === 'two' ? ['id', 'id2'] : ['id'];
  }

  /** What conditions and orders may name. */
  get names(): readonly string[] {
    const parent = this.hasParent ? ['parent'] : [];
    return [...(this.key === 'none' ? ['id'] : this.keyNames), ...this.columns.map(({ name }) => name), ...parent];
  }

  create(): string {
    const { key } = this;
    const keyType = key === 'two' || key === 'none' ? 'INT' : key;
    const columns = this.columns.map((column) => this.definition(column));
    const at = this.#random.chance(0.8) ? 0 : this.#random.below(columns.length);
    columns.splice(at, 0, `id ${keyType}`, ...(key === 'two' ? ['id2 INT'] : []));
    if (this.keyNames.length > 0) columns.push(`PRIMARY KEY (${this.keyNames.join(', ')})`);
    for (const { name, kind } of this.columns)
      if (this.#random.chance(0.2) && !/TEXT|JSON/.test(kind.type)) columns.push(`KEY k_${name} (${name})`);
    const unique = this.columns.find(({ kind }) => /^(?:INT|VARCHAR)/.test(kind.type));
    if (unique !== undefined && this.#random.chance(0.15)) columns.push(`UNIQUE KEY u (${unique.name})`);
    if (this.hasParent) {
      const onDelete = this.#random.pick(['CASCADE', 'SET NULL']);
      columns.push(
        'parent INT',
        `FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE ${onDelete} ON UPDATE CASCADE`,
      );
    }
    return `CREATE TABLE t (${columns.join(', ')})`;
  }

  /** A literal that the column takes, mostly. */
  literal(name: string): string {
    const random = this.#random;
    if (name === 'id' || name === 'id2') return this.keyLiteral();
    if (name === 'parent') return random.chance(0.2) ? 'NULL' : String(1 + random.below(6));
    const column = this.columns.find((candidate) => candidate.name === name) as RandomColumn;
    if (random.chance(0.12)) return column.nullable ? 'NULL' : 'DEFAULT';
    const value = random.pick(column.kind.values);
    return column.kind.bare === true ? value : quoted(value);
  }

  keyLiteral(): string {
    const number = 1 + this.#random.below(KEY_MAX);
    if (this.key === 'VARCHAR(10)') return quoted(`${this.#random.pick(['a', 'B'])}${number}`);
    if (this.key === 'BIGINT UNSIGNED' && this.#random.chance(0.1)) return String(2n ** 63n + BigInt(number));
    if (this.key === 'BIGINT' && this.#random.chance(0.1)) return String(2n ** 60n + BigInt(number));
    return String(number);
  }

  /** What a condition may compare the column with: its own values, now and then one of another type. */
  operand(name: string): string {
    const random = this.#random;
    if (random.chance(0.15)) return random.pick(random.chance(0.5) ? NUMBERS : TEXTS);
    const literal = this.literal(name);
    return literal === 'DEFAULT' ? '0' : literal;
  }

  /** A text for the list protocol. */
  text(name: string): string {
    const column = this.columns.find((candidate) => candidate.name === name);
    return column === undefined ? this.keyLiteral().replaceAll("'", '') : this.#random.pick(column.kind.values);
  }
}
