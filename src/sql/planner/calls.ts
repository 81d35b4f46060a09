/** Function calls: scalar functions from the registry, aggregates, windows. */
import { failure } from '../../errors.ts';
import type { Expression, FunctionCall, OrderItem, WindowBound, WindowSpecification } from '../ast.ts';
import { checkArgumentCount } from '../functions/definition.ts';
import { aggregateFunction, scalarFunction, windowFunction } from '../functions/registry.ts';
import type { SlotValue } from '../slots.ts';
import { varchar } from '../types.ts';
import { collated, ordered } from './comparison.ts';
import { bindExpression, type ExpressionBinding } from './expressions.ts';
import { quoteText, type Term, term } from './term.ts';

/** Arguments whose value decides the result's type: their slots are pinned (see PlanContext.pin). */
const PINNED_ARGUMENTS: Readonly<Record<string, readonly number[]>> = {
  ROUND: [1],
  TRUNCATE: [1],
  STR_TO_DATE: [1],
  NOW: [0],
  CURRENT_TIMESTAMP: [0],
  LOCALTIME: [0],
  LOCALTIMESTAMP: [0],
  SYSDATE: [0],
  CURTIME: [0],
  CURRENT_TIME: [0],
  UTC_TIME: [0],
  UTC_TIMESTAMP: [0],
};

/** Functions of times whose text, where it is written out, tells the fractional digits of the result. */
const SCALED_BY_TEXT: ReadonlySet<string> = new Set([
  'ADDTIME',
  'CONVERT_TZ',
  'SEC_TO_TIME',
  'SUBTIME',
  'TIME',
  'TIMEDIFF',
  'TIMESTAMP',
  'UNIX_TIMESTAMP',
]);

export function bindCall(binding: ExpressionBinding, call: FunctionCall): Term {
  const aggregate = aggregateFunction(call.name);
  if (aggregate !== undefined) return bindAggregate(binding, call, aggregate);
  const window = windowFunction(call.name);
  if (window !== undefined) {
    if (call.over === undefined) throw failure('ER_PARSE_ERROR', `${call.name}()`, 1);
    if (call.args.length < window.minArgs || call.args.length > window.maxArgs)
      throw failure('ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT', call.name);
    const args = call.args.map((arg) => bindExpression(binding, arg));
    const bound = window.bind(binding.context, args);
    return {
      sql: `${bound.call} OVER ${overClause(binding, call.over)}`,
      type: bound.type,
      nullable: bound.nullable,
      windowed: true,
    };
  }
  const definition = scalarFunction(call.name);
  if (definition === undefined) throw failure('ER_SP_DOES_NOT_EXIST', 'FUNCTION', functionName(binding, call.name));
  checkArgumentCount(definition, call.args.length);
  const pinned = PINNED_ARGUMENTS[call.name];
  const args = call.args.map((arg, i) => {
    // GET_FORMAT(DATE, ...): a word that only looks like a column.
    if (call.name === 'GET_FORMAT' && i === 0 && arg.kind === 'column')
      return { sql: quoteText(arg.name), type: varchar(8), nullable: false };
    const bound = bindExpression(binding, arg);
    const value =
      pinned?.includes(i) || (SCALED_BY_TEXT.has(call.name) && isTextLiteral(binding, arg))
        ? pinnedValue(binding, arg)
        : null;
    return value === null ? bound : { ...bound, sql: bound.sql, pinned: value };
  });
  return definition.bind(binding.context, args);
}

function isTextLiteral(binding: ExpressionBinding, arg: Expression): boolean {
  const { context } = binding;
  return arg.kind === 'slot' && context.isLiteral(arg.index) && context.slotType(arg.index).kind === 'string';
}

function functionName(binding: ExpressionBinding, name: string): string {
  const database = binding.context.settings.database;
  return database === null ? name : `${database}.${name}`;
}

function pinnedValue(binding: ExpressionBinding, arg: Expression): SlotValue | null {
  if (arg.kind === 'slot') return binding.context.pin(arg.index);
  if (arg.kind === 'unary' && arg.op === '-' && arg.operand.kind === 'slot') {
    const slot = binding.context.pin(arg.operand.index);
    return typeof slot.value === 'number' || typeof slot.value === 'bigint'
      ? { type: slot.type, value: -slot.value }
      : null;
  }
  return null;
}

function bindAggregate(
  binding: ExpressionBinding,
  call: FunctionCall,
  definition: NonNullable<ReturnType<typeof aggregateFunction>>,
): Term {
  if (!binding.aggregates) throw failure('ER_INVALID_GROUP_FUNC_USE');
  // An aggregate over a window may stand on aggregates of groups.
  const inner: ExpressionBinding = { ...binding, aggregates: call.over !== undefined && binding.aggregates };
  if (call.over !== undefined && call.distinct)
    throw failure('ER_NOT_SUPPORTED_YET', `${call.name}(DISTINCT ...) OVER`);
  const args = call.args.map((arg) => bindExpression(inner, arg));
  if (args.length === 0 && !call.star) throw failure('ER_PARSE_ERROR', `${call.name}()`, 1);
  const bound = definition.bind(binding.context, {
    args,
    star: call.star ?? false,
    distinct: call.distinct ?? false,
    orderBy: orderByClause(inner, call.orderBy ?? [], args),
    separator: separatorOf(binding, call.separator),
  });
  const { over } = call;
  const window = over === undefined ? '' : ` OVER ${overClause(binding, over)}`;
  const texts = bound.calls.map((text) => `${text}${window}`);
  const sql = bound.after === undefined ? texts.join(', ') : bound.after(...texts);
  return {
    ...term(sql, bound.type, bound.nullable),
    ...(bound.heldScale !== undefined && { heldScale: bound.heldScale }),
    ...(call.over === undefined ? { aggregate: true } : { windowed: true }),
  };
}

function separatorOf(binding: ExpressionBinding, separator: Expression | undefined): string {
  if (separator === undefined) return ',';
  if (separator.kind !== 'slot') throw failure('ER_NOT_SUPPORTED_YET', 'a SEPARATOR that is not a literal');
  return String(binding.context.pin(separator.index).value);
}

/** ` ORDER BY ...` or nothing. A number names an argument, as in MySQL's GROUP_CONCAT. */
function orderByClause(binding: ExpressionBinding, items: readonly OrderItem[], args: readonly Term[]): string {
  if (items.length === 0) return '';
  const texts = items.map((item) => {
    const value =
      item.expression.kind === 'slot'
        ? args[Number(binding.context.pin(item.expression.index).value) - 1]
        : bindExpression(binding, item.expression);
    if (value === undefined) throw failure('ER_BAD_FIELD_ERROR', '?', 'order clause');
    return `${ordered(value)}${item.descending ? ' DESC' : ''}`;
  });
  return ` ORDER BY ${texts.join(', ')}`;
}

export function overClause(binding: ExpressionBinding, given: WindowSpecification | string): string {
  const over = resolvedWindow(binding, given);
  const parts: string[] = [];
  if (over.partitionBy.length > 0)
    parts.push(`PARTITION BY ${over.partitionBy.map((item) => collated(bindExpression(binding, item))).join(', ')}`);
  const orderBy = over.orderBy.map(
    (item) => `${ordered(bindExpression(binding, item.expression))}${item.descending ? ' DESC' : ''}`,
  );
  if (orderBy.length > 0) parts.push(`ORDER BY ${orderBy.join(', ')}`);
  if (over.frame !== undefined) {
    const start = boundText(binding, over.frame.start);
    parts.push(
      `${over.frame.unit.toUpperCase()} ${over.frame.end === undefined ? start : `BETWEEN ${start} AND ${boundText(binding, over.frame.end)}`}`,
    );
  }
  return `(${parts.join(' ')})`;
}

/** A window with what the named one that it extends brings. Names are those of the query's WINDOW clause. */
function resolvedWindow(binding: ExpressionBinding, over: WindowSpecification | string): WindowSpecification {
  const name = typeof over === 'string' ? over : over.base;
  if (name === undefined) return over as WindowSpecification;
  const named = binding.windows?.get(name.toLowerCase());
  if (named === undefined) throw failure('ER_BAD_PARAMETER', `Window name '${name}' is not defined.`);
  const base = resolvedWindow(binding, named);
  if (typeof over === 'string') return base;
  return {
    partitionBy: base.partitionBy,
    orderBy: over.orderBy.length > 0 ? over.orderBy : base.orderBy,
    ...((over.frame ?? base.frame) !== undefined && { frame: over.frame ?? base.frame }),
  } as WindowSpecification;
}

function boundText(binding: ExpressionBinding, bound: WindowBound): string {
  switch (bound.kind) {
    case 'unbounded-preceding':
      return 'UNBOUNDED PRECEDING';
    case 'unbounded-following':
      return 'UNBOUNDED FOLLOWING';
    case 'current-row':
      return 'CURRENT ROW';
    case 'preceding':
    case 'following': {
      if (bound.value.kind !== 'slot') throw failure('ER_NOT_SUPPORTED_YET', 'a window frame by an expression');
      return `${Number(binding.context.pin(bound.value.index).value)} ${bound.kind.toUpperCase()}`;
    }
  }
}
