/** A random list of the list protocol, and what it has to answer: what the operators say of each row. */
import { OPERATORS, type OperatorName } from '../../../src/lists/operators/operators.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import type { SeededRandom } from '../../../src/util/random.ts';
import { type Asked, type Fresh, same } from './asked.ts';
import type { ListClient } from './list-client.ts';
import type { ModelCondition, ModelList, ModelOrder } from './list-model.ts';

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
  readonly parameters: Readonly<Record<string, string>>;

  constructor(source: ListSource, random: SeededRandom) {
    this.#table = source.table;
    this.#list = {
      where: Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => drawCondition(source, random)),
      order: Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () => drawOrder(source, random)),
      skip: random.chance(0.5) ? 0 : random.below(30),
      max: random.chance(0.1) ? -1 : random.below(25),
    };
    const { where, order, skip, max } = this.#list;
    this.parameters = {
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
    return JSON.stringify(this.parameters);
  }

  async check(client: ListClient, { model, sequence }: Fresh, random: SeededRandom): Promise<void> {
    const fields = [...this.#list.where, ...this.#list.order].map(({ field }) => field);
    if (!fields.every((field) => model.has(field))) {
      const answer = await client.list({ command: 'select', type: '*', ...this.parameters });
      return same(answer.slice(0, 26), 'error 1054: Unknown column', 'with a column that is gone');
    }
    const all = model.select(this.#list);
    const way = random.below(client.isInTransaction ? 3 : 5);
    if (way < 2) {
      const json = await client.list({ command: 'select', type: '*', ...this.parameters });
      same(json, JSON.stringify(model.texts(this.#page(all))), 'as rows');
    } else if (way === 2) {
      same(
        await client.list({ command: 'select', type: 'count', ...this.parameters }),
        String(all.length),
        'as a count',
      );
    } else {
      const wantsCount = way === 3;
      const page = await client.page({ ...this.parameters, ...(wantsCount && { count: 'true' }) });
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
