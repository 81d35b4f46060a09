/** Random writes to a table of SQL: by statements, by transactions with savepoints that are kept or not, by list commands, in batches. */
import type { SeededRandom } from '../../../src/util/random.ts';
import type { ListClient } from './list-client.ts';
import type { RandomColumn, RandomTable } from './random-table.ts';

/** What setindex takes; an index must not change any answer. */
export const LIST_INDEXES = [
  'TDBITLEXICAL',
  'TDBITDECIMAL',
  'TDBITTOKEN',
  'TDBITQGRAM',
  'TDBITOPT',
  'TDBITVOID',
] as const;

/** One of them has the table. Errors are what a statement may come to; the table is then as it was. */
export class RandomWriter {
  readonly #random: SeededRandom;
  readonly #table: RandomTable;
  readonly #client: ListClient;
  /** Whom to ask for lists in the middle of a transaction. */
  readonly #within: (client: ListClient) => Promise<void>;

  constructor(
    random: SeededRandom,
    table: RandomTable,
    client: ListClient,
    within: (client: ListClient) => Promise<void>,
  ) {
    this.#random = random;
    this.#table = table;
    this.#client = client;
    this.#within = within;
  }

  /** The last write, for messages. */
  last = '';

  async create(): Promise<void> {
    if (this.#table.hasParent) {
      await this.#run('CREATE TABLE IF NOT EXISTS parents (id INT PRIMARY KEY)');
      await this.#run('INSERT IGNORE INTO parents VALUES (1), (2), (3), (4), (5), (6)');
    }
    const made = await this.#run(this.#table.create());
    if (!made.startsWith('ok')) throw new Error(`${this.last}: ${made}`);
  }

  async write(): Promise<void> {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 1) await this.#run('TRUNCATE TABLE t');
    else if (kind < 4) await this.#alter();
    else if (kind < 5) await this.#anew();
    else if (kind < 9 && this.#table.hasParent) await this.#parents();
    else if (kind < 22) await this.#transaction();
    else if (kind < 32) await this.#several();
    else if (kind < 48) await this.#listCommand();
    else await this.#run(this.#statement());
  }

  async #run(sql: string): Promise<string> {
    this.last = sql;
    return this.#client.run(sql);
  }

  // ---- Statements

  #statement(): string {
    const random = this.#random;
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        return this.#insert();
      case 3:
        return this.#insertFromItself();
      case 4:
        return `UPDATE t SET ${this.#assignments()}${this.#where()}${random.chance(0.2) ? this.#limited() : ''}`;
      case 5:
      case 6:
        return `UPDATE t SET ${this.#assignments()} WHERE id = ${this.#table.keyLiteral()}`;
      case 7:
        return random.chance(0.5)
          ? `UPDATE t SET id = ${this.#table.keyLiteral()} WHERE id = ${this.#table.keyLiteral()}`
          : `UPDATE t SET id = id + 100${this.#where()}`;
      case 8:
        return `DELETE FROM t WHERE id = ${this.#table.keyLiteral()}`;
      default:
        return `DELETE FROM t${this.#where()}${random.chance(0.7) ? this.#limited() : ''}`;
    }
  }

  #insert(): string {
    const random = this.#random;
    const names = this.#table.names.filter((name) => name.startsWith('id') || random.chance(0.9));
    const generates = this.#table.key === 'BIGINT AUTO_INCREMENT' && random.chance(0.4);
    const columns = generates ? names.slice(1) : names;
    const rows = Array.from(
      { length: random.pick([1, 1, 1, 2, 3, 8]) },
      () => `(${columns.map((name) => this.#table.literal(name)).join(', ')})`,
    );
    const values = `INTO t (${columns.join(', ')}) VALUES ${rows.join(', ')}`;
    switch (random.below(5)) {
      case 0:
        return `INSERT IGNORE ${values}`;
      case 1:
      case 2:
        return `REPLACE ${values}`;
      case 3: {
        const name = random.pick(this.#table.columns).name;
        return `INSERT ${values} ON DUPLICATE KEY UPDATE ${random.chance(0.5) && columns.includes(name) ? `${name} = VALUES(${name})` : this.#assignments()}`;
      }
      default:
        return `INSERT ${values}`;
    }
  }

  #insertFromItself(): string {
    const names = this.#table.columns.map(({ name }) => name);
    const keys = this.#table.key === 'none' ? ['id'] : this.#table.keyNames;
    const from = keys.map((name) => (this.#table.key === 'VARCHAR(10)' ? `CONCAT(${name}, 'x')` : `${name} + 7`));
    return `INSERT IGNORE INTO t (${[...keys, ...names].join(', ')}) SELECT ${[...from, ...names].join(', ')} FROM t${this.#where()} LIMIT 5`;
  }

  #assignments(): string {
    const random = this.#random;
    const names = this.#table.names.filter((name) => !name.startsWith('id'));
    const chosen = new Set(Array.from({ length: 1 + random.below(2) }, () => random.pick(names)));
    return [...chosen].map((name) => `${name} = ${this.#table.literal(name)}`).join(', ');
  }

  #where(): string {
    const name = this.#random.pick(this.#table.names);
    return ` WHERE ${name} ${this.#random.pick(['=', '<', '>='])} ${this.#table.operand(name)}`;
  }

  #limited(): string {
    return ` ORDER BY ${[this.#random.pick(this.#table.names), ...this.#table.names].join(', ')} LIMIT ${this.#random.below(5)}`;
  }

  // ---- More than one statement

  async #parents(): Promise<void> {
    const id = 1 + this.#random.below(6);
    if (this.#random.chance(0.5)) {
      await this.#run(`DELETE FROM parents WHERE id = ${id}`);
      await this.#run(`INSERT IGNORE INTO parents VALUES (${id})`);
    } else {
      await this.#run(`UPDATE parents SET id = id + 10 WHERE id = ${id}`);
      await this.#run(`UPDATE parents SET id = ${id} WHERE id = ${id + 10}`);
    }
  }

  async #transaction(): Promise<void> {
    const random = this.#random;
    const begun = await this.#run(random.pick(['BEGIN', 'START TRANSACTION', 'SET autocommit = 0']));
    if (!begun.startsWith('ok')) throw new Error(begun);
    if (random.chance(0.3)) await this.#within(this.#client);
    for (let i = 1 + random.below(4); i > 0; i--) {
      if (random.chance(0.3)) await this.#run('SAVEPOINT s');
      if (this.#client.listsJoin && random.chance(0.3)) await this.#listCommand();
      else await this.#run(this.#statement());
      if (random.chance(0.2)) await this.#run('ROLLBACK TO SAVEPOINT s');
      if (random.chance(0.3)) await this.#within(this.#client);
    }
    await this.#run(random.chance(0.6) ? 'COMMIT' : 'ROLLBACK');
    await this.#client.run('SET autocommit = 1');
  }

  async #several(): Promise<void> {
    const statements = Array.from({ length: 2 + this.#random.below(4) }, () => this.#statement());
    this.last = statements.join('; ');
    if (this.#random.chance(0.4)) await this.#client.atOnce(statements);
    else await this.#client.batch(statements, this.#random.chance(0.6));
  }

  async #listCommand(): Promise<string> {
    const random = this.#random;
    const { names } = this.#table;
    const field = random.pick(names);
    const object = (withKey: boolean) =>
      Object.fromEntries(
        names
          .filter((name) => (name.startsWith('id') ? withKey : random.chance(withKey ? 0.9 : 0.3)))
          .map((name) => [name, this.#table.text(name)]),
      );
    const where = `${field}:${random.pick(['NUMEQ', 'STREQ', 'NUMLT', 'STRBW'])}:${this.#table.text(field).replaceAll('|', '')}`;
    const [parameters, body]: [Record<string, string>, unknown] = random.pick([
      [{ command: 'insert' }, object(true)],
      [{ command: 'insert' }, Array.from({ length: 3 }, () => object(true))],
      [{ command: 'update', where }, object(false)],
      [{ command: 'update', where, order_by: field, limit_max: '2' }, object(false)],
      [{ command: 'delete', where, limit_max: '3' }, ''],
    ]);
    this.last = JSON.stringify([parameters, body]);
    return this.#client.list({ table: 't', ...parameters }, body === '' ? '' : JSON.stringify(body));
  }

  // ---- The table itself

  async #alter(): Promise<void> {
    const random = this.#random;
    const table = this.#table;
    const name = random.pick(table.columns).name;
    switch (random.below(7)) {
      case 5:
      case 6:
        await this.#client.list({ command: 'setindex', table: 't', field: name, type: random.pick(LIST_INDEXES) });
        return;
      case 0: {
        const column: RandomColumn = { ...table.draw(), nullable: true };
        if (
          isDone(
            await this.#run(
              `ALTER TABLE t ADD COLUMN ${table.definition(column)} ${random.pick(['', 'FIRST', `AFTER ${name}`])}`,
            ),
          )
        )
          table.columns = [...table.columns, column];
        return;
      }
      case 1:
        if (table.columns.length > 2 && isDone(await this.#run(`ALTER TABLE t DROP COLUMN ${name}`)))
          table.columns = table.columns.filter((column) => column.name !== name);
        return;
      case 2: {
        const column: RandomColumn = { ...table.draw(), name, nullable: true };
        if (isDone(await this.#run(`ALTER TABLE t MODIFY COLUMN ${table.definition(column)}`)))
          table.columns = table.columns.map((other) => (other.name === name ? column : other));
        return;
      }
      case 3: {
        const { name: renamed } = table.draw();
        if (isDone(await this.#run(`ALTER TABLE t RENAME COLUMN ${name} TO ${renamed}`)))
          table.columns = table.columns.map((other) => (other.name === name ? { ...other, name: renamed } : other));
        return;
      }
      default:
        if (!isDone(await this.#run(`ALTER TABLE t ADD INDEX added (${name})`)))
          await this.#run('ALTER TABLE t DROP INDEX added');
    }
  }

  /** The same name, perhaps the same columns, another table. */
  async #anew(): Promise<void> {
    await this.#run(this.#random.chance(0.5) ? 'RENAME TABLE t TO gone' : 'DROP TABLE t');
    await this.#client.run('DROP TABLE IF EXISTS gone');
    await this.create();
  }
}

function isDone(answer: string): boolean {
  return answer.startsWith('ok');
}
