/** Random statements on a few tables, written in every way in which a table's name can be hard to find. The same seed gives the same ones. */

const TABLES = ['r1', 'r2', 'w1', 'w2', 'shop.r1', 'shop.w1'];
const OTHERS = ['s1', 'main.s2', 'mysql.db', 'shop.s1'];
/** Names that are words elsewhere. */
const ALIASES = [
  'window',
  'offset',
  'except_',
  'returning_',
  'full',
  'minus',
  'value',
  'text',
  'any',
  'view',
  'history',
  'next',
  'at',
  'of',
  'role',
  'begin',
  'ansi',
];
const JOINS = [' JOIN ', ' INNER JOIN ', ' CROSS JOIN ', ' STRAIGHT_JOIN ', ', ', ', '];
const STRINGS = [
  "'x'",
  "' FROM s1'",
  "'/*'",
  "'*/'",
  "'-- '",
  "'it''s'",
  "'/*!999999 '",
  "'\"'",
  "'`'",
  "'\\''",
  "'\\\\'",
];
const GAPS = [
  ' ',
  ' ',
  ' ',
  '\n',
  '/**/',
  ' /* , s1 */ ',
  ' -- , s1\n',
  ' # s1\n',
  '\t',
  ' /*! */ ',
  ' /*!999999 , main.s2 */ ',
];
const DEPTH_MAX = 3;

export class StatementWriter {
  #state: number;
  readonly #ansiQuotes: boolean;
  #aliases = 0;

  constructor(seed: number, ansiQuotes: boolean) {
    this.#state = seed * 2_654_435_769 + 1;
    this.#ansiQuotes = ansiQuotes;
  }

  next(): string {
    this.#aliases = 0;
    const text = this.#one([
      () => this.#query(0),
      () => this.#query(0),
      () => `(${this.#query(0)})`,
      () =>
        `INSERT ${this.#one(['INTO ', '', 'IGNORE INTO ', 'LOW_PRIORITY '])}${this.#table()} (v) ${this.#single(1)} LIMIT 0`,
      () =>
        `INSERT INTO ${this.#table()} (v) VALUES ((${this.#single(1)} LIMIT 0)) ON DUPLICATE KEY UPDATE v = (${this.#single(1)})`,
      () => `REPLACE ${this.#table()} SET id = 1, v = (${this.#single(1)})`,
      () => this.#update(),
      () => this.#delete(),
      () => `EXPLAIN ${this.#query(0)}`,
      () => `DESCRIBE ${this.#table()}`,
      () => `SHOW COLUMNS FROM ${this.#table()}`,
      () => `SHOW INDEX FROM ${this.#one(['r1', 's1', 's2'])} FROM ${this.#one(['shop', 'main'])}`,
      () => `SHOW CREATE TABLE ${this.#table()}`,
      () => `SET @x = (${this.#single(1)})`,
      () => `DO (${this.#single(1)})`,
      () => `CHECK TABLE ${this.#table()}`,
    ])();
    return this.#one(['', '', '', ' ', '/* x */']) + this.#broken(text);
  }

  /** Now and then a comment or a word more, at any place between words. */
  #broken(text: string): string {
    if (this.#below(8) > 0) return text;
    const places = [...text.matchAll(/ /g)].map(({ index }) => index);
    const at = places[this.#below(Math.max(1, places.length))];
    if (at === undefined) return text;
    const piece = this.#one([
      ' /*! , main.s2 */ ',
      ' /*!50000 , s1 */ ',
      ' /*M!100100 , s1 */ ',
      ' /*!50701 , s1 */ ',
      ' /*!50000 /* y */ , s1 */ ',
      " '/*' ",
      ' ( ',
      ' ) ',
      ' , ',
      ' FROM ',
      ' s1 ',
      " ' ",
    ]);
    return text.slice(0, at) + piece + text.slice(at + 1);
  }

  #query(depth: number): string {
    const select = (): string => this.#select(depth);
    return this.#one([
      select,
      select,
      select,
      () => `${select()} UNION ${this.#one(['', 'ALL '])}${select()}`,
      () => `(${select()}) UNION (${select()}) ORDER BY 1 LIMIT 5`,
      () => `${select()} ${this.#one(['EXCEPT', 'INTERSECT'])} ${select()}`,
      () => this.#with(depth),
      () => `VALUES (${this.#expression(depth + 1)}), (2)`,
    ])();
  }

  /** One column, one row at most. */
  #single(depth: number): string {
    return `SELECT ${this.#one(['MAX(1)', 'COUNT(*)'])} ${this.#gap()}FROM ${this.#references(depth + 1).text}${this.#where(depth)}`;
  }

  #with(depth: number): string {
    const name = this.#one(['c1', 'r1', 's1', 's2', 'w1', 'S1']);
    const isRecursive = this.#below(3) === 0;
    const columns = this.#one(['', ' (v)']);
    const more =
      this.#below(2) === 0 ? `, c2 AS (SELECT 1 AS v FROM ${this.#one([name, 's1', 'r1', 'main.s2'])} AS z1)` : '';
    const from = this.#one([
      name,
      `${name} AS z2`,
      `shop.${name}`,
      'c2',
      `(${name})`,
      `(SELECT 1 FROM ${name}) AS z3`,
      `${name}, r2`,
    ]);
    return `WITH ${isRecursive ? 'RECURSIVE ' : ''}${name}${columns} AS (SELECT 1 AS v FROM ${this.#references(depth + 1).text})${more} SELECT 1 FROM ${from}${this.#where(depth + 1)}`;
  }

  #select(depth: number): string {
    const options = this.#one([
      '',
      '',
      '',
      'DISTINCT ',
      'SQL_NO_CACHE ',
      'STRAIGHT_JOIN ',
      'ALL ',
      'HIGH_PRIORITY ',
      '/*+ x */ ',
    ]);
    const list = this.#expression(depth);
    const tail = this.#one([
      '',
      '',
      '',
      ' GROUP BY 1',
      ' ORDER BY 1',
      ' LIMIT 3',
      ' FOR UPDATE',
      ' LOCK IN SHARE MODE',
      ' GROUP BY 1 WITH ROLLUP',
      ' HAVING 1',
    ]);
    return `SELECT ${options}${list}${this.#gap()}FROM${this.#gap()}${this.#references(depth).text}${this.#where(depth)}${depth === 0 ? tail : ''}`;
  }

  #where(depth: number): string {
    return this.#below(3) > 0 ? '' : ` WHERE ${this.#condition(depth + 1)}`;
  }

  #condition(depth: number): string {
    if (depth >= DEPTH_MAX) return '1 = 1';
    return this.#one([
      () => '1 = 1',
      () => `1 IN (${this.#single(depth)})`,
      () => `EXISTS (${this.#query(depth + 1)})`,
      () => `NOT EXISTS(${this.#select(depth + 1)})`,
      () => `1 = ANY (${this.#single(depth)})`,
      () => `(1, 2) IN (SELECT 1, 2 FROM ${this.#references(depth + 1).text})`,
      () => `1 BETWEEN (${this.#single(depth)}) AND 2`,
      () => `${this.#condition(depth + 1)} AND ${this.#condition(depth + 1)}`,
      () => `(${this.#condition(depth + 1)} OR ${this.#condition(depth + 1)})`,
      () => `TRIM(LEADING 'a' FROM 'b') = ${this.#string()}`,
      () => 'shop.peek() = 1',
      () => `EXTRACT(YEAR FROM '2020-01-01') > (${this.#single(depth)})`,
    ])();
  }

  #expression(depth: number): string {
    if (depth >= DEPTH_MAX) return '1';
    return this.#one([
      () => '1',
      () => '1',
      () => this.#string(),
      () => 'COUNT(*)',
      () => `(${this.#single(depth + 1)})`,
      () => `CASE WHEN ${this.#condition(depth + 1)} THEN 1 ELSE (${this.#single(depth + 1)}) END`,
      () => `IF(1, (${this.#single(depth + 1)}), 2)`,
      () => `SUBSTRING('abc' FROM 2)`,
      () => `TRIM((${this.#single(depth + 1)}) FROM 'x')`,
      () => `EXISTS(${this.#query(depth + 1)})`,
      () => `CAST((${this.#single(depth + 1)}) AS CHAR)`,
      () => `ROW_NUMBER() OVER (ORDER BY (${this.#single(depth + 1)}))`,
    ])();
  }

  #string(): string {
    const text = this.#one(STRINGS);
    return this.#ansiQuotes || this.#below(3) > 0 ? text : `"${text.slice(1, -1).replaceAll('"', '')}"`;
  }

  #references(depth: number): { text: string; first: string } {
    let { text, alias: first } = this.#factor(depth);
    for (let i = this.#below(3); i > 0; i--) {
      const join = this.#one([...JOINS, ' LEFT JOIN ', ' NATURAL JOIN ']);
      const { text: more } = this.#factor(depth + 1);
      const needsOn = join === ' LEFT JOIN ';
      const on =
        needsOn || (/JOIN/.test(join) && !/CROSS|NATURAL/.test(join) && this.#below(2) === 0)
          ? ` ON ${this.#condition(depth + 1)}`
          : '';
      text += this.#maybeGap(join) + more + on;
    }
    return { text, first };
  }

  #maybeGap(join: string): string {
    return this.#below(4) === 0 ? join.replace(/ $/, this.#gap()) : join;
  }

  #factor(depth: number): { text: string; alias: string } {
    const alias = this.#alias();
    const as = this.#one([' AS ', ' ', this.#gap()]);
    if (depth >= DEPTH_MAX || this.#below(3) > 0) {
      const hint = this.#one([
        '',
        '',
        '',
        ' USE INDEX (i)',
        ' USE INDEX FOR JOIN (i)',
        ' IGNORE INDEX FOR ORDER BY (i)',
        ' FORCE KEY (i, i)',
      ]);
      return { text: `${this.#table()}${as}${alias}${hint}`, alias };
    }
    return this.#one([
      () => ({ text: `(${this.#query(depth + 1)})${as}${alias}`, alias }),
      () => ({ text: `(${this.#references(depth + 1).text})`, alias }),
      () => ({ text: `((${this.#references(depth + 1).text}))`, alias }),
      () => ({
        text: `{ OJ ${this.#factor(depth + 1).text} LEFT OUTER JOIN ${this.#factor(depth + 1).text} ON ${this.#condition(depth + 1)} }`,
        alias,
      }),
      () => ({ text: `((${this.#select(depth + 1)}) UNION (${this.#select(depth + 1)}))${as}${alias}`, alias }),
      () => ({ text: `JSON_TABLE('[1]', '$[*]' COLUMNS (v INT PATH '$'))${as}${alias}`, alias }),
    ])();
  }

  #update(): string {
    const { text, first } = this.#references(1);
    const isQualified = this.#below(3) > 0;
    return `UPDATE ${this.#one(['', 'IGNORE ', 'LOW_PRIORITY '])}${text} SET ${isQualified ? `${first}.` : ''}v = ${this.#expression(1)} WHERE 1 = 0`;
  }

  #delete(): string {
    const { text, first } = this.#references(1);
    const table = this.#table();
    return this.#one([
      `DELETE FROM ${table} WHERE 1 = 0 AND ${this.#condition(1)}`,
      `DELETE QUICK FROM ${table} WHERE 1 = 0 ORDER BY 1 LIMIT 1`,
      `DELETE ${first} FROM ${text} WHERE 1 = 0`,
      `DELETE FROM ${first} USING ${text} WHERE 1 = 0`,
      `DELETE ${first}.* FROM ${text} WHERE 1 = 0`,
      `DELETE FROM ${table} WHERE 1 = 0 RETURNING (${this.#single(1)})`,
    ]);
  }

  #table(): string {
    const name = this.#below(5) === 0 ? this.#one(OTHERS) : this.#one(TABLES);
    const parts = name
      .split('.')
      .map((part) => this.#one([part, part, `\`${part}\``, this.#ansiQuotes ? `"${part}"` : part]));
    return parts.join(this.#one(['.', '.', ' . ', ' .']));
  }

  #alias(): string {
    const name = this.#below(3) === 0 ? this.#one(ALIASES) : 'a';
    const alias = `${name}${this.#aliases++ === 0 ? '' : this.#aliases}`;
    return this.#one([alias, alias, `\`${alias}\``]);
  }

  #gap(): string {
    return this.#one(GAPS);
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#below(of.length)] as T;
  }

  /** xorshift, as it is in Marsaglia's paper. */
  #below(most: number): number {
    let x = this.#state | 0;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % most;
  }
}
