/**
 * Operators as SQLite text: native where that computes exactly what the operator means (and can use an index), a call of the operator's
 * function elsewhere. The text depends on the column and the operator only, never on the operand, so that it can be prepared and kept;
 * `bind` turns each operand into the text's parameters.
 */
import { wholeText } from '../stores/sqlite/list-expressions.ts';
import type { StoreValue } from '../stores/values.ts';
import type { ListColumn } from './columns.ts';
import type { Condition } from './condition.ts';
import { boundsOf, numbersOf } from './operators/number.ts';
import { type ListNumber, numberFromText } from './operators/number-from-text.ts';
import { OPERATORS, type OperatorName } from './operators/operators.ts';
import { storedNumber, storedNumbersJson } from './operators/stored-number.ts';
import { textTokens } from './operators/tokens.ts';
import { operatorFunctionName } from './store-functions.ts';

export interface ConditionSql {
  readonly sql: string;
  /** In the order of the `?` in `sql`. Throws ER_BAD_PARAMETER for an operand that cannot be read. */
  readonly bind: (operand: string) => readonly StoreValue[];
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const NO_BYTES = new Uint8Array(0);

export function conditionSql(column: ListColumn, condition: Pick<Condition, 'operator' | 'negated'>): ConditionSql {
  const form = positive(column, condition.operator);
  // Not NOT: where the field is missing the condition is NULL, and its negation is true.
  return condition.negated ? { sql: `(${form.sql}) IS NOT TRUE`, bind: form.bind } : form;
}

function positive(column: ListColumn, operator: OperatorName): ConditionSql {
  const definition = OPERATORS[operator];
  return definition.kind === 'number' ? numberCondition(column, operator) : textCondition(column, operator);
}

const COMPARISONS: Readonly<Partial<Record<OperatorName, string>>> = {
  NUMEQ: '=',
  NUMGT: '>',
  NUMGE: '>=',
  NUMLT: '<',
  NUMLE: '<=',
};

function numberCondition(column: ListColumn, operator: OperatorName): ConditionSql {
  const stored = column.numbers === 'real' ? realOperand : storedNumber;
  const { numberSql } = column;
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) {
    return { sql: `${numberSql} ${comparison} ?`, bind: (operand) => [stored(numberFromText(operand))] };
  }
  if (operator === 'NUMBT')
    return { sql: `${numberSql} BETWEEN ? AND ?`, bind: (operand) => boundsOf(operand).map(stored) };
  // Any number of values in one text.
  const json = column.numbers === 'real' ? realsJson : storedNumbersJson;
  return { sql: `${numberSql} IN (SELECT value FROM json_each(?))`, bind: (operand) => [json(numbersOf(operand))] };
}

/** REAL columns hold doubles from -inf to +inf; SQLite compares them exactly with integers. */
export function realOperand(number: ListNumber): StoreValue {
  if (typeof number === 'number') return Number.isNaN(number) ? null : number;
  return number > INT64_MAX ? Number(number) : number;
}

function realsJson(numbers: readonly ListNumber[]): string {
  const parts = numbers.map(realOperand).filter((value) => value !== null);
  return `[${parts.map((value) => String(value).replace('Infinity', '9e999')).join(',')}]`;
}

function textCondition(column: ListColumn, operator: OperatorName): ConditionSql {
  const { textSql } = column;
  switch (operator) {
    case 'STREQ':
      return equalText(column);
    case 'STRINC':
      return { sql: `instr(${textSql}, ?) > 0`, bind: (operand) => [operand] };
    case 'STRBW':
      return beginsWith(column);
    case 'STREW':
      return {
        sql: `substr(CAST(${textSql} || '.' AS BLOB), length(CAST(${textSql} AS BLOB)) - ? + 1) = ?`,
        bind(operand) {
          const bytes = Buffer.from(`${operand}.`, 'utf8');
          return [bytes.length - 1, bytes];
        },
      };
    case 'STROREQ':
      return equalToToken(column);
    default: {
      const { prepare } = OPERATORS[operator];
      return {
        sql: `${operatorFunctionName(operator)}(${wholeText(textSql)}, ?)`,
        bind(operand) {
          // Only for its error: a wrong operand must not depend on whether there are rows.
          prepare(operand);
          return [operand.includes('\u0000') ? Buffer.from(operand, 'utf8') : operand];
        },
      };
    }
  }
}

function equalText(column: ListColumn): ConditionSql {
  if (isLexical(column)) return { sql: `${column.bytesSql} = ?`, bind: (operand) => [operand] };
  if (column.numbers === 'integer' && column.definition.type.name !== 'year') {
    return { sql: `${column.sql} = ?`, bind: (operand) => [integerOfText(operand)] };
  }
  // The first comparison lets an index seek, the second looks at the bytes.
  if (column.nocase)
    return { sql: `${column.sql} = ? AND ${column.sql} = ? COLLATE BINARY`, bind: (operand) => [operand, operand] };
  return { sql: `${column.textSql} = ?`, bind: (operand) => [operand] };
}

/** What its index is on serves every text operator, whatever the column's type and collation. */
function isLexical(column: ListColumn): boolean {
  return column.listIndex?.kind === 'lexical';
}

/** The integer that prints exactly so, or NULL. */
export function integerOfText(text: string): StoreValue {
  if (!/^(?:0|-?[1-9][0-9]{0,19})$/.test(text)) return null;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(text);
  return exact < INT64_MIN ? null : storedNumber(exact);
}

function equalToToken(column: ListColumn): ConditionSql {
  const tokens = 'IN (SELECT value FROM json_each(?))';
  const bind = (operand: string): string => JSON.stringify(textTokens(operand));
  if (isLexical(column)) return { sql: `${column.bytesSql} ${tokens}`, bind: (operand) => [bind(operand)] };
  if (column.nocase) {
    return {
      sql: `${column.sql} ${tokens} AND ${column.sql} COLLATE BINARY ${tokens}`,
      bind: (operand) => [bind(operand), bind(operand)],
    };
  }
  return { sql: `${column.textSql} ${tokens}`, bind: (operand) => [bind(operand)] };
}

function beginsWith(column: ListColumn): ConditionSql {
  const prefix = `substr(CAST('.' || ${column.textSql} AS BLOB), 1, ?) = ?`;
  const lexical = isLexical(column);
  if (!column.isText && !lexical) return { sql: prefix, bind: lengthAndBytes };
  const sql = lexical ? column.bytesSql : column.sql;
  const range = `${sql} >= ? AND ${sql} < ?`;
  if (!column.nocase || lexical) return { sql: range, bind: (operand) => [operand, prefixEnd(operand)] };
  return {
    sql: `${range} AND ${prefix}`,
    bind(operand) {
      const folded = operand.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
      return [folded, prefixEnd(folded), ...lengthAndBytes(operand)];
    },
  };
}

/** For comparing as BLOBs: SQLite's functions on text stop at a NUL character. The point is there because substr() of an empty BLOB is NULL. */
function lengthAndBytes(operand: string): readonly [number, Uint8Array] {
  const bytes = Buffer.from(`.${operand}`, 'utf8');
  return [bytes.length, bytes];
}

/** The least text after all that begin with `prefix`; where there is none, a BLOB, which sorts after every text. */
function prefixEnd(prefix: string): StoreValue {
  const points = Array.from(prefix);
  while (points.length > 0) {
    const last = points.pop()?.codePointAt(0) ?? 0;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return NO_BYTES;
}
