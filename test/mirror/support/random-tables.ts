/** Tables of all types and random statements that change them, determined by a seed. */
import { SeededRandom } from '../../../src/util/random.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  /** A literal. */
  readonly value: (random: SeededRandom) => string;
}

const CHARACTERS = [...'abcXYZ019 _-%.,;\'"\\éßüŸ€œ', '\u0000', '\n'];
const WIDE = [...CHARACTERS, ...'中文字데이터かな漢Ωжя', '\u{1f600}', '\u{10ffff}', '\u{fffd}'];

function quote(text: string): string {
  return `'${text.replace(/[\\'\0\n]/g, (c) => (c === '\0' ? '\\0' : c === '\n' ? '\\n' : `\\${c}`))}'`;
}

function text(characters: readonly string[], lengthMax: number): (random: SeededRandom) => string {
  return (random) => quote(Array.from({ length: random.below(lengthMax + 1) }, () => random.pick(characters)).join(''));
}

function bytes(lengthMax: number): (random: SeededRandom) => string {
  return (random) => {
    // Zeros at the end are what the binlog leaves out.
    const content = Buffer.from(
      Array.from({ length: random.below(lengthMax + 1) }, () => random.pick([0, 0, 32, 255, random.below(256)])),
    );
    return `x'${content.toString('hex')}'`;
  };
}

function integer(low: bigint, high: bigint): (random: SeededRandom) => string {
  return (random) => {
    const edge = random.pick([low, high, 0n, 1n, low + 1n, high - 1n, null, null, null]);
    if (edge !== null) return String(edge);
    return String(low + ((high - low) * BigInt(random.below(1_000_000_007))) / 1_000_000_007n);
  };
}

function decimal(precision: number, scale: number): (random: SeededRandom) => string {
  return (random) => {
    const digits = Array.from({ length: precision }, () => random.pick(['0', '9', String(random.below(10))])).join('');
    const point = precision - scale;
    return `${random.chance(0.5) ? '-' : ''}${digits.slice(0, point) || '0'}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
  };
}

const two = (n: number): string => String(n).padStart(2, '0');

function fraction(random: SeededRandom, digits: number): string {
  if (digits === 0) return '';
  return `.${String(random.pick([0, 1, 10 ** digits - 1, random.below(10 ** digits)])).padStart(digits, '0')}`;
}

function clock(random: SeededRandom): string {
  return `${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}`;
}

function date(random: SeededRandom): string {
  const year = random.pick([0, 1, 999, 1000, 1969, 1970, 2024, 9999, random.below(10_000)]);
  return random.pick([
    '0000-00-00',
    '2024-00-00',
    '2024-05-00',
    `${String(year).padStart(4, '0')}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`,
  ]);
}

function datetime(digits: number): (random: SeededRandom) => string {
  return (random) => {
    const day = date(random);
    return `'${day} ${day === '0000-00-00' ? '00:00:00' : clock(random) + fraction(random, digits)}'`;
  };
}

function timestamp(digits: number): (random: SeededRandom) => string {
  return (random) => {
    if (random.chance(0.1)) return "'0000-00-00 00:00:00'";
    if (random.chance(0.1)) return "'1970-01-01 00:00:01'";
    return `'${1971 + random.below(66)}-${two(1 + random.below(12))}-${two(1 + random.below(28))} ${clock(random)}${fraction(random, digits)}'`;
  };
}

function time(digits: number): (random: SeededRandom) => string {
  return (random) => {
    const sign = random.chance(0.5) ? '-' : '';
    const hours = random.pick([0, 1, 23, 24, 100, 837, random.below(838)]);
    return `'${sign}${two(hours)}:${two(random.below(60))}:${two(random.below(60))}${fraction(random, digits)}'`;
  };
}

function real(random: SeededRandom): string {
  const mantissa = random.next() * 2 - 1;
  return random.pick([
    '0',
    '-0e0',
    '0.1',
    '-1.5',
    '16777217',
    '1e30',
    '-3.4e38',
    '1e-30',
    String(mantissa),
    String(mantissa * 1e9),
  ]);
}

const member = (random: SeededRandom): string => quote(random.pick(['', 'a', "it's", 'b,c', 'é', 'back\\slash']));

const INTEGERS: Column[] = (
  [
    ['tinyint', 8n],
    ['smallint', 16n],
    ['mediumint', 24n],
    ['int', 32n],
    ['bigint', 64n],
  ] as const
).flatMap(([type, bits]) => [
  { name: `${type}_s`, type, value: integer(-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n) },
  { name: `${type}_u`, type: `${type} unsigned`, value: integer(0n, (1n << bits) - 1n) },
]);

const DIGITS = [0, 1, 2, 3, 4, 5, 6];

const TABLES: Readonly<Record<string, readonly Column[]>> = {
  numbers: [
    ...INTEGERS,
    { name: 'zerofilled', type: 'int(7) zerofill', value: integer(0n, 4_294_967_295n) },
    { name: 'b1', type: 'bit', value: (random) => String(random.below(2)) },
    { name: 'b12', type: 'bit(12)', value: (random) => String(random.below(4096)) },
    { name: 'b63', type: 'bit(63)', value: integer(0n, (1n << 63n) - 1n) },
    {
      name: 'y',
      type: 'year',
      value: (random) => random.pick(['0', '1901', '2155', String(1970 + random.below(100))]),
    },
    { name: 'f', type: 'float', value: real },
    { name: 'd', type: 'double', value: (random) => random.pick([real(random), '1.7976931348623157e308', '5e-324']) },
    { name: 'fd', type: 'float(7,3)', value: (random) => String(random.below(10_000_000) / 1000) },
    { name: 'dd', type: 'double(12,4)', value: (random) => String(-random.below(100_000_000) / 10_000) },
    ...[
      [1, 0],
      [9, 9],
      [10, 2],
      [15, 5],
      [16, 8],
      [18, 0],
      [18, 9],
      [18, 18],
      [5, 4],
      [3, 0],
    ].map(([p = 0, s = 0]) => ({ name: `dec_${p}_${s}`, type: `decimal(${p},${s})`, value: decimal(p, s) })),
  ],
  times: [
    { name: 'day', type: 'date', value: (random) => `'${date(random)}'` },
    ...DIGITS.map((n) => ({ name: `dt${n}`, type: `datetime(${n})`, value: datetime(n) })),
    ...DIGITS.map((n) => ({ name: `ts${n}`, type: `timestamp(${n}) NULL`, value: timestamp(n) })),
    ...DIGITS.map((n) => ({ name: `t${n}`, type: `time(${n})`, value: time(n) })),
  ],
  texts: [
    { name: 'c0', type: 'char(0)', value: () => "''" },
    { name: 'c', type: 'char(20)', value: text(WIDE, 20) },
    { name: 'c255', type: 'char(255)', value: text(WIDE, 255) },
    { name: 'v', type: 'varchar(50)', value: text(WIDE, 50) },
    { name: 'v63', type: 'varchar(63)', value: text(WIDE, 63) },
    { name: 'v64', type: 'varchar(64)', value: text(WIDE, 64) },
    { name: 'v1000', type: 'varchar(1000)', value: text(WIDE, 1000) },
    { name: 'l1', type: 'varchar(40) character set latin1', value: text(CHARACTERS, 40) },
    { name: 'lc', type: 'char(40) character set latin1', value: text(CHARACTERS, 40) },
    { name: 'u3', type: 'char(90) character set utf8mb3', value: text([...'abé中文'], 90) },
    { name: 'u2', type: 'varchar(30) character set ucs2', value: text([...'abé中文'], 30) },
    { name: 'u16', type: 'char(30) character set utf16', value: text(WIDE, 30) },
    { name: 'u16le', type: 'varchar(30) character set utf16le', value: text(WIDE, 30) },
    { name: 'u32', type: 'varchar(30) character set utf32', value: text(WIDE, 30) },
    { name: 'a', type: 'varchar(30) character set ascii', value: text([...'abc 019'], 30) },
    { name: 'tt', type: 'tinytext', value: text(WIDE, 60) },
    { name: 'tx', type: 'text', value: text(WIDE, 300) },
    { name: 'mt', type: 'mediumtext', value: text(WIDE, 300) },
    { name: 'lt', type: 'longtext', value: text(WIDE, 300) },
    {
      name: 'j',
      type: 'json',
      value: (random) => quote(JSON.stringify({ a: random.below(1000), b: ['x', null, 1.5] })),
    },
    { name: 'e', type: `enum('', 'a', 'it''s', 'b,c', 'é', 'back\\\\slash')`, value: member },
    { name: 'el', type: `enum('', 'a', 'it''s', 'b,c', 'é', 'back\\\\slash') character set latin1`, value: member },
    {
      name: 'en',
      type: `enum(${Array.from({ length: 300 }, (_, i) => `'v${i}'`).join(',')})`,
      value: (random) => `'v${random.below(300)}'`,
    },
    { name: 's', type: "set('a','b','c','d','e','f','g','h','i')", value: (random) => String(random.below(512)) },
    {
      name: 's64',
      type: `set(${Array.from({ length: 64 }, (_, i) => `'m${i}'`).join(',')})`,
      value: integer(0n, (1n << 64n) - 1n),
    },
  ],
  wide: Array.from({ length: 300 }, (_, i) => ({
    name: `w${i}`,
    type: i % 3 === 0 ? 'bit(9)' : 'smallint',
    value: (random: SeededRandom) => String(random.below(512)),
  })),
  blobs: [
    { name: 'b0', type: 'binary(0)', value: () => "''" },
    { name: 'b', type: 'binary(1)', value: bytes(1) },
    { name: 'b16', type: 'binary(16)', value: bytes(16) },
    { name: 'b255', type: 'binary(255)', value: bytes(255) },
    { name: 'vb', type: 'varbinary(100)', value: bytes(100) },
    { name: 'vb300', type: 'varbinary(300)', value: bytes(300) },
    { name: 'tb', type: 'tinyblob', value: bytes(255) },
    { name: 'bl', type: 'blob', value: bytes(500) },
    { name: 'mb', type: 'mediumblob', value: bytes(500) },
    { name: 'lb', type: 'longblob', value: bytes(500) },
  ],
};

const NULL_CHANCE = 0.1;
const KEYS = 200;

export class RandomTables {
  readonly names = Object.keys(TABLES);
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  definitions(): string[] {
    return Object.entries(TABLES).map(([name, columns]) => {
      const list = columns.map((column) => `${column.name} ${column.type}`).join(', ');
      return `CREATE TABLE r.${name} (id int PRIMARY KEY, ${list}) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 ROW_FORMAT=DYNAMIC`;
    });
  }

  /** A transaction of random changes, committed or not, or a statement by itself. */
  statements(): string[] {
    const random = this.#random;
    if (random.chance(0.05)) return ['FLUSH BINARY LOGS'];
    if (random.chance(0.5)) return [this.#change()];
    const statements = ['START TRANSACTION'];
    for (let i = random.below(6); i >= 0; i--) {
      if (random.chance(0.3)) {
        statements.push('SAVEPOINT s', this.#change(), this.#change());
        if (random.chance(0.6)) statements.push('ROLLBACK TO SAVEPOINT s');
      } else statements.push(this.#change());
    }
    statements.push(random.chance(0.25) ? 'ROLLBACK' : 'COMMIT');
    return statements;
  }

  #change(): string {
    const random = this.#random;
    const table = random.pick(this.names);
    const columns = TABLES[table] as readonly Column[];
    const kind = random.below(10);
    if (kind === 0) return `DELETE FROM r.${table} WHERE id % ${3 + random.below(20)} = 0 LIMIT ${1 + random.below(8)}`;
    if (kind <= 3) {
      const some = columns.filter(() => random.chance(0.3));
      const sets = (some.length > 0 ? some : columns).map((column) => `${column.name} = ${this.#value(column)}`);
      return `UPDATE r.${table} SET ${sets.join(', ')} WHERE id BETWEEN ${random.below(KEYS)} AND ${random.below(KEYS)}`;
    }
    const rows = Array.from({ length: 1 + random.below(10) }, () => {
      const values = columns.map((column) => this.#value(column));
      return `(${random.below(KEYS)}, ${values.join(', ')})`;
    });
    const into = `r.${table} (id, ${columns.map(({ name }) => name).join(', ')}) VALUES ${rows.join(', ')}`;
    if (kind <= 5) return `REPLACE INTO ${into}`;
    if (kind === 6) return `INSERT IGNORE INTO ${into}`;
    const column = random.pick(columns).name;
    return `INSERT INTO ${into} ON DUPLICATE KEY UPDATE ${column} = VALUES(${column})`;
  }

  #value(column: Column): string {
    return this.#random.chance(NULL_CHANCE) ? 'NULL' : column.value(this.#random);
  }
}
