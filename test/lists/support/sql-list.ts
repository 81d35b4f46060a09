/** A random list of SQL, and what it has to answer: what the same statement does with a condition more, which no kept list knows. */
import type { SeededRandom } from '../../../src/util/random.ts';
import { type Asked, type Fresh, same } from './asked.ts';
import { type ListClient, type SqlPart, sqlText } from './list-client.ts';
import type { RandomTable } from './random-table.ts';

/** Asked as text and prepared, as values and in a protocol's form. */
export class SqlList implements Asked {
  readonly #select: readonly SqlPart[];
  readonly #where: readonly SqlPart[];
  readonly #end: readonly SqlPart[];

  constructor(table: RandomTable, random: SeededRandom) {
    const conditions = Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => drawSqlCondition(table, random));
    this.#where = conditions.flatMap((condition, i) => [i === 0 ? '' : ' AND ', ...condition]);
    const counts = random.chance(0.25);
    this.#select = [`SELECT ${counts ? 'COUNT(*)' : drawProjection(table, random)} FROM ${drawFrom(random)}`];
    this.#end = counts ? [] : drawEnd(table, random);
  }

  get text(): string {
    return sqlText(this.#parts('known'));
  }

  #parts(as: 'known' | 'unknown'): SqlPart[] {
    const where =
      as === 'known'
        ? this.#where
        : ["LENGTH('x') = 1", ...(this.#where.length === 0 ? [] : [' AND ']), ...this.#where];
    return [...this.#select, ...(where.length === 0 ? [] : [' WHERE ']), ...where, ...this.#end];
  }

  async check(client: ListClient, _fresh: Fresh, random: SeededRandom): Promise<void> {
    const way = random.below(client.isInTransaction && !client.listsJoin ? 2 : client.ways);
    const expected = await client.query(this.#parts('unknown'), way);
    same(await client.query(this.#parts('known'), way), expected, `in way ${way}`);
  }
}

function drawProjection(table: RandomTable, random: SeededRandom): string {
  if (random.chance(0.4)) return random.pick(['*', 't.*', 'main.t.*', '*, id']);
  const item = (): string => {
    const name = random.pick(table.names);
    // A name of another column may hide it in ORDER BY.
    return random.pick([
      name,
      name,
      name,
      `t.${name}`,
      `main.t.${name}`,
      `${name} AS x`,
      `${name} AS ${random.pick(table.names)}`,
    ]);
  };
  return Array.from({ length: 1 + random.below(4) }, item).join(', ');
}

function drawFrom(random: SeededRandom): string {
  return random.pick(['t', 't', 't', 'main.t', '`t`', 't AS t', 'main.t t', 't FORCE INDEX (PRIMARY)']);
}

/** A literal as text and as a parameter. */
function value(literal: string): SqlPart {
  if (/^-?\d{1,15}$/.test(literal))
    return { literal, slot: { type: { kind: 'int', unsigned: false }, value: Number(literal) } };
  if (literal === 'NULL') return { literal, slot: { type: { kind: 'null' }, value: null } };
  if (/^'[^'\\]*'$/.test(literal)) return { literal, slot: { type: { kind: 'string' }, value: literal.slice(1, -1) } };
  return literal;
}

function drawSqlCondition(table: RandomTable, random: SeededRandom): SqlPart[] {
  const one = drawComparison(table, random);
  const other = (): SqlPart[] => drawComparison(table, random);
  switch (random.below(14)) {
    case 0:
      return ['(', ...one, ')'];
    case 1:
      return ['NOT (', ...one, ')'];
    case 2:
      return ['(', ...one, ' OR ', ...other(), ')'];
    case 3:
      return ['(', ...one, ' AND ', ...other(), ')'];
    default:
      return one;
  }
}

function drawComparison(table: RandomTable, random: SeededRandom): SqlPart[] {
  const name = random.pick(table.names);
  const operand = (): SqlPart => value(table.operand(name));
  switch (random.below(12)) {
    case 0:
      return [`${name} IN (`, operand(), ', ', operand(), ', ', operand(), ')'];
    case 1:
      return [`${name} BETWEEN `, operand(), ' AND ', operand()];
    case 2:
      return [`${name} IS ${random.pick(['', 'NOT '])}NULL`];
    case 3:
      return [`${name} ${random.pick(['<>', '<=>'])} `, operand()];
    case 4:
      return [operand(), ` ${random.pick(['=', '<', '>='])} ${name}`];
    case 5:
      return [`${name} ${random.pick(['LIKE', 'NOT LIKE'])} `, value(random.pick(["'a%'", "'%1%'", "'A'", "'_b'"]))];
    case 6:
    case 7:
    case 8:
      return [`${name} ${random.pick(['<', '<=', '>', '>='])} `, operand()];
    default:
      return [`${name} = `, operand()];
  }
}

function drawEnd(table: RandomTable, random: SeededRandom): SqlPart[] {
  const items = Array.from(
    { length: random.pick([1, 1, 1, 2, 3]) },
    () => `${random.pick(['', '', 't.', 'main.t.'])}${random.pick(table.names)}${random.pick(['', ' ASC', ' DESC'])}`,
  );
  // Without a key nothing else decides between rows that are equal in it.
  if (table.key === 'none') items.push(...table.names);
  const order = ` ORDER BY ${items.join(', ')}`;
  const max = value(String(random.below(25)));
  const skip = value(String(random.below(30)));
  return random.pick<SqlPart[]>([
    [order],
    [order, ' LIMIT ', max],
    [order, ' LIMIT ', max],
    [order, ' LIMIT ', max, ' OFFSET ', skip],
    [order, ' LIMIT ', skip, ', ', max],
  ]);
}
