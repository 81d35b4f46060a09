/** INTERVAL value unit, and the units (MySQL manual, "Temporal Intervals"). */
import type { Expression, IntervalUnit } from '../ast.ts';
import { parseExpression, parseExpressionFrom, parseExpressionList } from './expressions.ts';
import type { TokenStream } from './token-stream.ts';

/** From the word INTERVAL on: an interval, or the function INTERVAL(n, a, b ...), whose start looks the same. */
export function parseInterval(tokens: TokenStream): Expression {
  tokens.expectWord('INTERVAL');
  if (!tokens.isOperator('(')) {
    const value = parseExpression(tokens);
    return { kind: 'interval', value, unit: parseIntervalUnit(tokens) };
  }
  tokens.advance();
  const items = parseExpressionList(tokens);
  tokens.expectOperator(')');
  if (items.length > 1) return { kind: 'call', name: 'INTERVAL', args: items };
  const value = parseExpressionFrom(tokens, items[0]!);
  return { kind: 'interval', value, unit: parseIntervalUnit(tokens) };
}

const UNITS: ReadonlyMap<string, IntervalUnit> = new Map(
  (
    [
      'microsecond',
      'second',
      'minute',
      'hour',
      'day',
      'week',
      'month',
      'quarter',
      'year',
      'second_microsecond',
      'minute_microsecond',
      'minute_second',
      'hour_microsecond',
      'hour_second',
      'hour_minute',
      'day_microsecond',
      'day_second',
      'day_minute',
      'day_hour',
      'year_month',
    ] as const
  ).map((unit) => [unit.toUpperCase(), unit]),
);

export function parseIntervalUnit(tokens: TokenStream): IntervalUnit {
  // ODBC's spelling: SQL_TSI_DAY
  const unit = UNITS.get(tokens.word.startsWith('SQL_TSI_') ? tokens.word.slice('SQL_TSI_'.length) : tokens.word);
  if (unit === undefined) throw tokens.unexpected();
  tokens.advance();
  return unit;
}
