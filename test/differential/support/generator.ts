/**
 * Random statements over a few small tables of mixed types. What MariaDB and MySQL 8 are known to differ in stays out (letters beyond ASCII, quotients
 * inside aggregates, division by zero while writing), and so do floating-point sums that depend on their order: doubles are multiples of 1/4.
 */
import { SeededRandom } from '../../../src/util/random.ts';

export const TABLES = ['t0', 't1', 't2'] as const;

const COLUMNS = {
  number: ['id', 'i', 's', 'u', 'b', 'n', 'd'],
  exact: ['id', 'i', 's', 'u', 'n'],
  int: ['id', 'i', 's'],
  text: ['c', 'k', 'e'],
  date: ['da', 'dt'],
} as const;

export function tableSql(name: string): string {
  return `CREATE TABLE ${name} (id INT PRIMARY KEY, i INT, s SMALLINT NOT NULL DEFAULT 3, u INT UNSIGNED, b BIGINT, n DECIMAL(8,2), d DOUBLE,
    c VARCHAR(12), k VARCHAR(8) COLLATE utf8mb4_bin, e ENUM('red','green','blue'), da DATE, dt DATETIME, x INT, UNIQUE KEY ux (x), KEY ci (c, i), KEY di (da))`;
}

interface Source {
  readonly alias: string;
}

export class Generator {
  readonly #random: SeededRandom;
  #writing = false;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  table(): string {
    return this.#random.pick(TABLES);
  }

  /** For a subquery: MySQL refuses one over the table that is written. */
  #innerTable(sources: readonly Source[]): string {
    return this.#random.pick(TABLES.filter((table) => !sources.some((source) => source.alias === table)));
  }

  /** A value for a column, now and then one that it cannot hold. */
  value(column: string): string {
    if (this.#random.chance(0.12)) return column === 'id' || column === 's' ? '1' : 'NULL';
    switch (column) {
      case 'id':
        return String(this.#random.below(25));
      case 'x':
        return String(this.#random.below(40));
      case 'i':
        return this.#random.pick(['0', '1', '2', '-3', '7', '10', '100', '-100', '2147483647', "'5'", '1.5']);
      case 's':
        return this.#random.pick(['0', '1', '2', '3', '-4', '32767', ...(this.#random.chance(0.1) ? ['40000'] : [])]);
      case 'u':
        return this.#random.pick(['0', '1', '2', '10', '4294967295', ...(this.#random.chance(0.1) ? ['-1'] : [])]);
      case 'b':
        return this.#random.pick(['0', '1', '-1', '10', '9000000000000000000', '-9000000000000000000', '123456789012']);
      case 'n':
        return this.#random.pick([
          '0',
          '1',
          '1.5',
          '-2.25',
          '10.10',
          '99999.99',
          '999999.99',
          "'3.14'",
          '0.005',
          ...(this.#random.chance(0.1) ? ['1000000'] : []),
        ]);
      case 'd':
        return this.#random.pick(['0', '1', '0.25', '-1.5', '100', '1e3', '12.75', "'2.5'"]);
      case 'c':
        return this.#random.pick([
          "'a'",
          "'B'",
          "'abc'",
          "'ABC'",
          "'b c'",
          "''",
          "'10'",
          "'2x'",
          "'zebra'",
          "'apple pie'",
          ...(this.#random.chance(0.1) ? ["'much too long for it'"] : []),
        ]);
      case 'k':
        return this.#random.pick(["'a'", "'A'", "'abc'", "'Abc'", "'z'", "''", "'5'"]);
      case 'e':
        return this.#random.pick(["'red'", "'green'", "'BLUE'", '2', ...(this.#random.chance(0.1) ? ["'pink'"] : [])]);
      case 'da':
        return this.#random.pick([
          "'2020-01-01'",
          "'2020-02-29'",
          "'1999-12-31'",
          "'2021-06-15'",
          '20200101',
          ...(this.#random.chance(0.1) ? ["'2020-02-30'"] : []),
        ]);
      default:
        return this.#random.pick([
          "'2020-01-01 00:00:00'",
          "'2020-02-29 12:30:45'",
          "'1999-12-31 23:59:59'",
          "'2021-06-15'",
        ]);
    }
  }

  #column(kind: keyof typeof COLUMNS, sources: readonly Source[]): string {
    return `${this.#random.pick(sources).alias}.${this.#random.pick(COLUMNS[kind])}`;
  }

  /**
   * `kind`: of `exact` columns where sums must not depend on the order of rows. Without quotients in sums, which depend on the plan, and in
   * comparisons, before which MariaDB rounds them and MySQL does not.
   */
  number(sources: readonly Source[], depth: number, kind: 'number' | 'exact' | 'compared' = 'number'): string {
    if (depth <= 0 || this.#random.chance(0.3)) {
      return this.#random.chance(0.7)
        ? this.#column(kind === 'exact' ? 'exact' : 'number', sources)
        : this.#random.pick(['0', '1', '2', '-3', '2.5', '10', '0.25', '100']);
    }
    const sub = () => this.number(sources, depth - 1, kind);
    switch (this.#random.below(12)) {
      case 0:
        return `(${sub()} + ${sub()})`;
      case 1:
        return `(${sub()} - ${sub()})`;
      case 2:
        return `(${sub()} * ${this.#random.pick(['2', '3', '0.5', '-1'])})`;
      case 3:
        if (kind !== 'number') return this.#column('exact', sources);
        return `(${this.#column('number', sources)} / ${this.#divisor(['2', '3', '4', '2.5'])})`;
      case 4:
        // Not below zero: MariaDB has a DECIMAL -0.00, which is less than 0.00.
        return `(ABS(${sub()}) % ${this.#divisor(['2', '3', '7'])})`;
      case 5:
        return `ABS(${sub()})`;
      case 6:
        return `COALESCE(${sub()}, ${sub()})`;
      case 7:
        return `IF(${this.condition(sources, depth - 1)}, ${sub()}, ${sub()})`;
      case 8:
        return `LENGTH(${this.text(sources, depth - 1)})`;
      case 9:
        return this.#random.pick([
          `YEAR(${this.date(sources)})`,
          `MONTH(${this.date(sources)})`,
          `DATEDIFF(${this.date(sources)}, '2020-01-01')`,
        ]);
      case 10:
        return `CASE ${this.#column(kind === 'exact' ? 'exact' : 'number', sources)} WHEN 1 THEN ${sub()} WHEN 2 THEN ${sub()} ELSE ${sub()} END`;
      default:
        return `SIGN(${sub()})`;
    }
  }

  #divisor(divisors: readonly string[]): string {
    return !this.#writing && this.#random.chance(0.15) ? '0' : this.#random.pick(divisors);
  }

  text(sources: readonly Source[], depth: number): string {
    if (depth <= 0 || this.#random.chance(0.4))
      return this.#random.chance(0.8)
        ? this.#column('text', sources)
        : this.#random.pick(["'a'", "'ABC'", "''", "'x1'"]);
    const sub = () => this.text(sources, depth - 1);
    switch (this.#random.below(8)) {
      case 0:
        return `CONCAT(${sub()}, ${sub()})`;
      case 1:
        return `UPPER(${sub()})`;
      case 2:
        return `SUBSTRING(${sub()}, ${this.#random.pick(['1', '2', '-2'])}, 2)`;
      case 3:
        return `IFNULL(${sub()}, 'none')`;
      case 4:
        return `REPLACE(${sub()}, 'a', 'o')`;
      case 5:
        return `LEFT(${sub()}, 2)`;
      case 6:
        return `TRIM(${sub()})`;
      default:
        return `CONCAT_WS('-', ${sub()}, ${this.#random.pick(sources).alias}.i)`;
    }
  }

  date(sources: readonly Source[], plain = false): string {
    const column = this.#column('date', sources);
    return !plain && this.#random.chance(0.3)
      ? `(${column} + INTERVAL ${this.#random.pick(['1 DAY', '1 MONTH', '-1 YEAR'])})`
      : column;
  }

  condition(sources: readonly Source[], depth: number): string {
    if (depth > 0 && this.#random.chance(0.4)) {
      const sub = () => this.condition(sources, depth - 1);
      return this.#random.pick([
        `(${sub()} AND ${sub()})`,
        `(${sub()} OR ${sub()})`,
        `(NOT ${sub()})`,
        `(${sub()} IS TRUE)`,
      ]);
    }
    const operator = this.#random.pick(['=', '<>', '<', '<=', '>', '>=']);
    switch (this.#random.below(10)) {
      case 9:
        // Not between columns: MariaDB takes a = b AND a <=> b for the latter alone.
        return `${this.number(sources, depth, 'compared')} <=> ${this.#random.pick(['0', '1', '2.5', 'NULL'])}`;
      case 0:
      case 1:
        return `${this.number(sources, depth, 'compared')} ${operator} ${this.number(sources, depth, 'compared')}`;
      case 2:
        return `${this.text(sources, depth)} ${operator} ${this.text(sources, depth)}`;
      case 3:
        return `${this.date(sources)} ${operator} ${this.#random.chance(0.5) ? this.date(sources) : this.#random.pick(["'2020-01-01'", "'2020-02-29 12:00:00'"])}`;
      case 4:
        return `${this.#column('text', sources)} ${this.#random.pick(['LIKE', 'NOT LIKE'])} ${this.#random.pick(["'a%'", "'%b%'", "'_b_'", "''", "'A%'"])}`;
      case 5:
        return `${this.#column(this.#random.pick(['number', 'text', 'date']), sources)} IS ${this.#random.pick(['NULL', 'NOT NULL'])}`;
      case 6:
        return `${this.#column('number', sources)} ${this.#random.pick(['IN', 'NOT IN'])} (${this.#random.pick(['1, 2, 3', '0, 10', '1, NULL', '2.5, 7, 100'])})`;
      case 7:
        return `${this.number(sources, depth - 1, 'compared')} ${this.#random.pick(['BETWEEN', 'NOT BETWEEN'])} ${this.#random.pick(['0 AND 10', '-5 AND 2.5', 'NULL AND 3'])}`;
      default:
        return this.#subquery(sources);
    }
  }

  #subquery(sources: readonly Source[]): string {
    const inner = [{ alias: 'q' }];
    const table = this.#innerTable(sources);
    const link = `q.${this.#random.pick(['id', 'i', 's'])} = ${this.#column('number', sources)}`;
    switch (this.#random.below(3)) {
      case 0:
        return `${this.#random.pick(['EXISTS', 'NOT EXISTS'])} (SELECT 1 FROM ${table} q WHERE ${link})`;
      case 1:
        // Of one width: MariaDB loses NULLs where the value is beyond the range of the column that it is looked up in.
        return `${this.#column('int', sources)} ${this.#random.pick(['IN', 'NOT IN'])} (SELECT q.${this.#random.pick(['i', 's', 'n'])} FROM ${table} q WHERE ${this.condition(inner, 0)})`;
      default:
        return `${this.#column('number', sources)} ${this.#random.pick(['=', '<', '>='])} (SELECT ${this.#random.pick(['MAX(q.i)', 'MIN(q.n)', 'COUNT(*)', 'AVG(q.s)'])} FROM ${table} q WHERE ${link})`;
    }
  }

  /** Only on its own: MariaDB's NOT (NOT x > ANY (...)) is not x > ANY (...). */
  #quantified(): string {
    return `a.s ${this.#random.pick(['>', '<='])} ${this.#random.pick(['ANY', 'ALL'])} (SELECT q.${this.#random.pick(['id', 's', 'i'])} FROM ${this.table()} q)`;
  }

  #from(): { text: string; sources: Source[] } {
    const first = `${this.table()} a`;
    if (this.#random.chance(0.5)) return { text: first, sources: [{ alias: 'a' }] };
    const sources = [{ alias: 'a' }, { alias: 'b' }];
    const on = this.#random.chance(0.7)
      ? this.#random.pick(['a.id = b.id', 'a.i = b.s', 'a.c = b.c', 'a.x = b.x', 'a.da = b.da'])
      : this.#random.pick([
          'a.s < b.i',
          'a.n >= b.u AND a.id < 12',
          "b.c LIKE 'a%'",
          'a.da <= b.dt',
          'a.i = b.i OR a.k = b.c',
          'a.id = b.id AND b.e IS NOT NULL',
        ]);
    return {
      text: `${first} ${this.#random.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN'])} ${this.table()} b ON ${on}`,
      sources,
    };
  }

  #any(sources: readonly Source[], depth: number): string {
    const kind = this.#random.below(4);
    return kind <= 1 ? this.number(sources, depth) : kind === 2 ? this.text(sources, depth) : this.date(sources);
  }

  /** A query. `ordered`: its rows come in a certain order. */
  query(): { sql: string; ordered: boolean } {
    const { text, sources } = this.#from();
    const where = this.#random.chance(0.75)
      ? ` WHERE ${this.#random.chance(0.1) ? this.#quantified() : this.condition(sources, 2)}`
      : '';
    if (this.#random.chance(0.3)) return this.#grouped(text, sources, where);
    if (this.#random.chance(0.1))
      return { sql: `SELECT ${this.#aggregates(sources)} FROM ${text}${where}`, ordered: true };
    if (this.#random.chance(0.12)) return this.#union(text, sources, where);
    const items = Array.from({ length: 1 + this.#random.below(4) }, () => this.#any(sources, 2));
    if (this.#random.chance(0.15))
      return {
        sql: `SELECT DISTINCT ${this.#random.chance(0.5) ? this.number(sources, 1, 'exact') : this.date(sources)} FROM ${text}${where}`,
        ordered: false,
      };
    const keys = sources.map((source) => `${source.alias}.id`).join(', ');
    if (!this.#random.chance(0.6)) return { sql: `SELECT ${items.join(', ')} FROM ${text}${where}`, ordered: false };
    const limit = this.#random.chance(0.5)
      ? ` LIMIT ${this.#random.below(6)}${this.#random.chance(0.3) ? ` OFFSET ${this.#random.below(4)}` : ''}`
      : '';
    const direction = this.#random.pick(['', ' DESC']);
    return {
      sql: `SELECT ${items.join(', ')} FROM ${text}${where} ORDER BY ${this.#column(this.#random.pick(['number', 'text', 'date']), sources)}${direction}, ${keys}${limit}`,
      ordered: true,
    };
  }

  #aggregates(sources: readonly Source[]): string {
    return Array.from({ length: 2 }, () => this.#aggregate(sources)).join(', ');
  }

  #aggregate(sources: readonly Source[]): string {
    const name = this.#random.pick(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG', 'COUNT(*)', 'TEXT', 'DISTINCT']);
    if (name === 'COUNT(*)') return name;
    if (name === 'TEXT') return `${this.#random.pick(['MIN', 'MAX'])}(UPPER(${this.#column('text', sources)}))`;
    if (name === 'DISTINCT')
      return `COUNT(DISTINCT ${this.#column(this.#random.pick(['number', 'text', 'date']), sources)})`;
    if (this.#random.chance(0.2)) return `${name}(${this.#random.pick(sources).alias}.d)`;
    return `${name}(${this.number(sources, 1, 'exact')})`;
  }

  #grouped(from: string, sources: readonly Source[], where: string): { sql: string; ordered: boolean } {
    const key = this.#random.chance(0.7)
      ? this.#column(this.#random.pick(['number', 'date']), sources)
      : this.number(sources, 1);
    const having = this.#random.chance(0.4)
      ? ` HAVING ${this.#aggregate(sources)} ${this.#random.pick(['>', '<', '<>'])} ${this.#random.pick(['0', '1', '2'])}`
      : '';
    return {
      sql: `SELECT ${key} AS g, ${this.#aggregates(sources)} FROM ${from}${where} GROUP BY g${having}`,
      ordered: false,
    };
  }

  #union(from: string, sources: readonly Source[], where: string): { sql: string; ordered: boolean } {
    const kind = this.#random.pick(['number', 'date'] as const);
    const item = (given: readonly Source[]) => this.#column(kind, given);
    const other = [{ alias: 'z' }];
    const operator = this.#random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT']);
    return {
      sql: `SELECT ${item(sources)} FROM ${from}${where} ${operator} SELECT ${item(other)} FROM ${this.table()} z`,
      ordered: false,
    };
  }

  /** INSERT, REPLACE, upsert, UPDATE or DELETE. */
  write(): { sql: string; table: string } {
    this.#writing = true;
    const write = this.#write();
    this.#writing = false;
    return write;
  }

  #write(): { sql: string; table: string } {
    const table = this.table();
    const sources = [{ alias: table }];
    const columns = ['i', 's', 'u', 'b', 'n', 'd', 'c', 'k', 'e', 'da', 'dt', 'x'].filter(() =>
      this.#random.chance(0.5),
    );
    const chosen = ['id', ...columns];
    const row = () => `(${chosen.map((column) => this.value(column)).join(', ')})`;
    const rows = Array.from({ length: 1 + this.#random.below(3) }, row).join(', ');
    const into = `${table} (${chosen.join(', ')}) VALUES ${rows}`;
    switch (this.#random.below(9)) {
      case 0:
      case 1:
        return { sql: `INSERT INTO ${into}`, table };
      case 2:
        return { sql: `INSERT IGNORE INTO ${into}`, table };
      case 3:
        return { sql: `REPLACE INTO ${into}`, table };
      case 4: {
        const update = this.#random.pick([
          'i = VALUES(id) + 1',
          's = s + 1',
          'c = CONCAT(k, VALUES(id))',
          "e = 'red', s = VALUES(id)",
          'x = NULL',
        ]);
        return { sql: `INSERT INTO ${into} ON DUPLICATE KEY UPDATE ${update}`, table };
      }
      case 5:
      case 6: {
        const order = this.#random.chance(0.25)
          ? ` ORDER BY id${this.#random.pick(['', ' DESC'])} LIMIT ${1 + this.#random.below(3)}`
          : '';
        return {
          sql: `UPDATE ${table} SET ${this.#assignments(sources)} WHERE ${this.condition(sources, 1)}${order}`,
          table,
        };
      }
      case 7:
        return {
          sql: `DELETE FROM ${table} WHERE ${table}.id ${this.#random.pick(['= 3', '> 20', 'IN (1, 2, 30)', 'BETWEEN 5 AND 6'])}`,
          table,
        };
      default:
        return {
          sql: `INSERT IGNORE INTO ${table} (id, i, s, c, da) SELECT id + 25, i, s, c, da FROM ${this.table()} WHERE id < ${this.#random.below(30)}`,
          table,
        };
    }
  }

  #assignments(sources: readonly Source[]): string {
    const one = (columns: readonly string[]) => {
      const column = this.#random.pick(columns);
      // Doubles stay small, so that their sums are exact in any order.
      if (column === 'd' || this.#random.chance(0.5)) return `${column} = ${this.value(column)}`;
      switch (column) {
        case 'c':
          return `c = LEFT(${this.text(sources, 1)}, 12)`;
        case 'da':
          return `da = ${this.date(sources)}`;
        case 'e':
          return `e = ${this.value('e')}`;
        default:
          return `${column} = ${this.number(sources, 1)}`;
      }
    };
    const first = one(['i', 's', 'u', 'b', 'c']);
    return this.#random.chance(0.7) ? first : `${first}, ${one(['n', 'd', 'e', 'da'])}`;
  }
}
