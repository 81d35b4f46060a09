/**
 * Binding of expressions: names are resolved, every node gets a MySQL type, and its SQLite text is written. One case a kind of node; what a
 * kind needs beyond a few lines is in a file of its own (comparison.ts, arithmetic.ts, calls.ts ...).
 */
import { failure } from '../../errors.ts';
import type { Expression, Query, WindowSpecification } from '../ast.ts';
import { unified } from '../functions/control.ts';
import { dateInterval } from '../functions/datetime.ts';
import { jsonArrow } from '../functions/json.ts';
import type { SlotValue } from '../slots.ts';
import {
  BIGINT,
  BIGINT_UNSIGNED,
  BOOLEAN,
  DATE,
  DOUBLE,
  datetime,
  family,
  isBinaryCollation,
  LONGBLOB,
  LONGTEXT,
  NULL_TYPE,
  time,
  varchar,
} from '../types.ts';
import { parseDateTime, parseTime } from '../values/temporal.ts';
import { variableType } from '../variables/variables.ts';
import { arithmetic, invertBits, isArithmetic, negate } from './arithmetic.ts';
import { bindCall } from './calls.ts';
import { comparableTerms, compare, inList, isComparison, wantedCollation } from './comparison.ts';
import { constantTerm, typeOfSlot } from './constants.ts';
import { castDecimal, convertTo, toCondition, toDouble, toText } from './conversion.ts';
import type { PlanContext } from './plan-context.ts';
import type { Scope } from './scope.ts';
import { quoteText, type Term, term } from './term.ts';

/** What an expression is bound within. */
export interface ExpressionBinding {
  readonly context: PlanContext;
  readonly scope: Scope;
  /** For messages: 'field list', 'where clause', 'order clause' ... */
  readonly clause: string;
  /** Aggregates are allowed here. */
  readonly aggregates: boolean;
  /** Select-list aliases are visible, before or after columns. */
  readonly aliases?: 'first' | 'last';
  /** Binds a nested query in this scope; given by select.ts, which this file cannot import without a cycle. */
  readonly bindQuery: (query: Query, scope: Scope) => { sql: string; columns: readonly Term[] };
  /** `VALUES(col)` within ON DUPLICATE KEY UPDATE. */
  readonly insertedValue?: (column: string) => Term;
  /** DEFAULT(col). */
  readonly defaultValue?: (column: string) => Term;
  /** Named windows of the query. */
  readonly windows?: ReadonlyMap<string, WindowSpecification>;
}

export function bindExpression(binding: ExpressionBinding, expression: Expression): Term {
  const { context } = binding;
  const bind = (inner: Expression): Term => bindExpression(binding, inner);
  switch (expression.kind) {
    case 'slot':
      return slotTerm(context, expression.index);
    case 'null':
      return { sql: 'NULL', type: NULL_TYPE, nullable: true, constant: { evaluate: () => NULL_SLOT } };
    case 'boolean':
      return constantTerm(context, BOOLEAN, () => ({
        type: { kind: 'int', unsigned: false },
        value: expression.value ? 1 : 0,
      }));
    case 'column':
      return columnTerm(binding, expression);
    case 'call':
      return bindCall(binding, expression);
    case 'unary':
      return unary(binding, expression.op, pinnedUnsigned(context, expression.operand, bind(expression.operand)));
    case 'binary':
      return binary(binding, expression);
    case 'like':
      return like(binding, expression);
    case 'regexp': {
      const operand = bind(expression.operand);
      const pattern = bind(expression.pattern);
      const flags = isBinaryCollation(operand.type) ? '' : 'i';
      const sql = `sluice_regexp(${toText(context, operand).sql}, ${toText(context, pattern).sql}, '${flags}')`;
      return term(expression.negated ? `(NOT ${sql})` : sql, BOOLEAN, operand.nullable || pattern.nullable, [
        operand,
        pattern,
      ]);
    }
    case 'between':
      return between(binding, expression);
    case 'in-list':
      return inValues(binding, expression);
    case 'in-query':
      return inQuery(binding, expression);
    case 'is':
      return isTest(context, bind(expression.operand), expression.test, expression.negated);
    case 'exists':
      return term(`EXISTS (${binding.bindQuery(expression.query, binding.scope).sql})`, BOOLEAN, false);
    case 'subquery':
      return scalarSubquery(binding, expression.query);
    case 'quantified':
      return quantified(binding, expression);
    case 'case':
      return caseExpression(binding, expression);
    case 'cast':
      return cast(context, bind(expression.operand), expression.type);
    case 'convert-using': {
      const operand = bind(expression.operand);
      return expression.charset === 'binary' ? convertTo(context, operand, LONGBLOB) : toText(context, operand);
    }
    case 'collate':
      return withCollation(toText(context, bind(expression.operand)), expression.collation);
    case 'introducer':
      return introduced(context, expression.charset, bind(expression.operand));
    case 'temporal-literal':
      return temporalLiteral(context, expression.type, expression.operand.index);
    case 'user-variable':
      return userVariable(context, expression.name);
    case 'system-variable':
      return systemVariable(context, expression.name, expression.scope);
    case 'row':
      throw failure('ER_OPERAND_COLUMNS', 1);
    case 'interval': {
      return { ...copy(bind(expression.value)), interval: expression.unit };
    }
    case 'unit':
      return { sql: quoteText(expression.unit), type: varchar(20), nullable: false, unit: expression.unit };
    case 'inserted-value':
      if (binding.insertedValue === undefined)
        throw failure('ER_NOT_SUPPORTED_YET', 'VALUES() outside of ON DUPLICATE KEY UPDATE');
      return binding.insertedValue(expression.column);
    case 'default':
      if (binding.defaultValue === undefined || expression.column === undefined)
        throw failure('ER_NOT_SUPPORTED_YET', 'DEFAULT in this place');
      return binding.defaultValue(expression.column);
    case 'assign-variable':
      throw failure('ER_NOT_SUPPORTED_YET', ':= outside of SET');
    case 'match':
      throw failure('ER_NOT_SUPPORTED_YET', 'MATCH ... AGAINST');
  }
}

/** WHERE, ON, HAVING. */
export function bindCondition(binding: ExpressionBinding, expression: Expression): Term {
  return toCondition(binding.context, bindExpression(binding, expression));
}

const NULL_SLOT: SlotValue = { type: { kind: 'null' }, value: null };

function slotTerm(context: PlanContext, index: number): Term {
  if (context.fixedSlots) {
    const value = context.pin(index);
    return constantTerm(context, typeOfSlot(value.type), () => value);
  }
  return constantTerm(context, typeOfSlot(context.slotType(index)), (execution) => execution.slots[index] ?? NULL_SLOT);
}

/** Terms are plain data except for a lazy text: this makes all of it plain. */
function copy(value: Term): Term {
  return { ...value, sql: value.sql };
}

function columnTerm(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'column' }>): Term {
  const alias =
    expression.table === undefined && binding.aliases !== undefined
      ? binding.scope.aliases.get(expression.name.toLowerCase())
      : undefined;
  if (alias !== undefined && (binding.aliases === 'first' || !binding.scope.has(expression.name))) {
    if (alias.aggregate && !binding.aggregates) throw failure('ER_INVALID_GROUP_FUNC_USE');
    return alias;
  }
  return binding.scope.resolve(expression, binding.clause).term;
}

/** -9223372036854775808: whether the number fits depends on its value. */
function pinnedUnsigned(context: PlanContext, expression: Expression, value: Term): Term {
  if (expression.kind !== 'slot' || !value.type.unsigned || !context.isLiteral(expression.index)) return value;
  return { ...copy(value), pinned: context.pin(expression.index) };
}

function unary(binding: ExpressionBinding, op: '-' | '+' | '~' | 'not' | 'binary', operand: Term): Term {
  const { context } = binding;
  switch (op) {
    case '-':
      return negate(context, operand);
    case '+':
      return operand;
    case '~':
      return invertBits(context, operand);
    case 'not':
      return term(`(NOT ${toCondition(context, operand).sql})`, BOOLEAN, operand.nullable, [operand]);
    case 'binary':
      return withCollation(toText(context, operand), 'utf8mb4_bin');
  }
}

function binary(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'binary' }>): Term {
  const { context } = binding;
  const { op } = expression;
  if (op === 'and' || op === 'or' || op === 'xor') return logical(binding, op, expression);
  if (op === '->' || op === '->>') {
    const document = bindExpression(binding, expression.left);
    const path = bindExpression(binding, expression.right);
    return jsonArrow(context, document, path, op === '->>');
  }
  if (isComparison(op)) {
    if (expression.left.kind === 'row' || expression.right.kind === 'row') return rowComparison(binding, expression);
    return compare(context, op, bindExpression(binding, expression.left), bindExpression(binding, expression.right));
  }
  const left = bindExpression(binding, expression.left);
  const right = bindExpression(binding, expression.right);
  if (right.interval !== undefined && (op === '+' || op === '-'))
    return dateInterval(context, left, right, right.interval, op === '+' ? 1 : -1);
  if (left.interval !== undefined && op === '+') return dateInterval(context, right, left, left.interval, 1);
  if (isArithmetic(op)) return arithmetic(context, op, left, right);
  throw failure('ER_NOT_SUPPORTED_YET', op);
}

/** AND chains can be long: they are walked in a loop, not by recursion. */
function logical(
  binding: ExpressionBinding,
  op: 'and' | 'or' | 'xor',
  expression: Extract<Expression, { kind: 'binary' }>,
): Term {
  const operands: Expression[] = [];
  let rest: Expression = expression;
  while (rest.kind === 'binary' && rest.op === op) {
    operands.push(rest.right);
    rest = rest.left;
  }
  operands.push(rest);
  const terms = operands.reverse().map((operand) => bindCondition(binding, operand));
  const nullable = terms.some((part) => part.nullable);
  if (op === 'xor') {
    const sql = terms.map((part) => `(${part.sql} <> 0)`).reduce((a, b) => `(${a} <> ${b})`);
    return term(sql, BOOLEAN, nullable, terms);
  }
  const result = term(
    `(${terms.map((part) => part.sql).join(op === 'and' ? ' AND ' : ' OR ')})`,
    BOOLEAN,
    nullable,
    terms,
  );
  if (op === 'or') return result;
  return {
    ...result,
    conditions: terms.flatMap((part) => part.conditions ?? []),
    onlyConditions: terms.every((part) => part.onlyConditions === true),
  };
}

function rowItems(expression: Expression): readonly Expression[] {
  return expression.kind === 'row' ? expression.items : [expression];
}

/** (a, b) = (c, d), and < > by the first pair that differs. */
function rowComparison(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'binary' }>): Term {
  const left = rowItems(expression.left);
  const right = rowItems(expression.right);
  if (left.length !== right.length) throw failure('ER_OPERAND_COLUMNS', left.length);
  const op = expression.op;
  if (!isComparison(op)) throw failure('ER_OPERAND_COLUMNS', 1);
  const pair = (i: number, by: typeof op): Term =>
    compare(
      binding.context,
      by,
      bindExpression(binding, left[i] as Expression),
      bindExpression(binding, right[i] as Expression),
    );
  if (op === '=' || op === '<=>') {
    const parts = left.map((_, i) => pair(i, op));
    return {
      ...term(`(${parts.map((part) => part.sql).join(' AND ')})`, BOOLEAN, true, parts),
      conditions: parts.flatMap((part) => part.conditions ?? []),
    };
  }
  if (op === '<>') {
    const parts = left.map((_, i) => pair(i, '<>'));
    return term(`(${parts.map((part) => part.sql).join(' OR ')})`, BOOLEAN, true, parts);
  }
  const strict = op === '<' || op === '<=' ? '<' : '>';
  const parts = left.map((_, i) => {
    const equal = left.slice(0, i).map((__, j) => pair(j, '=').sql);
    return `(${[...equal, pair(i, i === left.length - 1 ? op : strict).sql].join(' AND ')})`;
  });
  return term(`(${parts.join(' OR ')})`, BOOLEAN, true);
}

function like(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'like' }>): Term {
  const { context } = binding;
  const operand = toText(context, bindExpression(binding, expression.operand));
  const pattern = toText(context, bindExpression(binding, expression.pattern));
  const escapeText =
    expression.escape === undefined
      ? context.settings.noBackslashEscapes
        ? ''
        : '\\'
      : escapeCharacter(context, expression.escape);
  // An index used for LIKE in a LEFT JOIN's ON makes SQLite 3.53 lose the rows that have no match: the + keeps it from being used.
  const withoutIndex = binding.clause === 'on clause' ? '+' : '';
  const byBytes = isBinaryCollation(operand.type) || isBinaryCollation(pattern.type);
  const sql = byBytes
    ? `sluice_like_binary(${operand.sql}, ${pattern.sql}, ${quoteText(escapeText)})`
    : `(${withoutIndex}${operand.sql} LIKE ${pattern.sql}${escapeText === '' ? '' : ` ESCAPE ${quoteText(escapeText)}`})`;
  return term(expression.negated ? `(NOT ${sql})` : sql, BOOLEAN, operand.nullable || pattern.nullable, [
    operand,
    pattern,
  ]);
}

function escapeCharacter(context: PlanContext, expression: Expression): string {
  if (expression.kind !== 'slot') throw failure('ER_WRONG_ARGUMENTS', 'ESCAPE');
  const value = String(context.pin(expression.index).value);
  if (Array.from(value).length > 1) throw failure('ER_WRONG_ARGUMENTS', 'ESCAPE');
  return value;
}

function between(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'between' }>): Term {
  const { context } = binding;
  const operand = bindExpression(binding, expression.operand);
  const low = compare(context, '>=', operand, bindExpression(binding, expression.low));
  const high = compare(context, '<=', operand, bindExpression(binding, expression.high));
  const sql = `(${low.sql} AND ${high.sql})`;
  const result = term(expression.negated ? `(NOT ${sql})` : sql, BOOLEAN, low.nullable || high.nullable, [low, high]);
  if (expression.negated) return result;
  return {
    ...result,
    conditions: [...(low.conditions ?? []), ...(high.conditions ?? [])],
    onlyConditions: low.onlyConditions === true && high.onlyConditions === true,
  };
}

function inValues(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'in-list' }>): Term {
  if (expression.operand.kind !== 'row') {
    const items = expression.items.map((item) => bindExpression(binding, item));
    return inList(binding.context, bindExpression(binding, expression.operand), items, expression.negated);
  }
  const rows = expression.items.map((item) =>
    rowComparison(binding, { kind: 'binary', op: '=', left: expression.operand, right: item }),
  );
  const sql = `(${rows.map((row) => row.sql).join(' OR ')})`;
  return term(expression.negated ? `(NOT ${sql})` : sql, BOOLEAN, true, rows);
}

function inQuery(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'in-query' }>): Term {
  const { context } = binding;
  const operands = rowItems(expression.operand).map((item) => bindExpression(binding, item));
  const query = binding.bindQuery(expression.query, binding.scope);
  if (query.columns.length !== operands.length) throw failure('ER_OPERAND_COLUMNS', operands.length);
  const alias = context.freshAlias();
  const pairs = operands.map((operand, i) => {
    const column = query.columns[i] as Term;
    const inner: Term = { sql: `"${alias}".c${i + 1}`, type: column.type, nullable: column.nullable };
    return comparableTerms(context, operand, inner, true);
  });
  const plain = pairs.every(([, inner], i) => inner.sql === `"${alias}".c${i + 1}`);
  const names = query.columns.map((_, i) => `c${i + 1}`).join(', ');
  const source = plain
    ? query.sql
    : `WITH "${alias}"(${names}) AS (${query.sql}) SELECT ${pairs.map(([, inner]) => inner.sql).join(', ')} FROM "${alias}"`;
  const left = pairs.map(([outer, inner]) => {
    const wanted = wantedCollation(outer, inner);
    return wanted === null ? outer.sql : `${outer.sql} COLLATE ${wanted.toUpperCase()}`;
  });
  const leftSql = left.length === 1 ? left[0] : `(${left.join(', ')})`;
  return term(`(${leftSql} ${expression.negated ? 'NOT IN' : 'IN'} (${source}))`, BOOLEAN, true, operands);
}

function isTest(
  context: PlanContext,
  operand: Term,
  test: 'null' | 'true' | 'false' | 'unknown',
  negated: boolean,
): Term {
  const not = negated ? 'NOT ' : '';
  if (test === 'null' || test === 'unknown') {
    const result = term(`(${operand.sql} IS ${not}NULL)`, BOOLEAN, false, [operand]);
    if (operand.column === undefined) return result;
    const op = negated ? 'is-not-null' : 'is-null';
    const condition = { column: operand.column, op, values: [], collation: 'number' } as const;
    return { ...result, conditions: [condition], onlyConditions: true };
  }
  return term(`(${toCondition(context, operand).sql} IS ${not}${test.toUpperCase()})`, BOOLEAN, false, [operand]);
}

/** More than one row is an error in MySQL, where SQLite takes the first: counted where the query may give several. */
function scalarSubquery(binding: ExpressionBinding, query: Query): Term {
  const { sql, columns } = binding.bindQuery(query, binding.scope);
  const column = columns[0];
  if (columns.length !== 1 || column === undefined) throw failure('ER_OPERAND_COLUMNS', 1);
  return { sql: givesOneRow(query) ? `(${sql})` : onlyRow(sql, binding.context), type: column.type, nullable: true };
}

function onlyRow(sql: string, context: PlanContext): string {
  const alias = context.freshAlias();
  return `(WITH "${alias}"(v) AS (${sql}) SELECT CASE WHEN (SELECT count(*) FROM (SELECT 1 FROM "${alias}" LIMIT 2)) > 1 THEN sluice_many_rows() ELSE (SELECT v FROM "${alias}" LIMIT 1) END)`;
}

function givesOneRow(query: Query): boolean {
  if (query.body.kind !== 'select') return false;
  if (query.limit !== undefined) return true;
  if (query.body.groupBy.length > 0) return false;
  if (query.body.from === undefined) return true;
  return query.body.items.some(
    (item) =>
      item.expression.kind === 'call' &&
      ['COUNT', 'SUM', 'MIN', 'MAX', 'AVG'].includes(item.expression.name) &&
      item.expression.over === undefined,
  );
}

function quantified(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'quantified' }>): Term {
  const { op, quantifier } = expression;
  if (op === '=' && quantifier === 'any')
    return inQuery(binding, { kind: 'in-query', operand: expression.left, query: expression.query, negated: false });
  if (op === '<>' && quantifier === 'all')
    return inQuery(binding, { kind: 'in-query', operand: expression.left, query: expression.query, negated: true });
  if (!isComparison(op)) throw failure('ER_NOT_SUPPORTED_YET', `${op} ${quantifier}`);
  const { context } = binding;
  const left = bindExpression(binding, expression.left);
  const query = binding.bindQuery(expression.query, binding.scope);
  const column = query.columns[0];
  if (query.columns.length !== 1 || column === undefined) throw failure('ER_OPERAND_COLUMNS', 1);
  const alias = context.freshAlias();
  const compared = compare(context, op, left, { sql: `"${alias}".v`, type: column.type, nullable: true });
  // SQL's three-valued ANY and ALL over the rows' comparisons.
  const aggregate =
    quantifier === 'any'
      ? `CASE WHEN max(r) = 1 THEN 1 WHEN count(*) > count(r) THEN NULL ELSE 0 END`
      : `CASE WHEN min(r) = 0 THEN 0 WHEN count(*) > count(r) THEN NULL ELSE 1 END`;
  return term(
    `(WITH "${alias}"(v) AS (${query.sql}) SELECT ${aggregate} FROM (SELECT ${compared.sql} AS r FROM "${alias}"))`,
    BOOLEAN,
    true,
    [left],
  );
}

function caseExpression(binding: ExpressionBinding, expression: Extract<Expression, { kind: 'case' }>): Term {
  const { context } = binding;
  const operand = expression.operand === undefined ? null : bindExpression(binding, expression.operand);
  const tests = expression.branches.map((branch) =>
    operand === null
      ? bindCondition(binding, branch.when)
      : compare(context, '=', operand, bindExpression(binding, branch.when)),
  );
  const results = expression.branches.map((branch) => bindExpression(binding, branch.result));
  if (expression.otherwise !== undefined) results.push(bindExpression(binding, expression.otherwise));
  const { type, values } = unified(context, results);
  const branches = tests.map((test, i) => `WHEN ${test.sql} THEN ${(values[i] as Term).sql}`).join(' ');
  const otherwise = expression.otherwise === undefined ? '' : ` ELSE ${(values.at(-1) as Term).sql}`;
  const nullable = expression.otherwise === undefined || results.some((result) => result.nullable);
  return term(`(CASE ${branches}${otherwise} END)`, type, nullable, [...tests, ...results]);
}

function cast(context: PlanContext, operand: Term, type: Term['type']): Term {
  switch (family(type)) {
    case 'string': {
      const text = toText(context, operand);
      const collation = type.collation === undefined ? {} : { collation: type.collation };
      if (type.length === undefined) return { ...copy(text), type: { ...text.type, ...collation } };
      return term(`substr(${text.sql}, 1, ${type.length})`, type, operand.nullable, [operand]);
    }
    case 'bytes': {
      const bytes = convertTo(context, operand, LONGBLOB);
      if (type.length === undefined) return bytes;
      return term(`sluice_binary(${bytes.sql}, ${type.length})`, type, operand.nullable, [operand]);
    }
    case 'int':
      if (type.name === 'year') return convertTo(context, operand, type);
      return convertTo(context, operand, type.unsigned ? BIGINT_UNSIGNED : BIGINT);
    case 'decimal':
      return castDecimal(context, operand, type);
    case 'double': {
      const double = toDouble(context, operand);
      return type.name === 'float'
        ? term(`sluice_float(${double.sql})`, type, operand.nullable, [operand])
        : { ...copy(double), type: DOUBLE };
    }
    case 'null':
      return operand;
    default: {
      const converted = convertTo(context, operand, type);
      return family(operand.type) === 'null' ? { ...copy(operand), type } : converted;
    }
  }
}

/** A column compared under another collation is no longer the column that its index knows. */
function withCollation(value: Term, collation: string): Term {
  const { column: _, ...rest } = copy(value);
  const type = family(value.type) === 'string' ? { ...value.type, collation } : value.type;
  return { ...rest, type, explicitCollation: true };
}

function introduced(context: PlanContext, charset: string, operand: Term): Term {
  if (charset !== 'binary') return operand;
  const { constant } = operand;
  if (constant === undefined) return convertTo(context, operand, LONGBLOB);
  return constantTerm(context, LONGBLOB, (execution) => {
    const { value } = constant.evaluate(execution);
    return typeof value === 'string'
      ? { type: { kind: 'bytes' }, value: Buffer.from(value, 'utf8') }
      : { type: { kind: 'bytes' }, value };
  });
}

function temporalLiteral(context: PlanContext, kind: 'date' | 'time' | 'datetime', index: number): Term {
  const pinned = context.pin(index);
  const text = String(pinned.value);
  const scale = Math.min(/\.(\d+)\s*$/.exec(text)?.[1]?.length ?? 0, 6);
  const valid = kind === 'time' ? parseTime(text) !== null : parseDateTime(text) !== null;
  if (!valid) throw failure('ER_WRONG_VALUE', kind.toUpperCase(), text);
  const type = kind === 'date' ? DATE : kind === 'time' ? time(scale) : datetime(scale);
  return constantTerm(context, type, () => ({ type: { kind }, value: pinned.value }));
}

function userVariable(context: PlanContext, name: string): Term {
  return constantTerm(context, LONGTEXT, (execution) => execution.session.userVariable(name) ?? NULL_SLOT, true);
}

function systemVariable(context: PlanContext, name: string, scope?: 'global' | 'session'): Term {
  // Asked once now, so that a wrong scope is an error of the statement and not of its rows.
  context.variableSample(name, scope);
  const type = variableType(name);
  const kind = family(type) === 'double' ? 'double' : family(type) === 'int' ? 'int' : 'string';
  return constantTerm(
    context,
    type,
    (execution) => {
      const value = execution.session.variable(name, scope);
      if (value === null) return NULL_SLOT;
      return { type: kind === 'int' ? { kind, unsigned: type.unsigned === true } : { kind }, value };
    },
    kind === 'string',
  );
}
