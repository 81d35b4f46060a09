/**
 * Two tables are written alike, by SQL and by list commands, with transactions, cascades and changes of their schema; one has list indexes, which come
 * and go. Every list of both is the same.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GOLDEN } from '../lists/operators/golden.suite.ts';
import { OPERATORS } from '../lists/operators/operators.ts';
import { INDEX_TYPES } from '../lists/set-index.ts';
import { SeededRandom } from '../util/random.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

const TEXTS = [
  ...new Set(GOLDEN.flatMap(([, operand, value]) => [operand, value ?? ''])),
  ...[
    'abc',
    'ABC',
    'aBc',
    'red,green',
    'Red green',
    'green',
    '江湖',
    '逍遥江湖',
    '小江湖记',
    'ｶﾞﾝ',
    'ガン',
    'café',
    'CAFE',
    'x'.repeat(300),
  ],
];
const OPERATOR_NAMES = Object.keys(OPERATORS);
/** What inverted indexes know. */
const INVERTED_OPERATORS = ['STRINC', 'STRAND', 'STROR', 'FTSPH', 'FTSAND', 'FTSOR'];
const KINDS = Object.values(INDEX_TYPES);
const SORTS = ['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC'];

type Pairs = readonly (readonly [string, string])[];

/** One of the two tables' names stands where the statement says {t}. */
const TABLES = ['plain', 'indexed'] as const;

const CREATE_WITH_KEY: Readonly<Record<string, string>> = {
  'an integer key': 'id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY',
  'a text key': 'id VARCHAR(40) NOT NULL PRIMARY KEY',
  'a key of two columns': "id BIGINT NOT NULL, part VARCHAR(10) NOT NULL DEFAULT 'a', PRIMARY KEY (part, id)",
  'no key': 'id BIGINT NOT NULL',
};

class Twins {
  readonly #random: SeededRandom;
  readonly #server: TestGate;
  readonly #session: TestSession;
  /** Fields as they are called now. */
  #fields = ['title', 'body', 'tags', 'n', 'big', 'd', 'm', 'parent'];
  #renamed = false;
  inTransaction = false;
  listsCompared = 0;
  rowsCompared = 0;
  matchesInside = 0;
  matchesOutside = 0;

  constructor(server: TestGate, seed: number) {
    this.#server = server;
    this.#random = new SeededRandom(seed);
    this.#session = server.session();
  }

  async create(key: string): Promise<void> {
    await this.#session.execute('CREATE TABLE parent (id INT PRIMARY KEY)');
    await this.#session.execute('INSERT INTO parent VALUES (1), (2), (3), (4)');
    for (const table of TABLES) {
      await this.#session.execute(
        `CREATE TABLE ${table} (${CREATE_WITH_KEY[key]}, title VARCHAR(400), body TEXT COLLATE utf8mb4_bin, tags TEXT, n INT, big BIGINT UNSIGNED,
         d DOUBLE, m DECIMAL(18,2), parent INT, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL)`,
      );
    }
  }

  async step(): Promise<void> {
    const random = this.#random;
    const roll = random.below(100);
    if (roll < 30) await this.#both(this.#insertSql());
    else if (roll < 45) await this.#both(this.#updateSql());
    else if (roll < 52) await this.#both(`DELETE FROM {t} WHERE n = ${random.below(12)} AND id < ${random.below(400)}`);
    else if (roll < 60) await this.#listWrite();
    else if (roll < 63) await this.#parentWrite();
    else if (roll < 70 || this.inTransaction) await this.#transactionStep();
    else if (roll < 90) await this.#setIndex();
    else await this.#alter();
    for (let i = 0; i < 4; i++) await this.#compare();
  }

  async end(): Promise<void> {
    if (this.inTransaction) await this.#session.execute('COMMIT');
    for (let i = 0; i < 20; i++) await this.#compare();
  }

  /** The same statement on each table fares the same. */
  async #both(sql: string): Promise<void> {
    const outcomes: number[] = [];
    for (const table of TABLES) outcomes.push(await this.#session.errno(sql.replaceAll('{t}', table)));
    expect(outcomes[1], sql).toBe(outcomes[0]);
  }

  #text(): string {
    return this.#random.chance(0.1)
      ? 'NULL'
      : `'${this.#random.pick(TEXTS).replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
  }

  #row(): string {
    const random = this.#random;
    const nullable = (text: string): string => (random.chance(0.1) ? 'NULL' : text);
    const values = [
      random.below(400) + 1,
      this.#text(),
      this.#text(),
      this.#text(),
      nullable(String(random.below(12) - 3)),
      nullable(random.pick(['0', '5', '57', '9007199254740993', '18446744073709551615'])),
      nullable(random.pick(['0', '5', '5.5', '-7.25', '1e17'])),
      nullable(random.pick(['0', '5.00', '12.34', '-7.25'])),
      random.chance(0.7) ? 'NULL' : String(random.below(4) + 1),
    ];
    return `(${values.join(', ')})`;
  }

  #insertSql(): string {
    const random = this.#random;
    const rows = Array.from({ length: random.below(8) + 1 }, () => this.#row()).join(', ');
    const names = ['id', ...this.#fields].join(', ');
    const verb = random.pick(['INSERT', 'INSERT IGNORE', 'REPLACE']);
    const update =
      verb === 'INSERT' && random.chance(0.5)
        ? ` ON DUPLICATE KEY UPDATE ${this.#fields[1]} = VALUES(${this.#fields[1]}), n = n + 1`
        : '';
    return `${verb} INTO {t} (${names}) VALUES ${rows}${update}`;
  }

  #updateSql(): string {
    const random = this.#random;
    const field = random.pick(this.#fields.slice(0, 3));
    const set = random.chance(0.15)
      ? `id = id + ${random.pick(['100', '0'])}, ${field} = ${this.#text()}`
      : `${field} = ${this.#text()}`;
    return `UPDATE {t} SET ${set} WHERE n ${random.pick(['=', '>', '<'])} ${random.below(9)}`;
  }

  async #parentWrite(): Promise<void> {
    const id = this.#random.below(4) + 1;
    const sql = this.#random.pick([
      `DELETE FROM parent WHERE id = ${id}`,
      `UPDATE parent SET id = id + 4 WHERE id = ${id}`,
      `INSERT IGNORE INTO parent VALUES (${id})`,
    ]);
    await this.#session.errno(sql);
    await this.#session.errno('INSERT IGNORE INTO parent VALUES (1), (2), (3), (4)');
  }

  async #transactionStep(): Promise<void> {
    const execute = (sql: string) => this.#session.execute(sql);
    if (!this.inTransaction) {
      await execute('BEGIN');
      this.inTransaction = true;
      return;
    }
    switch (this.#random.below(6)) {
      case 0:
      case 1:
        await execute('ROLLBACK');
        this.inTransaction = false;
        return;
      case 2:
      case 3:
        await execute('COMMIT');
        this.inTransaction = false;
        return;
      case 4:
        await this.#session.errno('ROLLBACK TO s');
        return;
      default:
        await execute('SAVEPOINT s');
    }
  }

  async #setIndex(): Promise<void> {
    const kind = this.#random.pick([
      ...KINDS,
      'TDBITTOKEN',
      'TDBITTOKEN',
      'TDBITQGRAM',
      'TDBITQGRAM',
      'TDBITVOID',
      'TDBITOPT',
    ]);
    const field = this.#field();
    await this.#list([
      ['command', 'setindex'],
      ['table', 'indexed'],
      ['field', field],
      ['type', kind],
    ]);
  }

  async #alter(): Promise<void> {
    const random = this.#random;
    switch (random.below(8)) {
      case 0:
        await this.#both('TRUNCATE TABLE {t}');
        return;
      case 1:
        await this.#both('ALTER TABLE {t} ADD COLUMN extra INT DEFAULT 3');
        await this.#both('ALTER TABLE {t} DROP COLUMN extra');
        return;
      case 2: {
        const [from, to] = this.#renamed ? ['title2', 'title'] : ['title', 'title2'];
        await this.#both(`ALTER TABLE {t} RENAME COLUMN ${from} TO ${to}`);
        this.#renamed = !this.#renamed;
        this.#fields = this.#fields.map((name) => (name === from ? to! : name));
        return;
      }
      case 3:
        await this.#both(
          `ALTER TABLE {t} MODIFY tags ${random.pick(['TEXT', 'LONGTEXT', 'TEXT COLLATE utf8mb4_bin'])}`,
        );
        return;
      case 4:
        await this.#both('RENAME TABLE {t} TO {t}_other');
        await this.#both('RENAME TABLE {t}_other TO {t}');
        return;
      case 5:
        await this.#both(
          'ALTER TABLE {t} RENAME COLUMN body TO between, RENAME COLUMN tags TO body, RENAME COLUMN between TO tags',
        );
        return;
      case 6:
        await this.#both(`ALTER TABLE {t} ADD INDEX by_n (n)`);
        return;
      default:
        await this.#both('ALTER TABLE {t} ADD COLUMN first_column INT FIRST');
        await this.#both('ALTER TABLE {t} DROP COLUMN first_column');
    }
  }

  async #listWrite(): Promise<void> {
    const where = this.#where();
    const limits: Pairs = this.#random.chance(0.5)
      ? [['limit_max', String(this.#random.below(5))], ...this.#order()]
      : [];
    const body = JSON.stringify({ body: this.#random.pick(TEXTS), n: this.#random.below(9) });
    const command = this.#random.chance(0.7) ? 'update' : 'delete';
    const answers: string[] = [];
    for (const table of TABLES)
      answers.push(
        await this.#list(
          [['command', command], ['table', table], ['where', where], ...limits],
          command === 'update' ? body : '',
        ),
      );
    expect(answers[1], `${command} ${where}`).toBe(answers[0]);
  }

  /** The answer, or the error. */
  async #list(parameters: Pairs, body = ''): Promise<string> {
    try {
      const outcome = await this.#session.session.execute({
        kind: 'list',
        command: { parameters, body, formEncoded: false },
      });
      return outcome.kind === 'list' ? outcome.json : outcome.kind;
    } catch (error) {
      return String(error);
    }
  }

  /** Texts more often: more can go wrong with them. */
  #field(): string {
    return this.#random.pick(this.#random.chance(0.7) ? this.#fields.slice(0, 3) : this.#fields);
  }

  #where(): string {
    const random = this.#random;
    const conditions = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => {
      let operand = random.pick(TEXTS);
      if (random.chance(0.5)) operand = operand.slice(random.below(operand.length), random.below(operand.length) + 2);
      if (random.chance(0.2)) operand = `${operand},${random.pick(TEXTS)}`;
      const operator = random.pick(random.chance(0.5) ? INVERTED_OPERATORS : OPERATOR_NAMES);
      // By code points: half a character is none.
      const whole =
        operator === 'STRRX'
          ? random.pick(['a', '^a.c$', '*B', '江.?'])
          : Buffer.from(operand, 'utf8').toString('utf8');
      return `${this.#field()}:${random.chance(0.15) ? '!' : ''}${operator}:${whole.replace(/[\\|:]/g, '\\$&')}`;
    });
    return conditions.join('|');
  }

  #order(): Pairs {
    const random = this.#random;
    if (random.chance(0.3)) return [];
    const fields = Array.from({ length: random.below(2) + 1 }, () => random.pick([...this.#fields, 'id']));
    return [
      ['order_by', fields.join(',')],
      ['order_sort', fields.map(() => random.pick(SORTS)).join(',')],
    ];
  }

  async #compare(): Promise<void> {
    const random = this.#random;
    const where = random.chance(0.9) ? this.#where() : '';
    const limits: Pairs = random.chance(0.6)
      ? [
          ['limit_skip', String(random.below(4))],
          ['limit_max', String(random.below(8) + 1)],
        ]
      : [];
    const asked: Pairs = [['where', where], ...this.#order(), ...limits];
    const rows: string[] = [];
    const counts: string[] = [];
    for (const table of TABLES) {
      rows.push(await this.#fromStore([['command', 'select'], ['type', '*'], ['table', table], ...asked]));
      counts.push(await this.#fromStore([['command', 'count'], ['table', table], ...asked]));
    }
    const about = JSON.stringify(asked);
    expect(rows[1], about).toBe(rows[0]);
    expect(counts[1], about).toBe(counts[0]);
    this.listsCompared++;
    this.rowsCompared += (JSON.parse(rows[0]!) as unknown[]).length;
  }

  /** Not from kept lists, which would know the answer. */
  async #fromStore(parameters: Pairs): Promise<string> {
    const { gate } = this.#server;
    const plan = gate.lists.plan({ parameters, body: '', formEncoded: false }, gate.store.catalog);
    if (plan.kind !== 'read') throw new TypeError('a select reads');
    const { statement, inline } = plan.bind();
    if (statement.sql.includes(' MATCH ')) {
      if (this.inTransaction) this.matchesInside++;
      else this.matchesOutside++;
    }
    const read = this.#session.session.reads.rows(statement, inline, () => []);
    const renderer = plan.renderer();
    if (Array.isArray(read)) renderer.add(read);
    else for await (const chunk of read) renderer.add(chunk);
    return renderer.finish();
  }
}

describe.each(Object.keys(CREATE_WITH_KEY))('tables with %s', (key) => {
  let server: TestGate;
  beforeEach(() => {
    server = new TestGate();
  });
  afterEach(() => server.close());

  it.each([1, 2])('answer the same with list indexes and without (seed %i)', async (seed) => {
    const twins = new Twins(server, seed);
    await twins.create(key);
    for (let i = 0; i < 250; i++) await twins.step();
    await twins.end();
    expect(twins.listsCompared).toBeGreaterThan(700);
    expect(twins.rowsCompared).toBeGreaterThan(500);
    expect(twins.matchesOutside).toBeGreaterThan(200);
    expect(twins.matchesInside).toBeGreaterThan(50);
  });
});
