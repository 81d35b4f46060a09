/** Lists that are asked again and again, each in all the ways that there are for it, and what each has to answer. */
import { OPERATORS, type OperatorName } from '../../../src/lists/operators/operators.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import type { SeededRandom } from '../../../src/util/random.ts';
import { type ListClient, type SqlPart, sqlText } from './list-client.ts';
import type { ListModel, ModelCondition, ModelList, ModelOrder } from './list-model.ts';
import type { RandomTable } from './random-table.ts';

/** What the answers are held against: the table as it is now. */
export interface Fresh {
  /** Of the table that the protocol's lists are of. */
  readonly model: ListModel;
  /** Of the newest commit. */
  readonly sequence: number;
}

export interface Asked {
  readonly text: string;
  /** Asks once and compares. */
  check(client: ListClient, fresh: Fresh, random: SeededRandom): Promise<void>;
}

/** An assertion of its own: this is asked a million times. */
function same(given: string, expected: string, how: string): void {
  if (given !== expected) throw new Error(`${how}\n   answered: ${given}\n   expected: ${expected}`);
}

/** What random lists are made of: the fields of a table and values that it may hold. */
export interface ListSource {
  readonly table: string;
  readonly names: readonly string[];
  text(name: string): string;
}

const OPERATOR_NAMES = Object.keys(OPERATORS) as OperatorName[];
/** Those that indexes answer. */
const COMPARISONS: readonly OperatorName[] = [
  'NUMEQ',
  'NUMEQ',
  'NUMGE',
  'NUMLT',
  'NUMBT',
  'NUMOREQ',
  'STREQ',
  'STREQ',
  'STROREQ',
];
const JUNK = ['', '0', '5', '-1', '2.5', 'abc', 'nan', 'inf', 'a b', '1,2', '9007199254740993', '江'];
const SORTS = ['STRASC', 'STRDESC', 'NUMASC', 'NUMDESC'] as const;

/** Asked by list commands and as a page. */
export class ProtocolList implements Asked {
  readonly #table: string;
  readonly #list: ModelList;
  readonly #parameters: Readonly<Record<string, string>>;

  constructor(source: ListSource, random: SeededRandom) {
    this.#table = source.table;
    this.#list = {
      where: Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => drawCondition(source, random)),
      order: Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () => drawOrder(source, random)),
      skip: random.chance(0.5) ? 0 : random.below(30),
      max: random.chance(0.1) ? -1 : random.below(25),
    };
    const { where, order, skip, max } = this.#list;
    this.#parameters = {
      table: this.#table,
      where: where
        .map(({ field, negated, operator, operand }) => `${field}:${negated ? '!' : ''}${operator}:${escaped(operand)}`)
        .join('|'),
      ...(order.length > 0 && {
        order_by: order.map(({ field }) => field).join(),
        order_sort: order.map(({ sort }) => sort).join(),
      }),
      limit_skip: String(skip),
      limit_max: String(max),
    };
  }

  get text(): string {
    return JSON.stringify(this.#parameters);
  }

  async check(client: ListClient, { model, sequence }: Fresh, random: SeededRandom): Promise<void> {
    const fields = [...this.#list.where, ...this.#list.order].map(({ field }) => field);
    if (!fields.every((field) => model.has(field))) {
      const answer = await client.list({ command: 'select', type: '*', ...this.#parameters });
      return same(answer.slice(0, 26), 'error 1054: Unknown column', 'with a column that is gone');
    }
    const all = model.select(this.#list);
    const way = random.below(client.isInTransaction ? 3 : 5);
    if (way < 2) {
      const json = await client.list({ command: 'select', type: '*', ...this.#parameters });
      same(json, JSON.stringify(model.texts(this.#page(all))), 'as rows');
    } else if (way === 2) {
      same(
        await client.list({ command: 'select', type: 'count', ...this.#parameters }),
        String(all.length),
        'as a count',
      );
    } else {
      const wantsCount = way === 3;
      const page = await client.page({ ...this.#parameters, ...(wantsCount && { count: 'true' }) });
      const rows = model.typed(this.#page(all));
      same(
        JSON.stringify(page),
        JSON.stringify({ rows, count: wantsCount ? all.length : null, sequence }),
        'as a page',
      );
    }
  }

  #page(all: readonly StoreRow[]): readonly StoreRow[] {
    const { skip, max } = this.#list;
    return max < 0 ? all.slice(skip) : all.slice(skip, skip + max);
  }
}

function drawCondition(source: ListSource, random: SeededRandom): ModelCondition {
  const field = random.pick(source.names);
  const operator = random.pick(random.chance(0.7) ? COMPARISONS : OPERATOR_NAMES);
  const value = (): string => (random.chance(0.85) ? source.text(field) : random.pick(JUNK));
  const operand = /OREQ|BT|AND|OR$/.test(operator) ? `${value()},${value()}` : value();
  // Anything else is no expression.
  const readable = operator === 'STRRX' ? operand.replaceAll(/[^\p{L}\p{N}, .]/gu, '.') : operand;
  return { field, operator, negated: random.chance(0.12), operand: readable };
}

function drawOrder(source: ListSource, random: SeededRandom): ModelOrder {
  return { field: random.pick(source.names), sort: random.pick(SORTS) };
}

function escaped(operand: string): string {
  return operand.replaceAll(/[\\|]/g, '\\$&');
}

/** Asked by SQL: as text, prepared, in a protocol's form. Held against the same statement with a condition that no kept list knows. */
export class SqlList implements Asked {
  readonly #select: readonly SqlPart[];
  readonly #where: readonly SqlPart[];
  readonly #end: readonly SqlPart[];

  constructor(table: RandomTable, random: SeededRandom) {
    const conditions = Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => drawSqlCondition(table, random));
    this.#where = conditions.flatMap((condition, i) => [i === 0 ? '' : ' AND ', ...condition]);
    const counts = random.chance(0.25);
    this.#select = [counts ? 'SELECT COUNT(*) FROM t' : `SELECT ${drawProjection(table, random)} FROM t`];
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
  if (random.chance(0.4)) return '*';
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(table.names)).join(', ');
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
    () => `${random.pick(table.names)}${random.pick(['', ' ASC', ' DESC'])}`,
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
