/** Expressions as text with all their parentheses, for tests: `a + b * 2` is `(a + (b * 2))`. */
import type { Expression, Query } from '../ast.ts';
import { fingerprint } from './fingerprint.ts';
import { parse, parseExpression } from './parser.ts';
import type { SyntaxOptions } from './sql-mode.ts';

type Show = (expression: Expression) => string;

/** `sql`, an expression, parsed and shown. */
export function shown(sql: string, options?: SyntaxOptions): string {
  return showWith(fingerprint(sql, options).slots)(parseExpression(sql, options));
}

/** `sql`, a SELECT, parsed. */
export function query(sql: string, options?: SyntaxOptions): Query {
  const { statement } = parse(sql, options);
  if (statement.kind !== 'query') throw new Error(`no query: ${statement.kind}`);
  return statement;
}

function showWith(slots: ReturnType<typeof fingerprint>['slots']): Show {
  const slot = (index: number) => {
    const value = slots[index]!;
    if ('parameter' in value) return value.list === true ? `::${value.parameter}` : `?${value.parameter}`;
    if (value.type.kind === 'string') return `'${value.value}'`;
    if (value.value instanceof Uint8Array) return `0x${Buffer.from(value.value).toString('hex')}`;
    return String(value.value);
  };
  const list = (items: readonly Expression[]) => items.map(show).join(', ');
  const not = (negated: boolean) => (negated ? 'NOT ' : '');
  const show: Show = (x) => {
    switch (x.kind) {
      case 'slot':
        return slot(x.index);
      case 'column':
        return [x.database, x.table, x.name].filter((part) => part !== undefined).join('.');
      case 'null':
        return 'NULL';
      case 'boolean':
        return x.value ? 'TRUE' : 'FALSE';
      case 'unary':
        return `(${x.op} ${show(x.operand)})`;
      case 'binary':
        return `(${show(x.left)} ${x.op} ${show(x.right)})`;
      case 'like':
        return `(${show(x.operand)} ${not(x.negated)}LIKE ${show(x.pattern)}${x.escape ? ` ESCAPE ${show(x.escape)}` : ''})`;
      case 'regexp':
        return `(${show(x.operand)} ${not(x.negated)}REGEXP ${show(x.pattern)})`;
      case 'between':
        return `(${show(x.operand)} ${not(x.negated)}BETWEEN ${show(x.low)} AND ${show(x.high)})`;
      case 'in-list':
        return `(${show(x.operand)} ${not(x.negated)}IN [${list(x.items)}])`;
      case 'in-query':
        return `(${show(x.operand)} ${not(x.negated)}IN query)`;
      case 'is':
        return `(${show(x.operand)} IS ${not(x.negated)}${x.test})`;
      case 'exists':
        return 'EXISTS query';
      case 'subquery':
        return 'query';
      case 'quantified':
        return `(${show(x.left)} ${x.op} ${x.quantifier} query)`;
      case 'case': {
        const branches = x.branches.map((branch) => ` WHEN ${show(branch.when)} THEN ${show(branch.result)}`);
        return `CASE${x.operand ? ` ${show(x.operand)}` : ''}${branches.join('')}${x.otherwise ? ` ELSE ${show(x.otherwise)}` : ''} END`;
      }
      case 'cast':
        return `CAST(${show(x.operand)} AS ${Object.values(x.type)
          .filter((part) => part !== undefined)
          .join(' ')})`;
      case 'convert-using':
        return `CONVERT(${show(x.operand)} USING ${x.charset})`;
      case 'collate':
        return `(${show(x.operand)} COLLATE ${x.collation})`;
      case 'introducer':
        return `_${x.charset} ${show(x.operand)}`;
      case 'interval':
        return `INTERVAL ${show(x.value)} ${x.unit}`;
      case 'unit':
        return x.unit;
      case 'temporal-literal':
        return `${x.type} ${show(x.operand)}`;
      case 'user-variable':
        return `@${x.name}`;
      case 'assign-variable':
        return `(@${x.name} := ${show(x.value)})`;
      case 'system-variable':
        return `@@${x.scope === undefined ? '' : `${x.scope}.`}${x.name}`;
      case 'row':
        return `ROW(${list(x.items)})`;
      case 'default':
        return `DEFAULT(${x.column ?? ''})`;
      case 'inserted-value':
        return `VALUES(${x.column})`;
      case 'match':
        return `MATCH(${list(x.columns)}) AGAINST(${show(x.against)} ${x.mode})`;
      case 'call': {
        const order = x.orderBy?.map((item) => `${show(item.expression)}${item.descending ? ' DESC' : ''}`).join(', ');
        const tail = `${order ? ` ORDER BY ${order}` : ''}${x.separator ? ` SEPARATOR ${show(x.separator)}` : ''}`;
        return `${x.name}(${x.star ? '*' : ''}${x.distinct ? 'DISTINCT ' : ''}${list(x.args)}${tail})${x.over === undefined ? '' : ' OVER'}`;
      }
      default:
        return x satisfies never;
    }
  };
  return show;
}
